//! `docker run` and its like.

use std::ops::Range;

use super::super::sheet::Sheet;
use super::super::variable::{self, Place, Setting};
use super::super::{Problem, server, tag};
use super::invocation::Invocation;
use super::words::Word;

/// Judges a container of Ollama's image, or a command in one.
pub(super) fn lint(sheet: &mut Sheet<'_>, invocation: &Invocation<'_>) {
    let words = invocation.arguments;
    match invocation.first() {
        Some("exec") => inside(sheet, words),
        Some("run" | "create") => {
            if let Some(at) = words.iter().position(|word| is_image(&word.text)) {
                started(sheet, words, at);
            }
        }
        _ => {}
    }
}

/// Whether it is Ollama's image.
pub(in crate::lint) fn is_image(name: &str) -> bool {
    let name = name.trim_start_matches("docker.io/");
    name == "ollama/ollama"
        || name.starts_with("ollama/ollama:")
        || name.starts_with("ollama/ollama@")
}

/// `docker exec NAME ollama run TAG`
fn inside(sheet: &mut Sheet<'_>, words: &[Word]) {
    let Some(at) = words.windows(2).position(|pair| {
        pair[0].text == "ollama"
            && matches!(pair[1].text.as_str(), "run" | "pull" | "show" | "stop")
    }) else {
        return;
    };
    if let Some(model) = words
        .iter()
        .skip(at + 2)
        .find(|word| !word.text.starts_with('-'))
    {
        tag::lint(sheet, &model.text, model.at.clone());
    }
}

fn started(sheet: &mut Sheet<'_>, words: &[Word], image: usize) {
    let mut settings = Vec::new();
    let options = words.get(..image).unwrap_or_default();
    for (at, word) in options.iter().enumerate() {
        let next = || options.get(at + 1);
        match word.text.as_str() {
            "-e" | "--env" => {
                settings.extend(next().and_then(|word| Setting::of(&word.text, unquoted(word))));
            }
            "-p" | "--publish" => {
                if let Some(next) = next() {
                    published(sheet, &next.text, next.at.clone());
                }
            }
            "--env-file" => return,
            _ => {}
        }
    }
    variable::servers(
        sheet,
        &settings.iter().collect::<Vec<_>>(),
        Place::Container,
    );
    let known = variable::says_context(&settings);
    let Some(word) = words.get(image).filter(|_| !known) else {
        return;
    };
    sheet.find(word.at.clone(), Problem::NoContextLength);
    sheet.insert(
        word.at.start,
        format!("-e OLLAMA_CONTEXT_LENGTH={} ", server::CONTEXT),
    );
}

fn unquoted(word: &Word) -> Range<usize> {
    word.inner.clone().unwrap_or_else(|| word.at.clone())
}

/// A port without an address is published to everybody.
pub(in crate::lint) fn published(sheet: &mut Sheet<'_>, ports: &str, at: Range<usize>) {
    let ours = ports
        .split(':')
        .next_back()
        .is_some_and(|port| port.trim_end_matches("/tcp") == "11434");
    let (open, rest) = match ports.strip_prefix("0.0.0.0:") {
        Some(rest) => (true, rest),
        None => (ports.matches(':').count() == 1, ports),
    };
    if !ours || !open {
        return;
    }
    let address = ports.to_owned();
    sheet.find(at.clone(), Problem::OpenPort { address });
    let written = sheet.text.get(at.clone()).unwrap_or_default();
    if let Some(offset) = written.find(ports) {
        let start = at.start + offset;
        sheet.replace(start..start + ports.len(), format!("127.0.0.1:{rest}"));
    }
}
