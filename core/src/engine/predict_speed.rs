//! From a placement to what the speed model wants to know.

use super::estimate_input::{Basis, EstimateInput};
use super::place::{GpuAllocation, Placement};
use super::speed::{Device, Layout, Speed, Work};
use super::workload::{CacheFault, Workload};
use crate::architecture::{Architecture, CacheKind, Forms, LayerKind};
use crate::catalog::speeds::{Measurement, Parameters};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// What is known of a machine's speed, device by device as in the pool; unknown GPUs are `None`.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// Bandwidth and throughput of each GPU.
    pub devices: Vec<Option<Device>>,
    /// Bandwidth of the host's memory in GB/s; `None`: what machines with such GPUs usually have.
    pub host_bandwidth: Option<f64>,
    /// How far measurements on this machine lay from predictions.
    pub measured: Vec<MeasuredSpeed>,
}

/// Measured / predicted of one model that lay whole on the GPUs, or on a processor without any.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredSpeed {
    /// Catalog id of its architecture; empty where the catalog does not know it.
    pub architecture: String,
    /// Measured / predicted tokens written a second.
    pub decode: f64,
    /// Measured / predicted tokens of prompt read a second; absent where nothing was predicted.
    pub prefill: Option<f64>,
}

impl Machine {
    /// By how much writing and reading are to be scaled, in the geometric mean: of what was measured of an architecture, else of all.
    pub fn scale(&self, architecture: &str) -> Option<[f64; 2]> {
        let own: Vec<_> = self
            .measured
            .iter()
            .filter(|one| !architecture.is_empty() && one.architecture == architecture)
            .collect();
        let used = match own.is_empty() {
            true => self.measured.iter().collect(),
            false => own,
        };
        let decode = mean(used.iter().map(|one| one.decode))?;
        let prefill = mean(used.iter().filter_map(|one| one.prefill));
        Some([decode, prefill.unwrap_or(1.0)])
    }
}

impl Speed {
    /// This prediction on a machine that writes and reads by so much faster than is predicted.
    fn scaled(self, [decode, prefill]: [f64; 2]) -> Self {
        Self {
            decode: self.decode.map(|rate| rate * decode),
            aggregate: self.aggregate.map(|all| all.map(|rate| rate * decode)),
            prefill: self.prefill.map(|band| band.map(|rate| rate * prefill)),
            time_to_first_token: self
                .time_to_first_token
                .map(|band| band.map(|s| s / prefill)),
            scaled: Some(decode),
            ..self
        }
    }
}

/// The geometric mean, in thousandths; `None` of nothing.
pub fn mean(ratios: impl Iterator<Item = f64>) -> Option<f64> {
    let logs: Vec<f64> = ratios.map(f64::ln).collect();
    let count = logs.len();
    (count > 0).then(|| {
        let mean = logs.iter().sum::<f64>() / count as f64;
        (mean.exp() * 1000.0).round() / 1000.0
    })
}

/// A prompt of so many tokens is what the first-token latency is told for.
pub const PROMPT: u64 = 512;

/// How fast a placed model answers, scaled by what was measured on the machine. `None` if nothing is known of one of its GPUs, or if it writes nothing.
pub fn predict_speed(
    parameters: &Parameters,
    machine: &Machine,
    model: Model<'_>,
    placement: &Placement,
) -> Option<Speed> {
    let (work, layout) = speed_input(parameters, machine, model, placement)?;
    let speed = parameters.predict(&work, &layout);
    // What lies in the memory of the host is predicted otherwise, so that a model on the GPUs says nothing of it.
    let alike = layout.host == 0.0 || machine.devices.is_empty();
    Some(match machine.scale(model.architecture).filter(|_| alike) {
        Some(scale) => speed.scaled(scale),
        None => speed,
    })
}

/// What a token costs and where it is computed. `None` as in [`predict_speed`].
pub fn speed_input<'m>(
    parameters: &Parameters,
    machine: &'m Machine,
    model: Model<'_>,
    placement: &Placement,
) -> Option<(Work, Layout<'m>)> {
    if !model.input.architecture.traits.generates {
        return None;
    }
    let drafts = placement.allocation.draft > 0;
    let work = Work {
        drafts,
        ..work(&model, &placement.workload)
    };
    let weights = |share: &GpuAllocation| share.buffers.weights.0 as f64;
    let on_gpus: f64 = placement.shares.iter().map(weights).sum();
    // A GPU without weights reads nothing.
    let used = || placement.shares.iter().filter(|share| share.is_used());
    let host = if used().next().is_some() {
        host_read(&model, &work, placement)
    } else {
        1.0
    };
    let mut gpus = Vec::new();
    for share in used() {
        let device = machine.devices.get(share.device)?.as_ref()?;
        gpus.push((device, (1.0 - host) * weights(share) / on_gpus.max(1.0)));
    }
    let first = machine.devices.iter().flatten().next();
    let usual = || parameters.offload.bandwidth(first.map(Device::chip));
    let handed_over = match attends_on_host(&model, placement) {
        // The processor has a part in every block.
        true => model.input.architecture.block_count,
        false => placement.host.layers + placement.host.expert_layers,
    };
    let layout = Layout {
        handed_over: if gpus.is_empty() { 0 } else { handed_over },
        gpus,
        host,
        host_bandwidth: machine.host_bandwidth.or_else(usual),
    };
    Some((work, layout))
}

/// Whether the processor attends, to a cache of which the GPU has no kernel.
fn attends_on_host(model: &Model<'_>, placement: &Placement) -> bool {
    let fault = placement.workload.cache_fault(&model.input.architecture);
    fault == Some(CacheFault::AttendsOnHost) && !placement.shares.is_empty()
}

