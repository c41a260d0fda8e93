//! One server of a plan, with every value checked.

use serde::Serialize;

use super::Options;
use super::command::{in_container, settings, version, words};
use super::environment::{environment, listens, vendor};
use super::value::{Address, Device, GpuName, HostName, Name, Repository, Tag, Variable, Version};
use crate::catalog::gpu::Vendor;
use crate::engine::llama_server::{self, is_option};
use crate::engine::place::Verdict;
use crate::engine::workload::Engine;
use crate::error::Error;
use crate::quantization::{KvCacheType, KvCacheTypes};
use crate::report::{ModelFile, Service};
use crate::units::Bytes;

/// A server as templates see it, each of its values checked.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Server {
    pub(super) name: Name,
    pub(super) tag: Tag,
    pub(super) replica: u32,
    pub(super) port: u16,
    /// Where a program of the same machine reaches it.
    client: Address,
    /// Where the gateway reaches it.
    upstream: Address,
    /// The address at which a container's port is published.
    published: HostName,
    pub(super) devices: Vec<Device>,
    /// Servers whose models must be loaded before this one's.
    pub(super) after: Vec<StartsAfter>,
    /// Its place in the plan's order.
    #[serde(skip)]
    pub(super) order: usize,
    gpu_names: String,
    #[serde(skip)]
    pub(super) product: Option<String>,
    #[serde(skip)]
    pub(super) vendor: Vendor,
    amd: bool,
    intel: bool,
    pub(super) embedding: bool,
    pub(super) tight: bool,
    pub(super) image: String,
    /// The version in the image's name.
    version: String,
    #[serde(skip)]
    pub(super) engine: Engine,
    /// Whether it is a `llama-server` of its own.
    llama_server: bool,
    /// Whether the server is vLLM.
    pub(super) vllm: bool,
    /// The options of vLLM: a key, and its value.
    settings: Vec<(String, String)>,
    /// The words after `vllm` in a container.
    pub(super) container_arguments: Vec<String>,
    /// Its command line as llama-swap takes it: files below the macro `models`.
    command: String,
    /// What else its environment says: which GPUs it sees.
    visible: Vec<Variable>,
    /// File of its model, or the repository that it is loaded from.
    model_file: Option<ModelFile>,
    /// Whether no server before it has the same file.
    pub(super) is_first_of_file: bool,
    /// Variables whose values are files of the folder of models.
    names_of_files: [&'static str; 3],
    /// The name under which llama-swap knows its pool, if it is the first of it on its machine.
    pub(super) alias: Option<String>,
    context_length: u32,
    parallel: u32,
    pub(super) batch: u64,
    draft_num_predict: Option<u32>,
    #[serde(serialize_with = "label")]
    kv_cache_type: KvCacheType,
    pub(super) total: String,
    environment: Vec<Variable>,
    pub(super) container_environment: Vec<Variable>,
    has_models: bool,
    /// The largest part on one GPU.
    #[serde(skip)]
    pub(super) largest: Bytes,
    /// The file, as far as the estimate tells.
    #[serde(skip)]
    pub(super) weights: Bytes,
    /// Bytes of system memory besides the file.
    #[serde(skip)]
    pub(super) host_memory: Bytes,
    #[serde(skip)]
    pub(super) host: HostName,
}

fn label<S: serde::Serializer>(kind: &KvCacheType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.label())
}

/// A server whose model is split by the memory that is free when it loads: those that share its GPUs load after it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StartsAfter {
    pub(super) name: Name,
    tag: Tag,
    client: Address,
    embedding: bool,
}

/// A template's view of one server.
#[derive(Serialize)]
pub(super) struct ServerView<'a> {
    has_uuids: bool,
    lister: &'static str,
    server: &'a Server,
}

impl Server {
    /// What servers that load after it have to know of it.
    pub(super) fn earlier(&self) -> StartsAfter {
        StartsAfter {
            name: self.name.clone(),
            tag: self.tag.clone(),
            client: self.client.clone(),
            embedding: self.embedding,
        }
    }

