//! What a finding says beside what is wrong.

use serde::Serialize;

/// Why another setting cannot simply take the place of one that Ollama does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// `num_gpu` counts layers, not cards.
    CountsLayers,
    /// It says what is left free, not what may be taken.
    LeavesFree,
    /// Its values mean something else.
    OtherValue,
}

/// What hands requests on to Ollama.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Gateway {
    /// nginx, by its own configuration.
    Nginx,
    /// Traefik, by the labels of a container.
    Traefik,
    /// Caddy, by the labels of a container.
    Caddy,
    /// Whatever serves an Ingress of Kubernetes.
    Ingress,
}

/// What becomes of a line with a quote that nothing closes, where its reader goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unclosed {
    /// systemd ignores the word with the quote, and all behind it.
    RestIgnored,
    /// systemd ignores the line.
    LineIgnored,
    /// systemd takes the lines below for part of the value.
    LinesTaken,
    /// Podman takes the rest of the line for one value.
    RestTaken,
    /// That depends on who reads the file, which is not known.
    ByReader,
}

/// What could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unclear {
    /// A line without a meaning that is known.
    Line,
    /// A file that is filled in before it is used.
    Template,
    /// A block of a document in a language that is not read.
    Block,
    /// A file that is none of those that start or use Ollama.
    Contents,
    /// A file that names Ollama in a way that is not known.
    Mention,
    /// A file that starts `llama-server`, of which nothing is checked.
    LlamaServer,
    /// A file that starts vLLM, of which nothing is checked.
    Vllm,
    /// What a container runs.
    Command,
    /// Options that a variable or another program tells.
    Options,
    /// A section of a unit that another program than systemd reads.
    Section,
    /// Blocks in blocks, far deeper than any that are in use.
    Depth,
    /// A word that is longer than any that is in use.
    Length,
}

impl Unclear {
    /// What is said of contents in which nothing was found to check: they may speak of Ollama all the same.
    pub(super) fn of_contents(text: &str) -> Self {
        let names = |name: &[u8]| {
            let mut windows = text.as_bytes().windows(name.len());
            windows.any(|window| window.eq_ignore_ascii_case(name))
        };
        match names(b"ollama") || names(b"11434") {
            true => Self::Mention,
            false => Self::Contents,
        }
    }
}
