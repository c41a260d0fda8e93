//! From a model at hand to an entry of the catalog: a GGUF file's header, or the `config.json` of a checkpoint.
//!
//! An entry is written with the structs that data files are read with, and goes through the same checks before anybody sees it.

mod checkpoint;
mod header;
mod shape;

use serde::Serialize;

use crate::architecture::table;
use crate::catalog::Catalog;
use crate::catalog::raw;
use crate::error::{Error, ImportFault};
use crate::sanitize::sanitize;

pub use checkpoint::{name as name_of_config, of_config};
pub use header::{Layers, capability, of_header};

/// A model with its shape, as a data file has them.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The shape, in a list of one.
    pub architecture: Vec<raw::Architecture>,
    /// The model, in a list of one.
    pub model: Vec<raw::Model>,
}

/// What people call the model, and where its numbers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The tag under which the catalog is to have it.
    pub tag: String,
    /// The file that was read, in the catalog's words.
    pub source: String,
}

impl Entry {
    fn new(architecture: raw::Architecture, model: raw::Model) -> Self {
        Self {
            architecture: vec![architecture],
            model: vec![model],
        }
    }

    /// The entry as a data file, if it passes the checks of one on top of `catalog` and is what its tag finds there.
    ///
    /// # Errors
    /// [`Error::Defects`] for numbers that no model has, [`ImportFault::TakenTag`] if another model owns the tag.
    pub fn to_toml(&self, catalog: &mut Catalog, name: &str) -> Result<String, Error> {
        let text = toml::to_string(self).map_err(|error| Error::File {
            path: name.into(),
            reason: error.to_string(),
        })?;
        catalog
            .overlay([(name, text.as_str())])
            .map_err(Error::Defects)?;
        for model in &self.model {
            for variant in &model.variant {
                let tag = &variant.get_ref().tag;
                let found = catalog.find(tag);
                if found.is_none_or(|entry| entry.model.name != model.name) {
                    return Err(Error::Import(ImportFault::TakenTag(tag.clone())));
                }
            }
        }
        Ok(text)
    }
}

/// Every `model_type` of a `config.json` that can be imported, in the order of the alphabet.
pub fn model_types() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = table::model_types()
        .map(|(_, kind)| kind.name.as_str())
        .collect();
    names.sort_unstable();
    names.into_iter()
}

/// A name for a shape: no two files of one tag differ in it.
fn shape_name(tag: &str) -> String {
    let plain = |c: char| match c {
        ':' | '/' => '-',
        c => c.to_ascii_lowercase(),
    };
    format!("imported-{}", tag.chars().map(plain).collect::<String>())
}

/// A tag out of any text: `Qwen3-8B-Q4_K_M` becomes `qwen3-8b-q4_k_m`. `None` if nothing of it may stand in a tag.
pub fn tag_of(text: &str) -> Option<String> {
    let plain = text.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') => c.to_ascii_lowercase(),
        _ => '-',
    });
    let plain: String = plain.collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let tag = words.join("-");
    let tag = tag.trim_matches(['.', '_']);
    (!tag.is_empty()).then(|| tag.to_owned())
}

/// A stranger's word for a terminal: short, without anything that a terminal obeys.
fn excerpt(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    sanitize(&short).into_owned()
}
