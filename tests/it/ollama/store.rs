//! A store made by hand: what is read of it, and what is borne.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support_gguf::Gguf;
use vramfit::ollama::{Name, Store};

/// Writes a blob, and returns its digest and size.
fn blob(root: &Path, number: u8, bytes: &[u8]) -> (String, usize) {
    let hex = format!("{number:064x}");
    let folder = root.join("blobs");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(format!("sha256-{hex}")), bytes).expect("a blob");
    (format!("sha256:{hex}"), bytes.len())
}

fn manifest(root: &Path, name: &str, text: &str) -> PathBuf {
    let path = root.join("manifests").join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(&path, text).expect("a manifest");
    path
}

fn layer(kind: &str, (digest, size): &(String, usize)) -> String {
    format!(
        r#"{{"mediaType":"application/vnd.ollama.image.{kind}","digest":"{digest}","size":{size}}}"#
    )
}

/// A store with a small model under a name.
pub(super) fn with_model(root: &Path, name: &str) {
    let file = root.join("model.gguf");
    Gguf::llama().write(&file);
    let bytes = fs::read(&file).expect("a file");
    fs::remove_file(&file).expect("gone");
    let weights = blob(root, 1, &bytes);
    let parameters = blob(root, 2, br#"{"num_ctx": 1024}"#);
    let projector = blob(root, 3, &[0; 100]);
    let layers = [
        layer("model", &weights),
        layer("params", &parameters),
        layer("projector", &projector),
    ];
    let text = format!(r#"{{"schemaVersion":2,"layers":[{}]}}"#, layers.join(","));
    manifest(root, name, &text);
}

#[test]
fn sizes_are_exact_and_broken_manifests_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert!(Store::open(root).is_none());
    with_model(root, "registry.ollama.ai/library/tiny/1b");
    let base = "registry.ollama.ai/library/broken";
    manifest(root, &format!("{base}/json"), "{");
    manifest(root, &format!("{base}/empty"), "");
    let missing = layer("model", &(format!("sha256:{:064x}", 99), 5));
    manifest(
        root,
        &format!("{base}/missing"),
        &format!(r#"{{"layers":[{missing}]}}"#),
    );
    let escape = layer("model", &("sha256:../../../etc/passwd".into(), 5));
    manifest(
        root,
        &format!("{base}/escape"),
        &format!(r#"{{"layers":[{escape}]}}"#),
    );
    let short = layer("model", &(format!("sha256:{:064x}", 3), 101));
    manifest(
        root,
        &format!("{base}/half"),
        &format!(r#"{{"layers":[{short}]}}"#),
    );
    manifest(root, &format!("{base}/cloud"), r#"{"layers":[]}"#);
    manifest(root, &format!("{base}/.DS_Store"), "x");
    manifest(root, "registry.ollama.ai/stray", "x");
    let store = Store::open(root).expect("a store");
    let (models, broken) = store.models();
    assert_eq!(models.len(), 1);
    let tiny = &models[0];
    assert_eq!(tiny.name.to_string(), "tiny:1b");
    assert_eq!((tiny.projector.0, tiny.context_length), (100, Some(1024)));
    assert_eq!(
        tiny.weights.0,
        fs::metadata(&tiny.file).expect("a blob").len()
    );
    let mut names: Vec<String> = broken
        .iter()
        .filter_map(|broken| Some(broken.path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    assert_eq!(names, ["empty", "escape", "half", "json", "missing"]);
    let name = Name::parse("TINY:1B").expect("a name");
    assert!(store.find(&name).is_some());
}
