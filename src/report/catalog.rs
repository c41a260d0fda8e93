//! `catalog` and `catalog import`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::facts::FactKind;
use crate::catalog::model::WeightsBasis;
use crate::lang::Bilingual;

/// `vramfit catalog`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogReport {
    /// `vramfit.catalog/1`
    pub schema: &'static str,
    /// The program's version, which the embedded data came with.
    pub version: &'static str,
    /// `all`, `guide`, or the files on top.
    pub catalog: String,
    /// Models.
    pub models: usize,
    /// Models whose own shape is known.
    pub models_with_shape: usize,
    /// Families, as in `family:size`.
    pub families: usize,
    /// Series of families.
    pub series: usize,
    /// Shapes.
    pub shapes: usize,
    /// GPUs.
    pub gpus: usize,
    /// Files of models.
    pub files: FileCounts,
    /// Today, where the machine knows it.
    pub today: Option<String>,
    /// When each kind of facts was collected, the newest first.
    pub facts: Vec<FactReport>,
}

/// `vramfit catalog show`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogShow {
    /// `vramfit.catalog-show/1`
    pub schema: &'static str,
    /// The model and its files, with the keys of `data/models/*.toml`.
    pub model: serde_json::Map<String, serde_json::Value>,
    /// The shape it has, with GGUF's keys, where that is known.
    pub architecture: Option<serde_json::Map<String, serde_json::Value>>,
    /// Where each was read.
    pub sources: ShownSources,
}

/// Where a model's entry was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownSources {
    /// The model.
    pub model: Vec<String>,
    /// Its shape.
    pub architecture: Option<Vec<String>>,
    /// Its files, by tag.
    pub files: BTreeMap<String, Vec<String>>,
}

/// `vramfit catalog check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogCheck {
    /// `vramfit.catalog-check/1`
    pub schema: &'static str,
    /// What is wrong, with file and line; nothing where the exit code is 0.
    pub defects: Vec<String>,
    /// Models.
    pub models: usize,
    /// Files of models.
    pub files: usize,
    /// GPUs.
    pub gpus: usize,
}

/// `vramfit catalog path`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogPath {
    /// `vramfit.catalog-path/1`
    pub schema: &'static str,
    /// The folder of the user's own data files, if there is a home.
    pub catalog: Option<String>,
    /// The configuration file.
    pub config: Option<String>,
}

/// Files by how well their bytes are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileCounts {
    /// All.
    pub total: usize,
    /// Those whose bytes are known, by how well.
    pub by_basis: BTreeMap<WeightsBasis, usize>,
    /// Those of which no size is known.
    pub unknown: usize,
}

/// Sources that were read on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactReport {
    /// What they tell.
    pub kind: FactKind,
    /// The day they were read.
    pub collected: String,
    /// Days since then, where the machine knows today.
    pub age_days: Option<i64>,
    /// The newest date of an entry of this kind, such as a model's last change: `YYYY-MM` or `YYYY-MM-DD`.
    pub newest: Option<String>,
    /// What they are.
    pub what: Bilingual,
    /// Where they are.
    pub source: Vec<String>,
}

/// `vramfit catalog import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imported {
    /// `vramfit.catalog-import/1`
    pub schema: &'static str,
    /// The tag of the model.
    pub tag: String,
    /// Where the entry was written to.
    pub path: Option<String>,
    /// The entry: a data file for `--catalog`.
    pub toml: String,
}
