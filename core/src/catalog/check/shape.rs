//! From the keys of a data file to a shape.

use super::{Context, MOST};
use crate::architecture::{
    Architecture, COUNT_LIMIT, Compressed, DIMENSION_LIMIT, Experts, Indexer, Layers, Mla,
    PerLayer, Recurrent, Sliding, State, Traits, table,
};
use crate::catalog::model::KnownArchitecture;
use crate::catalog::raw::{self, Numbers};
use crate::defect::Fault;
use crate::units::Bytes;

impl Context<'_> {
    fn numbers(&mut self, key: &'static str, numbers: Numbers, blocks: u32) -> PerLayer {
        match numbers {
            Numbers::One(n) => PerLayer::Same(n),
            Numbers::Many(list) => {
                self.require(list.len() == blocks as usize, Fault::ListLength(key));
                PerLayer::Each(list)
            }
        }
    }

    pub(super) fn architecture(&mut self, raw: &raw::Architecture) -> KnownArchitecture {
        let source = raw.source.clone().into_vec();
        self.require(!source.is_empty(), Fault::NoSource);
        self.require(
            (1..=MOST).contains(&raw.block_count),
            Fault::Implausible("block_count"),
        );
        self.require(
            (1..=1 << 20).contains(&raw.embedding_length),
            Fault::Implausible("embedding_length"),
        );
        self.require(
            (1..=1 << 24).contains(&raw.vocabulary_size),
            Fault::Implausible("vocabulary_size"),
        );
        let heads = self.numbers("head_count", raw.head_count.clone(), raw.block_count);
        self.require(
            (1..=MOST).contains(&heads.max()),
            Fault::Implausible("head_count"),
        );
        let head_count_kv = match raw.head_count_kv.clone() {
            Some(numbers) => self.numbers("head_count_kv", numbers, raw.block_count),
            None => heads.clone(),
        };
        self.require(
            head_count_kv.max() <= heads.max(),
            Fault::Implausible("head_count_kv"),
        );
        let feed_forward_length = match raw.feed_forward_length.clone() {
            Some(numbers) => self.numbers("feed_forward_length", numbers, raw.block_count),
            None => PerLayer::Same(0),
        };
        self.bounded(raw);
        self.require(
            feed_forward_length.max() <= DIMENSION_LIMIT,
            Fault::Implausible("feed_forward_length"),
        );
        let head = raw.embedding_length / heads.max().max(1);
        let key_length = raw.key_length.unwrap_or(head);
        let shape = Architecture {
            name: raw.architecture.clone(),
            block_count: raw.block_count,
            context_length: raw.context_length.unwrap_or(0),
            embedding_length: raw.embedding_length,
            feed_forward_length,
            head_count: heads,
            head_count_kv,
            key_length,
            value_length: raw.value_length.unwrap_or(key_length),
            vocabulary_size: raw.vocabulary_size,
            tied_embeddings: raw.tied_embeddings,
            embedding_length_per_layer_input: raw.embedding_length_per_layer_input.unwrap_or(0),
            shared_kv_layers: table::row(&raw.architecture)
                .shared_kv_layers(raw.shared_kv_layers.unwrap_or(0), raw.block_count),
            experts: self.experts(raw),
            mla: self.mla(raw),
            sliding: sliding(raw),
            recurrent: self.recurrent(raw),
            indexer: indexer(raw),
            compressed: raw.compress_ratios.clone().map(|ratios| Compressed {
                ratios,
                indexer_key_length: raw.indexer_key_length.unwrap_or(0),
            }),
            deepstack_layers: raw.n_deepstack_layers.unwrap_or(0),
            prediction_layers: 0,
            traits: traits(raw),
        };
        KnownArchitecture {
            name: raw.name.clone().into(),
            shape,
            metadata: Bytes(raw.metadata.unwrap_or(0)),
            source,
        }
    }

    /// The limits of GGUF shapes hold for those of data files, too: no product of a few of them overflows.
    fn bounded(&mut self, raw: &raw::Architecture) {
        let dimensions = [
            ("key_length", raw.key_length),
            ("value_length", raw.value_length),
            ("key_length_swa", raw.key_length_swa),
            ("value_length_swa", raw.value_length_swa),
            ("expert_feed_forward_length", raw.expert_feed_forward_length),
            (
                "expert_shared_feed_forward_length",
                raw.expert_shared_feed_forward_length,
            ),
            ("moe_latent_size", raw.moe_latent_size),
            ("kv_lora_rank", raw.kv_lora_rank),
            ("q_lora_rank", raw.q_lora_rank),
            ("rope_dimension_count", raw.rope_dimension_count),
            ("qk_nope_head_dim", raw.qk_nope_head_dim),
            ("v_head_dim", raw.v_head_dim),
            (
                "embedding_length_per_layer_input",
                raw.embedding_length_per_layer_input,
            ),
            ("ssm_inner_size", raw.ssm_inner_size),
            ("indexer_key_length", raw.indexer_key_length),
        ];
        let counts = [
            ("expert_count", raw.expert_count),
            ("expert_used_count", raw.expert_used_count),
            ("expert_shared_count", raw.expert_shared_count),
            ("ssm_conv_kernel", raw.ssm_conv_kernel),
            ("ssm_state_size", raw.ssm_state_size),
            ("ssm_time_step_rank", raw.ssm_time_step_rank),
            ("ssm_group_count", raw.ssm_group_count),
            ("shortconv_l_cache", raw.shortconv_l_cache),
            ("shared_kv_layers", raw.shared_kv_layers),
            ("indexer_head_count", raw.indexer_head_count),
            ("n_deepstack_layers", raw.n_deepstack_layers),
        ];
        let limited = |limit| move |(key, value)| (key, value, limit);
        let all = dimensions
            .map(limited(DIMENSION_LIMIT))
            .into_iter()
            .chain(counts.map(limited(COUNT_LIMIT)));
        for (key, value, limit) in all {
            self.require(
                value.is_none_or(|value| value <= limit),
                Fault::Implausible(key),
            );
        }
        let ratios = raw.compress_ratios.iter().flatten();
        self.require(
            ratios.copied().max().unwrap_or(0) <= COUNT_LIMIT,
            Fault::Implausible("compress_ratios"),
        );
    }

    fn experts(&mut self, raw: &raw::Architecture) -> Option<Experts> {
        let count = raw.expert_count.filter(|count| *count > 0)?;
        self.require(
            raw.expert_used_count
                .is_some_and(|used| (1..=count).contains(&used)),
            Fault::Missing("expert_used_count"),
        );
        let dense = match raw.feed_forward_length {
            Some(Numbers::One(n)) => Some(n),
            _ => None,
        };
        let width = raw.expert_feed_forward_length.or(dense);
        self.require(
            width.is_some(),
            Fault::Missing("expert_feed_forward_length"),
        );
        let width = width.unwrap_or(0);
        let shared = raw
            .expert_shared_feed_forward_length
            .unwrap_or(raw.expert_shared_count.unwrap_or(0).saturating_mul(width));
        Some(Experts {
            count,
            used: raw.expert_used_count.unwrap_or(1),
            feed_forward_length: width,
            shared_feed_forward_length: shared,
            latent_length: raw.moe_latent_size.unwrap_or(0),
            leading_dense: raw.leading_dense_block_count.unwrap_or(0),
            step: raw.interleave_moe_layer_step.unwrap_or(1).max(1),
        })
    }

    fn mla(&mut self, raw: &raw::Architecture) -> Option<Mla> {
        let kv_lora_rank = raw.kv_lora_rank?;
        for (key, value) in [
            ("rope_dimension_count", raw.rope_dimension_count),
            ("qk_nope_head_dim", raw.qk_nope_head_dim),
            ("v_head_dim", raw.v_head_dim),
        ] {
            self.require(value.is_some(), Fault::Missing(key));
        }
        Some(Mla {
            kv_lora_rank,
            q_lora_rank: raw.q_lora_rank.unwrap_or(0),
            rope: raw.rope_dimension_count.unwrap_or(0),
            nope: raw.qk_nope_head_dim.unwrap_or(0),
            value: raw.v_head_dim.unwrap_or(0),
            latent_cache: raw.mla_cache.unwrap_or(true),
        })
    }

    fn recurrent(&mut self, raw: &raw::Architecture) -> Option<Recurrent> {
        let state = match (raw.shortconv_l_cache, raw.ssm_conv_kernel) {
            (Some(l_cache), _) => State::ShortConv { l_cache },
            (None, Some(conv_kernel)) => {
                self.require(
                    raw.ssm_inner_size.is_some() && raw.ssm_state_size.is_some(),
                    Fault::Missing("ssm_inner_size"),
                );
                State::Ssm {
                    conv_kernel,
                    inner_size: raw.ssm_inner_size.unwrap_or(0),
                    state_size: raw.ssm_state_size.unwrap_or(0),
                    time_step_rank: raw.ssm_time_step_rank.unwrap_or(0),
                    group_count: raw.ssm_group_count.unwrap_or(1),
                }
            }
            (None, None) => return None,
        };
        let attention = match (&raw.attention_layers, raw.full_attention_interval) {
            (Some(list), _) => Layers::Listed(list.clone()),
            (None, Some(interval)) => Layers::Every(interval),
            (None, None) => {
                self.fault(Fault::Missing("attention_layers"));
                Layers::Every(1)
            }
        };
        Some(Recurrent {
            state,
            attention,
            recurrent: raw.recurrent_layers.clone().map(Layers::Listed),
        })
    }
}

