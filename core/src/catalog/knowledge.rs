//! What is known beside models and GPUs: benchmark scores, what quantizations cost, what predicts speed, Ollama's own habits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Catalog;
use super::checkpoint::Vllm;
use super::facts::Fact;
use super::gpu_rules::GpuRules;
use super::guide::Guide;
use super::later::Later;
use super::model::Model;
use super::speeds::Parameters;
use super::text::Text;
use crate::catalog::model::Variant;
use crate::quantization::{KvCacheType, KvCacheTypes};
use crate::request::Task;
use crate::units::Bytes;

/// Everything that is known beside models and GPUs, a field for each data file or part of one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Knowledge {
    /// What predicts speed: `data/speeds.toml`.
    pub speeds: Parameters,
    /// Scores of the models, in the order of their names: `data/quality.toml`.
    pub quality: Vec<(Text, Later<TaskScores>)>,
    /// Points that a quantization costs: `data/quality.toml`.
    pub penalties: BTreeMap<String, f64>,
    /// The published values behind the scores. Embedded apart, since only `explain --why` reads them.
    #[serde(skip)]
    pub evidence: Vec<Evidence>,
    /// What Ollama does by itself: `data/ollama.toml`.
    pub ollama: Ollama,
    /// What GPUs offer, and what a process takes there: `data/gpu-rules.toml`.
    pub gpu_rules: GpuRules,
    /// When the sources were read: `data/facts.toml`.
    pub facts: Later<Vec<Fact>>,
    /// The written guide: `data/guide.toml`.
    pub guide: Later<Guide>,
    /// What vLLM serves: `data/vllm.toml`.
    pub vllm: Later<Vllm>,
}

impl Knowledge {
    /// The score of a model for a task; `None` where there is none.
    pub fn score(&self, model: &str, task: Task) -> Option<&TaskScore> {
        self.scores(model)?.for_task(task)
    }

    fn scores(&self, model: &str) -> Option<&TaskScores> {
        let by_name = |(name, _): &(Text, Later<TaskScores>)| name.as_str().cmp(model);
        let at = self.quality.binary_search_by(by_name).ok()?;
        Some(&self.quality.get(at)?.1)
    }
}

/// A model's scores, a task at most once. A list, since a map of each model is most of what reading them takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskScores(Vec<(Task, TaskScore)>);

impl TaskScores {
    fn for_task(&self, task: Task) -> Option<&TaskScore> {
        let mut scores = self.0.iter();
        scores.find_map(|(known, score)| (*known == task).then_some(score))
    }
}

impl FromIterator<(Task, TaskScore)> for TaskScores {
    fn from_iter<I: IntoIterator<Item = (Task, TaskScore)>>(scores: I) -> Self {
        Self(scores.into_iter().collect())
    }
}

/// How good a model is at one task, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskScore {
    /// Points out of 100.
    pub score: f64,
    /// One standard deviation of the doubt.
    pub sd: f64,
    /// Whose benchmarks it rests on.
    pub basis: ScoreBasis,
    /// Rows of this model for this task.
    #[serde(default)]
    pub evidence: u32,
}

/// Whose benchmarks a score rests on, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ScoreBasis {
    /// Benchmarks of the model itself for this task.
    Benchmarks,
    /// Its family, or its own benchmarks for other tasks.
    Related,
    /// Its series, size, date and kind.
    Size,
}

/// One published table's values of one benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The task it speaks for.
    pub task: Task,
    /// Name of the benchmark as it was published, such as `AlpacaEval 2.0`.
    pub benchmark: String,
    /// Where the table is published.
    pub source: String,
    /// Who measured it, such as `Qwen model card`; `None` where the source does not say.
    pub reported_by: Option<String>,
    /// Values by model, on the benchmark's own scale.
    pub values: BTreeMap<String, f64>,
}

/// What Ollama does by itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ollama {
    /// The version whose choices are predicted unless another is named.
    pub version: String,
    /// Mebibytes that a process takes on each GPU before it loads anything.
    pub cuda_context: u64,
    /// Where this comes from.
    pub source: Vec<String>,
    /// What is not known of vision projectors.
    #[serde(default)]
    pub projector: ProjectorDoubt,
    /// Which tags draft tokens ahead by themselves.
    #[serde(default)]
    pub draft: TagDraft,
    /// The images of llama.cpp that are run in its place.
    #[serde(default)]
    pub image: Image,
    /// Whose files it translates while they load.
    #[serde(default)]
    pub translated: Translated,
    /// Which NVIDIA driver its engine needs; the first row that applies.
    #[serde(default)]
    pub driver: Vec<DriverNeed>,
    /// In which types a cache may be asked for, the newest version first.
    #[serde(default)]
    pub kv_cache_type: Vec<TakenTypes>,
}

/// The types of a cache that Ollama takes from a version on (`OLLAMA_KV_CACHE_TYPE`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakenTypes {
    /// The first version of Ollama for which this is so.
    pub since: String,
    /// The types, each for keys and values alike.
    pub types: Vec<KvCacheType>,
    /// Where this comes from.
    pub source: String,
}

/// Images of llama.cpp's `llama-server`, which containers run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// The build that they are of: `b11429`.
    pub build: String,
    /// Where this comes from.
    pub source: String,
}

/// Architectures of which Ollama's own files are not what llama.cpp reads.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translated {
    /// Names of those architectures in llama.cpp.
    pub architectures: Vec<String>,
    /// Where this comes from.
    pub source: String,
}

