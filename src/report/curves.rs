//! `curves`.

use serde::Serialize;

use super::{AdviceRequest, InventoryReport};

/// `vramfit curves`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Curves {
    /// `vramfit.curves/1`
    pub schema: &'static str,
    /// What was asked, every default filled in.
    pub request: AdviceRequest,
    /// The GPUs that the speeds are for, by name and number.
    pub hardware: String,
    /// The hardware that was given or found; without any, the speeds are for the guide's card.
    pub inventory: InventoryReport,
    /// The guide's curves.
    pub guide: GuideCurves,
    /// The same from the catalog: models of a size, dense ones and mixtures of experts apart.
    pub computed: Vec<SizeClass>,
}

/// What the guide says by size.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideCurves {
    /// The card it speaks of.
    pub gpu: String,
    /// Quality, in percent of a 70B model's.
    pub quality: Vec<GuidePoint>,
    /// What a step in size gains.
    pub gains: Vec<GuideGain>,
    /// Speed.
    pub speed: Vec<GuideSpeed>,
    /// Value for money, in stars.
    pub value: Vec<GuideValue>,
}

/// A point of the guide's quality curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuidePoint {
    /// 10^9 parameters.
    pub billions: f64,
    /// Percent.
    pub quality: f64,
}

/// What a step in size gains, as the guide says it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideGain {
    /// From so many 10^9 parameters.
    pub from: f64,
    /// To so many.
    pub to: f64,
    /// Percent.
    pub percent: f64,
}

/// A row of the guide's table of speeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideSpeed {
    /// 10^9 parameters.
    pub billions: [f64; 2],
    /// Cards.
    pub gpus: u32,
    /// Tokens per second.
    pub tokens_per_second: [f64; 2],
    /// Its marks, from 1 to 5.
    pub marks: u8,
    /// Seconds to the first token.
    pub first_token: [f64; 2],
}

/// A row of the guide's table of value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideValue {
    /// The size, as the guide says it.
    pub size: String,
    /// Stars for quality.
    pub quality: u8,
    /// Stars for speed.
    pub speed: u8,
    /// Stars for value.
    pub value: u8,
    /// What it is for.
    pub usage: crate::lang::Bilingual,
}

/// Models of the catalog that are alike in size.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SizeClass {
    /// 10^9 parameters: from, and below.
    pub billions: [f64; 2],
    /// Whether these are mixtures of experts.
    pub mixture_of_experts: bool,
    /// How many there are.
    pub models: u32,
    /// 10^9 parameters of the one in the middle.
    pub median_billions: f64,
    /// How many of them fit the GPUs whole.
    pub fitting: u32,
    /// The best for the task.
    pub best: String,
    /// Its 10^9 parameters.
    pub best_billions: f64,
    /// Its points for the task.
    pub quality: f64,
    /// The points of the one in the middle.
    pub median_quality: f64,
    /// Tokens per second of those that fit: the lowest end of their ranges, the middle one's middle, the highest end.
    pub decode: Option<[f64; 3]>,
    /// Seconds to the first token, likewise, for a prompt of `prompt_tokens`.
    pub first_token: Option<[f64; 3]>,
    /// Tokens of that prompt.
    pub prompt_tokens: u64,
    /// The model with the most points when task, speed and room are balanced.
    pub best_value: Option<String>,
    /// Its 10^9 parameters.
    pub best_value_billions: Option<f64>,
    /// Its points.
    pub value: Option<f64>,
}
