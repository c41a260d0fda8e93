//! Rows of the engine's own allocation plan, and the shapes they were made from.

use std::collections::BTreeMap;

use serde::Deserialize;
use vramfit::architecture::{
    Architecture, Experts, Layers, Mla, PerLayer, Recurrent, Sliding, State, table,
};
use vramfit::engine::estimate::{Allocation, Assignment, Shape, allocate};
use vramfit::engine::layout;
use vramfit::engine::workload::{Build, FlashAttention, Workload};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;
use vramfit::weights::Weights;

#[derive(Clone, Debug, Deserialize)]
pub struct Ssm {
    conv: u32,
    inner: u32,
    state: u32,
    dt: u32,
    group: u32,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Hparams {
    arch: String,
    #[serde(rename = "L")]
    blocks: u32,
    d: u32,
    ff: u32,
    h: u32,
    kv: Option<u32>,
    hd: Option<u32>,
    v: u32,
    ctx: u32,
    swa: Option<u32>,
    tied: Option<u32>,
    e: Option<u32>,
    eu: Option<u32>,
    es: Option<u32>,
    ffe: Option<u32>,
    ffs: Option<u32>,
    dense: Option<u32>,
    mla: Option<u32>,
    kvl: Option<u32>,
    nr: Option<u32>,
    nope: Option<u32>,
    hv: Option<u32>,
    ql: Option<u32>,
    ssm: Option<Ssm>,
    interval: Option<u32>,
    attn: Option<Vec<u32>>,
    lcache: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ModelFacts {
    pub hparams: Hparams,
    pub tensor_bytes: u64,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct GpuRow {
    pub model: u64,
    pub context: u64,
    pub compute: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct HostRow {
    pub model: u64,
    pub context: u64,
    pub compute: u64,
    pub output: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    pub model: String,
    pub quant: String,
    pub num_ctx: u32,
    pub parallel: u32,
    pub kv_type: KvCacheType,
    pub flash_attn: String,
    pub flash_attn_effective: bool,
    pub n_ubatch: u32,
    pub ngl: i64,
    pub engine: Build,
    pub plan: String,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    #[serde(default)]
    pub extra: BTreeMap<String, i64>,
    pub gpus: BTreeMap<String, GpuRow>,
    pub host: HostRow,
}

/// The sliding-window period of an architecture in llama.cpp.
fn period(arch: &str) -> u32 {
    match arch {
        "gemma3" => 6,
        _ => 2,
    }
}

pub fn architecture(h: &Hparams) -> Architecture {
    let head = h.hd.unwrap_or(h.d / h.h);
    let moe_ff = h.ffe.unwrap_or(h.ff);
    let shared = h.ffs.unwrap_or(h.es.unwrap_or(0) * moe_ff);
    let hybrid = |state| Recurrent {
        state,
        attention: match (&h.attn, h.interval) {
            (Some(list), _) => Layers::Listed(list.clone()),
            (None, interval) => Layers::Every(interval.unwrap_or(1)),
        },
        recurrent: None,
    };
    let ssm = h.ssm.as_ref().map(|s| {
        hybrid(State::Ssm {
            conv_kernel: s.conv,
            inner_size: s.inner,
            state_size: s.state,
            time_step_rank: s.dt,
            group_count: s.group,
        })
    });
    Architecture {
        name: h.arch.clone(),
        block_count: h.blocks,
        context_length: h.ctx,
        embedding_length: h.d,
        feed_forward_length: PerLayer::Same(h.ff),
        head_count: PerLayer::Same(h.h),
        head_count_kv: PerLayer::Same(h.kv.unwrap_or(h.h)),
        key_length: head,
        value_length: head,
        vocabulary_size: h.v,
        tied_embeddings: h.tied == Some(1),
        embedding_length_per_layer_input: 0,
        shared_kv_layers: 0,
        experts: h.e.map(|count| Experts {
            count,
            latent_length: 0,
            used: h.eu.unwrap_or(0),
            feed_forward_length: moe_ff,
            shared_feed_forward_length: shared,
            leading_dense: h.dense.unwrap_or(0),
            step: 1,
        }),
        mla: h.kvl.map(|rank| Mla {
            kv_lora_rank: rank,
            q_lora_rank: h.ql.unwrap_or(0),
            rope: h.nr.unwrap_or(0),
            nope: h.nope.unwrap_or(0),
            value: h.hv.unwrap_or(0),
            latent_cache: h.mla == Some(1),
        }),
        sliding: h.swa.map(|window| Sliding {
            window,
            layers: Layers::AllButEvery(period(&h.arch)),
            key_length: None,
            value_length: None,
        }),
        recurrent: ssm.or(h.lcache.map(|l_cache| hybrid(State::ShortConv { l_cache }))),
        indexer: None,
        compressed: None,
        deepstack_layers: 0,
        prediction_layers: 0,
        traits: table::row(&h.arch).traits,
    }
}

pub fn weights(facts: &ModelFacts, architecture: &Architecture, quant: &str) -> Weights {
    let quant = quant.split('-').next().unwrap_or(quant);
    let size = layout::FileSize {
        tensors: Bytes(facts.tensor_bytes),
        ..layout::FileSize::default()
    };
    layout::of_size(architecture, quant, size)
        .expect("a known quantization")
        .weights
}

/// Our estimate for the row.
pub fn predict(row: &Row, architecture: &Architecture, weights: &Weights) -> Allocation {
    let workload = Workload {
        context_length: row.num_ctx,
        parallel: row.parallel,
        kv_cache_type: row.kv_type,
        batch: Some(row.n_ubatch),
        flash_attention: match (row.flash_attn.as_str(), row.flash_attn_effective) {
            (_, true) => FlashAttention::On,
            ("off", false) => FlashAttention::Off,
            (_, false) => FlashAttention::Unavailable,
        },
        build: row.engine,
        ..Workload::default()
    };
    let blocks = architecture.block_count;
    let count: usize = row.env.get("n").map_or(1, |n| n.parse().expect("a number"));
    let free: Vec<Bytes> = match row.env.get("mib") {
        Some(list) => list
            .split(',')
            .map(|mib| Bytes::mib(mib.parse().expect("a number")))
            .collect(),
        None => vec![Bytes::gib(1024); count],
    };
    let assignment = match row.plan.as_str() {
        "cpu" => Assignment::host(blocks),
        "multigpu" => Assignment::split(architecture, &free),
        _ if row.ngl >= 0 => {
            Assignment::offload(architecture, &free, u32::try_from(row.ngl).expect("small"))
        }
        _ => Assignment::single(blocks),
    };
    allocate(text_only(architecture, weights), &workload, &assignment)
}

/// A model without projector and drafter.
pub fn text_only<'a>(architecture: &'a Architecture, weights: &'a Weights) -> Shape<'a> {
    Shape {
        architecture,
        weights,
        projector: Bytes::ZERO,
        drafter: Default::default(),
    }
}
