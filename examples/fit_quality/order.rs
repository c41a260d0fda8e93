//! What the scores of two models owe to each other.

use std::collections::BTreeMap;

use vramfit::catalog::Catalog;
use vramfit::catalog::model::ModelKind;
use vramfit::request::Task;

use crate::entities::Entities;
use crate::model::Fit;
use crate::rows::Data;
use crate::tables::judges;
use crate::write::{Scores, original, tenths};

/// That one model does not score above another, by so many points.
pub(crate) struct Rule {
    low: usize,
    high: usize,
    margin: f64,
    /// And by so many doublings.
    doublings: f64,
    /// Tasks for which rows say otherwise.
    except: Vec<usize>,
}

/// What those who run the models of today tell apart stays apart. Within a family and kind: no model above one with more parameters, all and active, or with three times as many. A successor not below
/// its predecessor, whom neither size nor rows for a task tell apart as other tasks do, and a tuning that nobody measured not above its checkpoint, unless tables that hold both say so.
pub(crate) fn rules(catalog: &Catalog, data: &Data, entities: &Entities, fit: &Fit) -> Vec<Rule> {
    let tables = judged(data, entities);
    let mut rules = told_apart(&tables);
    let models: Vec<usize> = (0..catalog.models.len())
        .filter(|at| original(catalog, *at).is_none())
        .collect();
    let all = |at: usize| catalog.models[at].parameters.unwrap_or(0);
    let active = |at: usize| catalog.models[at].active_parameters.unwrap_or(all(at));
    // What a mixture of experts knows goes with all its parameters, what it computes with the active ones.
    let size = |at: usize| (all(at) as f64 * active(at) as f64).sqrt();
    let kind = |at: usize| catalog.models[at].kind;
    let thinks = |at: usize| matches!(kind(at), ModelKind::Instruct | ModelKind::Reasoning);
    let family = |at: usize| catalog.models[at].family();
    for (small, large) in models
        .iter()
        .flat_map(|small| models.iter().map(move |large| (*small, *large)))
        .filter(|(small, large)| family(*small) == family(*large) && all(*small) > 0)
    {
        let alike = kind(small) == kind(large);
        let grows = all(small) < all(large) && active(small) <= active(large);
        let dwarfed = all(small) * 3 <= all(large);
        let by_size = |small: usize, large: usize| {
            all(small) < all(large) && active(small) <= active(large)
                || all(small) * 3 <= all(large)
        };
        if (alike || thinks(small) && thinks(large))
            && all(small) != all(large)
            && !by_size(small, large)
            && !by_size(large, small)
            && let Some(except) = ahead(&tables, large, small)
        {
            rules.push(Rule {
                low: small,
                high: large,
                margin: AHEAD,
                doublings: 0.0,
                except,
            });
        }
        if alike && grows || dwarfed && (alike || thinks(small) && thinks(large)) {
            rules.push(Rule {
                low: small,
                high: large,
                margin: 0.0,
                doublings: (size(large) / size(small)).log2().max(0.0),
                except: Vec::new(),
            });
        }
    }
    let tasks = || 0..Task::ALL.len();
    for &at in &models {
        let entity = &entities.list[at];
        if let Some(old) = entity.predecessor {
            rules.push(Rule {
                low: old,
                high: at,
                margin: 0.1,
                doublings: 0.0,
                except: tasks()
                    .filter(|task| fit.against(data, at, old, *task) < 0.0)
                    .collect(),
            });
        }
        if let Some(base) = entity.base.filter(|base| catalog.models[*base].answers()) {
            rules.push(Rule {
                low: at,
                high: base,
                margin: if family(at) == family(base) {
                    0.1
                } else {
                    TUNED_ELSEWHERE
                },
                doublings: 0.0,
                except: tasks().filter(|task| fit.rows[at][*task] > 0).collect(),
            });
        }
    }
    rules
}

/// Where two models break a rule they give way to each other, the surer one less (projections by turns onto what each rule allows).
pub(crate) fn keep_order(quality: &mut [Scores], rules: &[Rule]) {
    for (index, task) in Task::ALL.iter().enumerate() {
        let applies = |rule: &&Rule| !rule.except.contains(&index);
        for rule in (0..100).flat_map(|_| rules.iter().filter(applies)) {
            let known = |at: usize| quality[at].tasks.get(task).map(|one| (one.score, one.sd));
            let (Some((low, low_sd)), Some((high, high_sd))) = (known(rule.low), known(rule.high))
            else {
                continue;
            };
            let margin = rule.margin + rule.doublings * doubling(low_sd, high_sd);
            let excess = (low + margin - high).max(0.0);
            let doubt = |sd: f64| sd.max(1.0).powi(2);
            let gives = doubt(low_sd) / (doubt(low_sd) + doubt(high_sd));
            let mut put = |at: usize, score: f64| {
                if let Some(known) = quality[at].tasks.get_mut(task) {
                    known.score = score.clamp(0.0, 95.0);
                }
            };
            put(rule.low, low - gives * excess);
            put(rule.high, high + (1.0 - gives) * excess);
        }
    }
    for known in quality.iter_mut().flat_map(|row| row.tasks.values_mut()) {
        known.score = tenths(known.score);
    }
}

