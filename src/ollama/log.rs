//! What the engine says of its own allocations: the buffer lines of `llama-server`, as Ollama's log carries them.

use std::collections::BTreeMap;

use crate::units::Bytes;

/// What one device allocated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogBuffers {
    /// Tensors.
    pub weights: Bytes,
    /// Keys and values.
    pub kv_cache: Bytes,
    /// Recurrent state.
    pub recurrent: Bytes,
    /// The scratch space of a batch.
    pub compute: Bytes,
    /// The logits.
    pub output: Bytes,
}

impl LogBuffers {
    /// All of it.
    pub fn total(&self) -> Bytes {
        self.weights + self.kv_cache + self.recurrent + self.compute + self.output
    }
}

/// One start of the engine, as its log tells it. Sizes are as exact as the log's two digits of a MiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The digest of the model's file, where the log names it.
    pub digest: Option<String>,
    /// What each device allocated: `CUDA0`, `ROCm1`, `CPU`.
    pub devices: BTreeMap<String, LogBuffers>,
    /// Layers on GPUs, and all layers.
    pub layers: Option<(u32, u32)>,
    /// Tokens of all slots.
    pub context: Option<u32>,
    /// Slots.
    pub parallel: Option<u32>,
    /// Tokens evaluated at once.
    pub batch: Option<u32>,
    /// Whether flash attention is on.
    pub flash_attention: Option<bool>,
}

impl Load {
    /// Buffers of the GPUs, in the engine's order.
    pub fn gpus(&self) -> impl Iterator<Item = (&str, &LogBuffers)> {
        self.devices
            .iter()
            .filter(|(name, _)| is_gpu(name))
            .map(|(name, buffers)| (name.as_str(), buffers))
    }

    /// All that lies in host memory.
    pub fn host(&self) -> Bytes {
        let host = self.devices.iter().filter(|(name, _)| !is_gpu(name));
        host.map(|(_, buffers)| buffers.total()).sum()
    }

    /// All that lies on GPUs.
    pub fn on_gpus(&self) -> Bytes {
        self.gpus().map(|(_, buffers)| buffers.total()).sum()
    }
}

/// Host memory by any of its names: pageable, pinned for a GPU, mapped, or packed anew for the CPU.
fn is_gpu(device: &str) -> bool {
    !(device == "CPU"
        || device == "BLAS"
        || device.starts_with("CPU_")
        || device.ends_with("_Host"))
}

/// The starts of the engine in a log, oldest first. Lines of other kinds do not matter.
pub fn loads(log: &str) -> Vec<Load> {
    let mut loads: Vec<Load> = Vec::new();
    let mut current = Load::default();
    for line in log.lines() {
        if let Some(digest) = digest(line) {
            begin(&mut loads, &mut current);
            current.digest = Some(digest);
        } else if let Some((kind, device, bytes)) = buffer(line) {
            // A model's tensors come first: after a cache they belong to the next start.
            let cached = current
                .devices
                .values()
                .any(|buffers| buffers.compute > Bytes::ZERO);
            if kind == Kind::Weights && cached {
                begin(&mut loads, &mut current);
            }
            let buffers = current.devices.entry(device).or_default();
            match kind {
                Kind::Weights => buffers.weights += bytes,
                Kind::KvCache => buffers.kv_cache += bytes,
                Kind::Recurrent => buffers.recurrent += bytes,
                // The engine measures before it fits and says so; the last word counts.
                Kind::Compute => buffers.compute = bytes,
                Kind::Output => buffers.output = bytes,
            }
        } else {
            setting(line, &mut current);
        }
    }
    begin(&mut loads, &mut current);
    loads
}

/// Ends the start at hand, if it got anywhere.
fn begin(loads: &mut Vec<Load>, current: &mut Load) {
    let done = std::mem::take(current);
    if !done.devices.is_empty() {
        loads.push(done);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Weights,
    KvCache,
    Recurrent,
    Compute,
    Output,
}

/// `load_tensors:        CUDA0 model buffer size =  4096.00 MiB`
fn buffer(line: &str) -> Option<(Kind, String, Bytes)> {
    let (before, after) = line.split_once(" buffer size")?;
    let (before, kind) = before.trim_end().rsplit_once(char::is_whitespace)?;
    let kind = match kind {
        "model" => Kind::Weights,
        "KV" => Kind::KvCache,
        "RS" => Kind::Recurrent,
        "compute" => Kind::Compute,
        "output" => Kind::Output,
        _ => return None,
    };
    let device = before.split_whitespace().next_back()?;
    let number = after.trim_start().strip_prefix('=')?.trim_start();
    let number = number.split_once("MiB")?.0.trim();
    let mib: f64 = number.parse().ok()?;
    let bytes = (mib.is_finite() && mib >= 0.0).then_some((mib * f64::from(1 << 20)).round())?;
    // Mapped and private buffers of a device lie in the same memory.
    let device = ["_Mapped", "_Private"]
        .into_iter()
        .filter(|_| is_gpu(device))
        .find_map(|suffix| device.strip_suffix(suffix))
        .unwrap_or(device);
    Some((kind, super::harmless(device), Bytes(bytes as u64)))
}

/// `llama_model_loader: loaded meta data with .. from /path/blobs/sha256-<64 digits> (version ..`
fn digest(line: &str) -> Option<String> {
    let (_, path) = line
        .split_once("loaded meta data with")
        .filter(|(_, path)| path.contains("sha256-"))?;
    let (_, hex) = path.split_once("sha256-")?;
    let hex: String = hex.chars().take_while(char::is_ascii_hexdigit).collect();
    (hex.len() == 64).then_some(hex)
}

/// `llama_context: n_ubatch      = 512`, `load_tensors: offloaded 29/29 layers to GPU`
fn setting(line: &str, load: &mut Load) {
    if let Some((_, layers)) = line.split_once("offloaded ")
        && let Some((layers, _)) = layers.split_once(" layers to GPU")
        && let Some((some, all)) = layers.split_once('/')
        && let (Ok(some), Ok(all)) = (some.trim().parse(), all.trim().parse())
    {
        load.layers = Some((some, all));
        return;
    }
    let Some((before, value)) = line.split_once('=') else {
        return;
    };
    // The model's own numbers have the same names.
    if before.contains("print_info") {
        return;
    }
    let name = before.split_whitespace().next_back().unwrap_or_default();
    let value = value.split_whitespace().next().unwrap_or_default();
    let number = || value.parse::<u32>().ok();
    match name {
        "n_ctx" => load.context = number().or(load.context),
        "n_seq_max" => load.parallel = number().or(load.parallel),
        "n_ubatch" => load.batch = number().or(load.batch),
        "flash_attn" => match value {
            "1" | "enabled" => load.flash_attention = Some(true),
            "0" | "disabled" => load.flash_attention = Some(false),
            // `auto` is decided later, on a line of its own.
            _ => {}
        },
        _ => {}
    }
}
