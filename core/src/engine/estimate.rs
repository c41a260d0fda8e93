//! How much memory the engine allocates, buffer by buffer and device by device.
//!
//! The rules are llama.cpp's own allocation plan for the builds of [`Build`](super::workload::Build), written as closed forms: every weight,
//! cache cell and compute buffer is counted where the engine puts it. There is one estimator; whatever vramfit says about memory comes from
//! [`allocate`].

use crate::architecture::{Architecture, Forms};
use crate::quantization::TensorType;
use crate::units::Bytes;

pub use super::allocation::{Allocation, Buffers, Cells, HostBuffers};
pub use super::assignment::{Assignment, KeptExperts, PartialBlock};
use super::attention_kernel::has_kernel;
use super::build::Graph;
use super::draft::{alone, draft};
use super::fetch::OffloadFetch;
use super::kv_cache::{Cache, prediction_cache};
use super::settings::Settings;
pub use super::shape::Shape;
use super::unruled::{parts_attention, unruled};
use super::workload::{FlashAttention, Workload};

/// Copies of the inputs that let several GPUs work at once (`GGML_SCHED_MAX_COPIES`), beyond the first.
const PIPELINE_COPIES: u64 = 3;

/// The allocation of `shape` under `workload` when its layers lie as `assignment` says.
///
/// For a build that was not read it is the larger of its neighbours', buffer by buffer.
pub fn allocate(shape: Shape<'_>, workload: &Workload, assignment: &Assignment) -> Allocation {
    let mut graphs = workload.build.graphs().iter();
    let first = graphs.next().copied().unwrap_or(Graph::B10488);
    let mut allocation = allocate_graph(shape, workload, assignment, first);
    for graph in graphs {
        allocation.enlarge(&allocate_graph(shape, workload, assignment, *graph));
    }
    allocation
}

fn allocate_graph(
    shape: Shape<'_>,
    workload: &Workload,
    assignment: &Assignment,
    graph: Graph,
) -> Allocation {
    let architecture = shape.architecture;
    let blocks = shape.weights.blocks.len() as u32;
    let forms = architecture.forms(architecture.block_count.max(blocks));
    let settings = settings(shape, workload, graph, &forms, assignment);
    let mut gpus = vec![Buffers::default(); assignment.gpus];
    let mut host = HostBuffers {
        // Rows of the token embedding are looked up on the host, whatever the GPUs hold.
        weights: shape.weights.on_host(),
        ..HostBuffers::default()
    };
    let mut left = OffloadFetch::default();
    let mut caches = vec![None; forms.kinds().len()];
    for (layer, block) in shape.weights.blocks.iter().enumerate() {
        // Blocks of one form keep the same.
        let cache = caches[forms.kind(layer as u32)]
            .get_or_insert_with(|| Cache::new(&settings, layer as u32, assignment.gpus > 0));
        let place = assignment.blocks.get(layer).copied().flatten();
        match place.and_then(|gpu| gpus.get_mut(gpu)) {
            Some(gpu) => {
                let (moved, to) = assignment.moved_experts(layer as u32, block);
                gpu.weights += block.total - moved;
                gpu.kv_cache += cache.total();
                gpu.recurrent += cache.recurrent;
                match to.and_then(|gpu| gpus.get_mut(gpu)) {
                    Some(other) => other.weights += moved,
                    None => {
                        host.weights += moved;
                        left.add_experts(block, moved, place);
                    }
                }
            }
            None => {
                host.weights += block.total;
                host.kv_cache += cache.total();
                left.add_block(block, cache.keys, cache.values);
            }
        }
    }
    let predicted = prediction_cache(&settings, assignment.gpus > 0);
    match assignment.output.and_then(|gpu| gpus.get_mut(gpu)) {
        Some(gpu) => {
            gpu.weights += shape.weights.output;
            gpu.kv_cache += predicted;
        }
        // An output that is the token embedding lies there already; a GPU would need a copy of it.
        None => host.weights += shape.weights.head_without_embedding(),
    }
    compute(&settings, &mut gpus, &mut host, assignment, &left);
    let unruled = unruled(&settings, &gpus, assignment, &left);
    let head = assignment.output;
    let drafter = drafter(shape, workload, settings.draft, head.is_some());
    let drafter = drafter.as_ref();
    draft(
        &settings,
        shape.weights,
        drafter,
        &mut gpus,
        &mut host,
        head,
    );
    // One row a slot: only what follows a slot's last token is asked for.
    host.output = Bytes(u64::from(architecture.vocabulary_size) * settings.parallel * 4);
    if workload.batch_logits || architecture.traits.batch_logits {
        let logits = batch_logits(architecture, settings.batch);
        match assignment.output.and_then(|gpu| gpus.get_mut(gpu)) {
            Some(gpu) => gpu.compute = gpu.compute.max(logits),
            None => host.compute = host.compute.max(logits),
        }
    }
    if let Some(first) = gpus.first_mut() {
        first.projector = shape.projector;
    }
    Allocation {
        gpus,
        host,
        batch: settings.ubatch,
        flash_attention: settings.flash_attention,
        cells: settings.all_cells(),
        draft: settings.draft,
        unruled,
    }
}