/// Points that a doubling is worth within a family: two fifths of the doubt about the two, so that what was measured well stands by its
/// rows; two and a half to three, and from 4B to 31B Qwen3.5 and Gemma 4 gain three to six by theirs.
fn doubling(low_sd: f64, high_sd: f64) -> f64 {
    (0.4 * (low_sd + high_sd) / 2.0).clamp(2.5, 3.0)
}

/// Points by which another maker's tuning stands below its checkpoint at least where nobody measured it: what it was made for is elsewhere.
const TUNED_ELSEWHERE: f64 = 2.0;

/// Log odds from which two models are told apart: 50 % and 62 %.
const CLEAR: f64 = 0.5;
/// By how many points they then differ at least.
const APART: f64 = 4.0;

/// Points by which the sibling stands ahead that is better at most of what both were measured at: more than a file of four bits costs.
const AHEAD: f64 = 1.0;
/// Tables of others that hold both siblings, at least.
const TABLES: usize = 4;

/// The best value of every model in every table of those who run the models of today, and the task of the table.
type Judged = BTreeMap<usize, (usize, BTreeMap<usize, f64>)>;

fn judged(data: &Data, entities: &Entities) -> Judged {
    let mut tables = Judged::new();
    for row in &data.rows {
        let table = &data.tables[row.table];
        let publisher = table.reported_by.as_deref().unwrap_or_default();
        if table.task < Task::ALL.len()
            && !table.of_tools
            && entities.list[row.entity].model.is_some()
            && judges(publisher, &table.name)
        {
            let (_, values) = tables
                .entry(row.table)
                .or_insert_with(|| (table.task, BTreeMap::new()));
            let best = values.entry(row.entity).or_insert(row.z);
            *best = best.max(row.z);
        }
    }
    tables
}

/// If one sibling is behind in at most a quarter of the tables that hold both, and ahead in the mean: the tasks for which it need not stand above, since two
/// tables there hold both or one clearly says otherwise, or they are not for text. What nobody measured turns nothing round that was measured.
fn ahead(tables: &Judged, high: usize, low: usize) -> Option<Vec<usize>> {
    let gap = |(task, values): &(usize, BTreeMap<usize, f64>)| {
        Some((*task, values.get(&high)? - values.get(&low)?))
    };
    let gaps: Vec<(usize, f64)> = tables.values().filter_map(gap).collect();
    let behind = gaps.iter().filter(|(_, gap)| *gap < 0.0).count();
    let sum: f64 = gaps.iter().map(|(_, gap)| gap).sum();
    if gaps.len() < TABLES || behind * 4 > gaps.len() || sum <= 0.0 {
        return None;
    }
    let otherwise = |task: &usize| {
        let own = || gaps.iter().filter(|(of, _)| of == task);
        !Task::TEXT.contains(&Task::ALL[*task])
            || own().count() >= 2
            || own().any(|(_, gap)| *gap < -CLEAR)
    };
    Some((0..Task::ALL.len()).filter(otherwise).collect())
}

/// Pairs that at least two tables of those who run the models of today hold, all with the same one ahead and clearly so in the mean.
fn told_apart(judged: &Judged) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (task, _) in Task::ALL.iter().enumerate() {
        let tables = judged.values().filter(|(of, _)| *of == task);
        let mut gaps: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
        for (_, values) in tables {
            for (high, above) in values {
                for (low, below) in values.iter().filter(|(low, _)| *low != high) {
                    gaps.entry((*high, *low)).or_default().push(above - below);
                }
            }
        }
        let clear = |gaps: &[f64]| {
            let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
            gaps.len() >= 2 && gaps.iter().all(|gap| *gap > 0.0) && mean > CLEAR
        };
        for ((high, low), _) in gaps.iter().filter(|(_, gaps)| clear(gaps)) {
            rules.push(Rule {
                low: *low,
                high: *high,
                margin: APART,
                doublings: 0.0,
                except: (0..Task::ALL.len())
                    .filter(|other| *other != task)
                    .collect(),
            });
        }
    }
    rules
}
