//! What a row's model costs a token, and where it lies when its card has no room for it.

use std::borrow::Cow;

use vramfit::catalog::Catalog;
use vramfit::catalog::model::KnownArchitecture;
use vramfit::engine::estimate_input::{Basis, EstimateInput};
use vramfit::engine::layout;
use vramfit::engine::place::{self, GpuPool};
use vramfit::engine::predict_speed::{self, Machine};
use vramfit::engine::speed::{Device, Work};
use vramfit::engine::workload::Workload;
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

use super::devices::memory_of;
use super::names::quantization;
use super::rows::Raw;
use super::rules::depth;

/// The part of a model that a GPU has no room for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct InRam {
    /// Of what a token reads, from 0 to 1.
    pub share: f64,
    /// Layers that the GPU hands over.
    pub handed_over: u32,
    /// GB/s of that memory; absent = what such machines usually have.
    pub bandwidth: Option<f64>,
}

/// The model of a row, in the file that it was measured with.
pub(crate) struct Measured<'a> {
    pub input: EstimateInput<'a>,
    architecture: &'a str,
    quantization: String,
    parameters: Option<(Option<u64>, Option<u64>)>,
    workload: Workload,
}

impl<'a> Measured<'a> {
    pub(crate) fn of(
        raw: &Raw,
        known: &'a KnownArchitecture,
        index: u32,
        catalog: &'a Catalog,
    ) -> Result<Self, &'static str> {
        let cache = match raw.kv_cache.as_deref().map(str::to_lowercase).as_deref() {
            None | Some("auto" | "f16" | "fp16" | "auto (bf16)") => KvCacheType::F16,
            Some("q8_0") => KvCacheType::Q8_0,
            Some("q4_0") => KvCacheType::Q4_0,
            Some(_) => return Err("KV format unknown"),
        };
        let quantization = file_type(raw, known, catalog)?;
        let mut weights =
            layout::weights(&known.shape, &quantization).ok_or("quantization unknown")?;
        if let Some(bytes) = raw.model_file_size.as_deref().and_then(gibibytes) {
            weights = weights.scaled_to(bytes - known.metadata);
        }
        let owner = catalog
            .models
            .iter()
            .find(|model| model.architecture == Some(index));
        let depth = u32::try_from(depth(raw)).unwrap_or(u32::MAX);
        Ok(Self {
            input: EstimateInput {
                architecture: Cow::Borrowed(&known.shape),
                weights,
                projector: Bytes::ZERO,
                basis: Basis::Architecture,
                rounding: Bytes::ZERO,
                largest_row: None,
                draft: 0,
                draft_model: None,
            },
            architecture: &known.name,
            quantization,
            parameters: owner.map(|model| (model.active_parameters, model.parameters)),
            workload: Workload {
                context_length: depth.max(4096),
                depth: Some(depth),
                kv_cache_type: cache,
                ..Workload::default()
            },
        })
    }

    fn model(&self) -> predict_speed::Model<'_> {
        predict_speed::Model {
            input: &self.input,
            architecture: self.architecture,
            quantization: &self.quantization,
            parameters: self.parameters.and_then(|(_, all)| all),
            active_parameters: self.parameters.and_then(|(active, all)| active.or(all)),
        }
    }

    pub(crate) fn work(&self) -> Result<Work, &'static str> {
        let work = predict_speed::work(&self.model(), &self.workload);
        // A shape that reads far more or less than the stated active parameters is not the model's own.
        if let Some((Some(active), Some(all))) = self.parameters {
            let whole = self.input.weights.in_file().0 as f64;
            let expected = whole * active as f64 / all as f64;
            if !(0.6..1.7).contains(&(work.weights_read / expected)) {
                return Err("shape at odds with the active parameters");
            }
        }
        Ok(work)
    }
}

fn file_type(
    raw: &Raw,
    known: &KnownArchitecture,
    catalog: &Catalog,
) -> Result<String, &'static str> {
    let stated = raw.quant.as_deref().map(str::to_uppercase);
    if known.shape.name.starts_with("gpt-oss") || known.name.starts_with("gpt-oss") {
        return Ok("MXFP4".to_owned());
    }
    if stated.is_some_and(|text| text.contains("BF16")) || raw.model.to_uppercase().contains("BF16")
    {
        return Err("BF16 weights");
    }
    let tag = || {
        catalog
            .find(&raw.model)?
            .variant
            .quantization
            .clone()
            .map(String::from)
    };
    quantization(raw.quant.as_deref(), &raw.model)
        .or_else(tag)
        .ok_or("quantization unknown")
}

/// Where a model lies for which its card has no room, as the engine lays it out by itself. Only where the host's memory is told.
pub(crate) fn in_host_memory(
    raw: &Raw,
    model: &Measured<'_>,
    device: &Device,
    capacity: f64,
    catalog: &Catalog,
) -> Option<InRam> {
    let bytes = |gb: f64| Bytes((gb * f64::from(1 << 30)) as u64);
    if raw.gpu_count != 1 {
        return None;
    }
    let card = place::Device {
        host: 0,
        gpu: 0,
        free: bytes(0.96 * capacity),
        reserve: Bytes::ZERO,
        overhead: Bytes::mib(200),
        flash_attention: true,
        cuda: device.vendor == "nvidia",
        partition: false,
    };
    let pool = GpuPool {
        devices: vec![card],
        hosts: vec![Some(bytes(raw.ram_gb?))],
        ..GpuPool::default()
    };
    let placement = place::by_default(model.input.shape(), &model.workload, &pool);
    let machine = Machine {
        devices: vec![Some(device.clone())],
        host_bandwidth: raw.cpu.as_deref().and_then(memory_of),
        measured: Vec::new(),
    };
    let parameters = &catalog.knowledge.speeds;
    let (_, layout) = predict_speed::speed_input(parameters, &machine, model.model(), &placement)?;
    Some(InRam {
        share: layout.host,
        handed_over: layout.handed_over,
        bandwidth: layout.host_bandwidth,
    })
}

fn gibibytes(text: &str) -> Option<Bytes> {
    let number: f64 = text.strip_suffix(" GiB")?.parse().ok()?;
    Some(Bytes((number * f64::from(1 << 30)) as u64))
}
