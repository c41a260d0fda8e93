//! `docker run` and its like.

use std::ops::Range;

use super::super::image::{self, Role, is_image};
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
use super::super::{Problem, server, tag};
use super::invocation::Invocation;
use super::words::Word;

/// Judges a container of Ollama's image, or a command in one.
pub(in crate::lint) fn lint(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
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

/// `docker exec NAME ollama run TAG`
fn inside(sheet: &mut SourceText<'_>, words: &[Word]) {
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

fn started(sheet: &mut SourceText<'_>, words: &[Word], image: usize) {
    let behind: Vec<&str> = words
        .iter()
        .skip(image + 1)
        .map(|word| word.text.as_str())
        .collect();
    if let (Role::Client, Some(model)) = (image::role(&behind), words.get(image + 2)) {
        return tag::lint(sheet, &model.text, model.at.clone());
    }
    let mut settings = Vec::new();
    let (mut mounts, mut hidden) = (Vec::new(), false);
    let (mut known, mut unread) = (false, false);
    let options = words.get(..image).unwrap_or_default();
    for (at, word) in options.iter().enumerate() {
        let next = || options.get(at + 1);
        match word.text.as_str() {
            "-e" | "--env" => {
                settings.extend(next().and_then(|word| Setting::of(&word.text, unquoted(word))));
            }
            "-p" | "--publish" => {
                if let Some(next) = next() {
                    image::published(sheet, &next.text, next.at.clone());
                }
            }
            "-v" | "--volume" => mounts.extend(next().and_then(|word| target(&word.text))),
            "--volumes-from" => hidden = true,
            "--env-file" => {
                if let Some(next) = next() {
                    let from =
                        image::from_file(sheet, next.at.clone(), &next.text, Place::Container);
                    unread |= from.is_empty();
                    known |= variable::says_context(&from);
                }
            }
            "-m" | "--memory" => {
                if let Some(next) = next() {
                    image::memory(sheet, next.at.clone(), next.text.parse().ok(), "");
                }
            }
            text if text.starts_with("--mount") => {
                let text = text
                    .split_once('=')
                    .map_or_else(|| next().map_or("", |word| &word.text), |(_, rest)| rest);
                let target = text.split(',').find_map(|part| {
                    ["target=", "dst=", "destination="]
                        .iter()
                        .find_map(|key| part.strip_prefix(key))
                });
                mounts.extend(target.map(str::to_owned));
            }
            text => {
                let value =
                    |flags: [&str; 2]| flags.iter().find_map(|flag| text.strip_prefix(flag));
                if let Some(port) = value(["-p=", "--publish="]) {
                    image::published(sheet, port, word.at.clone());
                } else if let Some(mount) = value(["-v=", "--volume="]) {
                    mounts.extend(target(mount));
                } else if let Some(variable) = value(["-e=", "--env="]) {
                    let at = word.at.end - variable.len().min(word.at.len())..word.at.end;
                    settings.extend(Setting::of(variable, at));
                }
            }
        }
    }
    variable::servers(
        sheet,
        &settings.iter().collect::<Vec<_>>(),
        Place::Container,
    );
    let Some(word) = words.get(image) else {
        return;
    };
    if !hidden {
        let form = "-v ollama:/root/.ollama";
        image::stored(sheet, word.at.clone(), &settings, &mounts, form);
    }
    known |= variable::says_context(&settings);
    if known || unread {
        return;
    }
    sheet.find(word.at.clone(), Problem::NoContextLength);
    sheet.insert(
        word.at.start,
        format!("-e OLLAMA_CONTEXT_LENGTH={} ", server::CONTEXT),
    );
}

fn unquoted(word: &Word) -> Range<usize> {
    word.inner.clone().unwrap_or_else(|| word.at.clone())
}

/// Where a volume lies in the container.
fn target(volume: &str) -> Option<String> {
    let mut parts = volume.rsplit(':');
    parts.find(|part| part.starts_with('/')).map(str::to_owned)
}
