//! The pages of `vramfit help TOPIC`.

use super::page::{Page, Tone};
use crate::lang::Lang;
use crate::messages::manual;

/// How hardware is found, below the options that describe it.
pub fn hardware(lang: Lang) -> Page {
    let mut page = Page::new();
    page.paragraph(manual::hardware_note(lang));
    page
}

/// The environment variables that are read.
pub fn environment(lang: Lang) -> Page {
    pairs(manual::environment(lang), manual::variables(lang))
}

/// What an exit code means.
pub fn exit_codes(lang: Lang) -> Page {
    pairs(manual::exit_codes(lang), manual::exits(lang))
}

/// The files that people write, each with one to begin with.
pub fn files(lang: Lang) -> Page {
    let mut page = Page::new();
    for file in manual::file_examples(lang) {
        page.heading(2, file.name);
        page.paragraph(file.about);
        page.code("toml", file.text);
    }
    page
}

fn pairs(title: &str, pairs: Vec<(&'static str, &'static str)>) -> Page {
    let mut page = Page::new();
    page.heading(2, title);
    page.key_values(
        pairs
            .into_iter()
            .map(|(name, what)| (Tone::Strong.span(name), what)),
    );
    page
}
