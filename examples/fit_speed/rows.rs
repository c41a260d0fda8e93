//! The published rows, the rules by which some are left out, and what remains of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use vramfit::catalog::Catalog;
use vramfit::catalog::model::KnownArchitecture;
use vramfit::engine::estimate_input::{Basis, EstimateInput};
use vramfit::engine::speed::{Device, Work};
use vramfit::engine::{layout, predict_speed};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

use super::devices::{RawGpu, device, host};
use super::names::{Names, quantization};
use super::rules::{OVERHEAD, depth, usable, window};

/// A row as it was published.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Raw {
    pub gpu: String,
    pub gpu_count: u32,
    pub gpu_ref: Option<String>,
    pub gpu_ref_bandwidth_gb_s: Option<f64>,
    pub model: String,
    pub quant: Option<String>,
    pub runtime: Option<String>,
    pub backend: Option<String>,
    pub context: Option<f64>,
    pub prompt_tokens: Option<f64>,
    pub gen_tokens: Option<f64>,
    pub batch: Option<u64>,
    pub decode_tok_s: Option<f64>,
    pub prefill_tok_s: Option<f64>,
    pub kv_cache: Option<String>,
    pub power_limit_w: Option<serde_json::Value>,
    pub spec_decoding: Option<bool>,
    pub spec_decode: Option<serde_json::Value>,
    pub mtp: Option<bool>,
    pub split: Option<String>,
    pub device_slug: Option<String>,
    pub config: Option<String>,
    pub notes: Option<String>,
    pub model_file_size: Option<String>,
    pub peak_vram_gb: Option<f64>,
    pub cpu: Option<String>,
    pub kind: String,
    pub source: String,
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
    /// Names of models without a shape in the catalog, and their rows.
    pub unknown: BTreeMap<String, usize>,
}

const UNKNOWN_MODEL: &str = "model not in the catalog";

/// Reads all rows and applies the rules.
pub(crate) fn read(lines: &str, gpus: &str, catalog: &Catalog) -> Result<Read, serde_json::Error> {
    let gpus: Vec<RawGpu> = serde_json::from_str(gpus)?;
    let names = Names::new(catalog);
    let mut read = Read {
        rows: Vec::new(),
        left_out: BTreeMap::new(),
        unknown: BTreeMap::new(),
    };
    for line in lines.lines() {
        let raw: Raw = serde_json::from_str(line)?;
        match judge(&raw, &gpus, catalog, &names) {
            Ok(row) => read.rows.push(row),
            Err(rule) => {
                *read.left_out.entry(rule).or_default() += 1;
                if rule == UNKNOWN_MODEL {
                    *read.unknown.entry(raw.model).or_default() += 1;
                }
            }
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
    let listed = |name: &str| gpus.iter().find(|gpu| gpu.name == name).cloned();
    let spec = raw.gpu_ref.as_deref().and_then(listed);
    let spec = spec.or_else(|| RawGpu::of_catalog(catalog.gpu(&raw.gpu, None)?));
    let spec = spec.as_ref();
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
    let index = names.find(&raw.model).ok_or(UNKNOWN_MODEL)?;
    let known = catalog
        .architectures
        .get(index as usize)
        .ok_or("no shape")?;
    let (work, whole) = work(raw, known, index, catalog)?;
    if let Some(capacity) = spec
        .and_then(|spec| spec.vram_gb)
        .filter(|_| !device.unified)
    {
        let room = f64::from(raw.gpu_count) * capacity * f64::from(1 << 30);
        if whole + work.kv_read / work.depth as f64 * window(raw) + OVERHEAD > room {
            return Err("weights, cache and overhead exceed the card");
        }
        // A peak below the weights says that a part of them lay elsewhere; tiny values are another unit.
        if raw
            .peak_vram_gb
            .is_some_and(|peak| (0.2..0.9).contains(&(peak * 1e9 / whole)))
        {
            return Err("peak memory below the weights");
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

fn work(
    raw: &Raw,
    known: &KnownArchitecture,
    index: u32,
    catalog: &Catalog,
) -> Result<(Work, f64), &'static str> {
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
    let whole = weights.in_file().0 as f64;
    let owner = catalog
        .models
        .iter()
        .find(|model| model.architecture == Some(index));
    let input = EstimateInput {
        architecture: Cow::Borrowed(&known.shape),
        weights,
        projector: Bytes::ZERO,
        basis: Basis::Architecture,
        rounding: Bytes::ZERO,
    };
    let model = predict_speed::Model {
        input: &input,
        architecture: &known.name,
        quantization: &quantization,
        active_parameters: owner.and_then(|model| model.active_parameters.or(model.parameters)),
    };
    let work = predict_speed::work(&model, cache, depth(raw));
    // A shape that reads far more or less than the stated active parameters is not the model's own.
    if let Some((active, all)) = owner.and_then(|m| m.active_parameters.zip(m.parameters)) {
        let expected = whole * active as f64 / all as f64;
        if !(0.6..1.7).contains(&(work.weights_read / expected)) {
            return Err("shape at odds with the active parameters");
        }
    }
    Ok((work, whole))
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