/// What a model of its own takes that drafts so many tokens, where there is one.
fn drafter(shape: Shape<'_>, workload: &Workload, tokens: u32, on_gpu: bool) -> Option<Allocation> {
    let model = shape.drafter.model.filter(|_| tokens > 0)?;
    // Nothing drafts for a model that drafts, so this goes no deeper.
    let (shape, workload, assignment) = alone(model, workload, on_gpu);
    Some(allocate(shape, &workload, &assignment))
}

/// What the head computes in where every token of a batch has logits. The blocks' space is free again then. Logs: 258.50 MiB for llama3.1:8b and
/// 304.00 for qwen2.5:7b in batches of 512, whatever the context.
fn batch_logits(architecture: &Architecture, batch: u64) -> Bytes {
    let row = u64::from(architecture.vocabulary_size)
        .saturating_add(architecture.embedding_length.into());
    Bytes(row.saturating_mul(batch).saturating_mul(4))
}

fn settings<'a>(
    shape: Shape<'a>,
    workload: &Workload,
    graph: Graph,
    forms: &'a Forms,
    assignment: &Assignment,
) -> Settings<'a> {
    let (architecture, cache) = (shape.architecture, workload.kv_cache_type);
    let asked = workload.flash_attention;
    let kept = asked != FlashAttention::Auto
        || cache.values().is_quantised()
        || !parts_attention(architecture, assignment);
    // What a GPU has no kernel for the processor attends to: with all blocks there it stays on (logged at heads of 32).
    let on_processor = assignment.blocks.iter().all(Option::is_none);
    let by_processor = on_processor && asked == FlashAttention::Auto;
    let kernel = has_kernel(architecture, cache, workload.build.kernels());
    let flash_attention = kept && asked.is_on_with(kernel, architecture, cache)
        || by_processor && architecture.traits.flash_attention;
    let ubatch = workload.ubatch(flash_attention);
    let parallel = u64::from(workload.parallel.max(1));
    Settings {
        architecture,
        forms,
        graph,
        parallel,
        cells: workload.slot_cells(),
        ubatch,
        batch: ubatch.div_ceil(parallel) * parallel,
        draft: shape.drafter.tokens(architecture, workload),
        keys: cache.keys(),
        values: cache.values(),
        flash_attention,
        attends_on_host: flash_attention && !kernel,
        pipelined: false,
        transposed: workload.flash_attention == FlashAttention::Off
            || !architecture.traits.flash_attention,
    }
}

/// Fills in the scratch space of every device.
fn compute(
    settings: &Settings<'_>,
    gpus: &mut [Buffers],
    host: &mut HostBuffers,
    assignment: &Assignment,
    left: &OffloadFetch,
) {
    let architecture = settings.architecture;
    let hidden = Bytes(u64::from(architecture.embedding_length) * settings.batch);
    let inputs = settings.inputs();
    let blocks = 0..architecture.block_count;
    if gpus.is_empty() {
        // A CPU reads quantised keys and values as they are.
        let settings = Settings {
            keys: TensorType::F16,
            values: TensorType::F16,
            attends_on_host: false,
            ..*settings
        };
        host.compute = settings.inputs()
            + settings.per_block_inputs()
            + settings.moments(blocks).peak()
            + hidden * 4;
        return;
    }
    let whole = left.is_empty() && assignment.output.is_some();
    // As `llama_context` decides: all layers on GPUs, no tensor elsewhere than its block.
    let pipelined = gpus.len() > 1 && whole;
    let settings = &Settings {
        pipelined,
        ..*settings
    };
    let all = settings.moments(blocks.clone());
    let host_hidden = match settings.graph {
        Graph::B10488 => 8,
        Graph::B11413 | Graph::B11739 => 16,
    };
    host.compute = hidden * host_hidden + inputs + settings.per_block_inputs();
    if settings.attends_on_host {
        host.compute = host.compute.max(settings.attention_on_host());
    }
    let beside = settings.per_block_inputs_on_gpu();
    let of = |layer: u32| assignment.blocks.get(layer as usize).copied().flatten();
    for (place, gpu) in gpus.iter_mut().enumerate() {
        gpu.compute = inputs
            + beside
            // The first GPU alone fetches what the host holds.
            + if !whole && place == 0 {
                left.peak(settings, all)
            } else if pipelined {
                settings
                    .moments(blocks.clone().filter(|layer| of(*layer) == Some(place)))
                    .peak()
            } else {
                all.peak()
            };
        if pipelined {
            gpu.compute += inputs * PIPELINE_COPIES + handed_over(settings, assignment, place);
        }
        gpu.compute += shared_caches(settings, assignment, place, pipelined);
    }
    if pipelined {
        host.compute = of_pipeline(settings, hidden);
    }
}

