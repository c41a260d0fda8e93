//! The table of architectures, `core/data/architectures.toml`: what llama.cpp keeps in code for each `general.architecture`.
//!
//! The file's head explains the keys and names the sources.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::traits::Traits;

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

/// What one architecture's name says.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)] // The data file explains each key.
pub struct Row {
    pub name: String,
    #[serde(flatten)]
    pub traits: Traits,
    pub window: Window,
    pub hybrid: Hybrid,
    pub interval: Option<u32>,
    pub state: Option<StateKind>,
    pub cached: bool,
    pub own_cache: Option<u32>,
    pub indexer_rows: Option<u32>,
    pub compressed: bool,
    pub prediction: Prediction,
    pub shared_experts: Option<u32>,
    pub divided_experts: bool,
    pub quantizations: Vec<String>,
    pub one_slot: bool,
    pub model_types: Vec<ModelType>,
}

impl Default for Row {
    /// What is assumed of a name that nobody told about: it follows its keys.
    fn default() -> Self {
        Self {
            name: String::new(),
            traits: Traits::default(),
            window: Window::Ignored,
            hybrid: Hybrid::Keys,
            interval: None,
            state: None,
            cached: true,
            own_cache: None,
            indexer_rows: None,
            compressed: false,
            prediction: Prediction::Skipped,
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

    use super::super::traits::Known;
    use super::*;

    #[test]
    fn the_table_parses_and_names_nothing_twice() {
        let table: Result<Table, _> = toml::from_str(TEXT);
        let table = table.map_err(|error| error.to_string());
        assert!(table.is_ok(), "{table:?}");
        let names: BTreeSet<_> = rows().iter().map(|row| &row.name).collect();
        assert_eq!(names.len(), rows().len());
        let tells = |row: &Row| !row.name.is_empty() && row.traits.known != Known::Unknown;
        assert!(rows().iter().all(tells));
        let kinds: BTreeSet<_> = model_types().map(|(_, kind)| &kind.name).collect();
        assert_eq!(kinds.len(), model_types().count());
    }

    #[test]
    fn a_name_that_it_lacks_is_unknown() {
        assert_eq!(row("next-year").traits, Traits::default());
        assert_eq!(row("next-year").traits.known, Known::Unknown);
    }

    #[test]
    fn a_key_that_nobody_reads_is_refused() {
        let parse = |key: &str| {
            let text = format!("name = 'one'\nknown = 'exact'\n{key} = true");
            toml::from_str::<Row>(&text).map_err(|error| error.message().to_owned())
        };
        assert!(parse("sinks").is_ok_and(|row| row.traits.sinks));
        let refused = parse("sink").map(|row| row.name);
        assert!(refused.is_err_and(|message| message.contains("`sink`")));
    }
}
