//! Plans by hand: two models over four GPUs, one of them split.

use std::collections::BTreeMap;

use vramfit::artifact::{Machines, Options, Span, Spanned, model_file};
use vramfit::catalog::gpu::Vendor;
use vramfit::engine::place::Verdict;
use vramfit::engine::vllm::Format;
use vramfit::engine::workload::{Build, Engine};
use vramfit::quantization::KvCacheType;
use vramfit::report::{
    Basis, Estimate, GpuBudget, GpuEstimate, HostEstimate, ModelFile, Plan, SavedPlan,
    SavedService, Service, ServiceGpu, Unplaced,
};
use vramfit::units::Bytes;

const NAME: &str = "NVIDIA GeForce RTX 3090";

pub(crate) fn uuid(gpu: u32) -> String {
    format!("GPU-2f1c7a3e-7c1e-4a55-9d0b-6b1f3f6e0a1{gpu}")
}

/// A plan as it was saved and runs, each service with its environment.
pub(crate) fn running(plan: &Plan, environments: &[BTreeMap<String, String>]) -> Vec<SavedService> {
    let saved = serde_json::to_value(plan).and_then(serde_json::from_value);
    let mut saved: SavedPlan = saved.expect("a plan that is read again");
    saved.services.truncate(environments.len());
    for (service, environment) in saved.services.iter_mut().zip(environments) {
        service.environment.clone_from(environment);
    }
    saved.services
}

fn estimate(weights: Bytes, context_length: u32, gpus: &[u32]) -> Estimate {
    let part = Bytes(weights.0 / gpus.len() as u64);
    let each = GpuEstimate {
        gpu: 0,
        weights: part,
        kv_cache: Bytes::mib(768),
        compute: Bytes::mib(300),
        overhead: Bytes::mib(512),
        total: part + Bytes::mib(768 + 300 + 512),
    };
    Estimate {
        context_length,
        parallel: 2,
        kv_cache_type: KvCacheType::F16,
        batch: 1024,
        flash_attention: true,
        engine: Build::default().label().to_owned(),
        weights,
        projector: Bytes::ZERO,
        kv_cache: each.kv_cache * gpus.len() as u64,
        recurrent: Bytes::ZERO,
        compute: each.compute * gpus.len() as u64,
        draft_num_predict: None,
        draft: Bytes::ZERO,
        overhead: each.overhead * gpus.len() as u64,
        total: each.total * gpus.len() as u64,
        host: HostEstimate {
            weights: Bytes::mib(300),
            kv_cache: Bytes::ZERO,
            compute: Bytes::mib(40),
            output: Bytes::mib(1),
        },
        basis: Basis::Architecture,
        doubt: Bytes::ZERO,
        per_gpu: gpus
            .iter()
            .map(|gpu| GpuEstimate {
                gpu: *gpu,
                ..each.clone()
            })
            .collect(),
    }
}

pub(crate) fn service(tag: &str, replica: u32, port: u16, gpus: &[u32], weights: Bytes) -> Service {
    let estimate = estimate(weights, 8192, gpus);
    Service {
        tag: tag.into(),
        replica,
        host: "localhost".into(),
        port,
        gpus: gpus
            .iter()
            .zip(&estimate.per_gpu)
            .map(|(gpu, part)| ServiceGpu {
                gpu: *gpu,
                uuid: Some(uuid(*gpu)),
                name: NAME.into(),
                vendor: Vendor::Nvidia,
                bytes: part.total,
            })
            .collect(),
        verdict: Verdict::Fits,
        within_doubt: false,
        context_length: estimate.context_length,
        estimate,
        speed: None,
        shares_with: Vec::new(),
        speed_all_busy: None,
        environment: BTreeMap::new(),
        engine: Engine::Ollama,
        command: Vec::new(),
        file: None,
    }
}

/// Two models, four GPUs, one split, one of two replicas each.
pub(crate) fn plan() -> Plan {
    let services = vec![
        service("llama3:70b", 1, 11434, &[0, 1], Bytes::gib(37)),
        service("qwen3:30b", 1, 11435, &[2], Bytes::gib(17)),
        service("qwen3:30b", 2, 11436, &[3], Bytes::gib(17)),
    ];
    let ledger = |gpu: u32| {
        let parts = services.iter().flat_map(|service| &service.gpus);
        let committed = parts.filter(|part| part.gpu == gpu).map(|part| part.bytes);
        let (usable, committed) = (Bytes::mib(22_800), committed.sum());
        GpuBudget {
            host: "localhost".into(),
            gpu,
            uuid: Some(uuid(gpu)),
            name: NAME.into(),
            vendor: Vendor::Nvidia,
            usable,
            committed,
            free: usable - committed,
            held: Bytes::ZERO,
        }
    };
    Plan {
        schema: "vramfit.plan/1",
        gpus: (0..4).map(ledger).collect(),
        services,
        unplaced: Vec::new(),
        optimal: true,
        notes: Vec::new(),
    }
}

/// A small model over two GPUs that two others use too, and which listen before it.
pub(crate) fn shared() -> Plan {
    let split = service("mistral:7b", 1, 11436, &[0, 1], Bytes::gib(4));
    let whole = |replica: u32, gpu: u32| {
        let port = 11434 + gpu as u16;
        service("gemma2:27b", replica, port, &[gpu], Bytes::gib(15))
    };
    Plan {
        services: vec![split, whole(1, 0), whole(2, 1)],
        ..plan()
    }
}

