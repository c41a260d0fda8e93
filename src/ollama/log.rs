//! What the engine says of its own allocations: the buffer lines of `llama-server`, as Ollama's log carries them.

mod failure;
mod line;
mod setting;

use std::collections::BTreeMap;

use crate::units::Bytes;
pub use failure::LoadFailure;
use setting::{setting, started_with};

/// Buffers that the engine allocated on one device, by what is in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogBuffers {
    /// The buffer of the model's tensors.
    pub weights: Bytes,
    /// The cache of keys and values, as far as it grows with the context.
    pub kv_cache: Bytes,
    /// State of the blocks that do not attend.
    pub recurrent: Bytes,
    /// The scratch space of a batch.
    pub compute: Bytes,
    /// Logits of all slots, as the engine's `output buffer`.
    pub output: Bytes,
}

impl LogBuffers {
    /// All bytes that the engine allocated there.
    pub fn total(&self) -> Bytes {
        self.weights + self.kv_cache + self.recurrent + self.compute + self.output
    }
}

/// One start of the engine, as its log tells it. Sizes are as exact as the log's two digits of a MiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineStart {
    /// The digest of the model's file, where the log names it.
    pub digest: Option<String>,
    /// What each device allocated: `CUDA0`, `ROCm1`, `CPU`.
    pub devices: BTreeMap<String, LogBuffers>,
    /// Layers on GPUs, and all layers.
    pub layers: Option<(u32, u32)>,
    /// Tokens of all slots.
    pub context: Option<u32>,
    /// Slots that share the context.
    pub parallel: Option<u32>,
    /// Tokens evaluated at once (`n_ubatch`).
    pub batch: Option<u32>,
    /// Whether flash attention is on.
    pub flash_attention: Option<bool>,
    /// The type of the cache, as the engine names it.
    pub kv_cache_type: Option<String>,
    /// What a second context, that of drafting, has of the above.
    pub draft: LogBuffers,
    /// Whether the engine is one of before Ollama 0.30, which reserves logits for a whole batch.
    pub batch_logits: bool,
    /// What the log's own rounding may have lost.
    pub rounding: Bytes,
    /// Why it came to nothing; `None` where the model loaded, as far as the log tells.
    pub failure: Option<LoadFailure>,
}

impl EngineStart {
    /// Buffers of the GPUs, in the engine's order.
    pub fn gpus(&self) -> impl Iterator<Item = (&str, &LogBuffers)> {
        self.devices
            .iter()
            .filter(|(name, _)| is_gpu(name))
            .map(|(name, buffers)| (name.as_str(), buffers))
    }

    /// Buffers in host memory.
    pub fn on_host(&self) -> impl Iterator<Item = &LogBuffers> {
        let host = self.devices.iter().filter(|(name, _)| !is_gpu(name));
        host.map(|(_, buffers)| buffers)
    }

    /// All that lies in host memory.
    pub fn host(&self) -> Bytes {
        self.on_host().map(LogBuffers::total).sum()
    }

