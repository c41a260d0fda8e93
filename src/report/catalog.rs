//! `catalog` and `catalog import`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::facts::FactKind;
use crate::catalog::model::WeightsBasis;
use crate::lang::Bilingual;

/// Answer of `vramfit catalog`: how much the catalog knows, and how old that is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogReport {
    /// Name and version of this form: `vramfit.catalog/1`.
    pub schema: &'static str,
    /// Version of the program, which the embedded data came with, e.g. `0.2.0`.
    pub version: &'static str,
    /// Data that is used: `all`, `guide`, or the files on top.
    pub catalog: String,
    /// Number of models, e.g. 697.
    pub models: usize,
    /// Number of models whose own shape (layers, heads, widths) is known.
    pub models_with_shape: usize,
    /// Number of families, as in `family:size`.
    pub families: usize,
    /// Number of series of families, e.g. 38.
    pub series: usize,
    /// Number of shapes that models have, e.g. 227.
    pub shapes: usize,
    /// Number of kinds of GPUs, e.g. 556.
    pub gpus: usize,
    /// Number of files of models, by how well their bytes are known.
    pub files: FileCounts,
    /// Today's date, as `YYYY-MM-DD`; null where the machine does not know it.
    pub today: Option<String>,
    /// When each kind of facts was collected, the newest first.
    pub facts: Vec<FactReport>,
}

/// Answer of `vramfit catalog show`: one entry of the catalog with its sources.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogShow {
    /// Name and version of this form: `vramfit.catalog-show/1`.
    pub schema: &'static str,
    /// The model and its files, with the keys of `data/models/*.toml`.
    pub model: serde_json::Map<String, serde_json::Value>,
    /// The shape it has, with GGUF's keys, where that is known.
    pub architecture: Option<serde_json::Map<String, serde_json::Value>>,
    /// Addresses and files where each part was read.
    pub sources: ShownSources,
}

/// Where a model's entry was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownSources {
    /// Sources of the model's entry.
    pub model: Vec<String>,
    /// Sources of its shape; null where the shape is not known.
    pub architecture: Option<Vec<String>>,
    /// Sources of its files, by tag, e.g. `qwen3:8b`.
    pub files: BTreeMap<String, Vec<String>>,
}

/// Answer of `vramfit catalog check`: what is wrong in data files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogCheck {
    /// Name and version of this form: `vramfit.catalog-check/1`.
    pub schema: &'static str,
    /// What is wrong, with file and line; nothing where the exit code is 0.
    pub defects: Vec<String>,
    /// Number of models that were read, e.g. 697.
    pub models: usize,
    /// Number of files of models that were read, e.g. 3065.
    pub files: usize,
    /// Number of kinds of GPUs that were read, e.g. 556.
    pub gpus: usize,
}

/// Answer of `vramfit catalog path`: where the user's own files belong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogPath {
    /// Name and version of this form: `vramfit.catalog-path/1`.
    pub schema: &'static str,
    /// Folder of the user's own data files, e.g. `/home/ann/.config/vramfit/catalog`; null where there is no home.
    pub catalog: Option<String>,
    /// Path of the configuration file, e.g. `/home/ann/.config/vramfit/config.toml`; null where there is no home.
    pub config: Option<String>,
}

/// Files by how well their bytes are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileCounts {
    /// Number of all files of models.
    pub total: usize,
    /// Number of files whose bytes are known, by how well, e.g. `exact`: 335.
    pub by_basis: BTreeMap<WeightsBasis, usize>,
    /// Number of files of which no size is known.
    pub unknown: usize,
}

/// Sources that were read on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactReport {
    /// What they tell about, e.g. `models`.
    pub kind: FactKind,
    /// The day they were read, as `YYYY-MM-DD`.
    pub collected: String,
    /// Days from then to today; null where the machine does not know the date.
    pub age_days: Option<i64>,
    /// The newest date of an entry of this kind, such as a model's last change: `YYYY-MM` or `YYYY-MM-DD`.
    pub newest: Option<String>,
    /// What the sources are, in words.
    pub what: Bilingual,
    /// Where the sources are, e.g. `ollama:library`.
    pub source: Vec<String>,
}

/// Answer of `vramfit catalog import`: an entry for the catalog, made from a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imported {
    /// Name and version of this form: `vramfit.catalog-import/1`.
    pub schema: &'static str,
    /// Ollama tag that the model has in the entry, e.g. `qwen3:8b`.
    pub tag: String,
    /// Path of the file that was written; null where it was only printed.
    pub path: Option<String>,
    /// The entry: a data file for `--catalog`.
    pub toml: String,
}
