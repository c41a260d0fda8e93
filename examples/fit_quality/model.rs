//! The statistical model, fitted by turns: each part is the ridge mean of what the others leave over.
//!
//! log odds = table + slope(benchmark) · (ability(model) + task(model, trait) + offset(mode, trait)) + noise.
//! ability ~ features·β + series + family, or the ability of the model it was tuned from; task ~ kind + series + family. Everything has a stated
//! prior spread, so that a part without rows stays at what it inherits.

mod answers;

use std::collections::BTreeMap;

use vramfit::catalog::model::ModelKind;
use vramfit::request::Task;

use crate::entities::{Entity, FEATURES, Mode};
use crate::rows::Data;
use crate::spread::{
    BASE, FAMILY, FAMILY_TASK, FAR, GAIN, KIND_TASK, LIKES, MODEL, Mean, NOISE, NOISE_OTHER_MODE,
    NOISE_OWN_MAKER, OFFSET, ROUNDS, SERIES, SERIES_TASK, SLOPE, STRANGER, SUCCESSOR, TUNED, apart,
    load, task_spread,
};
use crate::tables::{ABILITY, is_worn};

const TRAITS: usize = ABILITY + 1;

/// What was fitted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fit {
    table: Vec<f64>,
    slope: Vec<f64>,
    ability: Vec<f64>,
    task: Vec<[f64; TRAITS]>,
    offset: BTreeMap<(Mode, usize), f64>,
    beta: [f64; FEATURES],
    series: BTreeMap<String, f64>,
    family: BTreeMap<String, f64>,
    series_task: BTreeMap<(String, usize), f64>,
    family_task: BTreeMap<(String, usize), f64>,
    kind_task: BTreeMap<(usize, usize), f64>,
    /// Precision that rows give, by model and trait; [`ABILITY`] holds all of them.
    weight: Vec<[f64; TRAITS]>,
    /// Rows of the model as it is published, by trait.
    pub rows: Vec<[u32; TRAITS]>,
    /// Whether somebody else than the maker measured it with what still tells, by trait.
    pub independent: Vec<[bool; TRAITS]>,
    /// By how much rows count that are far from everything else said of their model: one table must not outweigh ten.
    robust: Vec<f64>,
    /// Models with rows, by family.
    relatives: BTreeMap<String, f64>,
}

/// What a model that was made for a task is expected to be ahead there, before any row. TranslateGemma 12B translates better than the
/// Gemma 3 27B (MetricX 3.60 and 4.04), so that the purpose is worth more than a doubling there.
fn purpose(kind: usize, task: usize) -> f64 {
    let made_for = [
        (ModelKind::Code, Task::Code, 0.25),
        (ModelKind::Translation, Task::Translation, 0.75),
        (ModelKind::Reasoning, Task::Reasoning, 0.25),
    ];
    made_for
        .iter()
        .find(|(of, one, _)| *of as usize == kind && Task::ALL.get(task) == Some(one))
        .map_or(0.0, |(.., ahead)| *ahead)
}

impl Fit {
    /// Fits the rows that `kept` keeps.
    pub(crate) fn new(data: &Data, entities: &[Entity], kept: impl Fn(usize) -> bool) -> Self {
        let n = entities.len();
        let mut fit = Self {
            table: vec![0.0; data.tables.len()],
            slope: vec![1.0; data.benchmarks],
            ability: vec![0.0; n],
            task: vec![[0.0; TRAITS]; n],
            weight: vec![[0.0; TRAITS]; n],
            rows: vec![[0; TRAITS]; n],
            independent: vec![[false; TRAITS]; n],
            robust: vec![1.0; data.rows.len()],
            ..Self::default()
        };
        let used: Vec<usize> = (0..data.rows.len()).filter(|at| kept(*at)).collect();
        for &at in &used {
            let row = &data.rows[at];
            if matches!(row.mode, Mode::AsPublished | Mode::OwnMaker) {
                let table = &data.tables[row.table];
                fit.rows[row.entity][table.task] += 1;
                // What everybody passes or has read before is no measurement of who passes it.
                fit.independent[row.entity][table.task] |=
                    row.mode == Mode::AsPublished && !is_worn(&table.name);
            }
        }
        for (entity, rows) in entities.iter().zip(&fit.rows) {
            if rows.iter().sum::<u32>() > 0 {
                *fit.relatives.entry(entity.family.clone()).or_default() += 1.0;
            }
        }
        for round in 0..ROUNDS {
            fit.tables(data, &used);
            if round > 10 {
                fit.slopes(data, &used);
                fit.outliers(data, &used);
            }
            fit.models(data, &used, entities);
            fit.tasks(data, &used, entities);
            fit.offsets(data, &used);
            fit.ancestors(entities);
        }
        fit
    }

