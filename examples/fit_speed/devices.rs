//! From the devices of published rows to those of the catalog.

use serde::Deserialize;
use vramfit::catalog::Catalog;
use vramfit::catalog::gpu::GpuSpec;
use vramfit::engine::speed::Device;
use vramfit::units::Bytes;

use super::rows::Raw;
use super::tables::HOSTS;

/// A GPU of `gpus.json`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RawGpu {
    pub name: String,
    pub vendor: String,
    pub architecture: Option<String>,
    pub vram_gb: Option<f64>,
    pub memory_bandwidth_gb_s: Option<f64>,
    pub fp32_tflops: Option<f64>,
    pub tdp_w: Option<f64>,
    pub gpu_cores: Option<f64>,
    #[serde(default)]
    pub unified_memory: bool,
}

impl RawGpu {
    /// The same facts from the catalog, for rows that name a card without saying which row of the list it is.
    pub(crate) fn of_catalog(known: &GpuSpec) -> Option<Self> {
        Some(Self {
            name: known.name.to_string(),
            vendor: format!("{:?}", known.vendor),
            architecture: known.architecture.clone().map(String::from),
            vram_gb: Some(known.memory.0 as f64 / f64::from(1 << 30)),
            memory_bandwidth_gb_s: Some(known.bandwidth?),
            fp32_tflops: known.fp32_tflops,
            tdp_w: None,
            gpu_cores: None,
            unified_memory: known.unified,
        })
    }
}

pub(crate) fn host(raw: &Raw) -> Result<Device, &'static str> {
    let cpu = raw.cpu.as_deref().unwrap_or_default();
    let known = HOSTS.iter().find(|(name, _)| cpu.contains(name));
    let (name, bandwidth) = known.ok_or("host's memory unknown")?;
    Ok(Device {
        name: (*name).to_owned(),
        vendor: "host".to_owned(),
        bandwidth: *bandwidth,
        ..Device::default()
    })
}

/// GB/s of a processor's memory at its best.
pub(crate) fn memory_of(cpu: &str) -> Option<f64> {
    let known = HOSTS.iter().find(|(name, _)| cpu.contains(name));
    known.map(|(_, bandwidth)| *bandwidth)
}

/// A device as the program would describe it, named as in the catalog.
pub(crate) fn device(spec: &RawGpu, raw: &Raw, catalog: &Catalog) -> Result<Device, &'static str> {
    let bandwidth = spec
        .memory_bandwidth_gb_s
        .or(raw.gpu_ref_bandwidth_gb_s)
        .ok_or("bandwidth unknown")?;
    let chip = spec.name.split(" (").next().unwrap_or(&spec.name);
    let memory = spec
        .vram_gb
        .map(|gb| Bytes((gb * f64::from(1 << 30)) as u64));
    // The bare name first: a laptop's card may print the desktop's name with the same memory.
    let alike = |known: &&GpuSpec| {
        memory.is_none_or(|memory| known.memory.0.abs_diff(memory.0) < memory.0 / 8)
    };
    let known = catalog
        .gpu(chip, None)
        .filter(|known| spec.unified_memory || alike(known));
    let known = known.or_else(|| catalog.gpu(chip, memory));
    // A core count in the name tells the throughput of chips that are sold by cores.
    let cores = spec.gpu_cores.and_then(|cores| {
        let per_core = [("M1", 0.216), ("M2", 0.235), ("M3", 0.245), ("M4", 0.293)];
        let (_, rate) = per_core.iter().find(|(name, _)| spec.name.contains(name))?;
        Some(rate * cores)
    });
    Ok(Device {
        name: known.map_or_else(|| chip.to_owned(), |known| known.name.to_string()),
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