/// The part of what a token reads that lies in host memory: of the experts there only the chosen ones, and the cache of the layers there.
fn host_read(model: &Model<'_>, work: &Work, placement: &Placement) -> f64 {
    let host = &placement.host;
    let dense = host.dense.0 as f64 * model.met();
    let weights = dense + host.experts.0 as f64 * chosen(model, work.users);
    let on_gpus: Bytes = placement
        .allocation
        .gpus
        .iter()
        .map(|gpu| gpu.kv_cache)
        .sum();
    let all = (on_gpus + host.kv_cache).0.max(1) as f64;
    let cache = match attends_on_host(model, placement) {
        true => work.kv_read,
        false => work.kv_read * host.kv_cache.0 as f64 / all,
    };
    ((weights + cache) / (work.weights_read + work.kv_read)).min(1.0)
}

/// The part of the experts that the tokens of a step meet: one a user, each choosing by itself.
fn chosen(model: &Model<'_>, users: u32) -> f64 {
    let experts = model.input.architecture.experts.as_ref();
    experts.map_or(1.0, |experts| {
        let one = f64::from(experts.used) / f64::from(experts.count.max(1));
        1.0 - (1.0 - one.min(1.0)).powi(users.min(1 << 10) as i32)
    })
}

/// The measurement to cite beside a prediction: the one most like it on the GPU that holds most of the model.
pub fn nearest<'p>(
    parameters: &'p Parameters,
    machine: &Machine,
    model: Model<'_>,
    placement: &Placement,
) -> Option<&'p Measurement> {
    let work = work(&model, &placement.workload);
    let most = placement
        .shares
        .iter()
        .filter(|share| share.layers > 0)
        .max_by_key(|share| (share.layers, std::cmp::Reverse(share.device)))?;
    parameters.nearest(&work, machine.devices.get(most.device)?.as_ref()?)
}

/// A model and its names in the data.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    /// Shape and bytes as its memory is estimated from them.
    pub input: &'a EstimateInput<'a>,
    /// The catalog's name of its architecture.
    pub architecture: &'a str,
    /// GGUF's name of its file type.
    pub quantization: &'a str,
    /// Number of all its parameters, experts too.
    pub parameters: Option<u64>,
    /// Number of parameters that one token meets, in a mixture of experts.
    pub active_parameters: Option<u64>,
}

impl Model<'_> {
    /// The part of the weights that a token meets where the model chooses among experts and the dense shape that stands in for its own does
    /// not; 1 where its own shape says it.
    fn met(&self) -> f64 {
        let own = !matches!(
            self.input.basis,
            Basis::SimilarArchitecture | Basis::Documented
        );
        match (self.active_parameters, self.parameters) {
            // Laguna and North Mini, 2.7B active of 33.5B, were told 28 to 44 tokens/s on an RTX 3090: as the model that lends a shape.
            (Some(active), Some(all)) if !own && self.input.architecture.experts.is_none() => {
                (active as f64 / all.max(1) as f64).min(1.0)
            }
            _ => 1.0,
        }
    }

    /// Whether a token meets some experts of several.
    fn chooses(&self) -> bool {
        self.input.architecture.experts.is_some() || self.met() < 1.0
    }
}

/// What a step costs in which every user gets one token: weights are read once, each user's cache for itself.
pub fn work(model: &Model<'_>, workload: &Workload) -> Work {
    let architecture = &model.input.architecture;
    let users = workload.parallel.max(1);
    let chosen = chosen(model, users);
    let depth = workload.depth();
    let forms = architecture.forms(architecture.block_count);
    let layers = |of: fn(&&LayerKind) -> bool| forms.iter().filter(of).count() as u32;
    let weights = &model.input.weights;
    let blocks = weights
        .blocks
        .iter()
        .map(|block| (block.total - block.experts).0 as f64 + block.experts.0 as f64 * chosen);
    Work {
        architecture: model.architecture.to_owned(),
        quantization: model.quantization.to_owned(),
        weights_read: blocks.sum::<f64>() * model.met() + weights.output.0 as f64,
        layers: architecture.block_count,
        expert_layers: match model.met() < 1.0 {
            true => architecture.block_count,
            false => layers(|form| form.experts),
        },
        state_layers: layers(|form| form.state),
        per_layer_inputs: architecture.embedding_length_per_layer_input > 0,
        kv_read: f64::from(users) * cache_read(architecture, &forms, workload.kv_cache_type, depth),
        depth,
        users,
        active_parameters: model.active_parameters.unwrap_or(0) as f64,
        moe: model.chooses(),
        drafts: false,
        prompt_tokens: PROMPT,
    }
}

/// Bytes of keys and values that one token reads at some depth.
fn cache_read(architecture: &Architecture, forms: &Forms, cache: KvCacheType, depth: u64) -> f64 {
    let of = |layer: u32, form: &LayerKind| {
        let cells = match form.memory {
            CacheKind::Full => depth,
            CacheKind::Window => architecture
                .sliding
                .as_ref()
                .map_or(depth, |sliding| depth.min(u64::from(sliding.window))),
            CacheKind::State | CacheKind::Nothing => 0,
        };
        let (key, value) = architecture.cache_rows(layer);
        cells as f64 * (cache.keys().bytes(key) + cache.values().bytes(value)).0 as f64
    };
    let mut known = vec![None; forms.kinds().len()];
    let layers = (0..architecture.block_count)
        .map(|layer| *known[forms.kind(layer)].get_or_insert_with(|| of(layer, &forms[layer])));
    layers.sum()
}
