//! The tensors that a GGUF file of a given architecture and quantization holds, after llama.cpp's `llama-quant.cpp`.
//!
//! A file's header tells the same exactly; this is for published files of which only the size is known. The distribution over blocks is
//! what matters then, since [`Weights::scaled_to`] makes the total right.

mod file_type;
mod habit;
mod role;
mod rules;
mod scheme;
mod streams;
mod vectors;

use super::once::Once;
use crate::architecture::{Architecture, AttentionGate, CacheKind, FeedForward, PerLayer, State};
use crate::quantization::TensorType as T;
use crate::units::Bytes;
use crate::weights::{BlockWeights, Weights};

use file_type::FileType;
use habit::Habit;
use role::Role;
use scheme::{Scheme, Types};
use vectors::vectors;

/// The tensors of a model with this shape, stored so. `None` for an unknown quantization.
pub fn weights(architecture: &Architecture, quantization: &str) -> Option<Weights> {
    let file = FileType::named(quantization)?;
    let base = *file.bases().first()?;
    Some(tensors(&Scheme::new(
        file,
        architecture,
        base,
        Habit::Usual,
    )))
}

/// A file of which the size is known: its tensors, and how well they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTensors {
    /// Its tensors, with their sum as it is.
    pub weights: Weights,
    /// By how many bytes GPUs may hold more of it. Zero where a layout has this size; else what no layout accounts for, spread over all
    /// tensors, may lie in some of them.
    pub misplaced: Bytes,
}

/// What is known of the size of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileSize {
    /// Bytes of its tensors, as near as they are known.
    pub tensors: Bytes,
    /// By how many bytes they may be fewer or more, such as half of a published size's last digit.
    pub rounding: Bytes,
    /// Bytes of them that may be a vision projector in the same file.
    pub projector: Bytes,
}

impl FileSize {
    /// By how many bytes tensors laid out so lie outside what it may be.
    fn differs(&self, weights: &Weights) -> Bytes {
        let file = weights.in_file();
        let (least, most) = (
            self.tensors - self.rounding - self.projector,
            self.tensors + self.rounding,
        );
        (file - most) + (least - file)
    }

    /// Whether nothing but what files of one shape differ by parts it from tensors laid out so.
    fn is_like(&self, weights: &Weights) -> bool {
        self.differs(weights) <= self.tensors.scale(1, 1000).max(TOKENIZER)
    }
}

/// The same for a file of which the size is known, too: the nearest of the layouts that quantizers make.
pub fn of_size(
    architecture: &Architecture,
    quantization: &str,
    size: FileSize,
) -> Option<FileTensors> {
    let file = FileType::named(quantization)?;
    let total = size.tensors;
    let laid_out = |habit: Habit| {
        let bases = file.bases().into_iter();
        let schemes = bases.map(|base| Scheme::new(file, architecture, base, habit));
        let weights = schemes.map(|scheme| tensors(&scheme));
        weights.min_by_key(|weights| size.differs(weights))
    };
    let usual = laid_out(Habit::Usual)?;
    let others = || {
        let habits = Habit::OTHERS.into_iter();
        let habits = habits.filter(|habit| habit.occurs(architecture, file));
        let others = habits.filter_map(|habit| Some((habit, laid_out(habit)?)));
        others.filter(|(habit, made)| habit.is_likely() || size.is_like(made))
    };
    let other = || {
        // Of those that a rounded size has alike the first, which is the likeliest.
        let nearest = others().map(|(_, made)| made);
        let nearest = nearest.min_by_key(|made| size.differs(made));
        // It has to account for most of what the usual layout leaves open.
        nearest.filter(|other| size.differs(other).0.saturating_mul(2) < size.differs(&usual).0)
    };
    let nearest = match size.is_like(&usual) {
        true => usual.clone(),
        false => other().unwrap_or_else(|| usual.clone()),
    };
    let (file, left) = (nearest.in_file(), size.differs(&nearest));
    let misplaced = match size.is_like(&nearest) {
        true => Bytes::ZERO,
        // All of it may be matrices of blocks, of which the host's tensors were given their part.
        false if file < total => left.scale((file - nearest.on_gpu()).0, file.0),
        false => left,
    };
    let weights = nearest.scaled_to(total);
    let untold = match size.rounding {
        Bytes::ZERO => Bytes::ZERO,
        // What the size does not tell apart may be either.
        _ => others()
            .map(|(_, made)| made)
            .chain([usual])
            .filter(|made| size.is_like(made))
            .map(|made| made.scaled_to(total).on_gpu() - weights.on_gpu())
            .max()
            .unwrap_or_default(),
    };
    Some(FileTensors {
        weights,
        misplaced: misplaced + untold,
    })
}

