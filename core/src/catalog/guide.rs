//! What the written guide says: `data/guide.toml`. Its values stand beside ours and are never mixed with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Catalog, Entry};
use crate::lang::Bilingual;
use crate::request::{Budget, Priority, Stage, Task, Tier};
use crate::units::Bytes;

/// Tables of the written guide, row by row as it has them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // The keys are explained in the file.
pub struct Guide {
    pub source: String,
    pub model: Vec<GuideModel>,
    pub tier: Vec<GuideTier>,
    pub family: Vec<GuideFamily>,
    pub task: Vec<GuideTask>,
    pub stage: Vec<GuideStage>,
    pub memory: Vec<MemoryClass>,
    pub priority: Vec<PriorityAdvice>,
    pub context: Vec<ContextClass>,
    pub cards: Vec<CardSet>,
    pub matrix: Vec<MatrixRow>,
    pub speed: Vec<SpeedRow>,
    pub curve: Vec<CurvePoint>,
    pub gain: Vec<Gain>,
    pub value: Vec<ValueRow>,
    pub practice: Vec<Practice>,
    pub tip: Vec<Tip>,
    pub preset: Vec<Preset>,
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs)]
        pub struct $name { $(#[serde(default)] pub $field: $kind),* }
    )*};
}

tables! {
    /// A model, from the tables by memory and the family tables.
    GuideModel {
        tag: String, parameters: String, vram: (String, String), speed: Option<u8>, tiers: Vec<TierCode>, r#use: Option<Bilingual>,
        family: Option<String>, stars: BTreeMap<String, u8>, note: Option<Bilingual>, single_3090: Option<bool>, minimum_3090s: Option<u32>,
    }
    /// One of the guide's classes by the memory that models need, with cards for it.
    GuideTier { code: String, title: Bilingual, features: Vec<Bilingual>, cards: Vec<String> }
    /// What the guide says of a family of models, such as `qwen`.
    GuideFamily { code: String, title: Bilingual, scenarios: Vec<Bilingual>, features: Vec<Bilingual> }
    /// A model in a task's ranking, with what the guide says for it.
    Pick { tag: String, note: Bilingual }
    /// A task's ranking, and its part of the decision tree.
    GuideTask {
        code: String, title: Bilingual, picks: Vec<Pick>, ample: Vec<String>, limited: Vec<String>, fast: Vec<String>, quality: Vec<String>,
        single: Vec<String>, dual: Vec<String>,
    }
    /// A stage of a project, with what the guide advises for one card and for two.
    GuideStage { code: String, title: Bilingual, advice: Bilingual, single: Vec<String>, dual: Vec<String>, vram: (String, String), tokens_per_second: (f64, f64) }
    /// The second question: how much memory.
    MemoryClass { from: String, to: Option<String>, gpu: Option<String>, title: Bilingual, picks: Vec<String>, note: Option<Bilingual> }
    /// The third question: what counts most.
    PriorityAdvice { code: String, advice: Bilingual }
    /// The fourth question: how long a context.
    ContextClass { code: String, title: Bilingual, from: u32, tokens: u32, picks: Vec<String>, advice: Bilingual }
    /// What to take for some cards.
    CardSet { gpu: String, best: Vec<String>, alternatives: Vec<String>, note: Option<Bilingual> }
    /// What the guide's summary names for an amount of memory.
    MatrixRow { vram: String, development: Vec<String>, production: Vec<String>, flagship: Vec<String>, notes: Vec<Bilingual> }
    /// Speed on RTX 3090s by size.
    SpeedRow { title: Bilingual, billions: (f64, f64), gpus: u32, tokens_per_second: (f64, f64), marks: u8, first_token: (f64, f64) }
    /// A point of the quality curve.
    CurvePoint { billions: f64, quality: f64 }
    /// What a step in size gains.
    Gain { from: f64, to: f64, percent: f64 }
    /// The guide's marks of a size of models for quality, speed and value.
    ValueRow { title: Bilingual, quality: u8, speed: u8, value: u8, r#use: Bilingual }
    /// A best practice of the summary.
    Practice { title: Bilingual, gpu: Option<String>, budget: Option<Budget>, picks: Vec<String>, note: Option<Bilingual> }
    /// A tuning tip, what is true of it, and the line that works where the guide's does not.
    Tip { code: String, line: String, advice: Bilingual, reality: Bilingual, instead: Option<String> }
    /// A set-up that the guide lays out: these models on these GPUs.
    Preset { code: String, gpu: String, title: Bilingual, services: Vec<PresetService>, keep_free: Vec<u32> }
    /// A model of a set-up, with the GPUs it goes on and the port it is served at.
    PresetService { tag: String, gpus: Vec<u32>, port: Option<u16>, replicas: Option<u32> }
}

/// A tier by its code.
pub type TierCode = Tier;

impl GuideModel {
    /// The memory it is said to need.
    pub fn range(&self) -> Option<(Bytes, Bytes)> {
        Some((self.vram.0.parse().ok()?, self.vram.1.parse().ok()?))
    }

    /// Its size in 10^9 parameters.
    pub fn billions(&self) -> f64 {
        self.parameters.trim_end_matches('B').parse().unwrap_or(0.0)
    }
}

impl Guide {
    /// A model of the guide. `mistral` and `mistral:7b` are one to it.
    pub fn find(&self, tag: &str) -> Option<&GuideModel> {
        let tag = tag.strip_suffix(":latest").unwrap_or(tag);
        let tag = if tag == "mistral" { "mistral:7b" } else { tag };
        self.model.iter().find(|model| model.tag == tag)
    }

    /// The guide's class of a tier; `None` for one that it lacks.
    pub fn tier(&self, tier: Tier) -> Option<&GuideTier> {
        self.tier.iter().find(|row| row.code == tier.label())
    }

    /// What the guide says of a family; `None` for one that it does not name.
    pub fn family(&self, code: &str) -> Option<&GuideFamily> {
        self.family.iter().find(|row| row.code == code)
    }

    /// The ranking for a task; `None` for one that the guide does not rank.
    pub fn task(&self, task: Task) -> Option<&GuideTask> {
        self.task.iter().find(|table| table.code == task.label())
    }

    /// The guide's order for a request: its answer for the stage, else for the budget, else the task's ranking; of that, first the size that
    /// its third question names for the priority. Tags that it does not name for the request are not in the list.
    pub fn order(
        &self,
        task: Task,
        priority: Option<Priority>,
        stage: Option<Stage>,
        budget: Option<Budget>,
    ) -> Vec<&str> {
        let Some(table) = self.task(task) else {
            return Vec::new();
        };
        let ranking = || table.picks.iter().map(|pick| pick.tag.as_str());
        let mut order: Vec<&str> = Vec::new();
        if let Some(stage) =
            stage.and_then(|stage| self.stage.iter().find(|row| row.code == stage.label()))
        {
            order.extend(stage.dual.iter().chain(&stage.single).map(String::as_str));
        }
        match budget {
            Some(Budget::Ample) => order.extend(table.ample.iter().map(String::as_str)),
            Some(Budget::Limited) => order.extend(table.limited.iter().map(String::as_str)),
            None => {}
        }
        if let Some(priority) = priority {
            let named: &[String] = match priority {
                Priority::Speed => &table.fast,
                Priority::Quality => &table.quality,
                Priority::Balanced => &[],
            };
            order.extend(named.iter().map(String::as_str));
            order.extend(ranking().filter(|tag| self.is_of_size(tag, priority)));
        }
        order.extend(ranking());
        let mut seen = std::collections::BTreeSet::new();
        order.retain(|tag| seen.insert(*tag));
        order
    }

    /// The answer to the third question that such memory suggests: for the size of the first model that the guide names for its class. Where
    /// the guide names none there is room for anything.
    pub fn priority_for(&self, memory: Bytes) -> Priority {
        let holds =
            |class: &&MemoryClass| class.from.parse::<Bytes>().is_ok_and(|from| from <= memory);
        let Some(class) = self.memory.iter().rfind(holds) else {
            return Priority::Speed;
        };
        let of_size = |priority: &&Priority| {
            class
                .picks
                .first()
                .is_none_or(|tag| self.is_of_size(tag, **priority))
        };
        Priority::ALL
            .iter()
            .find(of_size)
            .copied()
            .unwrap_or(Priority::Balanced)
    }

    /// The third question: 7B models for speed, 13-14B for balance, 30B and more for quality.
    fn is_of_size(&self, tag: &str, priority: Priority) -> bool {
        let billions = self.find(tag).map_or(0.0, GuideModel::billions);
        match priority {
            Priority::Speed => billions <= 8.0,
            Priority::Balanced => (10.0..=16.0).contains(&billions),
            Priority::Quality => billions >= 30.0,
        }
    }
}

impl Catalog {
    /// The written guide as this catalog has it.
    pub fn guide(&self) -> &Guide {
        &self.knowledge.guide
    }

    /// What the guide says of a file: by the tag it was found under, else by any other tag of it.
    pub fn guide_model(&self, entry: Entry<'_>) -> Option<&GuideModel> {
        let others = || std::iter::once(&entry.variant.tag).chain(&entry.variant.aliases);
        self.guide()
            .find(entry.tag)
            .or_else(|| others().find_map(|tag| self.guide().find(tag)))
    }

    /// The files that the guide names, each under the guide's tag.
    pub fn guide_entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.guide().model.iter().filter_map(|model| {
            Some(Entry {
                tag: &model.tag,
                ..self.find(&model.tag)?
            })
        })
    }

    /// The guide's rank of a file for a task, from 1.
    pub fn guide_rank(&self, task: Task, entry: Entry<'_>) -> Option<u32> {
        let tag = &self.guide_model(entry)?.tag;
        let place = self
            .guide()
            .task(task)?
            .picks
            .iter()
            .position(|pick| pick.tag == *tag)?;
        Some(place as u32 + 1)
    }

    /// The guide's range of a tag.
    pub fn documented_vram(&self, tag: &str) -> Option<(Bytes, Bytes)> {
        self.guide().find(tag)?.range()
    }
}
