//! A server's environment, whole: what a plan tells, what its files start, and what a migration compares.

use std::collections::BTreeMap;

use crate::catalog::gpu::Vendor;
use crate::engine::place::Verdict;
use crate::engine::workload::Engine;
use crate::inventory::simulated::is_described;
use crate::quantization::KvCacheType;
use crate::report::Service;

/// What a service's environment holds already, and what its server needs besides to behave as planned whatever its defaults are.
pub fn environment(service: &Service) -> BTreeMap<String, String> {
    let estimate = &service.estimate;
    let mut variables = service.environment.clone();
    variables.retain(|_, value| !is_described(value));
    let mut put = |name: &str, value: String| {
        variables.entry(name.to_owned()).or_insert(value);
    };
    let gpus = service.gpus.iter();
    let gpus: Vec<_> = gpus.map(|gpu| (gpu.gpu, gpu.uuid.as_deref())).collect();
    for (name, value) in visible(vendor(service), &gpus) {
        put(name, value);
    }
    if service.engine != Engine::Ollama {
        // Every option of a `llama-server` is there already, and vLLM's are words of its command.
        return variables;
    }
    put("OLLAMA_HOST", format!("127.0.0.1:{}", service.port));
    put("OLLAMA_CONTEXT_LENGTH", service.context_length.to_string());
    put("OLLAMA_NUM_PARALLEL", estimate.parallel.to_string());
    put("OLLAMA_MAX_LOADED_MODELS", "1".to_owned());
    put("OLLAMA_KEEP_ALIVE", "-1".to_owned());
    put("OLLAMA_LOAD_TIMEOUT", "15m".to_owned());
    // Servers share a store: none may tidy away what another downloads.
    put("OLLAMA_NOPRUNE", "1".to_owned());
    // A quantised cache needs it, also where the processor attends.
    let flash_attention = estimate.flash_attention || estimate.kv_cache_type != KvCacheType::F16;
    put(
        "OLLAMA_FLASH_ATTENTION",
        u8::from(flash_attention).to_string(),
    );
    put(
        "OLLAMA_KV_CACHE_TYPE",
        estimate.kv_cache_type.label().to_owned(),
    );
    if vendor(service) == Vendor::Intel {
        // Without it Ollama leaves these GPUs alone.
        put("OLLAMA_VULKAN", "1".to_owned());
    }
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

/// What shows a server these GPUs alone: by UUID where drivers know one of each, else by index. Vulkan knows indices only.
pub fn visible(vendor: Vendor, gpus: &[(u32, Option<&str>)]) -> Vec<(&'static str, String)> {
    // A Mac has one GPU, which no variable names.
    if vendor == Vendor::Apple {
        return Vec::new();
    }
    let uuid = |(_, uuid): &(u32, Option<&str>)| {
        let known = uuid.filter(|uuid| !is_described(uuid) && vendor != Vendor::Intel);
        known.map(str::to_owned)
    };
    let uuids: Option<Vec<String>> = gpus.iter().map(uuid).collect();
    let indices = || gpus.iter().map(|(index, _)| index.to_string()).collect();
    let named = if gpus.is_empty() {
        "-1".to_owned()
    } else {
        uuids.unwrap_or_else(indices).join(",")
    };
    let mut variables = vec![(visible_devices(vendor), named)];
    if vendor == Vendor::Nvidia {
        // CUDA itself counts the fastest GPU first.
        variables.push(("CUDA_DEVICE_ORDER", "PCI_BUS_ID".to_owned()));
    }
    variables
}

/// Where a server listens, as its environment or the words that start it say: `127.0.0.1:11434`.
pub fn listens(environment: &BTreeMap<String, String>, command: &[String]) -> Option<String> {
    let variable = |name| environment.get(name);
    let option = |name: &str| {
        let at = command.iter().position(|word| word == name)?;
        command.get(at + 1)
    };
    let own = variable("LLAMA_ARG_HOST").zip(variable("LLAMA_ARG_PORT"));
    let own = own.or_else(|| option("--host").zip(option("--port")));
    let own = || own.map(|(host, port)| format!("{host}:{port}"));
    variable("OLLAMA_HOST").cloned().or_else(own)
}

/// The variable that names the GPUs which a server sees.
pub const fn visible_devices(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Amd => "ROCR_VISIBLE_DEVICES",
        // Vulkan numbers GPUs, and knows no other names.
        Vendor::Intel => "GGML_VK_VISIBLE_DEVICES",
        Vendor::Nvidia | Vendor::Apple => "CUDA_VISIBLE_DEVICES",
    }
}

/// Who makes a service's GPUs.
pub(super) fn vendor(service: &Service) -> Vendor {
    let first = service.gpus.first();
    first.map_or(Vendor::Nvidia, |gpu| gpu.vendor)
}
