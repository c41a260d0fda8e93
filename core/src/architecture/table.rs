//! The table of architectures, `core/data/architectures.toml`: what llama.cpp keeps in code for each `general.architecture`.
//!
//! The file's head explains the keys and names the sources.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::traits::{FeedForward, Known, PROJECTOR_COMPUTE, Streams, Traits};

const TEXT: &str = include_str!("../../data/architectures.toml");

/// Which blocks of an architecture see only a sliding window, where its files do not list them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Window {
    /// None: a window in the keys is ignored, unless a pattern names its blocks.
    #[default]
    Ignored,
    /// None at all, whatever the keys say.
    Disabled(Disabled),
    /// All but every n-th block.
    Period(Period),
}

/// The word for [`Window::Disabled`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disabled {
    /// Written as the bare word in the table.
    Disabled,
}

/// A regular pattern of sliding blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The n, where no pattern is given; 0 means that every block slides.
    pub every: u32,
    /// Whether the first block of each n is the one that does not slide, instead of the last.
    #[serde(default)]
    pub dense_first: bool,
    /// The window where no key gives one; without it there is none then.
    pub default: Option<u32>,
    /// The window whatever the key says, unless it says 0.
    pub fixed: Option<u32>,
}

/// Which blocks carry a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hybrid {
    /// Those that the keys tell, if any.
    #[default]
    Keys,
    /// All but every n-th, or `attention.recurrent_layers`.
    Interval,
    /// Those without key-value heads.
    Headless,
    /// Those without key-value heads and without a feed-forward part; the rest attends, or does neither.
    Bare,
    /// All, and all attend as well.
    Both,
    /// All, and none attends.
    All,
}

/// A state that no key describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// A square matrix for each head.
    Lightning,
}

/// What happens to blocks for multi-token prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prediction {
    /// They are left out unless a draft is asked for.
    #[default]
    Skipped,
    /// They are loaded with the model.
    Loaded,
}

/// Builds that keep a cache for blocks of multi-token prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictionCache {
    /// Builds before b11413 cache for them; later ones do not.
    Old,
}

/// A `model_type` of Transformers that the engine runs as this architecture.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelType {
    /// As `config.json` of a checkpoint writes it, such as `qwen3_moe`.
    pub name: String,
    /// Whether embedding and head are one where `tie_word_embeddings` is missing.
    #[serde(default)]
    pub tied: bool,
    /// Every n-th block sees the whole context, the others the window; `None` where llama.cpp ignores the window.
    pub window: Option<u32>,
    /// Numbers that a `config.json` may omit.
    #[serde(default)]
    pub defaults: BTreeMap<String, u32>,
}

const fn yes() -> bool {
    true
}

/// What one architecture's name says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // The data file explains each key.
pub struct Row {
    pub name: String,
    pub known: Known,
    #[serde(default)]
    pub window: Window,
    #[serde(default)]
    pub hybrid: Hybrid,
    pub interval: Option<u32>,
    pub state: Option<StateKind>,
    #[serde(default = "yes")]
    pub cached: bool,
    #[serde(default = "yes")]
    pub head: bool,
    pub own_cache: Option<u32>,
    pub indexer_rows: Option<u32>,
    #[serde(default)]
    pub compressed: bool,
    #[serde(default)]
    pub fused_qkv: bool,
    #[serde(default)]
    pub gated_query: bool,
    #[serde(default)]
    pub feed_forward: FeedForward,
    #[serde(default)]
    pub parallel_residual: bool,
    #[serde(default = "yes")]
    pub flash_attention: bool,
    #[serde(default)]
    pub learned_positions: bool,
    pub norms: Option<u8>,
    #[serde(default)]
    pub head_norms: bool,
    #[serde(default)]
    pub qkv_bias: bool,
    #[serde(default)]
    pub sinks: bool,
    #[serde(default)]
    pub shared_expert_gate: bool,
    #[serde(default)]
    pub selection_bias: bool,
    #[serde(default)]
    pub prediction: Prediction,
    pub prediction_cache: Option<PredictionCache>,
    /// Whether logits are computed for every token of a batch.
    #[serde(default)]
    pub batch_logits: bool,
    #[serde(default)]
    pub biased_scores: bool,
    #[serde(default)]
    pub drafts: bool,
    #[serde(default)]
    pub keeps_fetched: bool,
    #[serde(default)]
    pub gates_early: bool,
    #[serde(default)]
    pub parts_room: bool,
    #[serde(default)]
    pub biases: bool,
    #[serde(default)]
    pub cross_attention: bool,
    pub streams: Option<Streams>,
    #[serde(default)]
    pub spare_network: bool,
    pub blocks_of_70b: Option<u32>,
    #[serde(default)]
    pub wide_values: bool,
    #[serde(default)]
    pub wide_head: bool,
    #[serde(default)]
    pub plain_embedding: bool,
    pub projector_compute: Option<u32>,
    pub shared_experts: Option<u32>,
    #[serde(default)]
    pub divided_experts: bool,
    #[serde(default)]
    pub quantizations: Vec<String>,
    #[serde(default)]
    pub one_slot: bool,
    #[serde(default)]
    pub model_types: Vec<ModelType>,
}

