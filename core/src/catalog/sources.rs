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
        for entry in entries(catalog) {
            let numbers = entry.iter().map(|text| {
                *known.entry(text.clone()).or_insert_with(|| {
                    sources.texts.push(text.clone());
                    (sources.texts.len() - 1) as u32
                })
            });
            let numbers = numbers.collect();
            sources.entries.push(numbers);
        }
        sources
    }

    /// Gives them back to the catalog that they were taken from.
    pub fn attach(&self, catalog: &mut Catalog) {
        for (entry, numbers) in entries(catalog).into_iter().zip(&self.entries) {
            let texts = numbers.iter().filter_map(|at| self.texts.get(*at as usize));
            *entry = texts.cloned().collect();
        }
    }
}

fn entries(catalog: &mut Catalog) -> Vec<&mut Vec<String>> {
    let mut entries: Vec<&mut Vec<String>> = Vec::new();
    entries.extend(
        catalog
            .architectures
            .iter_mut()
            .map(|known| &mut known.source),
    );
    entries.extend(catalog.gpus.iter_mut().map(|gpu| &mut gpu.source));
    for model in &mut catalog.models {
        entries.push(&mut model.source);
        entries.extend(model.variants.iter_mut().map(|variant| &mut variant.source));
    }
    entries
}
