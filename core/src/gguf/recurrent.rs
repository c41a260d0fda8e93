//! Blocks that carry a state: which they are, and how large it is.

use crate::architecture::table::{Hybrid, Row, StateKind};
use crate::architecture::{Layers, PerLayer, Recurrent, State};

use super::error::Error;
use super::keys::Keys;

/// llama.cpp's `full_attention_interval` where a file does not say.
const INTERVAL: u32 = 4;
/// The tokens that RWKV mixes with their predecessors, where a file does not say.
const TOKEN_SHIFTS: u32 = 2;

/// The recurrent part of the model, if it has one.
pub(super) fn recurrent(
    keys: &Keys<'_>,
    row: &Row,
    head_count_kv: &PerLayer,
    feed_forward_length: &PerLayer,
) -> Result<Option<Recurrent>, Error> {
    let Some(state) = state(keys, row, head_count_kv)? else {
        return Ok(None);
    };
    let heads = |layer: &u32| head_count_kv.get(*layer) > 0;
    let interval = keys.number("full_attention_interval")?;
    let rule = match row.hybrid {
        Hybrid::Keys if interval.is_some() => Hybrid::Interval,
        Hybrid::Keys if !matches!(head_count_kv, PerLayer::Same(_)) => Hybrid::Headless,
        // A state that no block is known to carry.
        Hybrid::Keys => return Ok(None),
        rule => rule,
    };
    let (attention, recurrent) = match rule {
        Hybrid::Interval => (
            intervals(keys, interval.or(row.interval).unwrap_or(INTERVAL))?,
            None,
        ),
        Hybrid::Keys | Hybrid::Headless => (listed(keys, heads), None),
        Hybrid::Bare => {
            let bare = |layer: &u32| !heads(layer) && feed_forward_length.get(*layer) == 0;
            (listed(keys, heads), Some(listed(keys, bare)))
        }
        Hybrid::Both => (Layers::AllButEvery(1), Some(Layers::AllButEvery(1))),
        Hybrid::All => (Layers::Listed(Vec::new()), None),
    };
    Ok(Some(Recurrent {
        state,
        attention,
        recurrent,
    }))
}

fn listed(keys: &Keys<'_>, has: impl Fn(&u32) -> bool) -> Layers {
    Layers::Listed((0..keys.blocks).filter(has).collect())
}

/// The blocks that attend: every n-th, unless the recurrent ones are listed.
fn intervals(keys: &Keys<'_>, every: u32) -> Result<Layers, Error> {
    let flags = keys.list("attention.recurrent_layers")?;
    Ok(match flags {
        Some(flags) => listed(keys, |layer| flags.get(*layer as usize) == Some(&0)),
        None => Layers::Every(every),
    })
}

/// One block's state. The forms of KDA and RWKV are [`State::Ssm`] with other names for the same products.
fn state(keys: &Keys<'_>, row: &Row, head_count_kv: &PerLayer) -> Result<Option<State>, Error> {
    if row.state == Some(StateKind::Lightning) {
        return lightning(keys).map(Some);
    }
    if let Some(l_cache) = keys.count("shortconv.l_cache")? {
        return Ok(Some(State::ShortConv { l_cache }));
    }
    if let Some(head_size) = keys.count("wkv.head_size")? {
        return rwkv(keys, head_size).map(Some);
    }
    let Some(conv_kernel) = keys.count("ssm.conv_kernel")? else {
        return Ok(None);
    };
    if let Some(head) = keys.count("kda.head_dim")? {
        let heads = keys.heads("attention.head_count")?;
        let heads = heads.map_or_else(|| head_count_kv.max(), |heads| heads.max());
        return Ok(Some(State::Ssm {
            conv_kernel,
            inner_size: heads.saturating_mul(head),
            state_size: head,
            time_step_rank: heads,
            group_count: heads,
        }));
    }
    Ok(Some(State::Ssm {
        conv_kernel,
        inner_size: keys.or_zero("ssm.inner_size")?,
        state_size: keys.count("ssm.state_size")?.unwrap_or(0),
        time_step_rank: keys.count("ssm.time_step_rank")?.unwrap_or(0),
        group_count: keys.count("ssm.group_count")?.unwrap_or(0),
    }))
}

/// Linear attention keeps a matrix of `key_length * key_length` for each head.
fn lightning(keys: &Keys<'_>) -> Result<State, Error> {
    let heads = keys.heads("attention.head_count")?;
    let heads = heads.map_or(0, |heads| heads.max());
    let width = keys.or_zero("embedding_length")?;
    let shared = width.checked_div(heads).unwrap_or(0);
    let head = keys.number("attention.key_length")?.unwrap_or(shared);
    Ok(State::Ssm {
        conv_kernel: 1,
        inner_size: heads.saturating_mul(head),
        state_size: head,
        time_step_rank: 0,
        group_count: 0,
    })
}

/// RWKV keeps `token_shift_count` embeddings and a matrix of `embedding_length * head_size`.
fn rwkv(keys: &Keys<'_>, head_size: u32) -> Result<State, Error> {
    let shifts = keys.count("token_shift_count")?.unwrap_or(TOKEN_SHIFTS);
    Ok(State::Ssm {
        conv_kernel: shifts.saturating_add(1),
        inner_size: keys.or_zero("embedding_length")?,
        state_size: head_size,
        time_step_rank: 0,
        group_count: 0,
    })
}