    /// Weight of a row: its share of its publisher's, over its noise.
    pub(crate) fn precision(&self, data: &Data, at: usize) -> f64 {
        let row = &data.rows[at];
        let noise = match row.mode {
            Mode::AsPublished => NOISE,
            Mode::OwnMaker => NOISE_OWN_MAKER,
            Mode::Base | Mode::NoThinking | Mode::LittleThinking => NOISE_OTHER_MODE,
        };
        self.robust[at] * row.weight / (noise * noise)
    }

    /// Huber's weights.
    fn outliers(&mut self, data: &Data, used: &[usize]) {
        for &at in used {
            let off = self.left(data, at, 0.0).abs() * self.slope_of(data, at) / NOISE;
            self.robust[at] = (FAR / off.max(FAR)).min(1.0);
        }
    }

    /// What a row's model is expected to reach on a benchmark of slope one.
    fn level(&self, data: &Data, at: usize) -> f64 {
        let row = &data.rows[at];
        let task = data.tables[row.table].task;
        load(task) * self.ability[row.entity]
            + self.task[row.entity][task]
            + self.offset.get(&(row.mode, task)).copied().unwrap_or(0.0)
    }

    fn slope_of(&self, data: &Data, at: usize) -> f64 {
        self.slope[data.tables[data.rows[at].table].benchmark]
    }

    /// What is left of a row, in units of ability, with the parts of `without` put back.
    fn left(&self, data: &Data, at: usize, without: f64) -> f64 {
        let row = &data.rows[at];
        (row.z - self.table[row.table]) / self.slope_of(data, at) - self.level(data, at) + without
    }

    fn tables(&mut self, data: &Data, used: &[usize]) {
        let mut means = vec![Mean::default(); data.tables.len()];
        for &at in used {
            let rest = data.rows[at].z - self.slope_of(data, at) * self.level(data, at);
            means[data.rows[at].table].add(rest, self.precision(data, at));
        }
        for (table, mean) in self.table.iter_mut().zip(means) {
            *table = mean.around(0.0, 10.0);
        }
    }

    fn slopes(&mut self, data: &Data, used: &[usize]) {
        let mut sums = vec![(0.0, 0.0); data.benchmarks];
        // Within a table only: the mean of its levels is taken off, or its intercept would be in the slope.
        let mut means = vec![Mean::default(); data.tables.len()];
        for &at in used {
            means[data.rows[at].table].add(self.level(data, at), self.precision(data, at));
        }
        let middle: Vec<f64> = means.iter().map(|mean| mean.around(0.0, 1e3)).collect();
        for &at in used {
            let row = &data.rows[at];
            let slope = self.slope_of(data, at);
            let x = self.level(data, at) - middle[row.table];
            let y = row.z - self.table[row.table] - slope * middle[row.table];
            let weight = self.precision(data, at);
            let sum = &mut sums[data.tables[row.table].benchmark];
            sum.0 += weight * x * y;
            sum.1 += weight * x * x;
        }
        let prior = 1.0 / (SLOPE * SLOPE);
        for (slope, (xy, xx)) in self.slope.iter_mut().zip(sums) {
            *slope = ((xy + prior) / (xx + prior)).clamp(0.3, 3.0);
        }
    }