/// The same with a model that no machine holds, twice; one that finds no room, and one of which nothing is known.
pub(crate) fn too_large() -> (Plan, Options) {
    let missing = |tag: &str, replica| Unplaced {
        must: false,
        tag: tag.into(),
        replica,
        shortfall: Bytes::gib(200),
        refused: None,
        context_length: 8192,
        parallel: 1,
        cheapest_fix: None,
        alternatives: Vec::new(),
        turn: None,
    };
    let plan = Plan {
        unplaced: vec![
            missing("llama3.1:405b", 1),
            missing("llama3.1:405b", 2),
            missing("llama3.3:70b", 1),
            missing("unheard-of:999b", 1),
        ],
        ..plan()
    };
    let mut options = options();
    let repository = "meta-llama/Llama-3.1-405B-Instruct";
    let machines = Machines {
        repository: repository.into(),
        format: "BF16",
        weights: Bytes::gb(812),
        each: Bytes::gib(20),
        image: "vllm/vllm-openai:v0.28.0".into(),
        nodes: 11,
        gpus: 4,
        product: None,
        arguments: vec!["serve".into(), repository.into()],
    };
    let spans = [
        ("llama3.1:405b", 2, Some(Span::Machines(machines))),
        ("llama3.3:70b", 1, Some(Span::FitsOne)),
        ("unheard-of:999b", 1, None),
    ];
    let spanned = |(tag, replicas, span): (&str, u32, Option<Span>)| Spanned {
        tag: tag.to_owned(),
        replicas,
        span,
    };
    options.spans = spans.map(spanned).into();
    (plan, options)
}

pub(crate) fn options() -> Options {
    Options {
        ollama_version: "0.33.0".into(),
        llama_cpp_build: "b11429".into(),
        products: [(NAME.to_owned(), NAME.to_owned())].into(),
        ..Options::default()
    }
}

/// The same, one of the servers only inside the engine's margin, one with a quantised cache.
pub(crate) fn tight() -> Plan {
    let mut plan = plan();
    plan.services[0].verdict = Verdict::Tight;
    plan.services[1].estimate.kv_cache_type = KvCacheType::Q8_0;
    plan
}

/// The same on GPUs that nobody has seen.
pub(crate) fn simulated() -> Plan {
    let mut plan = plan();
    for gpu in plan
        .services
        .iter_mut()
        .flat_map(|service| &mut service.gpus)
    {
        gpu.uuid = None;
        gpu.name = "RTX 3090".into();
    }
    plan
}

/// The same over two machines, each with the same ports.
pub(crate) fn fleet() -> Plan {
    let mut plan = plan();
    for (service, host) in plan.services.iter_mut().zip(["gpu-1", "gpu-1", "gpu-2"]) {
        service.host = host.into();
    }
    plan.services[2].port = plan.services[0].port;
    plan
}

/// The same on cards of another maker.
pub(crate) fn amd() -> Plan {
    let mut plan = plan();
    for service in &mut plan.services {
        for gpu in &mut service.gpus {
            gpu.name = "AMD Radeon RX 7900 XTX".into();
            gpu.vendor = Vendor::Amd;
            gpu.uuid = Some(format!("GPU-6f0c3f1e5d2a90b{}", gpu.gpu));
        }
    }
    plan
}

/// Two models on a Mac, which has one GPU and shows it by no variable.
pub(crate) fn mac() -> Plan {
    let mut plan = plan();
    plan.services.truncate(2);
    for service in &mut plan.services {
        service.gpus.truncate(1);
        for gpu in &mut service.gpus {
            gpu.gpu = 0;
            gpu.name = "M4 Max 64GB".into();
            gpu.vendor = Vendor::Apple;
            gpu.uuid = None;
        }
    }
    plan
}

/// The same without Ollama: a split, two replicas, and an embedding model of which Ollama translates its own files.
pub(crate) fn llama_cpp() -> Plan {
    let mut plan = plan();
    let embedding = service("embeddinggemma:300m", 1, 11437, &[3], Bytes::mib(600));
    plan.services.push(embedding);
    for service in &mut plan.services {
        let file = model_file(&service.tag);
        let split = (service.gpus.len() > 1)
            .then_some([("SPLIT_MODE", "layer"), ("TENSOR_SPLIT", "41,40")]);
        let embeds = service.tag.starts_with("embedding");
        let port = service.port.to_string();
        let options = [
            ("MODEL", file.as_str()),
            ("ALIAS", &service.tag),
            ("HOST", "127.0.0.1"),
            ("PORT", &port),
            ("CTX_SIZE", "8192"),
            ("N_PARALLEL", "1"),
            ("KV_UNIFIED", "false"),
            ("N_GPU_LAYERS", "999"),
            ("FIT", "off"),
        ];
        let embedding = embeds.then_some(("EMBEDDINGS", "true"));
        let options = options.into_iter().chain(split.into_iter().flatten());
        for (name, value) in options.chain(embedding) {
            let name = format!("LLAMA_ARG_{name}");
            service.environment.insert(name, value.to_owned());
        }
        service.engine = Engine::LlamaCpp;
        service.file = Some(ModelFile::Folder {
            tag: service.tag.clone(),
            file,
            projector: None,
            translated: embeds.then(|| "gemma-embedding".to_owned()),
        });
    }
    plan
}

/// The same with checkpoints.
pub(crate) fn vllm() -> Plan {
    let mut plan = plan();
    for service in &mut plan.services {
        service.environment.clear();
        service.engine = Engine::Vllm;
        service.file = Some(ModelFile::Checkpoint {
            repository: "Qwen/Qwen3-8B-FP8".into(),
            format: Format::Fp8,
            bytes: Bytes::gib(8),
        });
    }
    plan
}

/// One of the models makes embeddings.
pub(crate) fn embeddings() -> Options {
    let mut options = options();
    options.embeddings.insert("qwen3:30b".into());
    options
}
