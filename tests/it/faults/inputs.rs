//! Every kind of file that is read, with every way in which one can be wrong: each is refused at once, and says which file it was.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use vramfit::app::Exit;
use vramfit::sanitize::is_unsafe;

use crate::support::Machine;

/// Commands that read a file; `FILE` is its path.
const READERS: [&str; 17] = [
    "models --catalog FILE",
    "models --config FILE",
    "gpus --fleet FILE",
    "plan --vram 24 --models-file FILE",
    "plan llama3:8b --vram 24 --diff FILE",
    "plan llama3:8b --vram 24 --migrate FILE --emit shell --out /nonexistent/out",
    "plan llama3:8b --vram 24 --replace FILE",
    "upgrade llama3.1:70b --vram 24 --prices FILE",
    "monitor --once --vram 24 --plan FILE",
    "verify llama3:8b --vram 24 --log FILE",
    "catalog check FILE",
    "catalog import FILE",
    "doctor FILE",
    "doctor FILE --fix",
    "explain FILE --vram 24",
    "plan FILE --vram 24",
    "compare llama3:8b FILE --vram 24",
];

/// What is wrong with a file, and the file.
fn faulty(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let at = |name: &str| folder.join(name);
    let link = |to: &str, name: &str| {
        symlink(to, at(name)).expect("a link");
        at(name)
    };
    let pipe = at("pipe.gguf");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let file = |name: &str, bytes: &[u8]| {
        fs::write(at(name), bytes).expect("a file");
        at(name)
    };
    fs::create_dir(at("folder.gguf")).expect("a folder");
    vec![
        ("absent", at("absent.gguf")),
        ("a folder", at("folder.gguf")),
        ("a pipe", pipe),
        ("a link to a device", link("/dev/zero", "zero.gguf")),
        ("a link to nothing", link("nothing", "dangling.gguf")),
        ("a link to itself", link("loop.gguf", "loop.gguf")),
        ("a link to a pipe", link("pipe.gguf", "to-pipe.gguf")),
        (
            "no text",
            file("bytes.gguf", &[0xff, 0xfe, 0x80, 0xc3, b'\n']),
        ),
        ("empty of meaning", file("nul.gguf", &[0; 4096])),
        ("too long a line", file("line.gguf", &[b'a'; 900_000])),
        (
            "named to steer",
            at("\u{1b}]0;x\u{7}\u{202e}\nvramfit: all is well.gguf"),
        ),
    ]
}

#[test]
fn every_reader_refuses_every_faulty_file_at_once() {
    let scratch = tempfile::tempdir().expect("a folder");
    let mut cells = 0;
    for (at, (fault, path)) in faulty(scratch.path()).into_iter().enumerate() {
        for (other, reader) in READERS.iter().enumerate() {
            // Each fault and each reader is met in both forms.
            let forms = match (at + other) % 2 {
                0 => [""],
                _ => [" --json"],
            };
            for form in forms {
                let command = reader.replace("FILE", &format!("'{}'", path.display())) + form;
                let began = Instant::now();
                let run = Machine::new().run(&command);
                let what = format!("{reader}{form} of {fault}");
                // That a file is wrong is what is asked there.
                let asked = reader.starts_with("catalog check") && run.exit == Exit::No;
                let told = format!("{}{}", run.out, run.err);
                assert!(asked || run.exit == Exit::Failure, "{what}: {told}");
                assert!(!told.is_empty() && told.len() < 40_000, "{what}");
                let steers = |text: &str| text.chars().any(|c| is_unsafe(c) && c != '\n');
                assert!(
                    !steers(&run.err) && !steers(&run.out),
                    "{what}: {:?}",
                    run.err
                );
                let forged = run
                    .err
                    .lines()
                    .skip(1)
                    .any(|line| line.starts_with("vramfit: all"));
                assert!(!forged, "{what}: {:?}", run.err);
                assert!(began.elapsed() < Duration::from_secs(20), "{what}");
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 11 * READERS.len());
    // Nothing was written beside any of them.
    let more = fs::read_dir(scratch.path())
        .expect("a folder")
        .filter(|entry| {
            let name = entry.as_ref().expect("an entry").file_name();
            let name = name.to_string_lossy().into_owned();
            name.ends_with(".fixed") || name.ends_with(".part")
        });
    assert_eq!(more.count(), 0);
}

/// Commands that write files below `OUT`.
const WRITERS: [&str; 9] = [
    "plan qwen3:8b --vram 24 --emit shell --out OUT/new",
    "plan qwen3:8b --vram 24 --emit k8s --out OUT/new",
    "plan qwen3:8b --vram 24 --out OUT/page.html",
    "recommend --vram 24 --catalog guide --out OUT/page.html",
    "explain qwen3:8b --vram 24 --out OUT/page.html",
    "curves --vram 24 --catalog guide --out OUT/page.svg",
    "man --out OUT/new",
    "doctor --fix OUT/start.sh",
    "catalog import OUT/config.json --out OUT/model.toml",
];

#[test]
fn a_full_disk_is_told_and_leaves_nothing_half() {
    for writer in WRITERS {
        let scratch = tempfile::tempdir().expect("a folder");
        let at = |name: &str| scratch.path().join(name);
        fs::write(at("start.sh"), "ollama serve -p 11500\n").expect("a file");
        fs::write(at("config.json"), CONFIG).expect("a file");
        let before = super::names(scratch.path()).len();
        let out = scratch.path().display().to_string();
        // No file may grow: as on a disk that is full, and for a superuser, too.
        let line = format!(
            "trap '' XFSZ; ulimit -f 0; exec {} {}",
            env!("CARGO_BIN_EXE_vramfit"),
            writer.replace("OUT", &out)
        );
        let run = super::killed::program(&mut Command::new("/bin/sh"))
            .args(["-c", &line])
            .output()
            .expect("a shell");
        let told = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{writer}: {told}");
        assert!(told.contains("File too large"), "{writer}: {told}");
        let after = super::names(scratch.path());
        assert_eq!(after.len(), before, "{writer}: {after:?}");
    }
}

/// A small checkpoint's description.
const CONFIG: &str = r#"{"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":2048,"intermediate_size":8192,"num_hidden_layers":16,"num_attention_heads":32,"num_key_value_heads":8,"head_dim":64,"vocab_size":128256,"max_position_embeddings":131072,"tie_word_embeddings":true,"torch_dtype":"bfloat16"}"#;
