//! From the data as written to the catalog as used: every defect is found and told with its file and line.

mod gpu;
mod shape;

use std::collections::{HashMap, HashSet};

use super::Catalog;
use super::gpu_name::normalised;
use super::model::{Capability, Model, ModelKind, Series, Variant, WeightsBasis};
use super::raw::{self, Located};
use super::text::Text;
use crate::defect::{Defect, Fault};
use crate::quantization::tag_suffix;
use crate::units::Bytes;

/// The largest number of blocks, heads or experts that is believed.
const MOST: u32 = 1 << 16;
/// Bits a parameter that a file may have: more than the densest quantization, less than doubles and a half.
const BITS: std::ops::RangeInclusive<u64> = 1..=40;

/// Checks files and adds them to the catalog. A later file's model, architecture or GPU of the same name replaces an earlier one's.
pub fn extend(catalog: &mut Catalog, files: Vec<raw::File>, defects: &mut Vec<Defect>) {
    let mut names: HashMap<Text, u32> = catalog
        .architectures
        .iter()
        .enumerate()
        .map(|(at, known)| (known.name.clone(), at as u32))
        .collect();
    let mut seen = HashMap::new();
    for file in &files {
        if let Some(series) = &file.series {
            let series = &series.value;
            catalog.series.retain(|other| other.name != series.name);
            catalog.series.push(Series {
                name: series.name.clone().into(),
                title: series.title.clone(),
                maker: series.maker.clone().map(Text::from),
            });
        }
        for table in &file.architectures {
            let mut context = Context {
                file,
                line: table.line,
                defects,
            };
            context.unique(&mut seen, "architecture", &table.value.name);
            let known = context.architecture(&table.value);
            match names.get(&known.name) {
                Some(at) => catalog.architectures[*at as usize] = known,
                None => {
                    names.insert(known.name.clone(), catalog.architectures.len() as u32);
                    catalog.architectures.push(known);
                }
            }
        }
    }
    let old: HashMap<Text, usize> = catalog
        .models
        .iter()
        .enumerate()
        .map(|(at, model)| (model.name.clone(), at))
        .collect();
    let mut replacements = Vec::new();
    for file in files {
        let series = file.series.as_ref().map_or_else(
            || stem(&file.name).to_owned(),
            |series| series.value.name.clone(),
        );
        for table in &file.models {
            let mut context = Context {
                file: &file,
                line: table.line,
                defects,
            };
            context.unique(&mut seen, "model", &table.value.name);
            let model = context.model(table, &series, &names, &mut seen);
            let replacement = model.replaced_by.clone();
            replacements.extend(replacement.map(|tag| (file.name.clone(), table.line, tag)));
            match old.get(&model.name) {
                Some(at) => catalog.models[*at] = model,
                None => catalog.models.push(model),
            }
        }
        for table in &file.gpus {
            let mut context = Context {
                file: &file,
                line: table.line,
                defects,
            };
            context.unique(&mut seen, "gpu", &normalised(&table.value.name));
            let gpu = context.gpu(&table.value, &catalog.knowledge.gpu_rules);
            catalog.gpus.retain(|other| other.name != gpu.name);
            catalog.gpus.push(gpu);
        }
    }
    check_replacements(catalog, replacements, defects);
}

/// Replacements are checked once everything is there, since they may point to a later file.
fn check_replacements(
    catalog: &Catalog,
    replacements: Vec<(String, usize, Text)>,
    defects: &mut Vec<Defect>,
) {
    if replacements.is_empty() {
        return;
    }
    let tags: HashSet<String> = catalog
        .entries()
        .flat_map(|entry| std::iter::once(&entry.variant.tag).chain(&entry.variant.aliases))
        .map(|tag| tag.to_lowercase())
        .collect();
    for (file, line, tag) in replacements {
        if !tags.contains(&tag.to_lowercase()) {
            defects.push(Defect {
                file,
                line,
                fault: Fault::UnknownReplacement(tag.to_string()),
            });
        }
    }
}

fn stem(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.strip_suffix(".toml").unwrap_or(name)
}

/// Where a table stands, and where its defects go.
struct Context<'a> {
    file: &'a raw::File,
    line: usize,
    defects: &'a mut Vec<Defect>,
}

