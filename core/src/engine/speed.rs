//! How fast a placed model answers: a roofline with a cost per layer.
//!
//! Seconds per token = weights / (e·m·q·B) + launches·c + KV / (v·e·B), where B is the memory bandwidth, e the part of
//! it that a GPU generation reaches, m what is kept when experts are picked, q the same for the lowest bit formats, c the
//! cost of launching a layer's kernels (experts, states and inputs of a layer's own are more of them) and v what attention keeps. The constants are fitted from published measurements
//! (`data/speeds.toml`, with the filters at its head); what was measured on the same GPU, of the same architecture and of both
//! together then moves the result, the more the more rows there are. Layers split over GPUs run in turn: times add, so a split brings room, not speed.
//! What stays in the host's memory is read at the CPU's pace: of experts there a token reads the chosen ones only. Each layer that a GPU
//! hands to the processor costs a constant besides (`data/offload.toml`).
//!
//! Prefill = k · FP32 throughput / (2 · active parameters): compute, not memory, limits it. A GPU whose prefill was measured
//! keeps what it reached.

mod batched;

use batched::batched;

use crate::catalog::speeds::{Basis, Family, GpuFactor, Measurement, Parameters};

use serde::Serialize;

/// What one generated token costs, whatever runs it.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// Name of its shape in `data/models`, e.g. `qwen3-30b-a3b`.
    pub architecture: String,
    /// GGUF name of the quantization, upper case.
    pub quantization: String,
    /// Bytes of weights read per token: all but the input embedding when dense; attention, shared and chosen experts
    /// and the head when MoE.
    pub weights_read: f64,
    /// Number of blocks, each of which costs the launch of its kernels.
    pub layers: u32,
    /// Number of blocks that choose among experts.
    pub expert_layers: u32,
    /// Number of blocks that carry a recurrent state.
    pub state_layers: u32,
    /// Whether every block adds a table of its own to the token (Gemma 3n).
    pub per_layer_inputs: bool,
    /// Bytes of KV cache read per step at the filled depth, of all users; sliding layers up to their window.
    pub kv_read: f64,
    /// Filled depth in tokens; only chooses among measurements.
    pub depth: u64,
    /// Users that are answered at once.
    pub users: u32,
    /// Parameters that take part in one token.
    pub active_parameters: f64,
    /// Whether it is a mixture, of whose experts each token meets a few.
    pub moe: bool,
    /// Whether a smaller model or its own blocks draft tokens ahead.
    pub drafts: bool,
    /// Tokens of prompt to read before the first answer; 0 = not asked.
    pub prompt_tokens: u64,
}

/// Facts of one GPU, as `data/gpus.toml` states them.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Name as in `gpus.toml`, such as `RTX 3090`.
    pub name: String,
    /// Vendor as in `gpus.toml`, such as `nvidia`.
    pub vendor: String,
    /// Generation, such as `Ampere`.
    pub architecture: String,
    /// Whether it shares the host's memory.
    pub unified: bool,
    /// Memory bandwidth in 10^9 bytes a second.
    pub bandwidth: f64,
    /// Shader throughput in 10^12 operations a second.
    pub fp32_tflops: Option<f64>,
}

impl Device {
    /// The name that measurements carry: chips that share the host's memory are one GPU in every size of it.
    pub fn chip(&self) -> &str {
        match self.name.rsplit_once(' ') {
            Some((chip, size)) if self.unified && size.ends_with("GB") => chip,
            _ => &self.name,
        }
    }
}

/// Where weights and cache lie: shares of both, together 1.
#[derive(Clone, Debug, Default)]
pub struct Layout<'a> {
    /// GPUs with their shares of what a token reads.
    pub gpus: Vec<(&'a Device, f64)>,
    /// Share of it in host memory; 1 = CPU only.
    pub host: f64,
    /// Layers that a GPU hands to the processor, wholly or for their experts.
    pub handed_over: u32,
    /// Host memory bandwidth in GB/s; absent = a typical one.
    pub host_bandwidth: Option<f64>,
}

