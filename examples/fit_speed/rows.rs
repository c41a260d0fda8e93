//! The published rows, the rules by which some are left out, and what remains of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use vramfit::catalog::Catalog;
use vramfit::catalog::model::KnownArchitecture;
use vramfit::engine::speed::{Device, Work};
use vramfit::engine::subject::{Basis, Subject};
use vramfit::engine::{layout, pace};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

use crate::names::{Names, quantization};
use crate::tables::HOSTS;

/// A row as it was published.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Raw {
    gpu: String,
    gpu_count: u32,
    gpu_ref: Option<String>,
    gpu_ref_bandwidth_gb_s: Option<f64>,
    model: String,
    quant: Option<String>,
    runtime: Option<String>,
    backend: Option<String>,
    context: Option<f64>,
    prompt_tokens: Option<f64>,
    gen_tokens: Option<f64>,
    batch: Option<u64>,
    decode_tok_s: Option<f64>,
    prefill_tok_s: Option<f64>,
    kv_cache: Option<String>,
    power_limit_w: Option<serde_json::Value>,
    spec_decoding: Option<bool>,
    spec_decode: Option<serde_json::Value>,
    mtp: Option<bool>,
    split: Option<String>,
    device_slug: Option<String>,
    config: Option<String>,
    notes: Option<String>,
    model_file_size: Option<String>,
    cpu: Option<String>,
    kind: String,
    source: String,
}

/// A GPU of `gpus.json`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RawGpu {
    name: String,
    vendor: String,
    architecture: Option<String>,
    vram_gb: Option<f64>,
    memory_bandwidth_gb_s: Option<f64>,
    fp32_tflops: Option<f64>,
    tdp_w: Option<f64>,
    gpu_cores: Option<f64>,
    unified_memory: bool,
}

/// A row that is used.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The device, named as in the catalog.
    pub device: Device,
    /// GPUs, one after the other; 0 = the host.
    pub count: u32,
    /// What a token costs.
    pub work: Work,
    /// Tokens per second.
    pub decode: f64,
    /// Prompt tokens per second, of a prompt that is long enough to tell.
    pub prefill: Option<f64>,
    /// Rows merged.
    pub rows: usize,
    /// Where it was published.
    pub source: String,
}

impl Row {
    /// The GPU and the model.
    pub(crate) fn pair(&self) -> (String, String) {
        (
            self.device.chip().to_owned(),
            self.work.architecture.clone(),
        )
    }
}

/// What was read: rows in use, and how many each rule left out.
pub(crate) struct Read {
    pub rows: Vec<Row>,
    pub left_out: BTreeMap<&'static str, usize>,
}

/// Reads all rows and applies the rules.
pub(crate) fn read(lines: &str, gpus: &str, catalog: &Catalog) -> Result<Read, serde_json::Error> {
    let gpus: Vec<RawGpu> = serde_json::from_str(gpus)?;
    let names = Names::new(catalog);
    let mut read = Read {
        rows: Vec::new(),
        left_out: BTreeMap::new(),
    };
    for line in lines.lines() {
        let raw: Raw = serde_json::from_str(line)?;
        match judge(&raw, &gpus, catalog, &names) {
            Ok(row) => read.rows.push(row),
            Err(rule) => *read.left_out.entry(rule).or_default() += 1,
        }
    }
    read.rows = merged(read.rows);
    Ok(read)
}

fn judge(
    raw: &Raw,
    gpus: &[RawGpu],
    catalog: &Catalog,
    names: &Names<'_>,
) -> Result<Row, &'static str> {
    let decode = raw.decode_tok_s.ok_or("no decode speed")?;
    usable(raw)?;
    let on_host = raw.gpu.starts_with("CPU:");
    let spec = raw
        .gpu_ref
        .as_deref()
        .and_then(|name| gpus.iter().find(|gpu| gpu.name == name));
    let device = match (on_host, spec) {
        (true, _) => host(raw)?,
        (false, Some(spec)) => device(spec, raw, catalog)?,
        (false, None) => return Err("GPU unknown"),
    };
    if let (Some(limit), Some(tdp)) = (&raw.power_limit_w, spec.and_then(|spec| spec.tdp_w)) {
        // Below four fifths of the card's own limit the clocks fall; a text stands for several limits.
        if limit.as_f64().is_none_or(|watts| watts < 0.8 * tdp) {
            return Err("power cap");
        }
    }
    let index = names.find(&raw.model).ok_or("model not in the catalog")?;
    let known = catalog
        .architectures
        .get(index as usize)
        .ok_or("no shape")?;
    let work = work(raw, known, index, catalog)?;
    if let Some(capacity) = spec
        .and_then(|spec| spec.vram_gb)
        .filter(|_| !device.unified)
    {
        let room = f64::from(raw.gpu_count) * capacity * 1.074e9;
        if work.weights_read + work.kv_read + 0.5e9 > room && !work.moe {
            return Err("does not fit the card");
        }
    }
    let bound = device.bandwidth * 1e9 / (work.weights_read + work.kv_read);
    if decode > bound || decode < 0.05 * bound {
        return Err("outside 5 to 100 % of the bandwidth bound");
    }
    let prompt = raw.prompt_tokens.unwrap_or(0.0);
    Ok(Row {
        count: if on_host { 0 } else { raw.gpu_count },
        device,
        work,
        decode,
        prefill: raw
            .prefill_tok_s
            .filter(|_| (256.0..=4096.0).contains(&prompt)),
        rows: 1,
        source: cited(&raw.source),
    })
}

