//! How far the parts of the model may be from what they inherit, and the mean that says so.

use vramfit::request::Task;

/// Prior spreads, in log odds.
pub(crate) const MODEL: f64 = 0.45;
const TASK: f64 = 0.25;
/// Seeing and embedding are trained for themselves, so that models are further apart. Held back, their rows are best foretold so: 0.4 for
/// seeing (0.28; 0.30 at 0.6), 0.6 for embedding (0.34).
const SEEING: f64 = 0.4;
const EMBEDDING: f64 = 0.6;
pub(crate) const FAMILY: f64 = 0.45;
pub(crate) const SERIES: f64 = 0.35;
pub(crate) const SERIES_TASK: f64 = 0.30;
pub(crate) const FAMILY_TASK: f64 = 0.20;
pub(crate) const KIND_TASK: f64 = 0.35;
pub(crate) const STRANGER: f64 = 1.6;
pub(crate) const TUNED: f64 = 0.35;
/// A successor and what it succeeds; how far it is ahead.
pub(crate) const SUCCESSOR: f64 = 0.35;
pub(crate) const GAIN: f64 = 0.25;
/// What tenfold likes say of a model that nobody measured.
pub(crate) const LIKES: f64 = 0.08;
pub(crate) const OFFSET: f64 = 0.5;
pub(crate) const SLOPE: f64 = 0.35;
/// The noise of one row, and of a base checkpoint's row as evidence for the tuned model.
pub(crate) const NOISE: f64 = 0.40;
pub(crate) const NOISE_OWN_MAKER: f64 = 0.50;
pub(crate) const NOISE_OTHER_MODE: f64 = 0.70;
/// Noises from which a row counts less.
pub(crate) const FAR: f64 = 1.5;
pub(crate) const ROUNDS: usize = 80;
/// The feature that tells base checkpoints.
pub(crate) const BASE: usize = 4;

/// How far a model may be from what is expected of it for a task.
pub(crate) fn task_spread(task: usize) -> f64 {
    match Task::ALL.get(task) {
        Some(Task::Vision) => SEEING,
        Some(Task::Embedding) => EMBEDDING,
        _ => TASK,
    }
}

/// Whether rows of a task say nothing of how able a model is with text.
pub(crate) fn apart(task: usize) -> bool {
    Task::ALL
        .get(task)
        .is_some_and(|task| !Task::TEXT.contains(task))
}

/// How much of general ability counts for a task: what makes a model think and act better hardly makes it translate better, and hardly
/// tells one embedding model from another. Rows of translation held back do not tell 0.2 from 0.6 (0.33, 0.31); the lower leaves
/// translation to rows of translation.
pub(crate) fn load(task: usize) -> f64 {
    match Task::ALL.get(task) {
        Some(Task::Translation) => 0.2,
        Some(Task::Embedding) => 0.1,
        _ => 1.0,
    }
}

/// A shrunk mean under construction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mean {
    pub sum: f64,
    pub weight: f64,
}

impl Mean {
    pub(crate) fn add(&mut self, value: f64, weight: f64) {
        self.sum += value * weight;
        self.weight += weight;
    }

    /// The posterior mean around a prior one.
    pub(crate) fn around(self, prior: f64, spread: f64) -> f64 {
        let precision = 1.0 / (spread * spread);
        (self.sum + prior * precision) / (self.weight + precision)
    }
}
