//! What is known: data files, checked and turned into nouns.

pub mod check;
pub mod gpu;
pub mod knowledge;
pub mod model;
pub mod raw;
pub mod speeds;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::error::Defect;
use gpu::{GpuSpec, normalised};
use model::{KnownArchitecture, Model, Series, Variant};

/// Everything that is known of models and GPUs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Catalog {
    /// The series, in the order of their files.
    pub series: Vec<Series>,
    /// The shapes that models name.
    pub architectures: Vec<KnownArchitecture>,
    /// The models.
    pub models: Vec<Model>,
    /// The GPUs.
    pub gpus: Vec<GpuSpec>,
    /// What is known beside them.
    pub knowledge: knowledge::Knowledge,
    /// From a lower-case tag to its model and variant.
    #[serde(skip)]
    tags: HashMap<String, (u32, u32)>,
}

/// A model and the file of it that is meant.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The model.
    pub model: &'a Model,
    /// The file.
    pub variant: &'a Variant,
}

impl Catalog {
    /// Reads data files given as (name, text). All defects of all files come back together.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<Defect>> {
        let mut catalog = Self::default();
        catalog.overlay(files)?;
        Ok(catalog)
    }

    /// Adds data files on top: what they name again replaces what was there. On a defect nothing that was read may be used.
    pub fn overlay<'a>(
        &mut self,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), Vec<Defect>> {
        let mut defects = Vec::new();
        let mut tables = Vec::new();
        for (name, text) in files {
            if !self.knowledge.take(name, text, &mut defects) {
                tables.push(raw::File::parse(name, text, &mut defects));
            }
        }
        check::extend(self, tables, &mut defects);
        if defects.is_empty() {
            Ok(())
        } else {
            Err(defects)
        }
    }

    /// The catalog that `build.rs` prepared. `None` if it was made by another version.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut catalog: Self = postcard::from_bytes(bytes).ok()?;
        catalog.index();
        Some(catalog)
    }

    /// Makes the index of tags anew. A tag stands before an alias, and a `latest` may be left out.
    pub(crate) fn index(&mut self) {
        let mut tags = HashMap::with_capacity(4 * self.models.len());
        for (at, model) in self.models.iter().enumerate() {
            tags.insert(model.name.to_lowercase(), (at as u32, 0));
            for (which, variant) in model.variants.iter().enumerate() {
                tags.insert(variant.tag.to_lowercase(), (at as u32, which as u32));
            }
        }
        for (at, model) in self.models.iter().enumerate() {
            for (which, variant) in model.variants.iter().enumerate() {
                for alias in &variant.aliases {
                    tags.entry(alias.to_lowercase())
                        .or_insert((at as u32, which as u32));
                }
            }
        }
        self.tags = tags;
    }

    /// The model and file of a tag, as Ollama would read it: without regard to case, `latest` if no size is given.
    pub fn find(&self, tag: &str) -> Option<Entry<'_>> {
        let tag = tag.trim().to_lowercase();
        let tag = tag.strip_prefix("library/").unwrap_or(&tag);
        let place = self
            .tags
            .get(tag)
            .or_else(|| self.tags.get(tag.strip_suffix(":latest")?))
            .or_else(|| self.tags.get(&format!("{tag}:latest")));
        let (model, variant) = *place?;
        let model = self.models.get(model as usize)?;
        Some(Entry {
            model,
            variant: model.variants.get(variant as usize)?,
        })
    }

    /// The tags nearest to a mistyped one, best first.
    pub fn similar_tags(&self, tag: &str) -> Vec<String> {
        let names = self.models.iter().flat_map(|model| {
            std::iter::once(&model.name)
                .chain(model.variants.iter().take(1).map(|variant| &variant.tag))
        });
        similar(tag, names.map(String::as_str))
    }

    /// The architecture of a model.
    pub fn architecture(&self, model: &Model) -> Option<&KnownArchitecture> {
        self.architectures.get(model.architecture? as usize)
    }

    /// The GPU of a name as people type it or as NVML prints it. Of cards that share a name, the one whose memory is nearest.
    pub fn gpu(&self, name: &str, memory: Option<crate::units::Bytes>) -> Option<&GpuSpec> {
        let wanted = normalised(name);
        let named = |gpu: &&GpuSpec| {
            normalised(&gpu.name) == wanted
                || gpu.aliases.iter().any(|alias| normalised(alias) == wanted)
        };
        let printed = |gpu: &&GpuSpec| {
            gpu.nvml_names
                .iter()
                .any(|other| normalised(other) == wanted)
        };
        match memory {
            None => self
                .gpus
                .iter()
                .find(named)
                .or_else(|| self.gpus.iter().find(printed)),
            Some(memory) => self
                .gpus
                .iter()
                .filter(|gpu| named(gpu) || printed(gpu))
                .min_by_key(|gpu| gpu.memory.0.abs_diff(memory.0)),
        }
    }

    /// The GPU names nearest to a mistyped one, best first.
    pub fn similar_gpus(&self, name: &str) -> Vec<String> {
        similar(name, self.gpus.iter().map(|gpu| gpu.name.as_str()))
    }
}

/// The names nearest to a mistyped one, best first, at most five; none that is too far to be meant.
pub fn similar<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let bonus = if !wanted.is_empty() && name.starts_with(&wanted) {
            0.2
        } else {
            0.0
        };
        strsim::jaro_winkler(&wanted, &name) + bonus
    };
    let mut scored: Vec<(f64, &str)> = names
        .map(|name| (likeness(name), name))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored
        .into_iter()
        .take(5)
        .map(|(_, name)| name.to_owned())
        .collect()
}