    fn models(&mut self, data: &Data, used: &[usize], entities: &[Entity]) {
        let mut means = vec![Mean::default(); entities.len()];
        for &at in used
            .iter()
            .filter(|at| !apart(data.tables[data.rows[**at].table].task))
        {
            let row = &data.rows[at];
            let load = load(data.tables[row.table].task);
            let own = load * self.ability[row.entity];
            let weight = self.precision(data, at) * (load * self.slope_of(data, at)).powi(2);
            means[row.entity].add(self.left(data, at, own) / load, weight);
        }
        for (at, mean) in means.into_iter().enumerate() {
            let (prior, spread) = self.prior(at, entities);
            self.ability[at] = mean.around(prior, spread);
            self.weight[at][ABILITY] = mean.weight;
        }
    }

    /// What a model's ability is expected to be before its rows, and how far it may be from that.
    fn prior(&self, at: usize, entities: &[Entity]) -> (f64, f64) {
        let entity = &entities[at];
        match (entity.model, entity.base) {
            (None, _) => (0.0, STRANGER),
            (Some(_), Some(base)) => {
                let untuned = entity.features[BASE] - entities[base].features[BASE];
                (self.ability[base] + self.beta[BASE] * untuned, TUNED)
            }
            (Some(_), None) => {
                // Nobody likes what is of no use: a weak word where there is no other.
                let liked = if self.weight[at][ABILITY] > 0.0 {
                    0.0
                } else {
                    LIKES * entity.likes.clamp(-1.5, 1.5)
                };
                match entity.predecessor {
                    Some(old) => (self.ability[old] + GAIN + liked, SUCCESSOR),
                    None => (self.inherited(entity) + liked, MODEL),
                }
            }
        }
    }

    fn inherited(&self, entity: &Entity) -> f64 {
        let fixed: f64 = entity
            .features
            .iter()
            .zip(self.beta)
            .map(|(x, b)| x * b)
            .sum();
        let of = |map: &BTreeMap<String, f64>, key: &str| map.get(key).copied().unwrap_or(0.0);
        fixed + of(&self.series, &entity.series) + of(&self.family, &entity.family)
    }

    fn tasks(&mut self, data: &Data, used: &[usize], entities: &[Entity]) {
        let mut means = vec![[Mean::default(); TRAITS]; entities.len()];
        for &at in used {
            let row = &data.rows[at];
            let task = data.tables[row.table].task;
            let weight = self.precision(data, at) * self.slope_of(data, at).powi(2);
            means[row.entity][task].add(self.left(data, at, self.task[row.entity][task]), weight);
        }
        for (at, means) in means.iter().enumerate() {
            for (task, mean) in means.iter().enumerate().take(ABILITY) {
                let prior = match entities[at].predecessor {
                    Some(old) => self.task[old][task],
                    None => self.task_prior(&entities[at], task),
                };
                self.task[at][task] = mean.around(prior, task_spread(task));
                self.weight[at][task] = mean.weight;
            }
        }
        let mut series: BTreeMap<(String, usize), Mean> = BTreeMap::new();
        let mut families: BTreeMap<(String, usize), Mean> = BTreeMap::new();
        let mut kinds: BTreeMap<(usize, usize), Mean> = BTreeMap::new();
        for (at, entity) in entities
            .iter()
            .enumerate()
            .filter(|(_, entity)| entity.model.is_some())
        {
            for task in (0..ABILITY).filter(|task| self.rows[at][*task] > 0) {
                let [of_series, of_family, of_kind] = self.task_parts(entity, task);
                let own = self.task[at][task];
                let weight = 1.0 / task_spread(task).powi(2);
                series
                    .entry((entity.series.clone(), task))
                    .or_default()
                    .add(own - of_family - of_kind, weight);
                families
                    .entry((entity.family.clone(), task))
                    .or_default()
                    .add(own - of_series - of_kind, weight);
                kinds
                    .entry((entity.kind, task))
                    .or_default()
                    .add(own - of_series - of_family, weight);
            }
        }
        self.series_task = series
            .into_iter()
            .map(|(key, mean)| (key, mean.around(0.0, SERIES_TASK)))
            .collect();
        self.family_task = families
            .into_iter()
            .map(|(key, mean)| (key, mean.around(0.0, FAMILY_TASK)))
            .collect();
        self.kind_task = kinds
            .into_iter()
            .map(|(key, mean)| (key, mean.around(purpose(key.0, key.1), KIND_TASK)))
            .collect();
    }