/// By how much files of one shape differ in what is no tensor, the tokenizer mostly.
const TOKENIZER: Bytes = Bytes::mib(2);

fn tensors(scheme: &Scheme<'_>) -> Weights {
    let architecture = scheme.architecture;
    let d = u64::from(architecture.embedding_length);
    let vocabulary = u64::from(architecture.vocabulary_size);
    let token_embd = scheme.matrix(scheme.embedding(), d, vocabulary);
    let vectors = if architecture.traits.biases { 2 } else { 1 };
    let norm = T::F32.bytes(vectors * d);
    // Published files keep it in 16 bits whatever the rest is.
    let per_layer = u64::from(architecture.embedding_length_per_layer_input)
        * u64::from(architecture.block_count);
    let rows = match scheme.habit {
        Habit::NarrowRows => scheme.base,
        _ => T::F16,
    };
    let head = if architecture.tied_embeddings {
        token_embd
    } else if architecture.traits.generates {
        scheme.matrix(scheme.head(), d, vocabulary)
    } else {
        Bytes::ZERO
    };
    Weights {
        token_embd,
        per_layer_token_embd: rows.bytes(per_layer * streams::tokens(scheme))
            + positions(architecture),
        output: head + norm + streams::output(scheme),
        tied: architecture.tied_embeddings,
        blocks: blocks(scheme),
        prediction: Bytes::ZERO,
        group: 0,
    }
}

/// `position_embd.weight`, where a vector was learned for each position; an input that stays on the host.
fn positions(architecture: &Architecture) -> Bytes {
    if !architecture.traits.learned_positions {
        return Bytes::ZERO;
    }
    T::F32.bytes(u64::from(architecture.context_length) * u64::from(architecture.embedding_length))
}

/// Blocks of one form whose mixed matrices are stored alike are alike.
fn blocks(scheme: &Scheme<'_>) -> Vec<BlockWeights> {
    let (mut types, mut blocks) = (Once::new(), Once::new());
    let of = |layer| {
        let places = scheme.places(layer);
        let types = types.get(places, || scheme.types(&places));
        blocks.get((scheme.forms.kind(layer), types), || {
            block(scheme, layer, &types)
        })
    };
    (0..scheme.architecture.block_count).map(of).collect()
}

fn block(scheme: &Scheme<'_>, layer: u32, types: &Types) -> BlockWeights {
    let architecture = scheme.architecture;
    let d = u64::from(architecture.embedding_length);
    let mixing = match architecture.memory(layer) {
        CacheKind::State => state_block(scheme, types, d),
        // A block of a hybrid that keeps nothing is its network alone; without states it attends to what others keep.
        CacheKind::Nothing if architecture.recurrent.is_some() => Bytes::ZERO,
        _ => attention(scheme, layer, types, d),
    };
    let network = feed_forward(scheme, layer, types, d);
    BlockWeights {
        total: vectors(architecture, layer)
            + mixing
            + network.dense
            + network.experts
            + streams::block(scheme),
        experts: network.experts,
        largest: network.largest,
    }
}

fn attention(scheme: &Scheme<'_>, layer: u32, types: &Types, d: u64) -> Bytes {
    let architecture = scheme.architecture;
    let heads = u64::from(architecture.head_count.get(layer));
    let put = |role, columns, rows| scheme.matrix(types.get(role), columns, rows);
    if let Some(mla) = &architecture.mla {
        let [kv, rope, nope, value, q] = [
            mla.kv_lora_rank,
            mla.rope,
            mla.nope,
            mla.value,
            mla.q_lora_rank,
        ]
        .map(u64::from);
        let query = if q == 0 {
            put(Role::Query, d, heads * (nope + rope))
        } else {
            put(Role::Plain, d, q) + put(Role::Plain, q, heads * (nope + rope))
        };
        // Files for a latent cache hold the expansion of keys and of values apart, the first by columns.
        let expansion = if mla.latent_cache {
            put(Role::Plain, nope, heads * kv) + put(Role::Plain, kv, heads * value)
        } else {
            put(Role::Value, kv, heads * (nope + value))
        };
        return query
            + put(Role::Plain, d, kv + rope)
            + expansion
            + put(Role::AttentionOutput, heads * value, d);
    }
    let (key, value) = architecture.head_lengths(layer);
    let kv_heads = match architecture.traits.cross_attention {
        true => &PerLayer::Same(architecture.head_count_kv.max()),
        false => &architecture.head_count_kv,
    };
    let kv_heads = u64::from(kv_heads.get(layer));
    let (query, key, value) = (
        heads * u64::from(key),
        kv_heads * u64::from(key),
        kv_heads * u64::from(value),
    );
    let attended = heads * u64::from(architecture.head_lengths(layer).1);
    let gate = match architecture.traits.attention_gate {
        AttentionGate::None => Bytes::ZERO,
        AttentionGate::Heads => put(Role::Plain, d, heads),
        AttentionGate::Elements => put(Role::Plain, d, attended),
    };
    let output = gate + put(Role::AttentionOutput, attended, d);
    if architecture.traits.fused_qkv {
        return put(Role::FusedQkv, d, query + key + value) + output;
    }
    // The gate of attention's output comes from the query's matrix, which is twice as tall then.
    let gated = if architecture.traits.gated_query {
        2
    } else {
        1
    };
    put(Role::Query, d, gated * query)
        + put(Role::Key, d, key)
        + put(Role::Value, d, value)
        + output
}

