//! The words that start vLLM, as units, containers and pods write them.

use super::value::refused;
use crate::error::{ArtifactFault, Error};

/// Words of a command line, none of which means anything to a shell or to YAML.
pub(super) fn words(words: &[String]) -> Result<Vec<String>, Error> {
    let plain = |word: &String| {
        let known = |c: char| c.is_ascii_alphanumeric() || "._:/-".contains(c);
        match !word.is_empty() && word.len() <= 300 && word.chars().all(known) {
            true => Ok(word.clone()),
            false => Err(refused(ArtifactFault::Variable, word)),
        }
    };
    words.iter().map(plain).collect()
}

/// What `vllm serve MODEL --key value` says, as keys of its file of settings.
pub(super) fn settings(command: &[String]) -> Vec<(String, String)> {
    let model = command
        .get(2)
        .map(|model| ("model".to_owned(), model.clone()));
    let options = command.get(3..).unwrap_or_default().chunks_exact(2);
    let option = |pair: &[String]| (pair[0].trim_start_matches('-').to_owned(), pair[1].clone());
    model.into_iter().chain(options.map(option)).collect()
}

/// The same words in a container, which has an address and a port of its own.
pub(super) fn in_container(command: &[String]) -> Vec<String> {
    let mut words: Vec<String> = command.iter().skip(1).cloned().collect();
    for (flag, value) in [("--host", "0.0.0.0"), ("--port", "8000")] {
        let at = words.iter().position(|word| word == flag);
        if let Some(word) = at.and_then(|at| words.get_mut(at + 1)) {
            value.clone_into(word);
        }
    }
    words
}

/// The version in an image's tag: `0.28.0` of `vllm/vllm-openai:v0.28.0`.
pub(super) fn version(image: &str) -> String {
    let tag = image.rsplit(':').next().unwrap_or_default();
    tag.trim_start_matches('v').to_owned()
}
