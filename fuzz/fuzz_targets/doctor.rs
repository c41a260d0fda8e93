//! A file of a set-up, judged as each of the kinds that there are: the first byte chooses its name.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vramfit::catalog::Catalog;
use vramfit::lint::{LintContext, lint};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| vramfit::embedded::catalog().expect("the catalog"));

const NAMES: [&str; 8] = ["start.sh", ".bashrc", "ollama.env", "ollama.service", "Modelfile", "compose.yaml", "nginx.conf", "README.md"];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, text)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let context = LintContext { catalog: &CATALOG, cards: None, files: None };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    if let Some(diagnosis) = lint(name, text, context) {
        // What was corrected can be judged again.
        if let Some(corrected) = diagnosis.corrected {
            let _ = lint(name, &corrected, context);
        }
    }
});
