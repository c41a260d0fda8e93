//! `upgrade`: which cards make room for what is to be served.

use serde::Serialize;

use super::{Ending, InventoryReport, PlanNote, Speed};
use crate::units::Bytes;

/// Answer of `vramfit upgrade`: which GPUs to buy for what is to be served.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upgrade {
    /// Name and version of this form: `vramfit.upgrade/1`.
    pub schema: &'static str,
    /// The machines as they are.
    pub inventory: InventoryReport,
    /// What they serve as they are.
    pub today: UpgradeOutcome,
    /// Changes that bring more than every one that costs no more: first what serves most, then what costs least.
    pub options: Vec<UpgradeOption>,
    /// Number of further options beyond `--limit`.
    pub more: usize,
    /// Why these GPUs are offered: `rule`, `name` or `prices`.
    pub offered_by: OfferedBy,
    /// The GPUs that were tried.
    pub cards: Vec<OfferedCard>,
    /// Currency of the prices, as the file of prices names it; null where it names none.
    pub currency: Option<String>,
    /// Number of changes that were tried.
    pub tried: usize,
    /// Number of changes that were not tried: the time was over, or the machines are so many that only single GPUs are tried.
    pub untried: usize,
    /// What ended the search before its time; null where it went to the end.
    pub ended: Option<Ending>,
    /// What the reader should know, as codes, e.g. `context-clamped`.
    pub notes: Vec<PlanNote>,
}

/// Why these GPUs are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OfferedBy {
    /// The rule of the data, and what the machines have.
    Rule,
    /// They are named with `--card`.
    Name,
    /// A file of prices (`--prices`) names them.
    Prices,
}

/// A GPU that may be bought.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfferedCard {
    /// Name of the GPU, e.g. `RTX 5090`.
    pub name: String,
    /// Bytes of memory that its driver shows, e.g. 34190917632.
    pub memory: Bytes,
    /// Price in `currency`, as it was given; null where none was.
    pub price: Option<f64>,
}

/// One or two cards that come, and what that makes possible.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpgradeOption {
    /// Place in the list, from 1.
    pub rank: u32,
    /// The GPUs that come, and those that go for them.
    pub changes: Vec<CardChange>,
    /// What the new GPUs cost together, in `currency`; what a replaced one brings is not counted. Null where no prices were given.
    pub price: Option<f64>,
    /// Bytes of memory that are bought, e.g. 68381835264.
    pub memory: Bytes,
    /// What is served with them.
    pub outcome: UpgradeOutcome,
}

/// Whether a GPU takes an empty place or another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Its place was empty.
    Add,
    /// Another GPU goes from its place.
    Replace,
}

/// A GPU that comes, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardChange {
    /// Whether another goes for it: `add` or `replace`.
    pub kind: ChangeKind,
    /// Name of the machine that it goes into, e.g. `localhost`.
    pub host: String,
    /// Index that it has on that machine, from 0.
    pub gpu: u32,
    /// Name of the GPU that goes; null where none does.
    pub replaced: Option<String>,
    /// Name of the GPU that comes, e.g. `RTX 5090`.
    pub card: String,
}

/// What the machines serve with some GPUs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpgradeOutcome {
    /// Number of services with a place.
    pub placed: u32,
    /// Number of services asked for.
    pub wanted: u32,
    /// Whether it is proved that no plan serves more of what is asked for first; where it is not, the best plan that was found counts.
    pub optimal: bool,
    /// One entry for each model, in the order in which they were asked for.
    pub models: Vec<UpgradeModel>,
}

/// What becomes of one model that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpgradeModel {
    /// Ollama tag of the model, e.g. `llama3:70b`.
    pub tag: String,
    /// Number of replicas asked for.
    pub wanted: u32,
    /// Number of replicas with a place.
    pub placed: u32,
    /// Tokens of context of one slot, e.g. 8192.
    pub context_length: u32,
    /// Whether it fits by less than the estimates may be off: it probably fits.
    pub within_doubt: bool,
    /// Machine and GPUs of each replica that has a place.
    pub places: Vec<ServicePlace>,
    /// How fast the slowest replica answers one user while nobody else uses its GPUs, in tokens per second; null where unknown.
    pub speed: Option<Speed>,
    /// The same while whoever shares its GPUs is busy; null if none shares them.
    pub speed_all_busy: Option<Speed>,
    /// For how many at once there is memory; null if it has no place.
    pub users: Option<ServedUsers>,
}

/// Machine and GPUs of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServicePlace {
    /// Name of the machine, e.g. `localhost`.
    pub host: String,
    /// Indices of its GPUs there, from 0.
    pub gpus: Vec<u32>,
}

/// Requests that are answered at once where every service, lying where it does, has as many slots as the memory holds for all alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServedUsers {
    /// Number of people, each with the whole context; at most 256 a replica.
    pub users: u32,
    /// What each gets then, where it is slowest, in tokens per second; computed from the speed of one request.
    pub each: Option<Speed>,
}
