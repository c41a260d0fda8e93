//! `vramfit man`: the manual's pages, with the usual sections.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::Cli;
use super::help::{Detail, Of, localised};
use super::reporting::Answer;
use super::session::Session;
use super::write::write;
use crate::artifact::File;
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;
use crate::messages::manual;

/// The program's page, or every command's in a directory.
pub(super) fn run(out: Option<&Path>, session: &Session) -> Result<Answer, Error> {
    let lang = session.lang;
    let program = localised(Cli::command(), lang, Detail::Manual, Of::All);
    let failed = |path: &Path, error: io::Error| Error::File {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let Some(directory) = out else {
        let output = page(&program, "vramfit", lang);
        let output = output.map_err(|error| failed(Path::new("-"), error))?;
        return Ok(Answer {
            output: String::from_utf8_lossy(&output).into_owned(),
            yes: true,
        });
    };
    let mut files = Vec::new();
    for (id, command) in pages(&program) {
        let path = PathBuf::from(format!("{}.1", command.get_name()));
        let text = page(&command, &id, lang).map_err(|error| failed(&path, error))?;
        files.push(File {
            path,
            text: String::from_utf8_lossy(&text).into_owned(),
            executable: false,
        });
    }
    // Pages of an earlier version give way.
    let written = write(directory, &files, true)?;
    let written = written
        .iter()
        .map(|path| messages::wrote(lang, &path.display().to_string()) + "\n");
    Ok(Answer {
        output: written.collect(),
        yes: true,
    })
}

/// The program and its commands, each by what its help is found under and by its page's name.
fn pages(program: &Command) -> Vec<(String, Command)> {
    let mut pages = vec![("vramfit".to_owned(), program.clone())];
    for command in program.get_subcommands() {
        let id = command.get_name().to_owned();
        pages.push((id.clone(), named(command, &id)));
        for nested in command.get_subcommands() {
            let id = format!("{id} {}", nested.get_name());
            pages.push((id.clone(), named(nested, &id)));
        }
    }
    pages
}

fn named(command: &Command, id: &str) -> Command {
    command
        .clone()
        .name(format!("vramfit-{}", id.replace(' ', "-")))
}

fn page(command: &Command, id: &str, lang: Lang) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut more = Roff::new();
    let examples = manual::examples(lang, id);
    if !examples.is_empty() {
        section(&mut more, manual::examples_title(lang));
        for (command, what) in examples {
            tagged(&mut more, command, what);
        }
    }
    section(&mut more, manual::exit_codes(lang));
    for (code, what) in manual::exits(lang) {
        tagged(&mut more, code, what);
    }
    if id == "vramfit" {
        section(&mut more, manual::environment(lang));
        for (name, what) in manual::variables(lang) {
            tagged(&mut more, name, what);
        }
        section(&mut more, manual::files(lang));
        for file in manual::file_examples(lang) {
            tagged(&mut more, file.name, file.about);
            more.control("IP", []);
            more.control("EX", []);
            file.text.lines().for_each(|line| {
                more.text([roman(line)]);
            });
            more.control("EE", []);
        }
    } else {
        section(&mut more, manual::see_also(lang));
        more.text([bold("vramfit"), roman("(1)")]);
    }
    more.to_writer(&mut text)?;
    Ok(text)
}

fn section(roff: &mut Roff, title: &str) {
    roff.control("SH", [title.to_uppercase().as_str()]);
}

fn tagged(roff: &mut Roff, name: &str, what: &str) {
    roff.control("TP", []);
    roff.text([bold(name)]);
    roff.text([roman(what)]);
}