/// What the name says, unless the entry was made from a file that says otherwise.
fn traits(raw: &raw::Architecture) -> Traits {
    let of_name = table::row(&raw.architecture).traits;
    Traits {
        fused_qkv: raw.fused_qkv.unwrap_or(of_name.fused_qkv),
        ..of_name
    }
}

fn indexer(raw: &raw::Architecture) -> Option<Indexer> {
    if raw.compress_ratios.is_some() {
        return None;
    }
    let row = table::row(&raw.architecture);
    Some(Indexer {
        head_count: raw.indexer_head_count.unwrap_or(0),
        key_length: raw.indexer_key_length?,
        rows: row.indexer_rows.unwrap_or(1),
        layers: raw
            .indexer_layers
            .clone()
            .map_or(Layers::AllButEvery(1), Layers::Listed),
    })
}

fn sliding(raw: &raw::Architecture) -> Option<Sliding> {
    let window = raw.sliding_window.filter(|window| *window > 0)?;
    let layers = match (&raw.sliding_window_layers, raw.sliding_window_pattern) {
        (Some(list), _) => Layers::Listed(list.clone()),
        (None, pattern) => Layers::AllButEvery(pattern.unwrap_or(1)),
    };
    Some(Sliding {
        window,
        layers,
        key_length: raw.key_length_swa,
        value_length: raw.value_length_swa,
    })
}
