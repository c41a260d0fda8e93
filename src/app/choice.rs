//! Parsers of words that stand for choices.

use std::convert::Infallible;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::request::Task;

/// A parser that takes exactly the labels of some choices.
pub(super) fn choice<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    label: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(move |one| label(*one))).try_map(move |typed| {
        all.iter()
            .copied()
            .find(|one| label(*one) == typed)
            .ok_or("unknown choice")
    })
}

/// A task by its label, or by another common word for it.
pub(super) fn task() -> impl TypedValueParser<Value = Task> {
    let values = Task::ALL
        .iter()
        .map(|task| PossibleValue::new(task.label()).aliases(task.words()));
    PossibleValuesParser::new(values).try_map(|typed| Task::named(&typed).ok_or("unknown choice"))
}

/// A tag, or the address of its page in Ollama's library, as people paste it.
pub(super) fn tag(text: &str) -> Result<String, Infallible> {
    let address = text.trim();
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let of_library = ["ollama.com/library/", "registry.ollama.ai/library/"]
        .into_iter()
        .find_map(|library| address.strip_prefix(library));
    Ok(of_library.unwrap_or(text).to_owned())
}