/// Predicted rates, lowest and highest; each range holds about four of five measurements.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Speed {
    /// Tokens written per second for one user, while all of them are answered, lowest and highest, e.g. 126.6 and 198.9.
    pub decode: [f64; 2],
    /// Tokens written per second for all users together, lowest and highest, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<[f64; 2]>,
    /// Tokens already in the context of each user, e.g. 2048.
    pub depth: u64,
    /// Tokens of prompt read per second, lowest and highest; null where a part lies in system memory, or the GPU's rate is unknown.
    pub prefill: Option<[f64; 2]>,
    /// Seconds to read a prompt of 512 tokens, shortest and longest; null where the rate of reading is unknown.
    pub time_to_first_token: Option<[f64; 2]>,
    /// Which measurements it rests on, e.g. `measured-on-gpu`.
    pub basis: Basis,
    /// Number of published rows behind the basis; 0 for `bandwidth-only`.
    pub confidence: usize,
    /// Bandwidth of system memory that was counted with, in bytes per second, where a part of the model lies there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_bandwidth: Option<u64>,
    /// Factor by which the rates of writing were multiplied, because `vramfit bench` measured this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaled: Option<f64>,
}

/// Prefill varies with batch, version and backend.
pub const PREFILL_BAND: [f64; 2] = [0.5, 1.75];
/// Part of the bandwidth and milliseconds a layer, for a generation that nobody measured.
const UNKNOWN_FAMILY: (f64, f64) = (0.72, 0.09);
/// Width of a prediction without a fitted band.
const UNKNOWN_BAND: [f64; 2] = [0.5, 1.6];

impl Parameters {
    /// The prediction for one model in one place.
    pub fn predict(&self, work: &Work, layout: &Layout) -> Speed {
        let (expected, basis, confidence) = self.expected(work, layout);
        let [low, high] = match (layout.handed_over, work.moe) {
            _ if layout.gpus.is_empty() => self.constants.host_band,
            (0, moe) => self.band(basis, moe),
            (_, true) => self.offload.band_moe,
            (_, false) => self.offload.band,
        };
        // With several users the drafts of one take the compute that the others wait for.
        let [least, most] = match work.drafts && work.users == 1 {
            true => self.constants.draft_gain,
            false => [1.0, 1.0],
        };
        let (low, high) = (low * least, high * most);
        let read = self.prefill(work, layout);
        let prefill = read.map(|p| PREFILL_BAND.map(|b| p * b));
        let decode = batched([expected * low, expected * high], read, work.users);
        let wait = |[slow, fast]: [f64; 2]| {
            [
                work.prompt_tokens as f64 / fast,
                work.prompt_tokens as f64 / slow,
            ]
        };
        Speed {
            decode,
            aggregate: (work.users > 1).then(|| decode.map(|rate| rate * f64::from(work.users))),
            depth: work.depth,
            prefill,
            time_to_first_token: prefill.filter(|_| work.prompt_tokens > 0).map(wait),
            basis,
            confidence,
            host_bandwidth: (layout.host > 0.0)
                .then(|| (self.host_bandwidth(layout) * 1e9).round() as u64),
            scaled: None,
        }
    }

    /// Tokens per second before the band, what that rests on, and how many rows.
    pub fn expected(&self, work: &Work, layout: &Layout) -> (f64, Basis, usize) {
        let (factor, basis, rows) = self.correction(work, layout);
        (self.formula(work, layout) * factor, basis, rows)
    }

    /// Tokens per second of the bare formula.
    pub fn formula(&self, work: &Work, layout: &Layout) -> f64 {
        let hand_over = f64::from(layout.handed_over) * self.offload.hand_over_ms / 1e3;
        1.0 / (self.gpu_seconds(work, layout) + self.host_seconds(work, layout) + hand_over)
    }

