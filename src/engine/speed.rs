//! How fast a model runs (placeholder until the fitted model lands).

use super::place::Placement;
use super::subject::Subject;
use crate::catalog::knowledge::Speeds;

/// The machine.
#[derive(Clone, Debug, Default)]
pub struct Machine {}

/// Tokens a second.
#[derive(Clone, Debug)]
pub struct Speed {
    /// From and to.
    pub decode: [f64; 2],
}

/// Predicts.
pub fn predict(
    _: &Speeds,
    _: &Machine,
    _: &Subject<'_>,
    _: &Placement,
    _: Option<u64>,
    _: Option<&str>,
) -> Option<Speed> {
    None
}
