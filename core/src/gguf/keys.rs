//! The keys of a header that begin with the name of its architecture, each within what llama.cpp takes.

use crate::architecture::{COUNT_LIMIT, DIMENSION_LIMIT, Layers, PerLayer};

use super::error::{Error, ErrorKind, HeaderPart};
use super::value::{Metadata, Value};

/// More blocks than llama.cpp takes (`LLAMA_MAX_LAYERS` is 512).
pub(super) const BLOCK_LIMIT: u32 = 1024;
/// No architecture has a longer name.
const NAME_LIMIT: usize = 64;

/// The keys of one architecture, named without its prefix.
pub(super) struct Keys<'a> {
    pub(super) metadata: &'a Metadata,
    name: &'a str,
    /// Blocks of the model, without those for multi-token prediction.
    pub(super) blocks: u32,
    /// Blocks for multi-token prediction, which follow the others.
    pub(super) prediction: u32,
}

impl<'a> Keys<'a> {
    /// The keys of the architecture that the file names.
    pub(super) fn new(metadata: &'a Metadata) -> Result<Self, Error> {
        let key = "general.architecture";
        let name = match metadata.get(key) {
            None => return Err(missing(key.to_owned())),
            Some(Value::Text(name)) if is_name(name) => name,
            Some(_) => return Err(metadata.bad_type(key, HeaderPart::ArchitectureName)),
        };
        if matches!(name.as_str(), "clip" | "mmproj") {
            return Err(metadata.fault(key, ErrorKind::Projector));
        }
        let mut keys = Self {
            metadata,
            name,
            blocks: 0,
            prediction: 0,
        };
        let all = keys.required("block_count", BLOCK_LIMIT)?;
        keys.prediction = keys.number("nextn_predict_layers")?.unwrap_or(0);
        keys.blocks = all.saturating_sub(keys.prediction);
        if keys.blocks == 0 {
            let key = keys.key("block_count");
            let value = i128::from(all);
            return Err(metadata.fault(
                &key,
                ErrorKind::BadValue {
                    key: key.clone(),
                    value,
                },
            ));
        }
        Ok(keys)
    }

    /// The file's `general.architecture`, with which most keys begin.
    pub(super) const fn architecture(&self) -> &'a str {
        self.name
    }

    /// The whole name of a key: with the architecture before it.
    pub(super) fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    /// A number that may be missing.
    pub(super) fn number(&self, key: &str) -> Result<Option<u32>, Error> {
        self.metadata.number(&self.key(key), DIMENSION_LIMIT)
    }

    /// A number of heads, groups or taps that may be missing.
    pub(super) fn count(&self, key: &str) -> Result<Option<u32>, Error> {
        self.metadata.number(&self.key(key), COUNT_LIMIT)
    }

    /// A number, zero where it is missing.
    pub(super) fn or_zero(&self, key: &str) -> Result<u32, Error> {
        self.number(key).map(Option::unwrap_or_default)
    }

    /// A number that every model has, and that is not zero.
    pub(super) fn required(&self, key: &str, most: u32) -> Result<u32, Error> {
        let key = self.key(key);
        match self.metadata.number(&key, most)? {
            None => Err(missing(key)),
            Some(0) => Err(self.metadata.fault(
                &key,
                ErrorKind::BadValue {
                    key: key.clone(),
                    value: 0,
                },
            )),
            Some(number) => Ok(number),
        }
    }

    /// The first blocks' entries of a list.
    pub(super) fn list(&self, key: &str) -> Result<Option<Vec<u32>>, Error> {
        let key = self.key(key);
        let list = match self.metadata.get(&key) {
            Some(Value::List(list)) => list,
            Some(Value::Other) => {
                return Err(self.metadata.bad_type(&key, HeaderPart::Integers));
            }
            _ => return Ok(None),
        };
        if list.len() < self.blocks as usize {
            let (length, blocks) = (list.len() as u64, self.blocks);
            return Err(self.metadata.fault(
                &key,
                ErrorKind::BadList {
                    key: key.clone(),
                    length,
                    blocks,
                },
            ));
        }
        let first = list.iter().take(self.blocks as usize);
        first
            .map(|value| self.metadata.bounded(&key, *value, DIMENSION_LIMIT))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// A number for all blocks, or one for each.
    pub(super) fn per_layer(&self, key: &str) -> Result<Option<PerLayer>, Error> {
        match self.list(key)? {
            Some(list) => Ok(Some(folded(list))),
            None => Ok(self.number(key)?.map(PerLayer::Same)),
        }
    }

    /// Heads of all blocks, or of each.
    pub(super) fn heads(&self, key: &str) -> Result<Option<PerLayer>, Error> {
        let heads = self.per_layer(key)?;
        if let Some(heads) = &heads {
            let key = self.key(key);
            self.metadata
                .bounded(&key, i128::from(heads.max()), COUNT_LIMIT)?;
        }
        Ok(heads)
    }

    /// The largest number of a list, or the number.
    pub(super) fn largest(&self, key: &str) -> Result<Option<u32>, Error> {
        Ok(self.per_layer(key)?.map(|numbers| numbers.max()))
    }
}

fn is_name(text: &str) -> bool {
    text.len() <= NAME_LIMIT && text.bytes().all(|c| c.is_ascii_graphic())
}

fn missing(key: String) -> Error {
    Error::at_offset(0, ErrorKind::MissingKey(key))
}

/// A list, or its one number where all are the same.
fn folded(list: Vec<u32>) -> PerLayer {
    match list.first() {
        Some(first) if list.iter().all(|number| number == first) => PerLayer::Same(*first),
        _ => PerLayer::Each(list),
    }
}

/// The blocks whose entry in a list of flags is not zero.
pub(super) fn flagged(flags: &[u32]) -> Layers {
    let slides = (0..).zip(flags).filter(|(_, flag)| **flag != 0);
    Layers::Listed(slides.map(|(layer, _)| layer).collect())
}
