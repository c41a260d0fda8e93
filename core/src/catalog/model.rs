//! The nouns of the catalog: what is known of models and their published files.

use serde::{Deserialize, Serialize};

use super::later::Later;
use super::text::Text;
use crate::architecture::Architecture;
use crate::request::Task;
use crate::units::Bytes;

/// What a model was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// Follows instructions in a chat.
    Instruct,
    /// Continues text; not tuned to follow instructions.
    Base,
    /// Writes and completes code.
    Code,
    /// Thinks before it answers.
    Reasoning,
    /// Answers questions on pictures.
    Vision,
    /// Was trained to translate between languages.
    Translation,
    /// Turns text into vectors.
    Embedding,
    /// Orders search results by how well they answer a query.
    Reranker,
    /// Judges whether a text is safe.
    Guard,
    /// Reads text out of pictures.
    Ocr,
    /// Anything else with a narrow purpose.
    Other,
}

/// What Ollama says a model can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Answers a prompt or goes on with a text.
    Completion,
    /// Calls the tools that a request offers it.
    Tools,
    /// Can think before it answers, apart from the answer.
    Thinking,
    /// Takes pictures beside text.
    Vision,
    /// Turns text into vectors.
    Embedding,
    /// Fills in the middle.
    Insert,
    /// Takes sound beside text.
    Audio,
}

/// How well the bytes of a file are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WeightsBasis {
    /// The size of the model's own layer in the published manifest, or of a file at hand.
    Exact,
    /// The sum of the manifest's layers: some kilobytes above the model's own.
    Download,
    /// Known to the nearest megabyte.
    Rounded,
    /// Computed from the shape and the quantization.
    Computed,
    /// The two digits that the library's page shows.
    Published,
}

/// One published file of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Variant {
    /// Tag to pull, such as `qwen3:8b-q8_0`.
    pub tag: Text,
    /// Other tags of the same file.
    pub aliases: Vec<Text>,
    /// GGUF's name of the file type, such as `Q4_K_M`.
    pub quantization: Option<Text>,
    /// Bytes of the file; unknown for tags that do not exist.
    pub weights: Option<Bytes>,
    /// How well the bytes of `weights` are known.
    pub weights_basis: WeightsBasis,
    /// Bytes of the vision projector, a file of its own; zero without or where unknown.
    pub projector: Bytes,
    /// Where the bytes come from.
    #[serde(skip)] // See `sources`.
    pub source: Vec<String>,
}

/// A model: one set of weights, published in one or more quantizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Model {
    /// Tag of the default file, as people type it: `qwen3:8b`.
    pub name: Text,
    /// The series it belongs to: the data file's name.
    pub series: Text,
    /// Name on Hugging Face; of a fine-tune, that of the model it was made of.
    pub base_model: Option<Text>,
    /// Number of all parameters, experts included.
    pub parameters: Option<u64>,
    /// Parameters that a token meets, where there are experts.
    pub active_parameters: Option<u64>,
    /// The training context as the library shows it.
    pub context_length: Option<u32>,
    /// Index of its shape in [`super::Catalog::architectures`]; `None` where the shape is not known.
    pub architecture: Option<u32>,
    /// What it can do, as Ollama's library or its own file says.
    pub capabilities: Vec<Capability>,
    /// What it was made for.
    pub kind: ModelKind,
    /// The licence of its weights, as an SPDX identifier or by its name; `None` where unknown.
    pub license: Option<Text>,
    /// When it came out: `YYYY-MM` or `YYYY-MM-DD`.
    pub released: Option<Text>,
    /// When the published tag last changed, likewise.
    pub updated: Option<Text>,
    /// How often its family was pulled.
    pub pulls: Option<u64>,
    /// Whether Ollama publishes it.
    pub published: bool,
    /// Tag to take instead of one that does not exist.
    pub replaced_by: Option<Text>,
    /// A file of this machine: there is nothing to pull.
    pub local: bool,
    /// A fine-tune by somebody else than the maker of the base model, whose benchmark scores are not its own.
    pub fine_tune: bool,
    /// Where all this comes from.
    #[serde(skip)] // See `sources`.
    pub source: Vec<String>,
    /// What its default file needs with 8,192 and with 32,768 tokens ([`fill`](crate::engine::usual_need::fill)): known of the program's own models.
    pub usual_need: Option<[Bytes; 2]>,
    /// The same of its smallest file, where that is not the default.
    pub least_need: Option<[Bytes; 2]>,
    /// Its files, the default first.
    pub variants: Later<Vec<Variant>>,
}

