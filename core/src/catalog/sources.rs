//! Where the catalog's numbers come from, kept apart: most answers cite nothing, and should not pay for reading it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Catalog;

/// Every source once, and which of them each entry names, in the order of the catalog.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sources {
    texts: Vec<String>,
    entries: Vec<Vec<u32>>,
}

impl Sources {
    /// The sources of a catalog.
    pub fn collect(catalog: &mut Catalog) -> Self {
        let mut sources = Self::default();
        let mut known: HashMap<String, u32> = HashMap::new();
        each(catalog, |entry| {
            let numbers = entry.iter().map(|text| {
                *known.entry(text.clone()).or_insert_with(|| {
                    sources.texts.push(text.clone());
                    (sources.texts.len() - 1) as u32
                })
            });
            let numbers = numbers.collect();
            sources.entries.push(numbers);
        });
        sources
    }

    /// Gives them back to the catalog that they were taken from.
    pub fn attach(&self, catalog: &mut Catalog) {
        let mut entries = self.entries.iter();
        each(catalog, |entry| {
            let numbers = entries.next().into_iter().flatten();
            let texts = numbers.filter_map(|at| self.texts.get(*at as usize));
            *entry = texts.cloned().collect();
        });
    }
}

/// Visits the sources of every entry, in the order of the catalog.
fn each(catalog: &mut Catalog, mut visit: impl FnMut(&mut Vec<String>)) {
    let architectures = catalog.architectures.iter_mut();
    architectures.for_each(|known| visit(&mut known.source));
    let gpus = catalog.gpus.iter_mut();
    gpus.for_each(|gpu| visit(&mut gpu.source));
    for model in &mut catalog.models {
        visit(&mut model.source);
        let mut variants = std::mem::take(&mut model.variants).into_inner();
        let files = variants.iter_mut();
        files.for_each(|variant| visit(&mut variant.source));
        model.variants = variants.into();
    }
}
