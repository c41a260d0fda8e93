//! The program's own data files, read and encoded once, when it is built: what a user adds are models and GPUs only.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::Catalog;
use super::check::is_date;
use super::checkpoint::Vllm;
use super::facts::{Fact, FactKind};
use super::guide::Guide;
use super::knowledge::{Evidence, Knowledge, TaskScore, TaskScores};
use super::later;
use super::raw::Strings;
use super::speeds::{
    Band, Constants, Family, GpuFactor, MeasuredGpu, Measurement, ModelFactor, Offload, Parameters,
};
use crate::defect::{Defect, Fault};
use crate::lang::Bilingual;
use crate::request::Task;

impl Catalog {
    /// Reads data files given as (name, text), those of [`Knowledge`] among them.
    ///
    /// # Errors
    ///
    /// The defects of all files.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<Defect>> {
        let mut catalog = Self::default();
        let mut defects = Vec::new();
        let files = files.into_iter();
        let tables = files.filter(|(name, text)| !catalog.knowledge.take(name, text, &mut defects));
        let tables: Vec<_> = tables.collect();
        match catalog.overlay(tables) {
            Ok(()) if defects.is_empty() => Ok(catalog),
            Ok(()) => Err(defects),
            Err(others) => Err([defects, others].concat()),
        }
    }

    /// The bytes from which [`decode`](Self::decode) makes it again.
    ///
    /// # Errors
    ///
    /// Those of postcard, which memory has none of.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        let bytes = postcard::to_stdvec(self)?;
        let sum = later::sum(&bytes).to_le_bytes();
        Ok([&sum[..], &bytes].concat())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QualityFile {
    #[serde(default)]
    quality: Vec<QualityTable>,
    #[serde(default)]
    evidence: Vec<Evidence>,
    #[serde(default)]
    quantization: Vec<Penalty>,
}

#[derive(Deserialize)]
struct QualityTable {
    model: String,
    #[serde(flatten)]
    tasks: BTreeMap<Task, TaskScore>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Penalty {
    name: String,
    penalty: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactsFile {
    #[serde(default)]
    fact: Vec<Spanned<RawFact>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFact {
    kind: FactKind,
    collected: String,
    what: Bilingual,
    #[serde(default)]
    source: Strings,
}

impl FactsFile {
    /// The facts, and what is wrong with them.
    fn check(self, name: &str, text: &str, defects: &mut Vec<Defect>) -> Vec<Fact> {
        let mut facts = Vec::new();
        for fact in self.fact {
            let at = fact.span().start;
            let mut fault = |fault| defects.push(Defect::at_byte(name, text, at, fault));
            let raw = fact.into_inner();
            // A month is no day to count from.
            if !is_date(&raw.collected) || raw.collected.len() != "2026-01-01".len() {
                fault(Fault::BadDate(raw.collected.clone()));
            }
            let source = raw.source.into_vec();
            if source.is_empty() {
                fault(Fault::NoSource);
            }
            facts.push(Fact {
                kind: raw.kind,
                collected: raw.collected,
                what: raw.what,
                source,
            });
        }
        facts.sort_by(|a, b| a.kind.cmp(&b.kind).then(b.collected.cmp(&a.collected)));
        facts
    }
}

/// `data/speeds.toml` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Speeds {
    constants: Constants,
    #[serde(default)]
    family: Vec<Family>,
    #[serde(default)]
    band: Vec<Band>,
    #[serde(default)]
    gpu: Vec<GpuFactor>,
    #[serde(default)]
    model: Vec<ModelFactor>,
    #[serde(default)]
    measurement: Vec<Measurement>,
}

impl Speeds {
    /// What it tells, beside what predicts models in host memory.
    fn into_parameters(self, offload: Offload) -> Parameters {
        Parameters {
            constants: self.constants,
            family: self.family,
            band: self.band,
            gpu: self.gpu,
            model: self.model,
            measured: MeasuredGpu::group(self.measurement),
            offload,
        }
    }
}

impl Knowledge {
    /// Takes a file of knowledge in; `false` if it is none.
    fn take(&mut self, name: &str, text: &str, defects: &mut Vec<Defect>) -> bool {
        match name.rsplit(['/', '\\']).next().unwrap_or(name) {
            "speeds.toml" => {
                let file: Speeds = read(name, text, defects).unwrap_or_default();
                self.speeds = file.into_parameters(std::mem::take(&mut self.speeds.offload));
            }
            "offload.toml" => {
                self.speeds.offload = read(name, text, defects).unwrap_or_default();
            }
            "guide.toml" => {
                self.guide = read(name, text, defects)
                    .unwrap_or_else(Guide::default)
                    .into()
            }
            "ollama.toml" => self.ollama = read(name, text, defects).unwrap_or_default(),
            "vllm.toml" => {
                self.vllm = read(name, text, defects)
                    .unwrap_or_else(Vllm::default)
                    .into()
            }
            "gpu-rules.toml" => self.gpu_rules = read(name, text, defects).unwrap_or_default(),
            "facts.toml" => {
                let file = read::<FactsFile>(name, text, defects);
                let facts = file.map_or_else(Vec::new, |file| file.check(name, text, defects));
                self.facts = facts.into();
            }
            "quality.toml" => {
                if let Some(file) = read::<QualityFile>(name, text, defects) {
                    let tables: BTreeMap<_, _> = file
                        .quality
                        .into_iter()
                        .map(|table| {
                            let scores: TaskScores = table.tasks.into_iter().collect();
                            (table.model.into(), scores.into())
                        })
                        .collect();
                    self.quality = tables.into_iter().collect();
                    self.penalties = file
                        .quantization
                        .into_iter()
                        .map(|row| (row.name, row.penalty))
                        .collect();
                    self.evidence = file.evidence;
                }
            }
            _ => return false,
        }
        true
    }
}

fn read<T: DeserializeOwned>(name: &str, text: &str, defects: &mut Vec<Defect>) -> Option<T> {
    toml::from_str(text)
        .map_err(|error| defects.push(Defect::of_toml(name, text, &error)))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defects(name: &str, text: &str) -> Vec<(usize, Fault)> {
        let defects = Catalog::read([(name, text)]).expect_err("defects");
        let found = defects.into_iter();
        found.map(|defect| (defect.line, defect.fault)).collect()
    }

    #[test]
    fn facts_without_a_day_or_a_source_are_defects() {
        let text = "\n[[fact]]\nkind = \"gpus\"\ncollected = \"2026-11\"\nwhat = { en = \"a\", zh = \"b\" }\n";
        let expected = [(2, Fault::BadDate("2026-11".into())), (2, Fault::NoSource)];
        assert_eq!(defects("data/facts.toml", text), expected);
    }

    #[test]
    fn speeds_without_their_formula_are_a_defect() {
        for text in ["", "family = []", "constants = {}"] {
            let found = defects("data/speeds.toml", text);
            assert!(matches!(&found[..], [(_, Fault::Syntax(_))]), "{found:?}");
        }
    }

    #[test]
    fn defects_of_all_files_are_told_together() {
        let files = [
            ("data/ollama.toml", "\nversion = 1\n"),
            ("data/models/a.toml", "[[tune]]\n"),
        ];
        let defects = Catalog::read(files).expect_err("defects");
        let places: Vec<_> = defects.iter().map(|one| (&*one.file, one.line)).collect();
        assert_eq!(places, [("data/ollama.toml", 2), ("data/models/a.toml", 1)]);
    }
}
