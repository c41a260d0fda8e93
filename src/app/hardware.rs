//! The hardware of an answer: found or simulated, as the engine and as the report want it.

mod left_out;

use super::session::Session;
use super::shared_memory;
use crate::catalog::Catalog;
use crate::catalog::gpu::{GpuSpec, Runtime, Vendor};
use crate::engine::fix::Tenant;
use crate::engine::place::{Device, GpuPool, MARGIN};
use crate::engine::predict_speed::Machine;
use crate::engine::speed;
use crate::engine::workload::Engine;
use crate::error::Error;
use crate::inventory::known::KnownGpus;
use crate::inventory::{Gpu, Host, Inventory, Note, NoteCode};
use crate::report::{GpuReport, HostReport, InventoryReport};
use crate::units::Bytes;
use left_out::LeftOut;

/// What models are placed on.
#[derive(Clone)]
pub(super) struct Hardware {
    pub report: InventoryReport,
    pub pool: GpuPool,
    pub machine: Machine,
    pub tenants: Vec<Tenant>,
    /// What the runtime shows of each GPU of the first host, by which Ollama picks its default context.
    pub totals: Vec<Bytes>,
    /// GPUs of the pool that Ollama leaves out, which other engines are to serve on beside it.
    pub not_for_ollama: Vec<usize>,
    /// Whether the CPU does everything: as asked, or because Ollama leaves out every GPU there is.
    pub on_cpu: bool,
}

impl Hardware {
    /// Whether the memory that models are placed in is known: that of GPUs is, and system memory where somebody told it.
    pub(super) fn knows_its_memory(&self) -> bool {
        !self.on_cpu || self.pool.hosts.iter().any(Option::is_some)
    }

    /// Gives GPUs of which only the size is known the bandwidth that cards of that size have. Returns the first, in bytes a second.
    pub(super) fn assume_bandwidth(&mut self, catalog: &Catalog) -> Option<u64> {
        let totals = self.report.hosts.iter().flat_map(|host| &host.gpus);
        let mut first = None;
        for (device, gpu) in self.machine.devices.iter_mut().zip(totals) {
            if device.is_some() {
                continue;
            }
            let Some(bandwidth) = typical_bandwidth(catalog, gpu.total) else {
                continue;
            };
            first.get_or_insert((bandwidth * 1e9) as u64);
            *device = Some(speed::Device {
                vendor: Vendor::Nvidia.code().to_owned(),
                bandwidth,
                ..speed::Device::default()
            });
        }
        first
    }

    /// A GPU without end: to say what a model takes by itself.
    pub(super) fn boundless(overhead: Bytes) -> GpuPool {
        let device = Device {
            host: 0,
            gpu: 0,
            free: Bytes(1 << 60),
            reserve: Bytes::ZERO,
            overhead,
            flash_attention: true,
            cuda: true,
            partition: false,
        };
        GpuPool {
            devices: vec![device],
            hosts: vec![None],
            ..GpuPool::default()
        }
    }
}

/// The hardware that flags and configuration describe, or that is here.
pub(super) fn find(session: &Session) -> Result<Hardware, Error> {
    of_found(session, super::detect::inventory(session)?)
}

/// The same for services of these engines. Which GPUs Ollama leaves out says nothing of another engine.
pub(super) fn find_for(session: &Session, engines: &[Engine]) -> Result<Hardware, Error> {
    let inventory = as_asked(session, super::detect::inventory(session)?);
    with_flags(session, &inventory, engines)
}

/// The hardware of an inventory, as flags have it.
pub(super) fn of_found(session: &Session, inventory: Inventory) -> Result<Hardware, Error> {
    with_flags(session, &as_asked(session, inventory), &[Engine::Ollama])
}

/// An inventory without its GPUs, where those are to be left out.
fn as_asked(session: &Session, mut inventory: Inventory) -> Inventory {
    if session.global.cpu {
        for host in &mut inventory.hosts {
            host.gpus.clear();
        }
        inventory.notes.push(Note {
            code: NoteCode::GpusNotUsed,
            subject: None,
            detail: None,
        });
    }
    inventory
}

/// An inventory with the flags that say more of it, for services of these engines.
pub(super) fn with_flags(
    session: &Session,
    inventory: &Inventory,
    engines: &[Engine],
) -> Result<Hardware, Error> {
    let version = session.ollama()?.0;
    let ollama = engines.contains(&Engine::Ollama).then_some(OllamaRule {
        version: &version,
        alone: engines.iter().all(|engine| *engine == Engine::Ollama),
    });
    let mut hardware = of_inventory(
        inventory,
        &session.catalog,
        ollama,
        session.reserve()?,
        session.global.spread,
    );
    hardware.on_cpu |= session.global.cpu;
    hardware.machine.host_bandwidth = session.ram_bandwidth()?;
    super::cuda_context::apply(session, &mut hardware);
    super::bench::kept::apply(session, &mut hardware);
    Ok(hardware)
}