    fn task_prior(&self, entity: &Entity, task: usize) -> f64 {
        self.task_parts(entity, task).iter().sum()
    }

    /// What series, family and kind are ahead for a task.
    fn task_parts(&self, entity: &Entity, task: usize) -> [f64; 3] {
        let of = |map: &BTreeMap<(String, usize), f64>, name: &String| {
            map.get(&(name.clone(), task)).copied().unwrap_or(0.0)
        };
        let kind = self.kind_task.get(&(entity.kind, task)).copied();
        [
            of(&self.series_task, &entity.series),
            of(&self.family_task, &entity.family),
            kind.unwrap_or_else(|| purpose(entity.kind, task)),
        ]
    }

    fn offsets(&mut self, data: &Data, used: &[usize]) {
        let mut means: BTreeMap<(Mode, usize), Mean> = BTreeMap::new();
        for &at in used
            .iter()
            .filter(|at| data.rows[**at].mode != Mode::AsPublished)
        {
            let key = (data.rows[at].mode, data.tables[data.rows[at].table].task);
            let own = self.offset.get(&key).copied().unwrap_or(0.0);
            let weight = self.precision(data, at) * self.slope_of(data, at).powi(2);
            means
                .entry(key)
                .or_default()
                .add(self.left(data, at, own), weight);
        }
        self.offset = means
            .into_iter()
            .map(|(key, mean)| match key.0 {
                // Makers choose the tables in which they do well.
                Mode::OwnMaker => (key, mean.around(0.1, 0.2)),
                _ => (key, mean.around(-0.2, OFFSET)),
            })
            .collect();
    }

    /// β, series and families, from the abilities of models that have rows and were not tuned from another.
    fn ancestors(&mut self, entities: &[Entity]) {
        let known: Vec<usize> = (0..entities.len())
            .filter(|at| {
                entities[*at].model.is_some()
                    && entities[*at].base.is_none()
                    && self.weight[*at][ABILITY] > 0.0
            })
            .collect();
        // Who was hardly measured says little of the family.
        let spread = |at: usize| 1.0 / (MODEL * MODEL + 1.0 / self.weight[at][ABILITY]);
        for feature in 0..FEATURES {
            let mut mean = Mean::default();
            for &at in &known {
                let x = entities[at].features[feature];
                let rest =
                    self.ability[at] - self.inherited(&entities[at]) + self.beta[feature] * x;
                mean.sum += spread(at) * x * rest;
                mean.weight += spread(at) * x * x;
            }
            // Bigger and newer is better until rows say otherwise.
            let prior = [0.0, 0.5, 0.2, 1.5, -0.5][feature];
            self.beta[feature] = mean.around(prior, [5.0, 0.3, 0.2, 1.0, 0.5][feature]);
        }
        let mut series: BTreeMap<String, Mean> = BTreeMap::new();
        let mut families: BTreeMap<String, Mean> = BTreeMap::new();
        for &at in &known {
            let entity = &entities[at];
            let rest = self.ability[at] - self.inherited(entity);
            let own = |map: &BTreeMap<String, f64>, key: &str| map.get(key).copied().unwrap_or(0.0);
            let of_series = rest + own(&self.series, &entity.series);
            series
                .entry(entity.series.clone())
                .or_default()
                .add(of_series, spread(at));
            let of_family = rest + own(&self.family, &entity.family);
            families
                .entry(entity.family.clone())
                .or_default()
                .add(of_family, spread(at));
        }
        self.series = series
            .into_iter()
            .map(|(key, mean)| (key, mean.around(0.0, SERIES)))
            .collect();
        self.family = families
            .into_iter()
            .map(|(key, mean)| (key, mean.around(0.0, FAMILY)))
            .collect();
    }
}