    /// The program that shows the UUIDs of its GPUs.
    pub(super) fn lister(&self) -> &'static str {
        match self.vendor {
            Vendor::Amd => "rocminfo",
            Vendor::Intel => "vulkaninfo --summary",
            Vendor::Nvidia | Vendor::Apple => "nvidia-smi -L",
        }
    }

    pub(super) fn on_nvidia(&self) -> bool {
        self.vendor == Vendor::Nvidia && !self.devices.is_empty()
    }

    /// Whether its machine is a Mac, which has no systemd, and no GPU in a container.
    pub(super) fn on_mac(&self) -> bool {
        self.vendor == Vendor::Apple
    }

    pub(super) fn has_uuids(&self) -> bool {
        self.intel || self.on_mac() || self.devices.iter().all(Device::is_uuid)
    }

    pub(super) fn alone(&self) -> ServerView<'_> {
        ServerView {
            has_uuids: self.has_uuids(),
            lister: self.lister(),
            server: self,
        }
    }

    pub(super) fn new(
        service: &Service,
        name: Name,
        several_hosts: bool,
        options: &Options,
    ) -> Result<Self, Error> {
        let host = HostName::new(&service.host)?;
        service.file.as_ref().map_or(Ok(()), checked)?;
        let mut devices = Vec::new();
        let mut names = Vec::new();
        for gpu in &service.gpus {
            let name = GpuName::new(&gpu.name)?;
            devices.push(Device::new(gpu.gpu, gpu.uuid.as_deref())?);
            names.push((gpu.gpu, name));
        }
        let vendor = vendor(service);
        let command = words(&service.command)?;
        let image = image(service, vendor, options)?;
        let environment = variables(service)?;
        let listening = address(service)?;
        let Reached { client, upstream } = Reached::new(&listening, &host, several_hosts)?;
        let estimate = &service.estimate;
        Ok(Self {
            tag: Tag::new(&service.tag)?,
            replica: service.replica,
            port: listening.port,
            after: Vec::new(),
            order: 0,
            client,
            upstream,
            published: listening.host.clone(),
            gpu_names: gpu_names(&names),
            product: product(&names, options)?,
            version: version(&image),
            image,
            engine: service.engine,
            llama_server: service.engine == Engine::LlamaCpp,
            vllm: service.engine == Engine::Vllm,
            settings: settings(&command),
            container_arguments: in_container(&command),
            command: command_line(&environment),
            model_file: service.file.clone(),
            is_first_of_file: false,
            names_of_files: FILES,
            alias: None,
            visible: environment
                .iter()
                .filter(|variable| !is_option(&variable.name))
                .cloned()
                .collect(),
            embedding: options.embeddings.contains(&service.tag),
            tight: service.verdict == Verdict::Tight,
            context_length: service.context_length,
            parallel: estimate.parallel,
            batch: estimate.batch,
            draft_num_predict: estimate.draft_num_predict,
            kv_cache_type: estimate.kv_cache_type,
            total: estimate.total.to_string(),
            container_environment: contained(&environment),
            has_models: environment
                .iter()
                .any(|variable| variable.name == "OLLAMA_MODELS"),
            environment,
            largest: service
                .gpus
                .iter()
                .map(|gpu| gpu.bytes)
                .max()
                .unwrap_or(Bytes::ZERO),
            weights: estimate.weights + estimate.projector + estimate.host.weights,
            host_memory: estimate.host.kv_cache + estimate.host.compute + estimate.host.output,
            name,
            devices,
            amd: vendor == Vendor::Amd,
            intel: vendor == Vendor::Intel,
            vendor,
            host,
        })
    }
}

/// Addresses at which a server is reached, by who reaches it.
pub(super) struct Reached {
    /// Where programs of its machine reach it.
    pub(super) client: Address,
    /// Where the gateway reaches it.
    pub(super) upstream: Address,
}

impl Reached {
    pub(super) fn new(
        listening: &Address,
        host: &HostName,
        several_hosts: bool,
    ) -> Result<Self, Error> {
        let at = |host: &str| {
            Ok::<_, Error>(Address {
                host: HostName::new(host)?,
                port: listening.port,
            })
        };
        let client = if listening.is_everywhere() {
            at("127.0.0.1")?
        } else {
            listening.clone()
        };
        let upstream = match several_hosts {
            true if listening.is_loopback() || listening.is_everywhere() => at(host.as_str())?,
            _ => client.clone(),
        };
        Ok(Self { client, upstream })
    }
}