/// Whose rule says which GPUs are left out.
pub(super) struct OllamaRule<'a> {
    /// Version of Ollama, such as `0.33.0`.
    version: &'a str,
    /// Whether no other engine serves beside it: then what it leaves out is nobody's.
    alone: bool,
}

/// An inventory as the engine and the report want it; without the GPUs that Ollama leaves out, where it alone is to serve.
pub(super) fn of_inventory(
    inventory: &Inventory,
    catalog: &Catalog,
    ollama: Option<OllamaRule<'_>>,
    reserve: Bytes,
    spread: bool,
) -> Hardware {
    let inventory = &with_shared_memory(inventory);
    let known = KnownGpus::new(catalog);
    let alone = ollama.as_ref().is_some_and(|rule| rule.alone);
    let left_out = ollama.map(|rule| LeftOut::new(inventory, catalog, rule.version));
    let left_out = left_out.unwrap_or_default();
    let mut not_for_ollama = Vec::new();
    let mut devices = Vec::new();
    let mut speeds = Vec::new();
    let mut tenants = Vec::new();
    for (at, host) in inventory.hosts.iter().enumerate() {
        for (position, gpu) in host.gpus.iter().enumerate() {
            if left_out.gpus.contains(&(at, position)) {
                if alone {
                    continue;
                }
                not_for_ollama.push(devices.len());
            }
            tenants.extend(gpu.processes.iter().filter_map(|process| {
                Some(Tenant {
                    device: devices.len(),
                    pid: process.pid,
                    name: process.name.clone(),
                    bytes: process.bytes?,
                })
            }));
            devices.push(device(gpu, at as u32, position as u32, &known, reserve));
            speeds.push(speed_of(gpu, &known));
        }
    }
    // What a GPU shares with the host is counted as the GPU's, and must not be given away twice.
    let memory = inventory.hosts.iter().map(|host| {
        let shared = host.gpus.iter().any(|gpu| gpu.unified);
        let own = host.memory.filter(|_| !shared);
        own.map(|memory| memory.available)
    });
    let totals = inventory.hosts.first().map(|host| {
        let used = (0..).zip(&host.gpus);
        let used = used.filter(|(position, _)| !left_out.gpus.contains(&(0, *position)));
        used.map(|(_, gpu)| gpu.total - gpu.reserved).collect()
    });
    Hardware {
        not_for_ollama,
        on_cpu: devices.is_empty() && !left_out.gpus.is_empty(),
        pool: GpuPool {
            devices,
            hosts: memory.collect(),
            spread,
            machines: shared_memory::machines(inventory, &known),
        },
        machine: Machine {
            measured: Vec::new(),
            devices: speeds,
            host_bandwidth: None,
        },
        tenants,
        totals: totals.unwrap_or_default(),
        report: report(inventory, &known, left_out.notes, reserve),
    }
}

/// What a process takes on a GPU of the catalog before it loads anything.
pub(super) fn overhead(known: &GpuSpec, catalog: &Catalog) -> Bytes {
    let process = catalog.knowledge.gpu_rules.process(known);
    process
        .and_then(|(_, bytes)| bytes)
        .unwrap_or_else(|| catalog.cuda_context())
}

/// By what engines compute on a GPU, and what a process takes there.
fn process(gpu: &Gpu, known: &KnownGpus<'_>) -> (Runtime, Bytes) {
    let catalog = known.catalog();
    let known = known.device(&gpu.name, Some(gpu.total));
    let rules = &catalog.knowledge.gpu_rules;
    match known.as_deref() {
        Some(known) => {
            let runtime = rules.process(known).map(|(runtime, _)| runtime);
            (
                runtime.unwrap_or(runtime_of(gpu.vendor)),
                overhead(known, catalog),
            )
        }
        None => (
            runtime_of(gpu.vendor),
            rules
                .process_of(gpu.vendor)
                .unwrap_or_else(|| catalog.cuda_context()),
        ),
    }
}

fn runtime_of(vendor: Vendor) -> Runtime {
    match vendor {
        Vendor::Nvidia => Runtime::Cuda,
        Vendor::Amd => Runtime::Rocm,
        Vendor::Intel => Runtime::Vulkan,
        Vendor::Apple => Runtime::Metal,
    }
}

/// A GPU that shares the host's memory can give no more than the host has: Ollama goes by the less of both.
fn with_shared_memory(inventory: &Inventory) -> Inventory {
    let mut inventory = inventory.clone();
    for host in &mut inventory.hosts {
        let Some(memory) = host.memory else { continue };
        for gpu in host.gpus.iter_mut().filter(|gpu| gpu.unified) {
            gpu.used += gpu.free() - memory.available.min(gpu.free());
        }
    }
    inventory
}