fn state_block(scheme: &Scheme<'_>, types: &Types, d: u64) -> Bytes {
    let put = |columns, rows| scheme.matrix(types.get(Role::Plain), columns, rows);
    match scheme
        .architecture
        .recurrent
        .as_ref()
        .map(|hybrid| &hybrid.state)
    {
        Some(&State::Ssm {
            inner_size,
            state_size,
            time_step_rank,
            group_count,
            conv_kernel,
        }) => {
            let [inner, state, rank, groups] =
                [inner_size, state_size, time_step_rank, group_count].map(u64::from);
            let channels = inner + 2 * groups * state;
            let convolution = T::F32.bytes(channels * u64::from(conv_kernel));
            // Gated delta nets project query, key and value at once, and their gate, alpha and beta apart; Mamba projects all at once.
            let projections = if scheme.architecture.traits.gated_query {
                let qkv = types.get(Role::FusedQkv);
                scheme.matrix(qkv, d, channels) + put(d, inner) + put(d, 2 * rank)
            } else {
                put(d, channels + inner + rank)
            };
            projections + put(inner, d) + convolution
        }
        Some(&State::ShortConv { l_cache }) => {
            put(d, 3 * d) + put(d, d) + T::F32.bytes(d * u64::from(l_cache))
        }
        None => Bytes::ZERO,
    }
}

/// A feed-forward network: its dense or shared part, its experts, and the largest matrix of either.
struct Network {
    dense: Bytes,
    experts: Bytes,
    largest: Bytes,
}

fn feed_forward(scheme: &Scheme<'_>, layer: u32, types: &Types, d: u64) -> Network {
    let architecture = scheme.architecture;
    let put = |role, columns, rows| scheme.matrix(types.get(role), columns, rows);
    // `largest` is a tensor as the file has it: gate and up are two of them, or one of twice the width.
    let (gates, parts) = match architecture.traits.feed_forward {
        FeedForward::Gated => (2, 2),
        FeedForward::Fused => (2, 1),
        FeedForward::Plain => (1, 1),
    };
    let dense = |width: u64| put(Role::Up, d, gates * width) + put(Role::Down, width, d);
    let largest =
        |width: u64| put(Role::Up, d, gates * width / parts).max(put(Role::Down, width, d));
    match &architecture.experts {
        Some(experts) if architecture.has_experts(layer) => {
            let [count, width, shared, latent] = [
                experts.count,
                experts.feed_forward_length,
                experts.shared_feed_forward_length,
                experts.latent_length,
            ]
            .map(u64::from);
            // Experts of a latent width (`moe_latent_size`) read and write a narrower row; two matrices lead there and back.
            let (input, projections) = match latent {
                0 => (d, Bytes::ZERO),
                _ => (
                    latent,
                    put(Role::Plain, d, latent) + put(Role::Plain, latent, d),
                ),
            };
            let up = put(Role::Expert, input, width * count);
            let down = put(Role::ExpertDown, width, input * count);
            let shared = if shared > 0 {
                dense(shared)
            } else {
                Bytes::ZERO
            };
            Network {
                // The router is never quantised: it is small, and it decides.
                dense: T::F32.bytes(d * count) + shared + projections,
                experts: up * gates + down,
                largest: up.max(down),
            }
        }
        Some(_) if architecture.mixes_only(layer) => Network {
            dense: Bytes::ZERO,
            experts: Bytes::ZERO,
            largest: Bytes::ZERO,
        },
        _ => {
            let width = u64::from(architecture.feed_forward_length.get(layer));
            Network {
                dense: dense(width),
                experts: Bytes::ZERO,
                largest: largest(width),
            }
        }
    }
}