/// The host's part where several GPUs work at once: all that it is given is kept four times, where it attends also the queries, keys and values
/// of every block.
fn of_pipeline(settings: &Settings<'_>, hidden: Bytes) -> Bytes {
    let copies = 1 + PIPELINE_COPIES;
    let embedded = match settings.graph {
        Graph::B10488 => 8,
        Graph::B11413 | Graph::B11739 => 40,
    };
    hidden * embedded
        + settings.per_block_inputs()
        + (settings.graph_inputs() + settings.handed_to_host()) * copies
}

/// What a GPU of several keeps of others' work, four times, so that all work at once: the hidden states that it is given and hands over.
fn handed_over(settings: &Settings<'_>, assignment: &Assignment, place: usize) -> Bytes {
    let architecture = settings.architecture;
    let hidden = Bytes(u64::from(architecture.embedding_length) * settings.batch);
    let of = |layer: u32| assignment.blocks.get(layer as usize).copied().flatten();
    let blocks = 0..architecture.block_count;
    let borders = blocks.clone().filter(|layer| {
        let next = layer + 1;
        let (here, there) = (of(*layer), of(next));
        next < architecture.block_count
            && here != there
            && (here == Some(place) || there == Some(place))
            && settings.hands_over_twice(*layer)
    });
    // What it hands over and what it is given; the first one embeds the tokens itself.
    let hidden_states = 1 + u64::from(place > 0) + borders.count() as u64;
    // Newer builds embed tokens in two ways, of which a graph is given both.
    let embedded = match settings.graph {
        Graph::B11413 | Graph::B11739 if place == 0 => {
            32 + if architecture.experts.is_some() { 4 } else { 0 }
        }
        _ => 0,
    };
    let own = blocks.filter(|layer| of(*layer) == Some(place));
    hidden * (16 * hidden_states + embedded) + settings.handed_back(own) * (1 + PIPELINE_COPIES)
}

/// Blocks that attend to another block's cache copy it where it lies on another GPU, each for itself.
fn shared_caches(
    settings: &Settings<'_>,
    assignment: &Assignment,
    place: usize,
    pipelined: bool,
) -> Bytes {
    let architecture = settings.architecture;
    let blocks = architecture.block_count;
    if architecture.shared_kv_layers == 0 || architecture.is_encoder() {
        return Bytes::ZERO;
    }
    let of = |layer: u32| assignment.blocks.get(layer as usize).copied().flatten();
    let slides = |layer: u32| {
        let sliding = architecture.sliding.as_ref();
        sliding.is_some_and(|sliding| sliding.layers.contains(layer))
    };
    let first = blocks.saturating_sub(architecture.shared_kv_layers);
    // In gemma4:e4b on three GPUs these copies take 1.9 GiB.
    let copied = |layer: u32| {
        let source = (0..first)
            .rev()
            .find(|source| slides(*source) == slides(layer))?;
        let elsewhere = of(source) != of(layer);
        elsewhere.then(|| Cache::new(settings, source, true))
    };
    let own = (first..blocks).filter(|layer| of(*layer) == Some(place));
    let bytes: Bytes = own
        .filter_map(copied)
        .map(|cache| cache.keys + cache.values)
        .sum();
    bytes * if pipelined { 1 + PIPELINE_COPIES } else { 1 }
}
