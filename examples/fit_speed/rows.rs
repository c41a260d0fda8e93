//! The published rows, the rules by which some are left out, and what remains of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use vramfit::catalog::Catalog;
use vramfit::engine::speed::{Device, Work};

use super::devices::{RawGpu, device, host};
use super::measured::{InRam, Measured, in_host_memory};
use super::names::Names;
use super::rules::{OVERHEAD, usable, window};

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
    #[serde(alias = "output_tokens")]
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
    pub ram_gb: Option<f64>,
    #[serde(default)]
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
    /// What of it lies in host memory; nothing in most rows.
    pub in_ram: InRam,
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
    /// Whether one GPU held everything.
    pub(crate) fn is_plain(&self) -> bool {
        self.count == 1 && self.in_ram.share == 0.0
    }

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
    let gpus = gpus.lines().map(serde_json::from_str);
    let gpus = gpus.collect::<Result<Vec<RawGpu>, _>>()?;
    let names = Names::new(catalog);
    let mut read = Read {
        rows: Vec::new(),
        left_out: BTreeMap::new(),
        unknown: BTreeMap::new(),
    };
    let mut seen = BTreeSet::new();
    for line in lines.lines() {
        let raw: Raw = serde_json::from_str(line)?;
        // The same run in two collections.
        let decode = raw.decode_tok_s.unwrap_or_default().to_bits();
        let run = (raw.gpu.clone(), raw.model.clone(), decode);
        if raw.ram_gb.is_some() && !seen.insert(run) {
            *read.left_out.entry("seen before").or_default() += 1;
            continue;
        }
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
    let model = Measured::of(raw, known, index, catalog)?;
    let work = model.work()?;
    let whole = model.input.weights.in_file().0 as f64;
    let mut in_ram = InRam::default();
    if let Some(capacity) = spec
        .and_then(|spec| spec.vram_gb)
        .filter(|_| !device.unified && !on_host)
    {
        let room = f64::from(raw.gpu_count) * capacity * f64::from(1 << 30);
        if whole + work.kv_read / work.depth as f64 * window(raw) + OVERHEAD > room {
            let beside = in_host_memory(raw, &model, &device, capacity, catalog);
            in_ram = beside.ok_or("weights, cache and overhead exceed the card")?;
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
    if decode > bound || in_ram.share == 0.0 && decode < 0.05 * bound {
        return Err("outside 5 to 100 % of the bandwidth bound");
    }
    let prompt = raw.prompt_tokens.unwrap_or(0.0);
    Ok(Row {
        count: if on_host { 0 } else { raw.gpu_count },
        in_ram,
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

/// The public place of a row, without its position there.
fn cited(source: &str) -> String {
    // The crate's folder is the repository's.
    if let Some((_, file)) = source.split_once("llmfit-core 1.1.18, ") {
        return format!("github:AlexsJones/llmfit:llmfit-core/{file}");
    }
    if source.starts_with("tests/") {
        return source.to_owned();
    }
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
            (row.in_ram.share * 100.0) as u64,
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