    /// Bytes of all buffers on GPUs.
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

/// A log's text, whatever it is encoded in: PowerShell writes UTF-16, a broken terminal anything.
pub fn text(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| -> String {
        let units = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]]));
        String::from_utf16_lossy(&units.collect::<Vec<u16>>())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        // Without a mark, as a part of such a file has none: half of plain words are zeros.
        [1..=255, 0, 1..=255, 0, ..] => wide(bytes, u16::from_le_bytes),
        [0, 1..=255, 0, 1..=255, ..] => wide(bytes, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The starts of the engine in a log, oldest first. Lines of other kinds do not matter.
pub fn loads(log: &str) -> Vec<EngineStart> {
    let mut loads: Vec<EngineStart> = Vec::new();
    let mut start = Start::default();
    for line in log.lines() {
        let line = &*line::said(line);
        if let Some(asked) = started_with(line) {
            if start.has_compute() || start.load.failure.is_some() {
                start.end(&mut loads);
            }
            asked.apply(&mut start.load);
            continue;
        }
        if let Some(later) = LoadFailure::told_by(line) {
            let failure = start.load.failure.take();
            start.load.failure = Some(match failure {
                Some(first) => first.or_later(later),
                None => later,
            });
            continue;
        }
        start.load.batch_logits |= is_old(line);
        if let Some(digest) = digest(line) {
            // A draft model's file is read when the target's context stands.
            if !start.drafts || start.is_complete() || start.load.failure.is_some() {
                start.end(&mut loads);
            }
            start.load.digest = start.load.digest.or(Some(digest));
        } else if let Some(buffer) = buffer(line) {
            let another = start.is_complete()
                || start.load.failure.is_some()
                || start.has_compute() && !start.drafts;
            if buffer.kind == BufferKind::Weights && another {
                // A model's tensors come first: after a context they belong to the next start.
                start.end(&mut loads);
            }
            if line.contains("compute buffer size") {
                // What did not fit with pipelines was tried again without.
                start.load.failure = None;
            }
            start.take(buffer);
        } else if line.contains("draft") && (line.contains("creating") || line.contains("loading"))
        {
            start.drafts |= start.has_compute();
        } else if !start.drafts {
            setting(line, &mut start.load);
        }
    }
    start.end(&mut loads);
    loads
}

/// Whether only engines of before Ollama 0.30 write such a line: llama.cpp to 2024, and Ollama's own runner.
fn is_old(line: &str) -> bool {
    line.contains("llm_load_tensors:")
        || line.contains("llama_new_context_with_model:")
        || runner(line).is_some()
}

/// Devices of one start: an engine takes 16, and each has a few kinds of host memory.
const DEVICES: usize = 64;

/// A start that is being read.
#[derive(Default)]
struct Start {
    load: EngineStart,
    /// The second context's scratch space.
    draft_compute: BTreeMap<String, Bytes>,
    /// Whether the lines are about drafting.
    drafts: bool,
}

impl Start {
    fn has_compute(&self) -> bool {
        let mut devices = self.load.devices.values();
        devices.any(|buffers| buffers.compute > Bytes::ZERO)
    }

    /// Whether the second context stands, too.
    fn is_complete(&self) -> bool {
        !self.draft_compute.is_empty()
    }

    fn take(&mut self, buffer: Buffer) {
        let Buffer {
            kind,
            device,
            bytes,
            rounding,
        } = buffer;
        let devices = &self.load.devices;
        if devices.len() == DEVICES && !devices.contains_key(&device) {
            return;
        }
        let on_gpu = is_gpu(&device);
        let buffers = self.load.devices.entry(device.clone()).or_default();
        let of_draft = self.drafts && on_gpu;
        self.load.rounding += if on_gpu { rounding } else { Bytes::ZERO };
        match kind {
            BufferKind::Weights => buffers.weights += bytes,
            BufferKind::KvCache => buffers.kv_cache += bytes,
            BufferKind::Recurrent => buffers.recurrent += bytes,
            BufferKind::Output => buffers.output = bytes,
            // The engine measures before it fits and says so; the last word of each context counts.
            BufferKind::Compute if self.drafts => {
                let last = self.draft_compute.insert(device, bytes).unwrap_or_default();
                buffers.compute = buffers.compute - last + bytes;
                if of_draft {
                    self.load.draft.compute = self.load.draft.compute - last + bytes;
                }
            }
            BufferKind::Compute => buffers.compute = bytes,
        }
        if of_draft {
            match kind {
                BufferKind::Weights => self.load.draft.weights += bytes,
                BufferKind::KvCache => self.load.draft.kv_cache += bytes,
                BufferKind::Recurrent => self.load.draft.recurrent += bytes,
                BufferKind::Compute | BufferKind::Output => {}
            }
        }
    }

    /// Ends the start at hand, if it got anywhere; else what was asked for still holds.
    fn end(&mut self, loads: &mut Vec<EngineStart>) {
        if !self.load.devices.is_empty() || self.load.failure.is_some() {
            loads.push(std::mem::take(self).load);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BufferKind {
    Weights,
    KvCache,
    Recurrent,
    Compute,
    Output,
}

/// One line about memory.
struct Buffer {
    kind: BufferKind,
    device: String,
    bytes: Bytes,
    /// Half a unit of the last digit that the line gives.
    rounding: Bytes,
}

/// `load_tensors:        CUDA0 model buffer size =  4096.00 MiB`; before 2025 `llm_load_tensors:      CUDA0 buffer size =  4155.99 MiB`.
fn buffer(line: &str) -> Option<Buffer> {
    let Some((before, after)) = line.split_once(" buffer size") else {
        return runner(line);
    };
    // A vision projector's own scratch space is none of the model's.
    if before.contains("alloc_compute_meta") {
        return None;
    }
    let (before, kind) = before.trim_end().rsplit_once(char::is_whitespace)?;
    let kind = match kind {
        "model" => BufferKind::Weights,
        "KV" => BufferKind::KvCache,
        "RS" => BufferKind::Recurrent,
        "compute" => BufferKind::Compute,
        "output" => BufferKind::Output,
        device if before.trim_end().ends_with("load_tensors:") => {
            let (bytes, rounding) = size(after.trim_start().strip_prefix('=')?)?;
            return Some(Buffer {
                kind: BufferKind::Weights,
                device: named(device),
                bytes,
                rounding,
            });
        }
        _ => return None,
    };
    let device = before.split_whitespace().next_back()?;
    let (bytes, rounding) = size(after.trim_start().strip_prefix('=')?)?;
    Some(Buffer {
        kind,
        device: named(device),
        bytes,
        rounding,
    })
}

/// Ollama's own runner, from 2025 on: `msg="model weights" device=CUDA0 size="17.5 GiB"`; at first with `buffer=` for `device=`.
fn runner(line: &str) -> Option<Buffer> {
    let (_, said) = line.split_once("msg=\"")?;
    let (said, rest) = said.split_once('"')?;
    let kind = match said {
        "model weights" => BufferKind::Weights,
        "kv cache" => BufferKind::KvCache,
        "compute graph" => BufferKind::Compute,
        _ => return None,
    };
    let of = |key: &str| Some(rest.split_once(key)?.1);
    let device = of("device=").or_else(|| of("buffer=").or_else(|| of("backend=")))?;
    let device = device.split_whitespace().next()?;
    let (bytes, rounding) = size(of("size=\"")?.split_once('"')?.0)?;
    Some(Buffer {
        kind,
        device: named(device),
        bytes,
        rounding,
    })
}

/// `4096.00 MiB`, and half a unit of its last digit.
fn size(text: &str) -> Option<(Bytes, Bytes)> {
    let mut words = text.split_whitespace();
    let (number, unit) = (words.next()?, words.next()?);
    let unit = match unit {
        "B" => 1.0,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        _ => return None,
    };
    let digits = number.split_once('.').map_or(0, |(_, digits)| digits.len());
    let value: f64 = number.parse().ok()?;
    let bytes = (value.is_finite() && value >= 0.0).then_some((value * unit).round())?;
    let rounding = unit / 2.0 / 10_f64.powi(digits.min(9) as i32);
    Some((Bytes(bytes as u64), Bytes(rounding as u64)))
}

/// A device's name. Mapped and private buffers of a device lie in the same memory.
fn named(device: &str) -> String {
    let device = ["_Mapped", "_Private"]
        .into_iter()
        .filter(|_| is_gpu(device))
        .find_map(|suffix| device.strip_suffix(suffix))
        .unwrap_or(device);
    super::excerpt(device)
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
