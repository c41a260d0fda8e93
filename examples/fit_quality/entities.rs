//! Whom a published row is about: a model of the catalog, or somebody who only ties tables together.

use std::collections::BTreeMap;

use serde::Deserialize;
use vramfit::catalog::Catalog;
use vramfit::catalog::model::{Model, ModelKind};

use crate::lineage::{Line, predecessor, shape_owner, tuned_elsewhere};
use crate::tables::ALIASES;

/// A model that scores belong to.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    /// Index into the catalog; `None` for models that it lacks.
    pub model: Option<usize>,
    /// What size and kind suggest.
    pub features: [f64; FEATURES],
    pub family: String,
    pub series: String,
    pub kind: usize,
    /// The entity that owns the checkpoint it was made from.
    pub base: Option<usize>,
    /// The entity that it succeeds.
    pub predecessor: Option<usize>,
    /// Whether a row tells that it thinks.
    pub thinks: bool,
    /// Likes of its checkpoint, in powers of ten above a thousandth of the most; 0 where they are not known.
    pub likes: f64,
}

/// Intercept, log2 of active parameters, log2 of the rest, generation, base checkpoint.
pub(crate) const FEATURES: usize = 5;

/// How a row's model was run, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    AsPublished,
    /// The checkpoint before tuning.
    Base,
    /// A model that thinks, told not to.
    NoThinking,
    /// A model that thinks, told to do little of it.
    LittleThinking,
    /// As published, in a table of its own maker.
    OwnMaker,
}

/// What a row says of its model's thinking: whether, or how much.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Thinking {
    Whether(bool),
    Effort(String),
}

impl Thinking {
    /// Whether the model thought as much as it does by itself, or more.
    pub(crate) fn full(&self) -> bool {
        match self {
            Self::Whether(thinks) => *thinks,
            Self::Effort(effort) => !["low", "medium"].contains(&effort.as_str()),
        }
    }

    /// How a model that could think more was run.
    pub(crate) const fn mode(&self) -> Mode {
        match self {
            Self::Whether(_) => Mode::NoThinking,
            Self::Effort(_) => Mode::LittleThinking,
        }
    }
}

/// Finds entities by published names.
pub(crate) struct Entities {
    pub list: Vec<Entity>,
    by_name: BTreeMap<String, usize>,
    by_base: BTreeMap<String, usize>,
}

impl Entities {
    pub(crate) fn new(catalog: &Catalog, likes: &BTreeMap<String, f64>) -> Self {
        let mut entities = Self {
            list: Vec::new(),
            by_name: BTreeMap::new(),
            by_base: BTreeMap::new(),
        };
        for (at, model) in catalog.models.iter().enumerate() {
            let index = entities.list.len();
            entities.list.push(Entity {
                model: Some(at),
                features: features(catalog, model),
                family: model.family().to_owned(),
                series: model.series.to_string(),
                kind: model.kind as usize,
                base: None,
                predecessor: predecessor(catalog, model),
                thinks: false,
                likes: model
                    .base_model
                    .as_ref()
                    .and_then(|base| likes.get(base.as_str()))
                    .map_or(0.0, |likes| (likes.max(1.0) / 100.0).log10()),
            });
            entities
                .by_name
                .entry(squeezed(&model.name))
                .or_insert(index);
        }
        for variant in catalog
            .models
            .iter()
            .enumerate()
            .flat_map(|(at, model)| model.variants.iter().map(move |variant| (at, variant)))
        {
            for alias in variant
                .1
                .aliases
                .iter()
                .filter(|alias| !alias.ends_with(":latest"))
            {
                entities.by_name.entry(squeezed(alias)).or_insert(variant.0);
            }
        }
        for (at, model) in catalog.models.iter().enumerate() {
            let Some(base) = &model.base_model else {
                continue;
            };
            // Of several that name one checkpoint, the one that answers is meant.
            if !tuned_elsewhere(model, base) && model.kind != ModelKind::Base {
                entities.by_base.entry(base.to_string()).or_insert(at);
                entities.by_name.entry(squeezed(base)).or_insert(at);
            }
        }
        for (at, model) in catalog.models.iter().enumerate() {
            // Another tuning of a checkpoint, or another file of the same: both stay near its owner.
            let owner = model
                .base_model
                .as_ref()
                .and_then(|base| entities.by_base.get(base.as_str()).copied());
            entities.list[at].base = owner
                .filter(|owner| *owner != at)
                .or_else(|| shape_owner(catalog, model));
        }
        entities
    }

    /// The entity of a published name, made if there is none.
    pub(crate) fn of(
        &mut self,
        name: &str,
        tag: Option<&str>,
        base_model: Option<&str>,
        catalog: &Catalog,
    ) -> usize {
        let tagged = tag.and_then(|tag| {
            let model = catalog.find(tag)?.model;
            catalog.models.iter().position(|one| one.name == model.name)
        });
        if let Some(found) = tagged {
            return found;
        }
        // A tag that this catalog lacks is a name of its own; a join by checkpoint would take it for a sibling.
        let (name, base_model) = tag.map_or((name, base_model), |tag| (tag, None));
        let wanted = squeezed(name);
        let alias = ALIASES.iter().find(|(alias, _)| squeezed(alias) == wanted);
        let tag = alias.and_then(|(_, tag)| {
            catalog
                .models
                .iter()
                .position(|model| model.name == *tag)
                .or_else(|| {
                    let entry = catalog.find(tag)?;
                    catalog
                        .models
                        .iter()
                        .position(|model| model.name == entry.model.name)
                })
        });
        let named = || self.by_name.get(&wanted).copied();
        // A join by checkpoint is only taken where the name does not say that it is another of the family.
        let joined = || {
            let base = base_model.filter(|base| {
                dated(name) == dated(base)
                    && !name.contains('+')
                    && name.contains("oder") == base.contains("oder")
            });
            self.by_base.get(base?).copied()
        };
        if let Some(found) = tag.or_else(named).or_else(joined) {
            return found;
        }
        let index = self.list.len();
        self.by_name.insert(wanted, index);
        self.list.push(Entity {
            model: None,
            features: [0.0; FEATURES],
            family: String::new(),
            series: String::new(),
            kind: usize::MAX,
            base: None,
            predecessor: None,
            thinks: false,
            likes: 0.0,
        });
        index
    }
}

