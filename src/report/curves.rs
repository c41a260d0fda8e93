//! `curves`.

use serde::Serialize;

use super::{AdviceRequest, InventoryReport};

/// Answer of `vramfit curves`: quality, speed and value by the size of models.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Curves {
    /// Name and version of this form: `vramfit.curves/1`.
    pub schema: &'static str,
    /// What was asked, every default filled in.
    pub request: AdviceRequest,
    /// The GPUs that the speeds are for, by name and number, e.g. `RTX 3090 x2`.
    pub hardware: String,
    /// The hardware that was given or found; without any, the speeds are for the guide's card.
    pub inventory: InventoryReport,
    /// The curves as the written guide states them.
    pub guide: GuideCurves,
    /// The same from the catalog: models of a size, dense ones and mixtures of experts apart.
    pub computed: Vec<SizeClass>,
}

/// What the written guide (docs/guide-notes.md) says by size.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideCurves {
    /// GPU that the guide speaks of, e.g. `RTX 3090`.
    pub gpu: String,
    /// Quality, in percent of a 70B model's.
    pub quality: Vec<GuidePoint>,
    /// Quality that a step in size gains, in percent.
    pub gains: Vec<GuideGain>,
    /// Tokens per second and seconds to the first token, by size.
    pub speed: Vec<GuideSpeed>,
    /// Value for money by size, in stars.
    pub value: Vec<GuideValue>,
}

/// A point of the guide's quality curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuidePoint {
    /// Size in 10^9 parameters, e.g. 7.0.
    pub billions: f64,
    /// Quality in percent of a 70B model's, e.g. 70.0.
    pub quality: f64,
}

/// What a step in size gains, as the guide says it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideGain {
    /// Smaller size in 10^9 parameters, e.g. 1.0.
    pub from: f64,
    /// Larger size in 10^9 parameters, e.g. 7.0.
    pub to: f64,
    /// Quality gained, in percent, e.g. 40.0.
    pub percent: f64,
}

/// A row of the guide's table of speeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideSpeed {
    /// Range of sizes in 10^9 parameters, from and to, e.g. 1.0 and 2.0.
    pub billions: [f64; 2],
    /// Number of GPUs that it takes.
    pub gpus: u32,
    /// Tokens written per second, at least and at most, e.g. 80.0 and 150.0.
    pub tokens_per_second: [f64; 2],
    /// The guide's marks for speed, from 1 to 5.
    pub marks: u8,
    /// Seconds to the first token, at least and at most, e.g. 0.0 and 0.5.
    pub first_token: [f64; 2],
}

/// A row of the guide's table of value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideValue {
    /// Size as the guide writes it, e.g. `13-14B`.
    pub size: String,
    /// Stars for quality, from 1 to 5.
    pub quality: u8,
    /// Stars for speed, from 1 to 5.
    pub speed: u8,
    /// Stars for value, from 1 to 5.
    pub value: u8,
    /// What the guide says such models are for.
    pub usage: crate::lang::Bilingual,
}

/// Models of the catalog that are alike in size.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SizeClass {
    /// Sizes in 10^9 parameters: from the first, below the second, e.g. 2.5 and 5.0.
    pub billions: [f64; 2],
    /// Whether these are mixtures of experts.
    pub mixture_of_experts: bool,
    /// Number of models of the catalog in this class.
    pub models: u32,
    /// Size of the one in the middle, in 10^9 parameters.
    pub median_billions: f64,
    /// Number of them that fit the GPUs whole.
    pub fitting: u32,
    /// Ollama tag of the one with the most points for the task, e.g. `qwen3.5:4b`.
    pub best: String,
    /// Size of `best`, in 10^9 parameters.
    pub best_billions: f64,
    /// Points of `best` for the task, from 0 to 100.
    pub quality: f64,
    /// Points of the one in the middle, from 0 to 100.
    pub median_quality: f64,
    /// Tokens written per second by those that fit: lowest end of their ranges, middle of the middle one, highest end; null where unknown.
    pub decode: Option<[f64; 3]>,
    /// Seconds to the first token for a prompt of `prompt_tokens`: lowest, middle, highest as in `decode`; null where unknown.
    pub first_token: Option<[f64; 3]>,
    /// Tokens of the prompt that `first_token` is for, e.g. 512.
    pub prompt_tokens: u64,
    /// Ollama tag of the one with the most points when task, speed and free memory are balanced; null where none fits.
    pub best_value: Option<String>,
    /// Size of `best_value`, in 10^9 parameters.
    pub best_value_billions: Option<f64>,
    /// Points of `best_value`, from 0 to 100.
    pub value: Option<f64>,
}
