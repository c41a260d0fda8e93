//! `docker run` and its like.

use std::ops::Range;

use super::super::image::{self, Role, is_image};
use super::super::reach::Listener;
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
    sheet.judges();
    if let Some(model) = words
        .iter()
        .skip(at + 2)
        .find(|word| !word.text.starts_with('-'))
    {
        tag::lint(sheet, &model.text, model.at.clone());
    }
}

fn started(sheet: &mut SourceText<'_>, words: &[Word], image: usize) {
    sheet.judges();
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
    let (mut published, mut name, mut own_entry, mut of_host) = (Vec::new(), None, false, false);
    for (flag, value, at) in options(words.get(..image).unwrap_or_default()) {
        match flag {
            "-e" | "--env" => settings.extend(Setting::of(value, at)),
            "-p" | "--publish" => {
                published.extend(image::publishes(value));
                image::published(sheet, value, at);
            }
            "--name" => name = Some(value.to_owned()),
            "--entrypoint" => own_entry = true,
            "--network" | "--net" => of_host |= value == "host",
            "--gpus" if value.starts_with("device=") && value.contains(',') => {
                let form = format!("--gpus '\"{value}\"'");
                sheet.find_with(at, Problem::CountAndDeviceIds, form);
            }
            "-v" | "--volume" => mounts.extend(target(value)),
            "--volumes-from" => hidden = true,
            "--env-file" => {
                let from = image::from_file(sheet, at, value, Place::Container);
                unread |= from.is_empty();
                known |= variable::says_context(&from);
            }
            "-m" | "--memory" => image::memory(sheet, at, value.parse().ok(), ""),
            "--mount" => {
                let part = |key: &str| value.split(',').find_map(|part| part.strip_prefix(key));
                let target = ["target=", "dst=", "destination="]
                    .into_iter()
                    .find_map(part);
                let lasts = part("type=") != Some("tmpfs");
                mounts.extend(target.filter(|_| lasts).map(str::to_owned));
            }
            _ => {}
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
    if let (Some(program), Some(at)) = (image::arguments(&behind), words.get(image + 1))
        && !own_entry
    {
        let program = program.to_owned();
        sheet.find_with(at.at.clone(), Problem::ImageEntrypoint { program }, "");
    }
    let inner = image::port(&settings);
    if !published.is_empty() && !of_host {
        image::loopback(sheet, &settings);
    }
    let context = server::context(&settings);
    for (outer, port) in published {
        if inner.is_none_or(|inner| inner == port) {
            sheet.listens(Listener::here(outer, context));
        }
    }
    if of_host {
        sheet.listens(Listener::here(inner, context));
    }
    if let Some(name) = name {
        sheet.listens(Listener {
            names: vec![name],
            ports: inner.into_iter().collect(),
            context,
            gateway: false,
        });
    }
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

/// Options with their values, written apart or with `=`, and where the values stand.
fn options(words: &[Word]) -> Vec<(&str, &str, Range<usize>)> {
    let mut all = Vec::new();
    for (position, word) in words.iter().enumerate() {
        match word.text.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => {
                let end = word.at.end;
                all.push((flag, value, end - value.len().min(word.at.len())..end));
            }
            _ => {
                if let Some(next) = words.get(position + 1) {
                    let at = next.inner.clone().unwrap_or_else(|| next.at.clone());
                    all.push((word.text.as_str(), next.text.as_str(), at));
                }
            }
        }
    }
    all
}

/// Where a volume lies in the container.
fn target(volume: &str) -> Option<String> {
    let mut parts = volume.rsplit(':');
    parts.find(|part| part.starts_with('/')).map(str::to_owned)
}
