//! What is wrong with a set-up of Ollama: texts in, findings out. Pure, and silent: the sentences are in `messages`.
//!
//! A file is taken apart as the program takes it that it is for, as far as that is needed to see what it does to Ollama; what is not
//! understood is a finding of its own.
//! Corrections are edits of the text, so that a corrected file differs from the old one in nothing else.

mod compose;
mod crontab;
mod detect;
mod edit;
mod engine;
mod envfile;
mod foreign;
mod gateway;
mod hint;
mod html;
mod image;
mod interpolation;
mod known;
mod kubernetes;
mod litellm;
pub mod machine;
mod manifest;
mod markdown;
mod modelfile;
mod mounted;
mod nginx;
mod problem;
mod reach;
mod server;
mod severity;
mod sheet;
mod shell;
mod slip;
mod tag;
mod unit;
mod variable;
mod windows;
mod yaml;

use serde::Serialize;

pub use detect::FileKind;
pub use hint::{Gateway, Hint, Unclear, Unclosed};
pub use problem::Problem;
pub use severity::Severity;

use crate::catalog::Catalog;
use crate::units::Bytes;
use sheet::SourceText;

/// Something wrong in a file or on a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Number of the line, from 1; 0 for what stands in no file.
    pub line: u32,
    /// Text that it is about, as it stands there.
    pub text: String,
    /// What is wrong, as a code with what belongs to it.
    #[serde(flatten)]
    pub problem: Problem,
    /// The corrected form of that text; null where there is none.
    pub fix: Option<String>,
}

/// All that is wrong with a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// In the order of the lines.
    pub findings: Vec<Finding>,
    /// The text with every correction that needs no decision, where there is one.
    pub corrected: Option<String>,
    listeners: Vec<reach::Listener>,
    requests: Vec<reach::Request>,
}

/// A text with its name, and what it is judged by.
pub struct Source<'a> {
    /// The name of its file.
    pub name: &'a str,
    /// Text of the file.
    pub text: &'a str,
    /// What it is judged by.
    pub context: LintContext<'a>,
}

/// A model that a server is to hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelLoad {
    /// Ollama tag of the model, e.g. `qwen3:8b`.
    pub tag: String,
    /// The tokens of context that were asked for, if any were.
    pub context: Option<u32>,
}

/// What a server is asked to hold, and on which cards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Demand {
    /// The models that are to be loaded together.
    pub loads: Vec<ModelLoad>,
    /// The cards that the server sees, as they are written; all of them where that is not said.
    pub visible: Option<Vec<String>>,
}

/// A demand that its cards do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overcommit {
    /// What the models take together.
    pub need: Bytes,
    /// What the cards have for them.
    pub usable: Bytes,
    /// The context with which all of them would fit.
    pub context: Option<u32>,
    /// The model that makes another one leave, though there would be room: then `need` is what Ollama expects of it.
    pub evicting: Option<String>,
}

/// The cards that a set-up is for.
pub trait Cards {
    /// The UUIDs of real cards, in the order of PCI addresses; empty where there are none.
    fn uuids(&self) -> &[String];
    /// What each of them has free, in the same order.
    fn free(&self) -> Vec<Bytes>;
    /// Whether a demand is too much.
    fn overcommitted(&self, demand: &Demand) -> Option<Overcommit>;
}

/// Files that a text names.
pub trait Files {
    /// The text of one, by its path as it is written; none if it cannot be read.
    fn read(&self, path: &str) -> Option<String>;
}

/// What a text is judged by.
#[derive(Clone, Copy)]
pub struct LintContext<'a> {
    /// The models that exist.
    pub catalog: &'a Catalog,
    /// The hardware, where it is known.
    pub cards: Option<&'a dyn Cards>,
    /// Where the files that it names are found, if they may be read.
    pub files: Option<&'a dyn Files>,
}

/// Corrections that one after the other may bring to light.
const ROUNDS: u8 = 4;

/// Judges a file by its name and its text; `None` if it is of no kind that is understood.
pub fn lint(name: &str, text: &str, context: LintContext<'_>) -> Option<Diagnosis> {
    let source = Source {
        name,
        text,
        context,
    };
    lint_all(&[source]).pop()?
}

/// The same for files that belong together: servers that one of them starts are those that the others use.
pub fn lint_all(sources: &[Source<'_>]) -> Vec<Option<Diagnosis>> {
    let mut all: Vec<_> = sources.iter().map(alone).collect();
    reach::judge(&mut all);
    all
}

fn alone(source: &Source<'_>) -> Option<Diagnosis> {
    let (name, text, context) = (source.name, source.text, source.context);
    let kind = FileKind::detect(name, text)?;
    let mut diagnosis = judged(name, kind, text, context)?;
    // What was wrong may have hidden something else that is.
    for _ in 0..ROUNDS {
        let again = diagnosis
            .corrected
            .as_deref()
            .and_then(|text| judged(name, kind, text, context)?.corrected);
        match again {
            Some(text) => diagnosis.corrected = Some(text),
            None => break,
        }
    }
    Some(diagnosis)
}

/// Whether a script is one that a container starts with: by its name, or by who runs it there (s6-overlay).
fn is_entry(name: &str, text: &str) -> bool {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let plain = name.to_lowercase().replace(['-', '_'], "");
    let first = text.lines().next().unwrap_or_default();
    plain.contains("entrypoint") || first.starts_with("#!") && first.contains("with-contenv")
}

/// One look at a text; `None` if it is of a kind that only its content tells to be another one.
fn judged(name: &str, kind: FileKind, text: &str, context: LintContext<'_>) -> Option<Diagnosis> {
    let mut sheet = SourceText::new(text, context);
    let whole = 0..text.len();
    match kind {
        FileKind::Shell
            if shell::open_quote(text).is_some() && !FileKind::is_script(name, text) =>
        {
            // Notes with commands among the words: each line for itself.
            let lines = sheet.lines(whole.clone()).into_iter();
            shell::notes(&mut sheet, lines.map(|(at, _)| at), whole);
        }
        FileKind::Shell | FileKind::Profile => {
            if let Some(at) = shell::open_quote(text) {
                sheet.find_open_quote(at..at + 1);
            }
            match kind {
                FileKind::Profile => shell::profile(&mut sheet, whole),
                // What a container runs at its start.
                _ if is_entry(name, text) => {
                    shell::contained(&mut sheet, whole);
                }
                _ => shell::lint(&mut sheet, whole, true),
            }
        }
        FileKind::Environment => envfile::lint(&mut sheet, whole, name),
        FileKind::Crontab => crontab::lint(&mut sheet, whole, name),
        FileKind::Unit => unit::lint(&mut sheet, whole, name),
        FileKind::Modelfile => modelfile::lint(&mut sheet, whole),
        FileKind::Yaml => {
            if !manifest::lint(&mut sheet, whole, true) {
                return None;
            }
        }
        FileKind::Nginx => nginx::lint(&mut sheet, whole),
        FileKind::Markdown => markdown::lint(&mut sheet, whole),
    }
    // Who asks about a file without anything of Ollama has mistaken the file.
    if sheet.is_untouched() && kind != FileKind::Modelfile {
        let other = engine::started(text);
        let (at, what) = other.unwrap_or((0, Unclear::of_contents(text)));
        sheet.find_with(at..at, Problem::NotUnderstood { what }, "");
    } else if kind != FileKind::Modelfile && kind != FileKind::Nginx {
        // Beside Ollama.
        for (at, what) in engine::all_started(text, kind == FileKind::Markdown) {
            sheet.find_with(at..at, Problem::NotUnderstood { what }, "");
        }
    }
    Some(sheet.finish())
}
