//! A server's environment, whole: one truth for what a plan tells and what its files start.

use std::collections::BTreeMap;

use super::value::GpuName;
use crate::engine::place::Verdict;
use crate::inventory::simulated::is_described;
use crate::report::Service;

/// What a service's environment holds already, and what its server needs besides to behave as planned whatever its defaults are.
pub fn environment(service: &Service) -> BTreeMap<String, String> {
    let estimate = &service.estimate;
    let mut variables = service.environment.clone();
    variables.retain(|_, value| !is_described(value));
    let mut put = |name: &str, value: String| {
        variables.entry(name.to_owned()).or_insert(value);
    };
    put("OLLAMA_HOST", format!("127.0.0.1:{}", service.port));
    if is_amd(service) {
        put("ROCR_VISIBLE_DEVICES", visible(service));
    } else {
        put("CUDA_VISIBLE_DEVICES", visible(service));
        // CUDA itself counts the fastest GPU first.
        put("CUDA_DEVICE_ORDER", "PCI_BUS_ID".to_owned());
    }
    put("OLLAMA_CONTEXT_LENGTH", service.context_length.to_string());
    put("OLLAMA_NUM_PARALLEL", estimate.parallel.to_string());
    put("OLLAMA_MAX_LOADED_MODELS", "1".to_owned());
    put("OLLAMA_KEEP_ALIVE", "-1".to_owned());
    put("OLLAMA_LOAD_TIMEOUT", "15m".to_owned());
    // Servers share a store: none may tidy away what another downloads.
    put("OLLAMA_NOPRUNE", "1".to_owned());
    let flash_attention = u8::from(estimate.flash_attention);
    put("OLLAMA_FLASH_ATTENTION", flash_attention.to_string());
    put(
        "OLLAMA_KV_CACHE_TYPE",
        estimate.kv_cache_type.label().to_owned(),
    );
    if service.gpus.len() > 1 {
        // Else a server puts the model on one of its GPUs if it believes that it fits there.
        put("OLLAMA_SCHED_SPREAD", "1".to_owned());
    }
    if service.verdict == Verdict::Tight {
        // The engine keeps a margin and silently moves layers to the host for it.
        put("LLAMA_ARG_FIT_TARGET", "0".to_owned());
    }
    variables
}

/// The GPUs that a server sees, by UUID where drivers know one.
fn visible(service: &Service) -> String {
    let named = service.gpus.iter().map(|gpu| {
        let uuid = gpu.uuid.clone().filter(|uuid| !is_described(uuid));
        uuid.unwrap_or_else(|| gpu.gpu.to_string())
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        "-1".to_owned()
    } else {
        named.join(",")
    }
}

/// Whether a service runs on GPUs of AMD.
pub(super) fn is_amd(service: &Service) -> bool {
    let named = |name| service.environment.contains_key(name);
    named("ROCR_VISIBLE_DEVICES")
        || named("HIP_VISIBLE_DEVICES")
        || service
            .gpus
            .iter()
            .any(|gpu| GpuName::new(&gpu.name).is_ok_and(|name| name.is_amd()))
}
