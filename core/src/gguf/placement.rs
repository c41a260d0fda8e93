//! Which device a tensor goes to, by its name: the input stays on the host, blocks move one by one, the rest goes with the output.
//!
//! Source: the layer of each tensor in llama.cpp's `src/llama-arch.cpp` (`LLM_TENSOR_LAYER_*`).

use crate::architecture::table::{Prediction, Row};
use crate::units::Bytes;
use crate::weights::{BlockWeights, Weights};

use super::error::{Error, ErrorKind, TensorFault};
use super::tensor::Tensor;

/// The embedding, which is the head as well where there is no other.
pub(super) const EMBEDDING: &str = "token_embd.weight";
/// What blocks add to a token from a table of their own.
const PER_LAYER: &str = "per_layer_token_embd.weight";
/// The output head, missing where the embedding serves as the head too.
const HEAD: &str = "output.weight";

/// Tensors by the device that will hold them.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) weights: Weights,
    /// A vision or audio part in the same file.
    pub(super) projector: Bytes,
    /// Tensors that the engine does not load.
    pub(super) unused: Bytes,
}

/// Which layer a tensor belongs to, by its name.
enum Place {
    Host,
    Block(u32),
    Output,
    Projector,
}

/// Sorts the tensors of a model with `blocks` blocks and `prediction` more for multi-token prediction.
pub(super) fn place(
    tensors: &[Tensor],
    blocks: u32,
    prediction: u32,
    row: &Row,
) -> Result<Placed, Error> {
    let Some(embedding) = tensors.iter().find(|tensor| tensor.name == EMBEDDING) else {
        return Err(Error::at_offset(0, ErrorKind::MissingTensor(EMBEDDING)));
    };
    let tied = row.traits.generates && !tensors.iter().any(|tensor| tensor.name == HEAD);
    let mut placed = Placed {
        weights: Weights {
            tied,
            blocks: vec![BlockWeights::default(); blocks as usize],
            output: if tied { embedding.bytes } else { Bytes::ZERO },
            ..Weights::default()
        },
        projector: Bytes::ZERO,
        unused: Bytes::ZERO,
    };
    for tensor in tensors {
        match place_of(&tensor.name) {
            Place::Host if tensor.name == PER_LAYER => {
                placed.weights.per_layer_token_embd += tensor.bytes
            }
            Place::Host => placed.weights.token_embd += tensor.bytes,
            Place::Output => placed.weights.output += tensor.bytes,
            Place::Projector => placed.projector += tensor.bytes,
            Place::Block(index) => match placed.weights.blocks.get_mut(index as usize) {
                Some(block) => add(block, tensor),
                None if index >= blocks + prediction => {
                    return Err(tensor.inconsistent(TensorFault::Block));
                }
                None if row.prediction == Prediction::Loaded && !is_draft(&tensor.name) => {
                    placed.weights.output += tensor.bytes;
                }
                // Elsewhere they are loaded only where a draft is asked for.
                None => {
                    placed.unused += tensor.bytes;
                    placed.weights.prediction += tensor.bytes;
                }
            },
        }
    }
    Ok(placed)
}

fn add(block: &mut BlockWeights, tensor: &Tensor) {
    block.total += tensor.bytes;
    block.largest = block.largest.max(tensor.bytes);
    if is_expert(&tensor.name) {
        block.experts += tensor.bytes;
    }
}

/// Whether the engine leaves this tensor of a block for prediction out although it loads the block: its attention, and what joins it to the
/// model. The block's own embedding and head are loaded (`step35.cpp`).
fn is_draft(name: &str) -> bool {
    let mut parts = name.split('.').skip(2);
    match parts.next() {
        Some("attn_q" | "attn_k" | "attn_v" | "attn_output") => true,
        Some("nextn") => matches!(parts.next(), Some("eh_proj" | "enorm" | "hnorm")),
        _ => false,
    }
}

fn place_of(name: &str) -> Place {
    // Encoder-decoder models have two stacks, of which the engine numbers the blocks together.
    let bare = name
        .strip_prefix("enc.")
        .or_else(|| name.strip_prefix("dec."))
        .unwrap_or(name);
    if let Some(index) = block_of(bare) {
        return Place::Block(index);
    }
    let stem = name.split('.').next().unwrap_or(name);
    match stem {
        "token_embd"
        | "token_embd_norm"
        | "token_types"
        | "position_embd"
        | "per_layer_token_embd" => Place::Host,
        // The engine repeats these on each device; they are a few hundred bytes.
        "rope_freqs" | "rope_factors_long" | "rope_factors_short" => Place::Block(0),
        "v" | "mm" | "a" => Place::Projector,
        _ => Place::Output,
    }
}

/// `N` of `blk.N.*`. A number that is none is beyond all blocks.
fn block_of(name: &str) -> Option<u32> {
    let (index, _) = name.strip_prefix("blk.")?.split_once('.')?;
    Some(index.parse().unwrap_or(u32::MAX))
}

/// `blk.N.ffn_*_exps.*`, or `blk.N.ffn_*.E.weight` of files from before experts were merged.
fn is_expert(name: &str) -> bool {
    let mut parts = name.split('.').skip(2);
    let part = parts.next().unwrap_or("");
    let numbered = parts.next().is_some_and(|part| part.parse::<u32>().is_ok());
    part.starts_with("ffn_") && (part.ends_with("_exps") || numbered)
}