impl Default for Row {
    /// What is assumed of a name that nobody told about: it follows its keys.
    fn default() -> Self {
        Self {
            name: String::new(),
            known: Known::Unknown,
            window: Window::Ignored,
            hybrid: Hybrid::Keys,
            interval: None,
            state: None,
            cached: true,
            head: true,
            own_cache: None,
            indexer_rows: None,
            compressed: false,
            fused_qkv: false,
            gated_query: false,
            feed_forward: FeedForward::Gated,
            parallel_residual: false,
            flash_attention: true,
            learned_positions: false,
            norms: None,
            head_norms: false,
            qkv_bias: false,
            sinks: false,
            shared_expert_gate: false,
            selection_bias: false,
            prediction: Prediction::Skipped,
            prediction_cache: None,
            batch_logits: false,
            biased_scores: false,
            drafts: false,
            keeps_fetched: false,
            gates_early: false,
            parts_room: false,
            biases: false,
            cross_attention: false,
            streams: None,
            spare_network: false,
            blocks_of_70b: None,
            wide_values: false,
            wide_head: false,
            plain_embedding: false,
            projector_compute: None,
            shared_experts: None,
            divided_experts: false,
            quantizations: Vec::new(),
            one_slot: false,
            model_types: Vec::new(),
        }
    }
}

impl Row {
    /// The last of `blocks` blocks that have no cache of their own, where a file declares so many.
    pub fn shared_kv_layers(&self, declared: u32, blocks: u32) -> u32 {
        if !self.cached {
            return blocks;
        }
        let own = self.own_cache.map_or(blocks, |own| own.min(blocks));
        declared.max(blocks - own).min(blocks)
    }

    /// What of it stays with a shape.
    pub fn traits(&self) -> Traits {
        Traits {
            known: self.known,
            generates: self.head,
            fused_qkv: self.fused_qkv,
            gated_query: self.gated_query,
            feed_forward: self.feed_forward,
            parallel_residual: self.parallel_residual,
            flash_attention: self.flash_attention,
            learned_positions: self.learned_positions,
            norms: self.norms.unwrap_or(2),
            head_norms: self.head_norms,
            qkv_bias: self.qkv_bias,
            sinks: self.sinks,
            shared_expert_gate: self.shared_expert_gate,
            selection_bias: self.selection_bias,
            prediction_cache: self.prediction_cache.is_some(),
            batch_logits: self.batch_logits,
            biased_scores: self.biased_scores,
            drafts: self.drafts,
            keeps_fetched: self.keeps_fetched,
            gates_early: self.gates_early,
            parts_room: self.parts_room,
            biases: self.biases,
            cross_attention: self.cross_attention,
            streams: self.streams,
            spare_network: self.spare_network,
            blocks_of_70b: self.blocks_of_70b.unwrap_or(0),
            wide_values: self.wide_values,
            wide_head: self.wide_head,
            plain_embedding: self.plain_embedding,
            projector_compute: self.projector_compute.unwrap_or(PROJECTOR_COMPUTE),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    architecture: Vec<Row>,
    /// Where the rows come from.
    #[serde(rename = "source")]
    _source: Vec<String>,
}

/// All rows, in the order of the file.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    // A table that does not parse fails the tests below; no release is made of one.
    ROWS.get_or_init(|| {
        let table: Table = toml::from_str(TEXT).unwrap_or_default();
        table.architecture
    })
}

/// The row of a name; `None` for a name that the table lacks.
pub fn find(name: &str) -> Option<&'static Row> {
    rows().iter().find(|row| row.name == name)
}

/// The row of a name, or what is assumed of an unknown one.
pub fn row(name: &str) -> &'static Row {
    static UNKNOWN: OnceLock<Row> = OnceLock::new();
    find(name).unwrap_or_else(|| UNKNOWN.get_or_init(Row::default))
}

/// The `model_type` of a checkpoint, with the architecture that runs it.
pub fn of_model_type(name: &str) -> Option<(&'static Row, &'static ModelType)> {
    model_types().find(|(_, kind)| kind.name == name)
}

/// Every `model_type` that is known, with the architecture that runs it.
pub fn model_types() -> impl Iterator<Item = (&'static Row, &'static ModelType)> {
    rows()
        .iter()
        .flat_map(|row| row.model_types.iter().map(move |kind| (row, kind)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_parses_and_names_nothing_twice() {
        let table: Result<Table, _> = toml::from_str(TEXT);
        let table = table.map_err(|error| error.to_string());
        assert!(table.is_ok(), "{table:?}");
        let names: BTreeSet<_> = rows().iter().map(|row| &row.name).collect();
        assert_eq!(names.len(), rows().len());
        let kinds: BTreeSet<_> = model_types().map(|(_, kind)| &kind.name).collect();
        assert_eq!(kinds.len(), model_types().count());
    }

    #[test]
    fn a_name_that_it_lacks_is_unknown() {
        assert_eq!(row("next-year").known, Known::Unknown);
        assert_eq!(row("next-year").traits(), Traits::default());
    }
}
