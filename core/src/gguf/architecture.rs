//! Keys to [`Architecture`], with llama.cpp's defaults.

use crate::architecture::table::{Period, Row, Window};
use crate::architecture::{
    Architecture, COUNT_LIMIT, DIMENSION_LIMIT, Experts, Layers, Mla, PerLayer, Recurrent, Sliding,
};

use super::error::{Error, ErrorKind, HeaderPart};
use super::recurrent;
use super::sparse;
use super::value::{Metadata, Value};

/// More blocks than llama.cpp takes (`LLAMA_MAX_LAYERS` is 512).
const BLOCK_LIMIT: u32 = 1024;
/// No architecture has a longer name.
const NAME_LIMIT: usize = 64;

/// The keys of one architecture, named without its prefix.
pub(super) struct Keys<'a> {
    metadata: &'a Metadata,
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

    fn key(&self, key: &str) -> String {
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
    fn required(&self, key: &str, most: u32) -> Result<u32, Error> {
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
    fn largest(&self, key: &str) -> Result<Option<u32>, Error> {
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
pub(super) fn folded(list: Vec<u32>) -> PerLayer {
    match list.first() {
        Some(first) if list.iter().all(|number| number == first) => PerLayer::Same(*first),
        _ => PerLayer::Each(list),
    }
}

/// The architecture that the keys describe. What only the tensors tell, the vocabulary and the head, is left open.
pub(super) fn architecture(keys: &Keys<'_>, row: &Row) -> Result<Architecture, Error> {
    let embedding_length = keys.required("embedding_length", DIMENSION_LIMIT)?;
    let head_count = keys.heads("attention.head_count")?;
    let head_count = head_count.unwrap_or(PerLayer::Same(0));
    let head_count_kv = keys.heads("attention.head_count_kv")?;
    let head_count_kv = head_count_kv.unwrap_or_else(|| head_count.clone());
    // Where heads differ, the first block's count; blocks without attention have none.
    let heads = match head_count.get(0) {
        0 => head_count.max(),
        heads => heads,
    };
    let shared = embedding_length.checked_div(heads).unwrap_or(0);
    let length = |key| keys.number(key).map(|length| length.unwrap_or(shared));
    let key_length = length("attention.key_length")?;
    let value_length = length("attention.value_length")?;
    let feed_forward_length = keys.per_layer("feed_forward_length")?;
    let feed_forward_length = feed_forward_length.unwrap_or(PerLayer::Same(0));
    let recurrent = recurrent::recurrent(keys, row, &head_count_kv, &feed_forward_length)?;
    let attends = |layer| {
        let recurrent = recurrent.as_ref();
        recurrent.is_none_or(|hybrid: &Recurrent| hybrid.attention.contains(layer))
    };
    Ok(Architecture {
        name: keys.architecture().to_owned(),
        block_count: keys.blocks,
        context_length: keys.required("context_length", u32::MAX)?,
        embedding_length,
        experts: experts(keys, row, feed_forward_length.max())?,
        feed_forward_length,
        head_count: attending(head_count, keys.blocks, attends),
        head_count_kv: attending(head_count_kv, keys.blocks, attends),
        key_length,
        value_length,
        vocabulary_size: 0,
        tied_embeddings: false,
        embedding_length_per_layer_input: keys.or_zero("embedding_length_per_layer_input")?,
        shared_kv_layers: shared_kv_layers(keys, row)?,
        mla: mla(keys, key_length, value_length)?,
        sliding: sliding(keys, row, key_length, value_length)?,
        indexer: sparse::indexer(keys, row)?,
        compressed: sparse::compressed(keys, row)?,
        deepstack_layers: keys.or_zero("n_deepstack_layers")?.min(BLOCK_LIMIT),
        prediction_layers: keys.prediction,
        traits: row.traits(),
        recurrent,
    })
}

/// Heads where blocks that carry a state instead of attending are listed with none: one number where all others agree.
fn attending(heads: PerLayer, blocks: u32, attends: impl Fn(u32) -> bool) -> PerLayer {
    let mut numbers = (0..blocks)
        .filter(|layer| attends(*layer))
        .map(|layer| heads.get(layer));
    match numbers.next() {
        Some(first) if numbers.all(|number| number == first) => PerLayer::Same(first),
        _ => heads,
    }
}

fn shared_kv_layers(keys: &Keys<'_>, row: &Row) -> Result<u32, Error> {
    let declared = keys.or_zero("attention.shared_kv_layers")?;
    Ok(row.shared_kv_layers(declared, keys.blocks))
}

fn experts(keys: &Keys<'_>, row: &Row, dense: u32) -> Result<Option<Experts>, Error> {
    let count = keys.count("expert_count")?.unwrap_or(0);
    if count == 0 {
        return Ok(None);
    }
    let used = keys.largest("expert_used_count")?.unwrap_or(0);
    let default = if row.divided_experts {
        dense / used.max(1)
    } else {
        dense
    };
    let width = keys
        .largest("expert_feed_forward_length")?
        .filter(|width| *width > 0);
    let width = width.unwrap_or(default);
    let shared = match keys.number("expert_shared_feed_forward_length")? {
        Some(shared) if shared > 0 => shared,
        _ => {
            let count = keys.number("expert_shared_count")?;
            count
                .unwrap_or(row.shared_experts.unwrap_or(0))
                .saturating_mul(width)
        }
    };
    let every = keys.number("interleave_moe_layer_step")?;
    let every = every.or(keys.number("moe_every_n_layers")?);
    Ok(Some(Experts {
        count,
        used,
        feed_forward_length: width,
        shared_feed_forward_length: shared.min(DIMENSION_LIMIT),
        latent_length: keys.or_zero("moe_latent_size")?.min(DIMENSION_LIMIT),
        leading_dense: keys.or_zero("leading_dense_block_count")?,
        step: every.unwrap_or(1).max(1),
    }))
}

/// Latent attention; its latent is cached only where the file carries the keys of the compressed form.
fn mla(keys: &Keys<'_>, key_length: u32, value_length: u32) -> Result<Option<Mla>, Error> {
    let kv_lora_rank = keys.or_zero("attention.kv_lora_rank")?;
    if kv_lora_rank == 0 {
        return Ok(None);
    }
    let key = keys.or_zero("attention.key_length_mla")?;
    let value = keys.or_zero("attention.value_length_mla")?;
    let latent_cache = key > 0 && value > 0;
    let (key, value) = if latent_cache {
        (key, value)
    } else {
        (key_length, value_length)
    };
    let rope = keys.number("rope.dimension_count")?.unwrap_or(key);
    Ok(Some(Mla {
        kv_lora_rank,
        q_lora_rank: keys.or_zero("attention.q_lora_rank")?,
        rope,
        nope: key.saturating_sub(rope),
        value,
        latent_cache,
    }))
}

fn sliding(
    keys: &Keys<'_>,
    row: &Row,
    key_length: u32,
    value_length: u32,
) -> Result<Option<Sliding>, Error> {
    let given = keys.key("attention.sliding_window");
    let given = keys.metadata.number(&given, u32::MAX)?;
    let listed = keys.list("attention.sliding_window_pattern")?;
    let pattern = match listed {
        Some(_) => None,
        None => keys.number("attention.sliding_window_pattern")?,
    };
    let (window, layers) = match (row.window, listed) {
        (Window::Disabled(_), _) | (Window::Ignored, None) => return Ok(None),
        (Window::Ignored, Some(flags)) => (given, flagged(&flags)),
        (Window::Period(Period { default, fixed, .. }), Some(flags)) => {
            (width(given, default, fixed), flagged(&flags))
        }
        (
            Window::Period(Period {
                every,
                dense_first,
                default,
                fixed,
            }),
            None,
        ) => (
            width(given, default, fixed),
            periodic(pattern.unwrap_or(every), dense_first, keys.blocks),
        ),
    };
    let Some(window) = window.filter(|window| *window > 0) else {
        return Ok(None);
    };
    if !(0..keys.blocks).any(|layer| layers.contains(layer)) {
        return Ok(None);
    }
    let other = |key, usual| {
        let length = keys.number(key);
        length.map(|length| length.filter(|length| *length != usual))
    };
    Ok(Some(Sliding {
        window,
        layers,
        key_length: other("attention.key_length_swa", key_length)?,
        value_length: other("attention.value_length_swa", value_length)?,
    }))
}

fn width(given: Option<u32>, default: Option<u32>, fixed: Option<u32>) -> Option<u32> {
    match (given.or(default), fixed) {
        (Some(window), Some(fixed)) if window > 0 => Some(fixed),
        (window, _) => window,
    }
}

pub(super) fn flagged(flags: &[u32]) -> Layers {
    let slides = (0..).zip(flags).filter(|(_, flag)| **flag != 0);
    Layers::Listed(slides.map(|(layer, _)| layer).collect())
}

/// llama.cpp's patterns: 0 is every block, 1 is none.
fn periodic(every: u32, dense_first: bool, blocks: u32) -> Layers {
    match every {
        0 => Layers::AllButEvery(1),
        1 => Layers::Listed(Vec::new()),
        every if dense_first => {
            Layers::Listed((0..blocks).filter(|layer| layer % every != 0).collect())
        }
        every => Layers::AllButEvery(every),
    }
}
