//! From a plan to the files that start it: scripts, units, containers, gateways.
//!
//! The files are the templates of `data/templates`. What they are given is checked first (`value.rs`): a value that would need quoting
//! is refused, so no file works by luck.

mod command;
mod environment;
mod fleet;
mod kubernetes;
mod llama_swap;
mod migrate;
mod quadlet;
mod server;
mod template;
mod units;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::engine::workload::Engine;
use crate::error::{ArtifactFault, Error};
use crate::report::Plan;
use crate::units::Bytes;
pub use environment::{environment, listens, visible, visible_devices};
use fleet::{Fleet, Host};
pub use migrate::{STARTERS, migrate};
use template::Templates;

/// Kinds of files that `--emit` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArtifactKind {
    /// Scripts: start, preload, status, stop.
    Shell,
    /// A Modelfile for each model.
    Modelfile,
    /// Unit templates with an environment file a server.
    Systemd,
    /// Quadlets: files of which Podman makes units.
    Quadlet,
    /// A compose file with one service a server.
    Compose,
    /// A gateway with one pool a model.
    Nginx,
    /// A configuration of llama-swap, which starts `llama-server`.
    LlamaSwap,
    /// A configuration of LiteLLM's router.
    Litellm,
    /// Kubernetes manifests: a stateful set and a service for each model.
    K8s,
    /// A dashboard of what `vramfit monitor --listen` tells, and whom Prometheus asks for it.
    Grafana,
}

impl ArtifactKind {
    /// Every kind, in the order in which `--emit` offers them.
    pub const ALL: &[Self] = &[
        Self::Shell,
        Self::Modelfile,
        Self::Systemd,
        Self::Quadlet,
        Self::Compose,
        Self::LlamaSwap,
        Self::Nginx,
        Self::Litellm,
        Self::K8s,
        Self::Grafana,
    ];

    /// Name of the kind as `--emit` takes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Modelfile => "modelfile",
            Self::Systemd => "systemd",
            Self::Quadlet => "quadlet",
            Self::Compose => "compose",
            Self::Nginx => "nginx",
            Self::LlamaSwap => "llama-swap",
            Self::Litellm => "litellm",
            Self::K8s => "k8s",
            Self::Grafana => "grafana",
        }
    }
}

/// The dashboard: it asks for every service and host by their labels.
const DASHBOARD: &str = include_str!("../../data/templates/grafana.json");

/// A file to be written, with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where, below the folder that the person names.
    pub path: PathBuf,
    /// The whole content of the file.
    pub text: String,
    /// Whether it is a script, which gets the right to be run.
    pub executable: bool,
}

/// What a plan does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The version of Ollama that containers run.
    pub ollama_version: String,
    /// The build of llama.cpp that they run.
    pub llama_cpp_build: String,
    /// Whether the gateway asks for a password.
    pub authentication: bool,
    /// Tags of models that make embeddings: they are loaded by a text, and routed otherwise.
    pub embeddings: BTreeSet<String>,
    /// The image that runs vLLM.
    pub vllm_image: Option<String>,
    /// What NVML prints for GPUs that a plan calls otherwise.
    pub products: BTreeMap<String, String>,
    /// How vLLM would serve models that no machine of the plan holds, in the order in which they were asked for.
    pub spans: Vec<Spanned>,
}

/// A demand that no machine of a plan holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned {
    /// Tag of the model that is asked for.
    pub tag: String,
    /// Servers that are asked for, each over machines of its own.
    pub replicas: u32,
    /// Over which machines; `None` if no checkpoint is known that vLLM can load.
    pub span: Option<Span>,
}

/// Whether machines hold a model together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// One that has nothing else to do is enough.
    FitsOne,
    /// It takes these machines together.
    Machines(Machines),
    /// All replicas take more than are idle.
    TooFew {
        /// What they would load: `owner/name` at Hugging Face.
        repository: String,
        /// Number of machines that they take.
        nodes: u32,
        /// Machines that have nothing to do.
        idle: u32,
    },
    /// Not with any number of them.
    TooLarge,
}

/// Machines over which vLLM serves a model, of each replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machines {
    /// Its repository at Hugging Face: `owner/name`.
    pub repository: String,
    /// How its weights are stored, such as `FP8`.
    pub format: &'static str,
    /// Bytes of all its weight files.
    pub weights: Bytes,
    /// What each GPU holds at the most.
    pub each: Bytes,
    /// The image that runs it.
    pub image: String,
    /// How many there have to be.
    pub nodes: u32,
    /// GPUs that it takes on each of them.
    pub gpus: u32,
    /// Name of their GPUs, as NVML prints it.
    pub product: Option<String>,
    /// Arguments that follow `vllm` on the command line.
    pub arguments: Vec<String>,
}