/// The rules that need no knowledge of GPU or model.
fn usable(raw: &Raw) -> Result<(), &'static str> {
    let runtime = raw.runtime.as_deref().unwrap_or_default().to_lowercase();
    let backend = raw.backend.as_deref().unwrap_or_default().to_lowercase();
    let (model, kind) = (raw.model.to_lowercase(), raw.kind.to_lowercase());
    let notes = raw.notes.as_deref().unwrap_or_default();
    let apple = raw
        .gpu_ref
        .as_deref()
        .is_some_and(|gpu| gpu.starts_with("Apple"));
    let slug = raw.device_slug.as_deref().unwrap_or_default();
    let rules = [
        (
            !["llama.cpp", "llamacpp", "ollama"].contains(&runtime.as_str()),
            "not llama.cpp or Ollama",
        ),
        (
            raw.gpu_count > 1 && raw.split.is_none(),
            "several GPUs, split unstated",
        ),
        (
            raw.spec_decoding == Some(true)
                || raw
                    .spec_decode
                    .as_ref()
                    .is_some_and(|value| !value.is_null())
                || raw.mtp == Some(true)
                || model.contains("mtp"),
            "speculative decoding or MTP",
        ),
        (
            kind.contains("localscore") || kind.contains("mac-llm-bench"),
            "LocalScore or mac-llm-bench",
        ),
        (slug == "apple-m3-8gb", "wrong chip"),
        (
            raw.batch.is_some_and(|batch| batch > 1 && batch < 512),
            "several streams",
        ),
        (
            model.contains("mlx")
                || raw
                    .quant
                    .as_deref()
                    .is_some_and(|q| q.to_lowercase().contains("fp8")),
            "MLX",
        ),
        (apple && backend.contains("vulkan"), "Vulkan on Apple"),
        (
            notes.contains("Pi CM5") || raw.gpu.contains("Raspberry"),
            "ARM host",
        ),
        (
            runtime == "ollama" && raw.gpu_ref.as_deref() == Some("GeForce RTX 3080 12 GB"),
            "unstated CPU layers",
        ),
        (
            raw.gen_tokens
                .is_some_and(|tokens| tokens > 0.0 && tokens < 16.0),
            "answers under 16 tokens",
        ),
        (
            raw.gpu.starts_with("CPU:") && backend != "cpu",
            "integrated GPU named as a CPU",
        ),
    ];
    rules
        .into_iter()
        .find_map(|(broken, rule)| broken.then_some(rule))
        .map_or(Ok(()), Err)
}

fn host(raw: &Raw) -> Result<Device, &'static str> {
    let cpu = raw.cpu.as_deref().unwrap_or_default();
    let (name, bandwidth) = HOSTS
        .iter()
        .find(|(name, _)| cpu.contains(name))
        .ok_or("host's memory unknown")?;
    Ok(Device {
        name: (*name).to_owned(),
        vendor: "host".to_owned(),
        bandwidth: *bandwidth,
        ..Device::default()
    })
}

/// A device as the program would describe it, named as in the catalog.
fn device(spec: &RawGpu, raw: &Raw, catalog: &Catalog) -> Result<Device, &'static str> {
    let bandwidth = spec
        .memory_bandwidth_gb_s
        .or(raw.gpu_ref_bandwidth_gb_s)
        .ok_or("bandwidth unknown")?;
    let chip = spec.name.split(" (").next().unwrap_or(&spec.name);
    let memory = spec
        .vram_gb
        .map(|gb| Bytes((gb * f64::from(1 << 30)) as u64));
    let known = catalog.gpu(chip, memory);
    // A core count in the name tells the throughput of chips that are sold by cores.
    let cores = spec.gpu_cores.and_then(|cores| {
        let per_core = [("M1", 0.216), ("M2", 0.235), ("M3", 0.245), ("M4", 0.293)];
        let (_, rate) = per_core.iter().find(|(name, _)| spec.name.contains(name))?;
        Some(rate * cores)
    });
    Ok(Device {
        name: known.map_or_else(|| chip.to_owned(), |known| known.name.clone()),
        vendor: spec.vendor.to_lowercase(),
        architecture: spec.architecture.clone().unwrap_or_default(),
        unified: spec.unified_memory,
        bandwidth: known
            .and_then(|known| known.bandwidth)
            .filter(|theirs| (theirs / bandwidth - 1.0).abs() < 0.02)
            .unwrap_or(bandwidth),
        fp32_tflops: spec.fp32_tflops.or(cores),
    })
}

