//! What a fit answers: scores with their doubt, what rows say, how two models compare.

use std::collections::BTreeMap;

use super::Fit;
use crate::entities::{Entity, Mode};
use crate::rows::Data;
use crate::spread::{FAMILY, FAMILY_TASK, Mean, load, task_spread};
use crate::tables::ABILITY;

impl Fit {
    /// Variance of a model's ability: its rows beside what it inherits, with the doubt about that.
    fn ability_doubt(&self, at: usize, entities: &[Entity]) -> f64 {
        let entity = &entities[at];
        let (_, spread) = self.prior(at, entities);
        let inherited = match entity.base.or(entity.predecessor) {
            Some(older) => self.ability_doubt(older, entities),
            // The family's own doubt remains where few of its models were measured.
            None => {
                let relatives = self.relatives.get(&entity.family).copied().unwrap_or(0.0);
                FAMILY * FAMILY / (1.0 + 2.0 * relatives)
            }
        };
        1.0 / (self.weight[at][ABILITY] + 1.0 / (spread * spread + inherited))
    }

    /// Ability for a task and its standard deviation.
    pub(crate) fn score(&self, at: usize, task: usize, entities: &[Entity]) -> (f64, f64) {
        let own = task_spread(task).powi(2) + FAMILY_TASK * FAMILY_TASK;
        let task_doubt = 1.0 / (self.weight[at][task] + 1.0 / own);
        let variance = load(task).powi(2) * self.ability_doubt(at, entities) + task_doubt;
        let value = load(task) * self.ability[at] + self.task[at][task];
        (value, variance.sqrt())
    }

    /// What a row that was not used says of its model, in units of ability.
    pub(crate) fn says(&self, data: &Data, at: usize) -> f64 {
        let row = &data.rows[at];
        let task = data.tables[row.table].task;
        self.left(
            data,
            at,
            load(task) * self.ability[row.entity] + self.task[row.entity][task],
        )
    }

    /// How far the tables that hold both put one model above another for a task, and how much they weigh.
    pub(crate) fn against(&self, data: &Data, one: usize, two: usize, task: usize) -> f64 {
        let mut sums: BTreeMap<usize, [Mean; 2]> = BTreeMap::new();
        for (at, row) in data.rows.iter().enumerate() {
            let plain = matches!(row.mode, Mode::AsPublished | Mode::OwnMaker);
            if plain && data.tables[row.table].task == task && [one, two].contains(&row.entity) {
                sums.entry(row.table).or_default()[usize::from(row.entity == two)]
                    .add(row.z / self.slope_of(data, at), row.weight);
            }
        }
        sums.values()
            .filter(|[a, b]| a.weight > 0.0 && b.weight > 0.0)
            .map(|[a, b]| a.weight.min(b.weight) * (a.sum / a.weight - b.sum / b.weight))
            .sum()
    }

    /// Whether relatives have rows.
    pub(crate) fn related(&self, at: usize, entities: &[Entity]) -> bool {
        let has_rows = |at: usize| self.rows[at].iter().sum::<u32>() > 0;
        has_rows(at)
            || entities[at].base.is_some_and(has_rows)
            || entities[at].predecessor.is_some_and(has_rows)
            || self.relatives.contains_key(&entities[at].family)
    }

    /// How much a benchmark tells of ability.
    pub(crate) fn telling(&self, benchmark: usize) -> f64 {
        self.slope[benchmark]
    }

    /// The effects that explain the fit in a line.
    pub(crate) fn summary(&self) -> String {
        format!(
            "beta: intercept {:.2}, active {:.2}, rest {:.2}, generation {:.2}, base {:.2}; offsets {:.2?}",
            self.beta[0], self.beta[1], self.beta[2], self.beta[3], self.beta[4], self.offset
        )
    }
}