    /// The measurement to cite: of this model on this GPU if there is one, else the one on this GPU that reads most alike.
    pub fn nearest(&self, work: &Work, device: &Device) -> Option<&Measurement> {
        let gigabytes = (work.weights_read + work.kv_read) / 1e9;
        let distance = |m: &Measurement| {
            let unlike = |differs: bool, cost: f64| if differs { cost } else { 0.0 };
            unlike(m.architecture != work.architecture, 10.0)
                + unlike(m.quantization != work.quantization, 0.5)
                + far(m.context, work.depth)
                + (m.gigabytes / gigabytes).ln().abs()
        };
        let on_device = self.measured_on(device.chip()).iter();
        on_device.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// The first family that fits the device.
    pub fn family(&self, device: &Device) -> Option<&Family> {
        self.family.iter().find(|f| {
            f.vendor.eq_ignore_ascii_case(&device.vendor)
                && f.unified.is_none_or(|u| u == device.unified)
                && (f.names.is_empty()
                    || f.names.iter().any(|n| device.name.starts_with(n.as_str())))
                && (f.architectures.is_empty() || f.architectures.contains(&device.architecture))
        })
    }

    fn gpu_seconds(&self, work: &Work, layout: &Layout) -> f64 {
        let c = &self.constants;
        let kept = if work.moe { c.moe } else { 1.0 }
            * if is_low_bit(&work.quantization) {
                c.low_bit
            } else {
                1.0
            };
        let launches = f64::from(work.layers)
            + c.expert_launches * f64::from(work.expert_layers)
            + c.state_launches * f64::from(work.state_layers)
            + if work.per_layer_inputs {
                c.input_launches * f64::from(work.layers)
            } else {
                0.0
            };
        let one = |device: &Device| {
            let (e, layer_ms) = self
                .family(device)
                .map_or(UNKNOWN_FAMILY, |f| (f.efficiency, f.layer_ms));
            let reached = e * device.bandwidth * 1e9;
            work.weights_read / (reached * kept)
                + launches * layer_ms / 1e3
                + work.kv_read / (reached * c.kv)
        };
        let seconds: f64 = layout
            .gpus
            .iter()
            .map(|(device, share)| share * one(device))
            .sum();
        if layout.gpus.len() > 1 {
            // They take turns, and handing over costs a little: 0.975 on two GPUs, 0.935 on eight.
            seconds / c.split
        } else {
            seconds
        }
    }

    fn host_seconds(&self, work: &Work, layout: &Layout) -> f64 {
        let reached = self.host_bandwidth(layout) * self.constants.host_efficiency;
        layout.host * (work.weights_read + work.kv_read) / (reached * 1e9)
    }

    /// Bandwidth of the host's memory that is counted with, in GB/s.
    fn host_bandwidth(&self, layout: &Layout) -> f64 {
        layout
            .host_bandwidth
            .unwrap_or(self.constants.host_bandwidth)
    }

    /// How far measurements move the formula, what it then rests on, and their number. Few rows move it little.
    fn correction(&self, work: &Work, layout: &Layout) -> (f64, Basis, usize) {
        let c = &self.constants;
        let model = self.model_factor(&work.architecture);
        let [(device, _)] = layout.gpus[..] else {
            let (basis, rows) = self.by_family(layout);
            return ((model + self.shared(layout)).exp(), basis, rows);
        };
        let gpu = self.gpu_factor(device);
        // In logarithms twice as fast and half as fast are equally far.
        let prior = model + gpu.map_or(0.0, |g| g.factor.ln() * shrink(g.rows, c.gpu_prior));
        let same = |m: &&Measurement| m.architecture == work.architecture;
        let near: Vec<&Measurement> = self
            .measured_on(device.chip())
            .iter()
            .filter(same)
            .collect();
        if layout.host > 0.0 {
            (prior.exp(), Basis::BandwidthOnly, 0)
        } else if !near.is_empty() {
            let rows = near.iter().map(|m| m.rows).sum();
            let moved = prior + (log_ratio(&near, work) - prior) * shrink(rows, c.model_prior);
            (moved.exp(), Basis::MeasuredOnGpuAndModel, rows)
        } else if let Some(gpu) = gpu {
            (prior.exp(), Basis::MeasuredOnGpu, gpu.rows)
        } else {
            let (basis, rows) = self.by_family(layout);
            (prior.exp(), basis, rows)
        }
    }

    fn gpu_factor(&self, device: &Device) -> Option<&GpuFactor> {
        let chip = device.chip();
        self.gpu.iter().find(|g| g.name == chip)
    }

    /// Logarithm of an architecture's own residual, shrunk.
    fn model_factor(&self, architecture: &str) -> f64 {
        let found = self.model.iter().find(|m| m.architecture == architecture);
        found.map_or(0.0, |m| {
            m.factor.ln() * shrink(m.gpus, self.constants.architecture_prior)
        })
    }

    /// Logarithm of the GPUs' own residuals, by their shares of a split.
    fn shared(&self, layout: &Layout) -> f64 {
        let one = |(device, share): &(&Device, f64)| {
            share
                * self.gpu_factor(device).map_or(0.0, |g| {
                    g.factor.ln() * shrink(g.rows, self.constants.gpu_prior)
                })
        };
        layout.gpus.iter().map(one).sum()
    }

    /// Several GPUs are as well known as the least known of them.
    fn by_family(&self, layout: &Layout) -> (Basis, usize) {
        let rows = layout
            .gpus
            .iter()
            .map(|(d, _)| self.family(d).map_or(0, |f| f.rows))
            .min()
            .unwrap_or(0);
        if rows > 0 && layout.host == 0.0 {
            (Basis::FittedFamily, rows)
        } else {
            (Basis::BandwidthOnly, 0)
        }
    }

    fn band(&self, basis: Basis, moe: bool) -> [f64; 2] {
        let found = self.band.iter().find(|b| b.basis == basis && b.moe == moe);
        found.map_or(UNKNOWN_BAND, |b| [b.low, b.high])
    }

    /// Prompt tokens per second before the band; unknown as soon as the host computes. GPUs of a split take turns.
    fn prefill(&self, work: &Work, layout: &Layout) -> Option<f64> {
        if layout.host > 0.0 || layout.gpus.is_empty() || work.active_parameters <= 0.0 {
            return None;
        }
        let kept = if work.moe {
            self.constants.moe_prefill
        } else {
            1.0
        };
        let seconds = layout.gpus.iter().map(|(device, share)| {
            let measured = self.gpu_factor(device).and_then(|g| g.prefill);
            let by_family = || {
                let family = self.family(device)?;
                Some(family.prefill? * throughput(device, family)?)
            };
            let flops = 1e12 * measured.or_else(by_family)? * kept;
            Some(share * 2.0 * work.active_parameters / flops)
        });
        seconds.sum::<Option<f64>>().map(|s| 1.0 / s)
    }
}

/// FP32 TFLOPS: stated, or the cores in the name ("(10-core GPU)") times the family's rate.
pub fn throughput(device: &Device, family: &Family) -> Option<f64> {
    let cores = || {
        device
            .name
            .split_once('(')?
            .1
            .split_once("-core")?
            .0
            .parse::<f64>()
            .ok()
    };
    device
        .fp32_tflops
        .or_else(|| Some(cores()? * family.core_tflops?))
}

/// Formats whose unpacking, not whose bytes, sets the pace.
pub fn is_low_bit(quantization: &str) -> bool {
    ["IQ1", "IQ2", "IQ3", "Q2", "TQ"]
        .iter()
        .any(|p| quantization.starts_with(p))
}

/// Weight of `rows` against a prior worth `prior` rows.
fn shrink(rows: usize, prior: f64) -> f64 {
    rows as f64 / (rows as f64 + prior)
}

/// Distance of two depths; below 1,024 tokens depth does not matter.
fn far(a: u64, b: u64) -> f64 {
    ((a.max(1024) as f64) / (b.max(1024) as f64)).ln().abs()
}

/// Mean log ratio; the same quantization and depths alike count more.
fn log_ratio(near: &[&Measurement], work: &Work) -> f64 {
    let weight = |m: &Measurement| {
        let same = if m.quantization == work.quantization {
            3.0
        } else {
            1.0
        };
        same * m.rows as f64 / (1.0 + 2.0 * far(m.context, work.depth))
    };
    let total: f64 = near.iter().map(|m| weight(m)).sum();
    near.iter().map(|m| m.ratio.ln() * weight(m)).sum::<f64>() / total
}