/// What vision projectors of unknown size may take, in mebibytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectorDoubt {
    /// File and scratch space at most.
    pub unknown: u64,
    /// Where this comes from.
    pub source: String,
    /// What the engine said of some.
    #[serde(default)]
    pub worst: Vec<WorstProjector>,
}

/// The engine's worst case of a projector, file and scratch space.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorstProjector {
    /// The models that have it, by name.
    pub models: Vec<String>,
    /// MiB of its file and its scratch space together.
    pub mebibytes: u64,
    /// Where this comes from.
    pub source: String,
}

impl ProjectorDoubt {
    /// What the projector of a model takes at most, where its size is unknown.
    pub fn of_model(&self, name: &str) -> Bytes {
        let is_it = |worst: &&WorstProjector| worst.models.iter().any(|model| model == name);
        let worst = self.worst.iter().find(is_it);
        Bytes::mib(worst.map_or(self.unknown, |worst| worst.mebibytes))
    }
}

/// Tags whose parameters ask for drafting.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagDraft {
    /// What one of the names of such a file holds.
    pub named: String,
    /// Tokens drafted ahead with such a tag (`draft_num_predict`).
    pub draft_num_predict: u32,
    /// Where this comes from.
    pub source: Vec<String>,
}

impl TagDraft {
    /// Tokens that a file drafts ahead by itself.
    pub fn of_tags(&self, file: &Variant) -> u32 {
        let mut names = file.aliases.iter().chain([&file.tag]);
        let asks = !self.named.is_empty() && names.any(|name| name.contains(&self.named));
        if asks { self.draft_num_predict } else { 0 }
    }
}

/// The NVIDIA driver that an engine needs on GPUs from a compute capability on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriverNeed {
    /// The first version of Ollama for which this is so.
    pub since: String,
    /// The least compute capability, such as `7.0`.
    pub compute_capability: String,
    /// The driver's least major version.
    pub least: u32,
    /// Where this comes from.
    pub source: String,
}

impl Ollama {
    /// The least driver with which a version of Ollama uses a GPU; `None` where its engine has no code for the GPU.
    pub fn least_driver(&self, version: &str, compute_capability: (u32, u32)) -> Option<u32> {
        let (major, minor) = compute_capability;
        let (version, capability) = (numbers(version), vec![major, minor]);
        let applies = |need: &&DriverNeed| {
            numbers(&need.since) <= version && numbers(&need.compute_capability) <= capability
        };
        self.driver.iter().find(applies).map(|need| need.least)
    }

    /// The types in which a version of Ollama caches keys and values.
    pub fn cache_types(&self, version: &str) -> KvCacheTypes {
        let version = numbers(version);
        let applies = |row: &&TakenTypes| numbers(&row.since) <= version;
        let row = self.kv_cache_type.iter().find(applies);
        row.map_or(KvCacheTypes::ALL, |row| row.types.iter().copied().collect())
    }
}

/// The numbers of `0.33.0` or `v0.33.0-rc2`, which compare as versions do.
fn numbers(version: &str) -> Vec<u32> {
    let release = version.trim_start_matches('v').split('-').next();
    let parts = release.unwrap_or_default().split('.');
    parts.map_while(|part| part.parse().ok()).collect()
}

/// How good a model is for a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Points out of 100.
    pub score: f64,
    /// One standard deviation of the doubt.
    pub sd: f64,
    /// Whether it rests on benchmarks of the model itself.
    pub own: bool,
}

/// Doubt about a model of which nothing is known but its size.
const UNKNOWN_SD: f64 = 20.0;

/// How good one model is for each task.
#[derive(Clone, Copy, Debug)]
pub struct Qualities<'a> {
    known: Option<&'a TaskScores>,
    parameters: u64,
}

impl Qualities<'_> {
    /// For one task; without any entry, what the model's size suggests.
    pub fn for_task(&self, task: Task) -> Quality {
        if let Some(known) = self.known.and_then(|scores| scores.for_task(task)) {
            return Quality {
                score: known.score,
                sd: known.sd,
                own: known.basis == ScoreBasis::Benchmarks,
            };
        }
        let billions = self.parameters as f64 / 1e9;
        Quality {
            score: (25.0 + 6.0 * billions.max(0.1).log2()).clamp(5.0, 60.0),
            sd: UNKNOWN_SD,
            own: false,
        }
    }
}

impl Catalog {
    /// How good a model is for a task; for one without any entry, what its size suggests.
    pub fn quality(&self, model: &Model, task: Task) -> Quality {
        self.qualities(model).for_task(task)
    }

    /// How good a model is, task by task.
    pub fn qualities(&self, model: &Model) -> Qualities<'_> {
        Qualities {
            known: self.knowledge.scores(&model.name),
            parameters: model.parameters.unwrap_or(1_000_000_000),
        }
    }

    /// Points that a quantization costs, by GGUF's name; zero where none is known.
    pub fn quantization_penalty(&self, name: &str) -> f64 {
        self.knowledge.penalties.get(name).copied().unwrap_or(0.0)
    }

    /// What a process takes on a CUDA GPU of which nothing is known, before it loads anything.
    pub fn cuda_context(&self) -> Bytes {
        Bytes::mib(self.knowledge.ollama.cuda_context)
    }
}
