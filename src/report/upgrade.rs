//! `upgrade`: which cards make room for what is to be served.

use serde::Serialize;

use super::{Ending, InventoryReport, PlanNote, Speed};
use crate::units::Bytes;

/// `vramfit upgrade`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upgrade {
    /// `vramfit.upgrade/1`
    pub schema: &'static str,
    /// The machines as they are.
    pub inventory: InventoryReport,
    /// What they serve as they are.
    pub today: UpgradeOutcome,
    /// Changes that bring more than every one that costs no more: first what serves most, then what costs least.
    pub options: Vec<UpgradeOption>,
    /// Further ones beyond `--limit`.
    pub more: usize,
    /// Why these cards are offered.
    pub offered_by: OfferedBy,
    /// The cards that were tried.
    pub cards: Vec<OfferedCard>,
    /// Of the prices, if it was told.
    pub currency: Option<String>,
    /// Changes that were tried.
    pub tried: usize,
    /// Changes that were not: the time was over, or the machines are so many that only single cards are tried.
    pub untried: usize,
    /// What ended the search before its time.
    pub ended: Option<Ending>,
    /// What the reader should know.
    pub notes: Vec<PlanNote>,
}

/// Why cards are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OfferedBy {
    /// The rule of the data, and what the machines have.
    Rule,
    /// `--card` names them.
    Name,
    /// They have a price.
    Prices,
}

/// A card that may be bought.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfferedCard {
    /// Its name.
    pub name: String,
    /// What its driver shows.
    pub memory: Bytes,
    /// As it was given.
    pub price: Option<f64>,
}

/// One or two cards that come, and what that makes possible.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpgradeOption {
    /// From 1 on.
    pub rank: u32,
    /// The cards.
    pub changes: Vec<CardChange>,
    /// What they cost together; what a replaced one brings is not counted.
    pub price: Option<f64>,
    /// The memory that is bought.
    pub memory: Bytes,
    /// What is served then.
    pub outcome: UpgradeOutcome,
}

/// What happens to a card's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It was empty.
    Add,
    /// Another card goes.
    Replace,
}

/// A card that comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardChange {
    /// Whether another goes.
    pub kind: ChangeKind,
    /// Into which machine.
    pub host: String,
    /// Its index there.
    pub gpu: u32,
    /// The card that goes.
    pub replaced: Option<String>,
    /// The card that comes.
    pub card: String,
}

/// What machines serve.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpgradeOutcome {
    /// Services with a place.
    pub placed: u32,
    /// Services asked for.
    pub wanted: u32,
    /// Whether it is proved that no plan serves more of what is asked for first; where it is not, the best plan that was found counts.
    pub optimal: bool,
    /// One a demand, in the order in which they were asked for.
    pub models: Vec<UpgradeModel>,
}

/// What becomes of a demand.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpgradeModel {
    /// The model.
    pub tag: String,
    /// Replicas asked for.
    pub wanted: u32,
    /// Replicas with a place.
    pub placed: u32,
    /// Tokens of one slot.
    pub context_length: u32,
    /// Whether it fits by less than the estimates may be off: it probably fits.
    pub within_doubt: bool,
    /// Where each replica lies.
    pub places: Vec<ServicePlace>,
    /// How fast the slowest replica answers one user while nobody else uses its GPUs.
    pub speed: Option<Speed>,
    /// The same while whoever shares its GPUs is busy; `None` if none shares them.
    pub speed_all_busy: Option<Speed>,
    /// For how many at once there is memory; `None` if it has no place.
    pub users: Option<ServedUsers>,
}

/// Where a service lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServicePlace {
    /// The machine.
    pub host: String,
    /// GPUs by their indices there.
    pub gpus: Vec<u32>,
}

/// Requests that are answered at once where every service, lying where it does, has as many slots as the memory holds for all alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServedUsers {
    /// So many, each with the whole context; at most 256 a replica.
    pub users: u32,
    /// What each gets then, where it is slowest; computed from the speed of one request.
    pub each: Option<Speed>,
}