fn device(gpu: &Gpu, host: u32, position: u32, known: &KnownGpus<'_>, reserve: Bytes) -> Device {
    let cuda = gpu.vendor == Vendor::Nvidia;
    // CUDA needs 6.0, and not 7.2 (facts of ggml-cuda's fattn); other back ends have it everywhere.
    let flash_attention = gpu
        .compute_capability
        .is_none_or(|capability| capability >= (6, 0) && capability != (7, 2));
    Device {
        host,
        gpu: position,
        free: gpu.free(),
        reserve,
        overhead: process(gpu, known).1,
        flash_attention,
        cuda,
        partition: gpu.mig.is_some(),
    }
}

fn speed_of(gpu: &Gpu, known: &KnownGpus<'_>) -> Option<speed::Device> {
    let known = known.device(&gpu.name, Some(gpu.total));
    let known = known.as_deref();
    let bandwidth = gpu.bandwidth.or_else(|| known?.bandwidth)?;
    Some(speed::Device {
        name: known.map_or_else(|| gpu.name.clone(), |known| known.name.to_string()),
        vendor: gpu.vendor.code().to_owned(),
        architecture: known
            .and_then(|known| known.architecture.clone())
            .unwrap_or_default()
            .into(),
        unified: gpu.unified,
        bandwidth,
        fp32_tflops: known.and_then(|known| known.fp32_tflops),
    })
}

/// What is known of the speed of a GPU that is only imagined.
pub(super) fn card_speed(known: &GpuSpec) -> Option<speed::Device> {
    Some(speed::Device {
        name: known.name.to_string(),
        vendor: known.vendor.code().to_owned(),
        architecture: known.architecture.clone().unwrap_or_default().into(),
        unified: known.unified,
        bandwidth: known.bandwidth?,
        fp32_tflops: known.fp32_tflops,
    })
}

/// The median bandwidth of the cards whose memory is nearest to so much: NVIDIA's since Turing, which people run models on.
fn typical_bandwidth(catalog: &Catalog, memory: Bytes) -> Option<f64> {
    let distance = |gpu: &GpuSpec| (gpu.memory.0 as f64 / memory.0.max(1) as f64).ln().abs();
    let mut cards: Vec<(f64, f64)> = catalog
        .gpus
        .iter()
        .filter(|gpu| !gpu.unified && gpu.compute_capability >= Some((7, 5)))
        .filter_map(|gpu| Some((distance(gpu), gpu.bandwidth?)))
        .collect();
    let nearest = cards.iter().map(|card| card.0).fold(f64::MAX, f64::min);
    cards.retain(|card| card.0 <= nearest + 0.05);
    cards.sort_by(|a, b| a.1.total_cmp(&b.1));
    Some(cards.get(cards.len() / 2)?.1)
}

fn report(
    inventory: &Inventory,
    known: &KnownGpus<'_>,
    left_out: Vec<Note>,
    reserve: Bytes,
) -> InventoryReport {
    InventoryReport {
        origin: inventory.origin.code().to_owned(),
        hosts: inventory
            .hosts
            .iter()
            .map(|host| host_report(host, known, reserve))
            .collect(),
        driver: inventory.driver.clone(),
        speed_scale: None,
        notes: [inventory.notes.clone(), left_out].concat(),
    }
}

fn host_report(host: &Host, known: &KnownGpus<'_>, reserve: Bytes) -> HostReport {
    let gpu = |gpu: &Gpu| GpuReport {
        gpu: gpu.index,
        uuid: gpu.uuid.clone(),
        name: gpu.name.clone(),
        vendor: gpu.vendor,
        runtime: process(gpu, known).0,
        total: gpu.total,
        memory_basis: gpu.basis,
        ecc: gpu.ecc,
        reserved: gpu.reserved,
        used: gpu.used,
        free: gpu.free(),
        usable: gpu.free() - reserve - MARGIN,
        bandwidth: gpu
            .bandwidth
            .or_else(|| known.device(&gpu.name, Some(gpu.total))?.bandwidth)
            .map(|rate| (rate * 1e9) as u64),
        compute_capability: gpu
            .compute_capability
            .map(|(major, minor)| format!("{major}.{minor}")),
        pci_bus_id: gpu.pci_bus_id.clone(),
        mig: gpu.mig,
        unified: gpu.unified,
        process_overhead: process(gpu, known).1,
        cuda_context: None,
        processes: gpu.processes.clone(),
    };
    HostReport {
        name: host.name.clone(),
        memory: host.memory,
        gpus: host.gpus.iter().map(gpu).collect(),
        listen: host.listen.map(|listen| listen.to_string()),
        driver: host.driver.clone(),
    }
}