/// The files of one kind for a plan.
///
/// # Errors
/// [`Error::Artifact`] if a value of the plan has characters that such a file does not take, if two servers of a host share a port,
/// or if the plan starts no server.
pub fn emit(plan: &Plan, kind: ArtifactKind, options: &Options) -> Result<Vec<File>, Error> {
    let fleet = Fleet::new(plan, options)?;
    // Only Kubernetes has something for a demand that no machine holds.
    let spans_machines = kind == ArtifactKind::K8s && !plan.unplaced.is_empty();
    if fleet.pools.is_empty() && !spans_machines {
        return Err(value::refused(ArtifactFault::Empty, kind.label()));
    }
    started(&fleet, kind)?;
    let templates = Templates::new()?;
    match kind {
        ArtifactKind::LlamaSwap => llama_swap::files(&templates, plan, options),
        ArtifactKind::Shell => each_host(&fleet, |host| shell(&templates, host)),
        ArtifactKind::Modelfile => modelfiles(&templates, &fleet),
        // Beside machines that take the files, a Mac gets scripts.
        ArtifactKind::Systemd | ArtifactKind::Quadlet | ArtifactKind::Compose => {
            each_host(&fleet, |host| match kind {
                _ if host.mac => shell(&templates, host),
                ArtifactKind::Systemd => units::files(&templates, host),
                ArtifactKind::Quadlet => quadlet::files(&templates, host),
                _ => compose(&templates, host),
            })
        }
        ArtifactKind::Nginx => Ok(vec![File::new(
            "nginx.conf",
            templates.render("nginx.conf", &fleet)?,
        )]),
        ArtifactKind::Litellm => Ok(vec![File::new(
            "litellm.yaml",
            templates.render("litellm.yaml", &fleet)?,
        )]),
        ArtifactKind::Grafana => Ok(vec![
            File::new("grafana.json", DASHBOARD.to_owned()),
            File::new(
                "prometheus.yaml",
                templates.render("prometheus.yaml", &fleet)?,
            ),
        ]),
        ArtifactKind::K8s => {
            let manifests = kubernetes::Manifests::new(plan, &fleet, options)?;
            if manifests.is_empty() {
                return Err(value::refused(ArtifactFault::Empty, kind.label()));
            }
            Ok(vec![File::new(
                "kubernetes.yaml",
                templates.render("kubernetes.yaml", &manifests)?,
            )])
        }
    }
}

/// The file of a model in a folder of models: `qwen3-30b.gguf`.
pub fn model_file(tag: &str) -> String {
    tag.replace([':', '/'], "-") + ".gguf"
}

impl File {
    fn new(path: &str, text: String) -> Self {
        Self {
            path: path.into(),
            text,
            executable: false,
        }
    }
}

/// Whether files of a kind start nothing on a Mac: it has no systemd, and no GPU in a container.
fn needs_linux(kind: ArtifactKind) -> bool {
    matches!(
        kind,
        ArtifactKind::Systemd | ArtifactKind::Quadlet | ArtifactKind::Compose
    )
}

/// Files of every host; where there are several, each in a folder of its own.
fn each_host(
    fleet: &Fleet,
    files: impl Fn(&Host) -> Result<Vec<File>, Error>,
) -> Result<Vec<File>, Error> {
    let mut all = Vec::new();
    for host in &fleet.hosts {
        for mut file in files(host)? {
            if fleet.hosts.len() > 1 {
                file.path = PathBuf::from(host.name.as_str()).join(file.path);
            }
            all.push(file);
        }
    }
    Ok(all)
}

fn compose(templates: &Templates, host: &Host) -> Result<Vec<File>, Error> {
    Ok(vec![File::new(
        "compose.yaml",
        templates.render("compose.yaml", host)?,
    )])
}

fn shell(templates: &Templates, host: &Host) -> Result<Vec<File>, Error> {
    let script = |name| {
        Ok(File {
            executable: true,
            ..File::new(name, templates.render(name, host)?)
        })
    };
    ["start.sh", "preload.sh", "status.sh", "stop.sh"]
        .map(script)
        .into_iter()
        .collect()
}

fn modelfiles(templates: &Templates, fleet: &Fleet) -> Result<Vec<File>, Error> {
    let file = |pool: &fleet::Pool| {
        let name = format!("Modelfile.{}", pool.name.as_str());
        Ok(File::new(
            &name,
            templates.render("Modelfile", pool.sample())?,
        ))
    };
    fleet.pools.iter().map(file).collect()
}

/// Whether files of a kind start all servers of a plan, or some of them where that is their purpose.
fn started(fleet: &Fleet, kind: ArtifactKind) -> Result<(), Error> {
    let has = |engine| {
        fleet
            .hosts
            .iter()
            .any(|host| host.served_by(engine).is_some())
    };
    let own = has(Engine::LlamaCpp);
    let mut hosts = fleet.hosts.iter();
    // Scripts start Ollama alone, and no pod runs on a Mac.
    let on_mac = match kind {
        ArtifactKind::K8s => hosts.any(|host| host.mac),
        kind if needs_linux(kind) => {
            hosts.any(|host| host.mac && host.served_by(Engine::LlamaCpp).is_some())
                || !fleet.hosts.is_empty() && fleet.hosts.iter().all(|host| host.mac)
        }
        _ => false,
    };
    if on_mac {
        return Err(value::refused(ArtifactFault::OnMac, kind.label()));
    }
    match kind {
        ArtifactKind::Shell | ArtifactKind::Modelfile if own || has(Engine::Vllm) => {
            Err(value::refused(ArtifactFault::OllamaOnly, kind.label()))
        }
        ArtifactKind::K8s if own => Err(value::refused(ArtifactFault::OllamaOnly, kind.label())),
        ArtifactKind::LlamaSwap if !own => {
            Err(value::refused(ArtifactFault::LlamaCppOnly, kind.label()))
        }
        _ => Ok(()),
    }
}
