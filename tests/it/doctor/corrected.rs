//! Files as `--fix` writes them.

use std::fs;

use vramfit::app::Exit;
use vramfit::lint::Problem;

use super::{files, judge, name, text, wrong};
use crate::support::Machine;

/// What a person must decide, so that no correction is made.
const DECISIONS: &[&str] = &[
    "client-flag",
    "client-variable",
    "container-gpu-variable",
    "mixed-pool",
    "netstat",
    "no-from",
    "no-volume",
    "port-taken",
    "preload-in-unit",
    "process-name",
    "unknown-parameter",
    "unknown-tag",
    "unknown-variable",
    "numeric-gpu-ids",
];

#[test]
fn a_corrected_file_is_right() {
    for path in wrong() {
        let corrected = judge(&name(&path), &text(&path))
            .corrected
            .expect("corrections");
        let again = judge(&name(&path), &corrected);
        let left: Vec<_> = again
            .findings
            .iter()
            .filter(|finding| !DECISIONS.contains(&finding.problem.code()))
            .collect();
        assert!(
            left.is_empty(),
            "{}: {left:#?}\n{corrected}",
            path.display()
        );
        assert_eq!(again.corrected, None, "{}\n{corrected}", path.display());
    }
}

#[test]
fn every_finding_of_a_fixture_says_what_is_right() {
    for path in wrong() {
        for finding in judge(&name(&path), &text(&path)).findings {
            let without = match &finding.problem {
                Problem::PortTaken { .. }
                | Problem::UnknownVariable { instead: None, .. }
                | Problem::UnknownParameter { instead: None, .. } => true,
                // One of several that may be meant is no correct form, and neither is one of another size.
                Problem::UnknownTag { tag, .. } => tag != "lama3:8b",
                _ => false,
            };
            assert_eq!(
                finding.fix.is_none(),
                without,
                "{}: {finding:?}",
                path.display()
            );
        }
    }
}

#[test]
fn corrected_files_are_written_beside_the_old_ones() {
    let scratch = tempfile::tempdir().expect("a folder");
    let path = scratch.path().join("Modelfile");
    let fixed = scratch.path().join("Modelfile.fixed");
    let other = scratch.path().join("other.sh");
    fs::write(&path, "FROM llama3:8b\nPARAMETER num_ctx 2048 # short\n").expect("a file");
    fs::write(&other, "ollama serve -p 11435\n").expect("a file");
    let command = format!("doctor --fix '{}' '{}'", path.display(), other.display());
    let run = Machine::new().run(&command);
    assert_eq!(run.exit, Exit::No, "{}", run.err);
    assert_eq!(
        text(&fixed),
        "FROM llama3:8b\n# short\nPARAMETER num_ctx 2048\n"
    );
    assert_eq!(
        text(&scratch.path().join("other.sh.fixed")),
        "OLLAMA_HOST=127.0.0.1:11435 OLLAMA_CONTEXT_LENGTH=8192 ollama serve\n"
    );
    assert!(text(&path).contains("# short"), "the old file stays");

    fs::write(&fixed, "mine").expect("a file");
    fs::remove_file(scratch.path().join("other.sh.fixed")).expect("a file");
    let again = Machine::new().run(&command);
    assert_eq!(again.exit, Exit::Failure);
    assert_eq!(text(&fixed), "mine");
    assert!(
        !scratch.path().join("other.sh.fixed").exists(),
        "all or nothing"
    );
    assert_eq!(
        Machine::new().run(&format!("{command} --force")).exit,
        Exit::No
    );
    assert!(text(&fixed).starts_with("FROM"));
    assert_eq!(files(scratch.path()).len(), 4);
}

#[test]
fn what_would_be_refused_beside_the_correct_form_is_named_in_it() {
    let service = |ports: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: ollama}}\nspec:\n  type: NodePort\n  selector: {{app: ollama}}\n  ports: {ports}\n"
        )
    };
    for (ports, form) in [
        ("[{port: 11434}]", "type: ClusterIP"),
        (
            "[{port: 11434, nodePort: 31134}]",
            "type: ClusterIP # without nodePort",
        ),
    ] {
        let found = judge("svc.yaml", &service(ports)).findings;
        let forms: Vec<&str> = found
            .iter()
            .filter_map(|one| one.fix.as_deref())
            .map(str::trim)
            .collect();
        assert_eq!(forms, [form], "{ports}");
    }
}

/// Assignments as a shell, YAML or a file of variables has them: systemd reads none of these.
#[test]
fn assignments_of_other_formats_become_systemds() {
    let drop_in = |line: &str| judge("ollama.service.d/override.conf", &format!("{line}\n"));
    let right = "[Service]\nEnvironment=\"OLLAMA_MODELS=/srv/m\"\n";
    for (line, code) in [
        ("OLLAMA_MODELS=/srv/m", "outside-section"),
        ("[Service]\nOLLAMA_MODELS=/srv/m", "unknown-key"),
        ("[Service]\nOLLAMA_MODELS=\"/srv/m\"", "unknown-key"),
        (
            "[Service]\nEnvironment=\"OLLAMA_MODELS = /srv/m\"",
            "bad-assignment",
        ),
        (
            "[Service]\nEnvironment=OLLAMA_MODELS: /srv/m",
            "bad-assignment",
        ),
        (
            "[Service]\nEnvironment = OLLAMA_MODELS = /srv/m",
            "bad-assignment",
        ),
    ] {
        let diagnosis = drop_in(line);
        let codes: Vec<_> = diagnosis
            .findings
            .iter()
            .map(|finding| finding.problem.code())
            .collect();
        assert_eq!(codes, [code], "{line}");
        assert_eq!(diagnosis.corrected.as_deref(), Some(right), "{line}");
    }
    let exported = drop_in("[Service]\nEnvironment=export OLLAMA_MODELS=/srv/m");
    assert_eq!(
        exported.corrected.as_deref(),
        Some("[Service]\nEnvironment=OLLAMA_MODELS=/srv/m\n")
    );
}

/// Names that Ollama does not have, by what they were surely meant for.
#[test]
fn made_up_names_become_those_that_are_read() {
    let script = judge(
        "start.sh",
        "#!/bin/bash\nexport OLLAMA_KV_CACHE_QUANT=q8_0\nexport OLLAMA_MAX_MODELS=2\nexport OLLAMA_VRAM_LIMIT=8192\nollama serve\n",
    );
    let corrected = script.corrected.expect("corrections");
    for line in [
        "export OLLAMA_KV_CACHE_TYPE=q8_0\n",
        "export OLLAMA_MAX_LOADED_MODELS=2\n",
        // How much to leave depends on the card.
        "export OLLAMA_VRAM_LIMIT=8192\n",
    ] {
        assert!(corrected.contains(line), "{corrected}");
    }
}
