//! Siblings of which neither has more parameters both in all and in use.

use vramfit::catalog::model::{Model, ModelKind};
use vramfit::embedded;
use vramfit::request::Task;

use super::{CLEAR, Tables, tables};

/// Tables that hold both, at least.
const TABLES: usize = 4;

/// By how much each table that holds both puts one above the other, and for which task.
fn gaps(tables: &Tables, one: &str, two: &str) -> Vec<(Task, f64)> {
    let gap = |((task, _), values): (&(Task, String), &std::collections::BTreeMap<String, f64>)| {
        Some((*task, values.get(one)? - values.get(two)?))
    };
    tables.iter().filter_map(gap).collect()
}

fn ordered_by_size(small: &Model, large: &Model) -> bool {
    let (all, of) = (small.parameters.unwrap_or(0), large.parameters.unwrap_or(0));
    let active = |model: &Model| model.active_parameters.or(model.parameters).unwrap_or(0);
    all == of || all < of && active(small) <= active(large) || all * 3 <= of
}

/// Nobody measured how Gemma 4 translates: its 26B, which is ahead of its 12B nearly everywhere, is not behind it there.
#[test]
fn who_is_better_nearly_everywhere_is_not_below_where_nobody_looked() {
    let tables = tables();
    let catalog = embedded::catalog().expect("the catalog");
    let answers = |model: &&Model| matches!(model.kind, ModelKind::Instruct | ModelKind::Reasoning);
    let models: Vec<&Model> = catalog.models.iter().filter(answers).collect();
    let mut pairs = 0;
    let mut wrong = Vec::new();
    for low in &models {
        let family = models.iter().filter(|one| one.family() == low.family());
        for high in family.filter(|high| !ordered_by_size(low, high) && !ordered_by_size(high, low))
        {
            let gaps = gaps(&tables, &high.name, &low.name);
            let behind = gaps.iter().filter(|(_, gap)| *gap < 0.0).count();
            let sum: f64 = gaps.iter().map(|(_, gap)| gap).sum();
            if gaps.len() < TABLES || behind * 4 > gaps.len() || sum <= 0.0 {
                continue;
            }
            for &task in Task::TEXT {
                let own: Vec<f64> = gaps
                    .iter()
                    .filter(|(of, _)| *of == task)
                    .map(|(_, gap)| *gap)
                    .collect();
                if own.len() >= 2 || own.iter().any(|gap| *gap < -CLEAR) {
                    continue;
                }
                pairs += 1;
                let [above, below] = [high, low].map(|model| catalog.quality(model, task).score);
                if above < below {
                    wrong.push(format!(
                        "{task:?} {} {above} {} {below}",
                        high.name, low.name
                    ));
                }
            }
        }
    }
    assert!(pairs > 10, "{pairs}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
