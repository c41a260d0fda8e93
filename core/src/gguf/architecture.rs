//! Keys to [`Architecture`], with llama.cpp's defaults.

use crate::architecture::table::{Period, Row, Window};
use crate::architecture::{
    Architecture, DIMENSION_LIMIT, Experts, Layers, Mla, PerLayer, Recurrent, Sliding,
};

use super::error::Error;
use super::keys::{BLOCK_LIMIT, Keys, flagged};
use super::recurrent;
use super::sparse;

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
        traits: row.traits,
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
