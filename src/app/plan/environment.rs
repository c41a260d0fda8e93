//! What tells a server where it is.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{Planning, wanted};
use crate::artifact;
use crate::catalog::gpu::Vendor;
use crate::engine::place::Placement;
use crate::engine::workload::Engine;
use crate::inventory::simulated::is_described;
use crate::quantization::KvCacheType;
use crate::report::ServiceGpu;

impl Planning<'_> {
    /// Where the servers of a host listen.
    pub(super) fn address(&self, host: &str) -> Ipv4Addr {
        let listen = self.listen.get(host).copied();
        listen.unwrap_or(Ipv4Addr::LOCALHOST)
    }

    /// Its GPUs alone, in the plan's order, and its address; everything else follows from its estimate.
    pub(super) fn position(
        &self,
        placement: &Placement,
        gpus: &[ServiceGpu],
        host: &str,
        port: u16,
    ) -> BTreeMap<String, String> {
        // No driver knows the UUID of a GPU that was only described.
        let uuid = |gpu: &'_ ServiceGpu| gpu.uuid.clone().filter(|uuid| !is_described(uuid));
        let uuids: Option<Vec<String>> = gpus.iter().map(uuid).collect();
        let shares = &placement.shares;
        let vendor = shares
            .first()
            .map(|share| wanted::place(self.hardware, share.device).1.vendor);
        let vendor = vendor.unwrap_or(Vendor::Nvidia);
        let cuda = vendor == Vendor::Nvidia;
        let mut environment = BTreeMap::new();
        let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
        let indices = gpus.iter().map(|gpu| gpu.gpu.to_string());
        if cuda && uuids.is_none() {
            // NVML counts by address, CUDA by speed unless told otherwise.
            set("CUDA_DEVICE_ORDER", "PCI_BUS_ID".to_owned());
        }
        let visible = artifact::visible_devices(vendor);
        if !gpus.is_empty() {
            let names = uuids.unwrap_or_else(|| indices.collect());
            set(visible, names.join(","));
        }
        if placement.workload.engine != Engine::Ollama {
            return environment;
        }
        let listen = self.address(host);
        set("OLLAMA_HOST", format!("{listen}:{port}"));
        if placement.workload.kv_cache_type != KvCacheType::F16 {
            set("OLLAMA_FLASH_ATTENTION", "1".to_owned());
        }
        environment
    }
}