/// How the model of a row was run.
pub(crate) fn mode(name: &str, section: Option<&str>, thinks: bool) -> Mode {
    let lower = name.to_lowercase();
    let section = section.unwrap_or_default().to_lowercase();
    let says_chat = ["instruct", "chat", "-it", "rl)", "sft)"]
        .iter()
        .any(|one| lower.contains(one));
    let base_table = section.contains("base") || section.starts_with("standard benchmark");
    if lower.contains("base") || (base_table && !says_chat) {
        Mode::Base
    } else if thinks
        && ["non-thinking", "no think", "no_think", "no-think"]
            .iter()
            .any(|one| lower.contains(one))
    {
        Mode::NoThinking
    } else {
        Mode::AsPublished
    }
}

/// What is known of a model before any benchmark.
fn features(catalog: &Catalog, model: &Model) -> [f64; FEATURES] {
    let parameters = model.parameters.unwrap_or(7_000_000_000) as f64 / 1e9;
    let active = model
        .active_parameters
        .map_or(parameters, |n| n as f64 / 1e9);
    [
        1.0,
        (active.max(0.05) / 8.0).log2(),
        (parameters / active).max(1.0).log2(),
        generation(catalog, model),
        f64::from(u8::from(model.kind == ModelKind::Base)),
    ]
}

/// When a model came out, 2023 to 2026 as 0 to 1; unknown dates go by the rank of the version within the series.
fn generation(catalog: &Catalog, model: &Model) -> f64 {
    let year = |date: &str| -> Option<f64> {
        let (year, rest) = date.split_once('-')?;
        let month: f64 = rest.split('-').next()?.parse().ok()?;
        Some((year.parse::<f64>().ok()? + (month - 0.5) / 12.0 - 2023.0) / 3.5)
    };
    if let Some(year) = model.released.as_deref().and_then(year) {
        return year.clamp(-0.2, 1.2);
    }
    let of_series = catalog
        .models
        .iter()
        .filter(|other| other.series == model.series);
    let mut versions: Vec<f64> = of_series.map(|other| version(other.family())).collect();
    versions.sort_by(f64::total_cmp);
    versions.dedup();
    let own = version(model.family());
    let rank = versions.iter().position(|one| *one == own).unwrap_or(0);
    match versions.len() {
        0 | 1 => 0.4,
        n if model.series == "others" => 0.3 + 0.1 * rank as f64 / (n - 1) as f64,
        n => rank as f64 / (n - 1) as f64,
    }
}

/// The first number of a family's name that is no size.
fn version(family: &str) -> f64 {
    let number = |c: char| c.is_ascii_digit() || c == '.';
    let mut rest = family;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let end = rest[start..]
            .find(|c| !number(c))
            .map_or(rest.len(), |length| start + length);
        let (digits, after) = (&rest[start..end], &rest[end..]);
        if !after.starts_with(['b', 'x']) {
            return digits.trim_end_matches('.').parse().unwrap_or(1.0);
        }
        rest = after;
    }
    1.0
}

/// Whether a table's publisher made the models of a series.
pub(crate) fn own_maker(publisher: &str, source: &str, series: &str, family: &str) -> bool {
    let text = format!("{publisher} {source}").to_lowercase();
    let maker = publisher.to_lowercase();
    let maker = maker.split(' ').next().unwrap_or_default();
    if !maker.is_empty() && Line::of(family).stem == maker {
        return true;
    }
    let words: &[&str] = match series {
        "llama" => &["meta", "llama-models"],
        "gemma" => &["google"],
        "glm" => &["thudm", "glm-4", "glm5", "glm-4.7"],
        "mistral" => &["mistral", "ministral", "devstral"],
        "yi" => &["01.ai", "01-ai"],
        "qwen" | "deepseek" | "nemotron" => &[series],
        _ => return false,
    };
    words.iter().any(|word| text.contains(word))
}

/// Dates of four digits in a name, which tell releases apart.
fn dated(name: &str) -> Vec<&str> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.len() == 4 && word.chars().all(|c| c.is_ascii_digit()))
        .collect()
}

/// Words that do not tell models apart.
const IDLE: [&str; 22] = [
    "instruct",
    "chat",
    "it",
    "hf",
    "turbo",
    "inst",
    "inst.",
    "bf16",
    "fp16",
    "thinking",
    "non",
    "base",
    "meta",
    "nvidia",
    "openrouter",
    "ollama",
    "basic",
    "no",
    "think",
    "preview",
    "moe",
    "sft",
];

/// A name without uploader, idle words, remarks in brackets, separators and case.
pub(crate) fn squeezed(name: &str) -> String {
    let lower = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    // A bracket that repeats the size or names a mode says nothing new; a date does.
    let open = lower
        .find('(')
        .filter(|at| !lower[*at..].contains("20") && !lower[*at..].contains("high"));
    let lower = open.map_or(lower.as_str(), |at| &lower[..at]);
    let words = lower.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '+'));
    words.filter(|word| !IDLE.contains(word)).collect()
}
