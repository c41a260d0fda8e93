//! What the guide says of a tier or a family: beside the tables of `models` and `compare`.

use serde::Serialize;

use super::{Range, Stars};
use crate::lang::Bilingual;
use crate::request::Tier;

/// A tier of the guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideTierReport {
    /// The tier.
    pub tier: Tier,
    /// What its models are like.
    pub features: Vec<Bilingual>,
    /// Cards that are typical for it.
    pub cards: Vec<String>,
}

/// A family's section of the guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideFamilyReport {
    /// The series.
    pub family: String,
    /// Its title.
    pub title: Bilingual,
    /// What it is for.
    pub scenarios: Vec<Bilingual>,
    /// What it is like.
    pub features: Vec<Bilingual>,
    /// Its table.
    pub models: Vec<GuideFamilyModel>,
}

/// A row of a family's table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideFamilyModel {
    /// The tag.
    pub tag: String,
    /// Its size, as the guide says it.
    pub parameters: String,
    /// Its memory, as the guide says it.
    pub documented_vram: Option<Range>,
    /// What it is like.
    pub note: Option<Bilingual>,
    /// Stars, from 1 to 5.
    pub stars: Stars,
    /// Whether Ollama publishes it.
    pub published: bool,
}
