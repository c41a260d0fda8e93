//! `--engine vllm`: what stands for a tag on these GPUs, and why nothing does.

use super::super::hardware::Hardware;
use super::super::session::Session;
use super::{Planning, wanted};
use crate::catalog::checkpoint::Checkpoint;
use crate::catalog::{Entry, similar};
use crate::engine::checkpoint::{self, Chosen, choose};
use crate::engine::place::{GpuPool, Placement};
use crate::engine::vllm::{self, Parts, Serve};
use crate::engine::workload::Workload;
use crate::error::Error;
use crate::quantization::KvCacheType;
use crate::report::{GpuReport, Service};

/// The checkpoint that is loaded for a model.
///
/// # Errors
/// [`Error::NoCheckpoint`] if none is known that vLLM can load, and where its GPUs or the cache's type are none of vLLM's.
pub(super) fn chosen<'a>(
    session: &'a Session,
    hardware: &Hardware,
    entry: Entry<'a>,
    workload: Workload,
) -> Result<Chosen<'a>, Error> {
    let vllm = &session.catalog.knowledge.vllm;
    // By its own shape and name: a tune has no checkpoint of its parent's.
    let own = session.catalog.architecture(entry.model);
    let own = own.filter(|own| {
        vllm.knows(&own.shape.name) && vllm.checkpoints(&entry.model.name).next().is_some()
    });
    let none = || {
        let tags = vllm.checkpoint.iter().map(|one| one.model.as_str());
        Error::NoCheckpoint {
            tag: entry.tag.to_owned(),
            candidates: similar(entry.tag, tags),
        }
    };
    let own = own.ok_or_else(none)?;
    if workload.kv_cache_type != KvCacheType::F16 {
        return Err(Error::UnknownChoice {
            argument: "--engine vllm: --kv-cache-type".to_owned(),
            value: workload.kv_cache_type.label().to_owned(),
            choices: vec![KvCacheType::F16.label().to_owned()],
            candidates: Vec::new(),
        });
    }
    let pool = served(hardware)?;
    choose(vllm, &entry.model.name, &own.shape, &workload, &pool).ok_or_else(none)
}

impl Planning<'_> {
    /// What starts vLLM so that it takes what was planned.
    pub(super) fn command(
        &self,
        service: &Service,
        address: &str,
        placement: &Placement,
        checkpoint: &Checkpoint,
    ) -> Vec<String> {
        let shares = placement.shares.iter().map(|share| {
            let (_, gpu) = wanted::place(self.hardware, share.device);
            vllm::share(share.total(), gpu.total - gpu.reserved)
        });
        let serve = Serve {
            repository: &checkpoint.repository,
            tag: &service.tag,
            address: (address, service.port),
            parts: Parts {
                tensor: placement.shares.len() as u32,
                pipeline: 1,
            },
            context_length: service.context_length,
            parallel: placement.workload.parallel,
            // `--gpu-memory-utilization` is one number for all of its GPUs.
            share: shares.max().unwrap_or_default(),
        };
        let program = std::iter::once("vllm".to_owned());
        program.chain(serve.arguments()).collect()
    }
}

/// Whether vLLM is planned on a GPU.
pub(super) fn serves(gpu: &GpuReport) -> bool {
    let capability = gpu.compute_capability.as_deref();
    let capability = capability.and_then(|text| text.split_once('.'));
    let capability =
        capability.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    checkpoint::serves(gpu.vendor, capability)
}

/// The GPUs on which it is.
fn served(hardware: &Hardware) -> Result<GpuPool, Error> {
    let mut pool = hardware.pool.clone();
    let mut at = 0;
    pool.devices.retain(|_| {
        at += 1;
        serves(wanted::place(hardware, at - 1).1)
    });
    let mut gpus = hardware.report.hosts.iter().flat_map(|host| &host.gpus);
    match gpus.next() {
        // Names a GPU: without one the error would be of the model, as if it had no checkpoint.
        Some(gpu) if pool.devices.is_empty() => Err(Error::NoVllmGpu {
            gpu: gpu.name.clone(),
        }),
        _ => Ok(pool),
    }
}