fn work(
    raw: &Raw,
    known: &KnownArchitecture,
    index: u32,
    catalog: &Catalog,
) -> Result<Work, &'static str> {
    let cache = match raw.kv_cache.as_deref().map(str::to_lowercase).as_deref() {
        None | Some("auto" | "f16" | "fp16" | "auto (bf16)") => KvCacheType::F16,
        Some("q8_0") => KvCacheType::Q8_0,
        Some("q4_0") => KvCacheType::Q4_0,
        Some(_) => return Err("KV format unknown"),
    };
    let tag = catalog
        .find(&raw.model)
        .and_then(|entry| entry.variant.quantization.clone());
    let quantization =
        if known.shape.name.starts_with("gpt-oss") || known.name.starts_with("gpt-oss") {
            "MXFP4".to_owned()
        } else if raw
            .quant
            .as_deref()
            .is_some_and(|q| q.to_uppercase().contains("BF16"))
            || raw.model.to_uppercase().contains("BF16")
        {
            return Err("BF16 weights");
        } else {
            quantization(raw.quant.as_deref(), &raw.model)
                .or(tag)
                .ok_or("quantization unknown")?
        };
    let mut weights = layout::weights(&known.shape, &quantization).ok_or("quantization unknown")?;
    if let Some(bytes) = raw.model_file_size.as_deref().and_then(gibibytes) {
        weights = weights.scaled_to(bytes - known.metadata);
    }
    let owner = catalog
        .models
        .iter()
        .find(|model| model.architecture == Some(index));
    let subject = Subject {
        architecture: Cow::Borrowed(&known.shape),
        weights,
        projector: Bytes::ZERO,
        basis: Basis::Architecture,
    };
    let model = pace::Model {
        subject: &subject,
        architecture: &known.name,
        quantization: &quantization,
        active_parameters: owner.and_then(|model| model.active_parameters.or(model.parameters)),
    };
    Ok(pace::work(&model, cache, depth(raw)))
}

/// Tokens before the one that is generated, in the middle of the run. `context` is that depth in sweeps that say so and the
/// allocated window elsewhere; llama-bench generates from nothing, whatever prompt it measures besides.
fn depth(raw: &Raw) -> u64 {
    let swept = raw.notes.as_deref() == Some("full 16K context; rounded")
        || raw
            .config
            .as_deref()
            .is_some_and(|config| config.contains("longctx"));
    let answer = raw.gen_tokens.unwrap_or(128.0).max(0.0) / 2.0;
    let bench = raw.kind.contains("llama-bench") || raw.kind.to_lowercase().contains("scoreboard");
    let before = match (swept, bench) {
        (true, _) => raw.context.unwrap_or(0.0),
        (false, true) => 0.0,
        (false, false) => raw.prompt_tokens.unwrap_or(0.0),
    };
    let depth = before + answer;
    // Caches are read in steps; beyond a thousand tokens the exact number does not matter.
    let step = if depth < 1024.0 { 256.0 } else { 1024.0 };
    ((depth / step).round() * step).max(256.0) as u64
}

fn gibibytes(text: &str) -> Option<Bytes> {
    let number: f64 = text.strip_suffix(" GiB")?.parse().ok()?;
    Some(Bytes((number * f64::from(1 << 30)) as u64))
}

/// The public place of a row, without its position there.
fn cited(source: &str) -> String {
    let at_github = source.find("github:").or_else(|| source.find("https://"));
    let place = source.split(" (").next().unwrap_or(source);
    match at_github {
        Some(0) => place.split(" via ").next().unwrap_or(place).to_owned(),
        _ => "https://github.com/ggml-org/llama.cpp/discussions (scoreboards)".to_owned(),
    }
}

/// Equal rows as one, with their medians.
fn merged(rows: Vec<Row>) -> Vec<Row> {
    let mut groups: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let (gpu, model) = row.pair();
        let key = (
            gpu,
            row.count,
            (row.device.bandwidth * 10.0) as u64,
            model,
            row.work.quantization.clone(),
            row.work.depth,
        );
        groups.entry(key).or_default().push(row);
    }
    let one = |mut group: Vec<Row>| {
        group.sort_by(|a, b| {
            a.decode
                .total_cmp(&b.decode)
                .then_with(|| a.source.cmp(&b.source))
        });
        let middle = group.len() / 2;
        let prefills = group.iter().filter_map(|row| row.prefill).collect();
        let decodes = group.iter().map(|row| row.decode).collect();
        Row {
            decode: median(decodes).unwrap_or(group[middle].decode),
            prefill: median(prefills),
            rows: group.len(),
            ..group[middle].clone()
        }
    };
    groups.into_values().map(one).collect()
}

/// The median; of an even number the mean of the middle two.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}