fn image(service: &Service, vendor: Vendor, options: &Options) -> Result<String, Error> {
    let version = match service.engine {
        Engine::Ollama => &options.ollama_version,
        Engine::LlamaCpp => &options.llama_cpp_build,
        Engine::Vllm => {
            let image = options.vllm_image.as_deref().unwrap_or_default();
            return Tag::new(image).map(|image| image.as_str().to_owned());
        }
    };
    let checked = Version::new(version)?;
    let version = checked.as_str();
    Ok(match (service.engine, vendor) {
        (Engine::LlamaCpp, vendor) => {
            let vendor = match vendor {
                _ if service.gpus.is_empty() => "",
                Vendor::Amd => "-rocm",
                Vendor::Intel => "-vulkan",
                Vendor::Nvidia | Vendor::Apple => "-cuda",
            };
            format!("ghcr.io/ggml-org/llama.cpp:server{vendor}-{version}")
        }
        (_, Vendor::Amd) => format!("ollama/ollama:{version}-rocm"),
        _ => format!("ollama/ollama:{version}"),
    })
}

/// A file's names, as templates write them.
fn checked(file: &ModelFile) -> Result<(), Error> {
    if let ModelFile::Checkpoint { repository, .. } = file {
        return Repository::new(repository).map(|_| ());
    }
    let ModelFile::Folder {
        tag,
        file,
        projector,
        translated,
    } = file
    else {
        // Variables say the same.
        return Ok(());
    };
    Tag::new(tag)?;
    let names = [Some(file), projector.as_ref(), translated.as_ref()];
    let mut names = names.into_iter().flatten();
    names.try_for_each(|name| Tag::new(name).map(|_| ()))
}

/// Variables that name files of the folder of models.
const FILES: [&str; 3] = [
    "LLAMA_ARG_MODEL",
    "LLAMA_ARG_MMPROJ",
    "LLAMA_ARG_SPEC_DRAFT_MODEL",
];

fn command_line(environment: &[Variable]) -> String {
    let variables = environment.iter().map(|variable| {
        let folder = if FILES.contains(&variable.name.as_str()) {
            "${models}/"
        } else {
            ""
        };
        (variable.name.clone(), format!("{folder}{}", variable.value))
    });
    llama_server::command(&variables.collect()).join(" ")
}

/// Where a server listens: as its environment or its command says, else on its machine alone.
pub(super) fn address(service: &Service) -> Result<Address, Error> {
    let address = listens(&service.environment, &service.command);
    Address::parse(&address.unwrap_or_else(|| format!("127.0.0.1:{}", service.port)))
}

/// A server's environment, each variable checked.
fn variables(service: &Service) -> Result<Vec<Variable>, Error> {
    if service.engine == Engine::Ollama {
        crate::error::for_ollama(service.estimate.kv_cache_type, KvCacheTypes::ALL)?;
    }
    let variables = environment(service);
    let variables = variables.iter();
    variables
        .map(|(name, value)| Variable::new(name, value))
        .collect()
}

/// What holds inside a container, which has its own GPUs, address and store.
fn contained(environment: &[Variable]) -> Vec<Variable> {
    let outside = [
        "CUDA_VISIBLE_DEVICES",
        "CUDA_DEVICE_ORDER",
        "HIP_VISIBLE_DEVICES",
        "OLLAMA_HOST",
        "OLLAMA_MODELS",
        "LLAMA_ARG_HOST",
        "LLAMA_ARG_PORT",
    ];
    environment
        .iter()
        .filter(|variable| !outside.contains(&variable.name.as_str()))
        .cloned()
        .collect()
}

/// The label of nodes with such GPUs: of the name that NVML prints, where that is known.
fn product(names: &[(u32, GpuName)], options: &Options) -> Result<Option<String>, Error> {
    let Some((_, first)) = names.first() else {
        return Ok(None);
    };
    let alike = names.iter().all(|(_, name)| name == first);
    let printed = options.products.get(first.as_str()).filter(|_| alike);
    let printed = printed.map(|name| GpuName::new(name)).transpose()?;
    Ok(printed.and_then(|name| name.label()))
}

/// `GPU 0 (NVIDIA GeForce RTX 3090), GPU 1 (..)`.
fn gpu_names(names: &[(u32, GpuName)]) -> String {
    let each: Vec<String> = names
        .iter()
        .map(|(index, name)| format!("GPU {index} ({})", name.as_str()))
        .collect();
    if each.is_empty() {
        "no GPU".to_owned()
    } else {
        each.join(", ")
    }
}