/// Where the size begins in a repository's name: the hyphen of `-7B` or `-1.8b`.
fn size_in(name: &str) -> Option<usize> {
    let is_size = |part: &str| {
        let number = part.strip_suffix(['B', 'b']);
        number.is_some_and(|number| number.parse::<f32>().is_ok())
    };
    name.match_indices('-').map(|(at, _)| at).find(|at| {
        let part = name[at + 1..].split('-').next();
        part.is_some_and(is_size)
    })
}

impl Model {
    /// Ollama's family: the tag without its size. A repository has its size in its name: of `hf.co/maker/Line-7B-GGUF:Q4_K_M` it is
    /// `hf.co/maker/Line`.
    pub fn family(&self) -> &str {
        let name = self.name.split(':').next().unwrap_or(&self.name);
        match name.contains('/') {
            true => name.split_at(size_in(name).unwrap_or(name.len())).0,
            false => name,
        }
    }

    /// What the entries of a family have in common that hold the same model, stored in other ways (such as `-it-qat`): its checkpoint and
    /// kind. `None` where the checkpoint is not known.
    pub fn identity(&self) -> Option<(&str, &str, ModelKind)> {
        Some((self.base_model.as_deref()?, self.family(), self.kind))
    }

    /// Whether another entry holds the same model.
    pub fn is_twin_of(&self, other: &Self) -> bool {
        self.identity().is_some() && self.identity() == other.identity()
    }

    /// Whether `capabilities` holds one.
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    /// Whether it does a task at all, well or badly.
    pub fn does(&self, task: Task) -> bool {
        match task {
            Task::Embedding => self.published && self.kind == ModelKind::Embedding,
            Task::Vision => {
                self.answers()
                    && self.can(Capability::Vision)
                    && self.kind != ModelKind::Translation
            }
            _ => self.answers(),
        }
    }

    /// Whether it answers prompts, so that it may be recommended for a task that text answers.
    pub fn answers(&self) -> bool {
        self.published
            && !matches!(
                self.kind,
                ModelKind::Base
                    | ModelKind::Embedding
                    | ModelKind::Reranker
                    | ModelKind::Guard
                    | ModelKind::Ocr
                    | ModelKind::Other
            )
    }
}

/// An architecture of the catalog, with what a published file carries beside its tensors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct KnownArchitecture {
    /// Name by which models refer to it.
    pub name: Text,
    /// Numbers and traits that its memory follows from.
    pub shape: Architecture,
    /// Bytes of a file that are not tensors: the tokenizer, mostly.
    pub metadata: Bytes,
    /// Where the numbers come from.
    #[serde(skip)] // See `sources`.
    pub source: Vec<String>,
}

/// A series of models, as people speak of "the Qwens".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Series {
    /// Name of its data file, such as `qwen`.
    pub name: Text,
    /// What people call it, in both languages.
    pub title: crate::lang::Bilingual,
    /// Who publishes its models; `None` where that differs from model to model.
    pub maker: Option<Text>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_its_size_in_its_name() {
        let sizes = [
            (
                "hf.co/tencent/HY-MT1.5-7B-GGUF",
                Some("hf.co/tencent/HY-MT1.5"),
            ),
            ("hf.co/Qwen/Qwen3.5-397B-A17B", Some("hf.co/Qwen/Qwen3.5")),
            (
                "hf.co/ibm-granite/granite-4.2-8b",
                Some("hf.co/ibm-granite/granite-4.2"),
            ),
            ("hf.co/google/gemma-4-E2B-it", None),
            ("hf.co/MiniMaxAI/MiniMax-M2.7", None),
        ];
        for (name, family) in sizes {
            assert_eq!(size_in(name).map(|at| &name[..at]), family, "{name}");
        }
    }
}