impl Context<'_> {
    fn fault(&mut self, fault: Fault) {
        self.defects.push(self.file.defect(self.line, fault));
    }

    fn require(&mut self, holds: bool, fault: Fault) {
        if !holds {
            self.fault(fault);
        }
    }

    fn unique(
        &mut self,
        seen: &mut HashMap<(&'static str, String), ()>,
        space: &'static str,
        name: &str,
    ) {
        if seen.insert((space, name.to_lowercase()), ()).is_some() {
            self.fault(Fault::Duplicate(name.to_owned()));
        }
    }

    fn date(&mut self, date: &Option<String>) {
        if let Some(date) = date
            && !is_date(date)
        {
            self.fault(Fault::BadDate(date.clone()));
        }
    }

    fn model(
        &mut self,
        table: &Located<raw::Model>,
        series: &str,
        architectures: &HashMap<Text, u32>,
        seen: &mut HashMap<(&'static str, String), ()>,
    ) -> Model {
        let raw = &table.value;
        let source = raw.source.clone().into_vec();
        let published = raw.published.unwrap_or(true);
        self.require(!source.is_empty(), Fault::NoSource);
        self.require(!(published && raw.variant.is_empty()), Fault::NoVariant);
        self.require(
            raw.context_length != Some(0),
            Fault::Implausible("context_length"),
        );
        self.require(raw.parameters != Some(0), Fault::Implausible("parameters"));
        self.date(&raw.released);
        self.date(&raw.updated);
        let architecture = raw.architecture.as_ref().and_then(|name| {
            let found = architectures.get(name.as_str()).copied();
            if found.is_none() {
                self.fault(Fault::UnknownArchitecture(name.clone()));
            }
            found
        });
        let variants = raw.variant.iter().map(|variant| {
            self.line = self.file.line(variant.span().start);
            self.variant(variant.get_ref(), raw.parameters, seen)
        });
        let mut variants: Vec<Variant> = variants.collect();
        self.line = table.line;
        self.quantizations(raw, &mut variants, seen);
        Model {
            name: raw.name.clone().into(),
            series: series.into(),
            base_model: raw.base_model.clone().map(Text::from),
            parameters: raw.parameters,
            active_parameters: raw.active_parameters,
            context_length: raw.context_length,
            architecture,
            capabilities: if raw.capabilities.is_empty() {
                vec![Capability::Completion]
            } else {
                raw.capabilities.clone()
            },
            kind: raw.kind.unwrap_or(ModelKind::Instruct),
            license: raw.license.clone().map(Text::from),
            released: raw.released.clone().map(Text::from),
            updated: raw.updated.clone().map(Text::from),
            pulls: raw.pulls,
            published,
            replaced_by: raw.replaced_by.clone().map(Text::from),
            local: raw.local,
            fine_tune: raw.fine_tune,
            usual_need: None,
            least_need: None,
            source,
            variants: variants.into(),
        }
    }

    /// The files that differ from the default one in nothing but their quantization. Their sizes are derived, see `engine::published`.
    fn quantizations(
        &mut self,
        raw: &raw::Model,
        variants: &mut Vec<Variant>,
        seen: &mut HashMap<(&'static str, String), ()>,
    ) {
        let Some(default) = variants.first().filter(|_| !raw.quantizations.is_empty()) else {
            self.require(raw.quantizations.is_empty(), Fault::NoVariant);
            return;
        };
        let projector = default.projector;
        let of_default = || {
            let suffix = format!("-{}", tag_suffix(default.quantization.as_deref()?));
            let mut tags = std::iter::once(&default.tag).chain(&default.aliases);
            tags.find_map(|tag| tag.strip_suffix(&suffix).map(str::to_owned))
        };
        let Some(stem) = raw.quantized_as.clone().or_else(of_default) else {
            self.fault(Fault::Missing("quantized_as"));
            return;
        };
        for quantization in &raw.quantizations {
            let tag = format!("{stem}-{}", tag_suffix(quantization));
            self.unique(seen, "tag", &tag);
            variants.push(Variant {
                tag: tag.into(),
                aliases: Vec::new(),
                quantization: Some(quantization.clone().into()),
                weights: None,
                weights_basis: WeightsBasis::Computed,
                projector,
                source: Vec::new(),
            });
        }
    }

    fn variant(
        &mut self,
        raw: &raw::Variant,
        parameters: Option<u64>,
        seen: &mut HashMap<(&'static str, String), ()>,
    ) -> Variant {
        self.unique(seen, "tag", &raw.tag);
        for alias in &raw.aliases {
            self.unique(seen, "tag", alias);
        }
        let source = raw.source.clone().into_vec();
        self.require(raw.weights.is_none() || !source.is_empty(), Fault::NoSource);
        self.require(raw.weights != Some(0), Fault::Implausible("weights"));
        if let (Some(weights), Some(parameters)) = (raw.weights, parameters) {
            let bits = u128::from(weights) * 8 / u128::from(parameters.max(1));
            self.require(
                u64::try_from(bits).is_ok_and(|bits| BITS.contains(&bits)),
                Fault::Implausible("weights"),
            );
        }
        Variant {
            tag: raw.tag.clone().into(),
            aliases: raw.aliases.iter().cloned().map(Text::from).collect(),
            quantization: raw.quantization.clone().map(Text::from),
            weights: raw.weights.map(Bytes),
            weights_basis: raw.weights_basis.unwrap_or(WeightsBasis::Exact),
            projector: Bytes(raw.projector.unwrap_or(0)),
            source,
        }
    }
}

pub(super) fn is_date(date: &str) -> bool {
    let parts: Vec<&str> = date.split('-').collect();
    let number = |text: &str, digits: usize, range: std::ops::RangeInclusive<u32>| {
        text.len() == digits && text.parse().is_ok_and(|n| range.contains(&n))
    };
    match parts[..] {
        [year, month] => number(year, 4, 2000..=2100) && number(month, 2, 1..=12),
        [year, month, day] => {
            number(year, 4, 2000..=2100) && number(month, 2, 1..=12) && number(day, 2, 1..=31)
        }
        _ => false,
    }
}
