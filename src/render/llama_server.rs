//! The command line of a `llama-server`, ready to be typed.

use super::page::Page;
use super::view::View;
use crate::messages;
use crate::report::{LlamaServer, ModelFile};

/// Columns of a line of a command.
const WIDTH: usize = 72;

/// The command, what it needs before it, and what to know.
pub(super) fn command(page: &mut Page, server: &LlamaServer, view: View) {
    page.heading(2, messages::llama_server::the_command(view.lang));
    let files = [Some(&server.file), server.draft.as_ref()];
    let files = || files.into_iter().flatten();
    let mut lines: Vec<String> = files().flat_map(links).collect();
    lines.push(line(server));
    page.code("sh", lines.join("\n"));
    if view.quiet {
        return;
    }
    let mut notes: Vec<String> = files().flat_map(|file| of_file(file, view)).collect();
    notes.push(messages::llama_server::nothing_is_left_to_it(view.lang).to_owned());
    page.list(notes);
}

fn of_file(file: &ModelFile, view: View) -> Vec<String> {
    match file {
        ModelFile::Given { .. } | ModelFile::Checkpoint { .. } => Vec::new(),
        ModelFile::HuggingFace { .. } => {
            vec![messages::llama_server::downloads_by_itself(view.lang).to_owned()]
        }
        ModelFile::Folder {
            file,
            projector,
            translated: Some(architecture),
            ..
        } => {
            let mut notes = vec![messages::llama_server::file_of_others(
                view.lang,
                file,
                architecture,
            )];
            notes.extend(
                projector
                    .as_ref()
                    .map(|name| messages::llama_server::projector_of_others(view.lang, name)),
            );
            notes
        }
        ModelFile::Folder { file, .. } => {
            vec![messages::llama_server::file_of_ollama(view.lang, file)]
        }
    }
}

/// Links to the files in Ollama's store: the first line `FROM` of a Modelfile names the model, the second its projector.
fn links(file: &ModelFile) -> Vec<String> {
    let ModelFile::Folder {
        tag,
        file,
        projector,
        translated: None,
    } = file
    else {
        return Vec::new();
    };
    let link = |(at, name): (usize, &String)| {
        let lines = format!("ollama show {tag} --modelfile | sed -n 's/^FROM //p' | sed -n {at}p");
        [
            format!("blob=$({lines})"),
            format!("ln -s \"$blob\" {name}"),
        ]
    };
    let names = [Some(file), projector.as_ref()];
    let names = (1..).zip(names.into_iter().flatten());
    std::iter::once(format!("ollama pull {tag}"))
        .chain(names.flat_map(link))
        .collect()
}

/// A command over several lines, each option with its value.
fn line(server: &LlamaServer) -> String {
    let variables = server.environment.iter();
    let variables = variables.map(|(name, value)| format!("{name}={value}"));
    let mut words: Vec<String> = Vec::new();
    for word in variables.chain(server.command.iter().map(|word| quoted(word))) {
        match words.last_mut() {
            Some(option) if is_value_of(&word, option) => *option += &format!(" {word}"),
            _ => words.push(word),
        }
    }
    let mut text = String::new();
    let mut column = 0;
    for word in words {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            text += " \\\n    ";
            column = 4;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text += &word;
        column += length;
    }
    text
}

/// Whether a word is what the option before it needs.
fn is_value_of(word: &str, option: &str) -> bool {
    option.starts_with('-') && !option.contains(' ') && !word.starts_with('-')
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:/,+@=-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
