//! Variables: which Ollama reads, which it does not, and which values it takes.

use std::ops::Range;

use super::detect::is_name;
use super::sheet::Sheet;
use super::{Bench, Problem};
use crate::catalog::similar;
use crate::units::Bytes;

/// What Ollama's server, client, installer and image read (envconfig/config.go of 0.33 and the versions since 0.1).
const KNOWN: &[&str] = &[
    "OLLAMA_API_KEY",
    "OLLAMA_AUTH",
    "OLLAMA_CONTEXT_LENGTH",
    "OLLAMA_DEBUG",
    "OLLAMA_DEBUG_LOG_REQUESTS",
    "OLLAMA_EDITOR",
    "OLLAMA_FLASH_ATTENTION",
    "OLLAMA_GPU_OVERHEAD",
    "OLLAMA_HOST",
    "OLLAMA_INTEL_GPU",
    "OLLAMA_KEEP_ALIVE",
    "OLLAMA_KV_CACHE_TYPE",
    "OLLAMA_LIBRARY_PATH",
    "OLLAMA_LLM_LIBRARY",
    "OLLAMA_LOAD_TIMEOUT",
    "OLLAMA_MAX_LOADED_MODELS",
    "OLLAMA_MAX_QUEUE",
    "OLLAMA_MODELS",
    "OLLAMA_MULTIUSER_CACHE",
    "OLLAMA_NEW_ENGINE",
    "OLLAMA_NOHISTORY",
    "OLLAMA_NOPRUNE",
    "OLLAMA_NO_CLOUD",
    "OLLAMA_NO_START",
    "OLLAMA_NUM_PARALLEL",
    "OLLAMA_ORIGINS",
    "OLLAMA_REMOTES",
    "OLLAMA_SCHED_SPREAD",
    "OLLAMA_TOOLS",
    "OLLAMA_VERSION",
    "OLLAMA_VULKAN",
];

/// What is often written, and what does what it was meant to do.
const MEANT: &[(&str, Option<&str>)] = &[
    ("OLLAMA_NUM_GPU", Some("PARAMETER num_gpu")),
    ("OLLAMA_GPU_LAYERS", Some("PARAMETER num_gpu")),
    ("OLLAMA_NUM_THREAD", Some("PARAMETER num_thread")),
    ("OLLAMA_NUM_THREADS", Some("PARAMETER num_thread")),
    ("OLLAMA_NUM_BATCH", Some("PARAMETER num_batch")),
    ("OLLAMA_NUM_CTX", Some("OLLAMA_CONTEXT_LENGTH")),
    ("OLLAMA_CTX_SIZE", Some("OLLAMA_CONTEXT_LENGTH")),
    ("OLLAMA_CONTEXT_SIZE", Some("OLLAMA_CONTEXT_LENGTH")),
    ("OLLAMA_MAX_CONTEXT", Some("OLLAMA_CONTEXT_LENGTH")),
    ("OLLAMA_PORT", Some("OLLAMA_HOST")),
    ("OLLAMA_PARALLEL", Some("OLLAMA_NUM_PARALLEL")),
    ("OLLAMA_MAX_PARALLEL", Some("OLLAMA_NUM_PARALLEL")),
    ("OLLAMA_MODELS_DIR", Some("OLLAMA_MODELS")),
    ("OLLAMA_MODEL_PATH", Some("OLLAMA_MODELS")),
    ("OLLAMA_KV_CACHE", Some("OLLAMA_KV_CACHE_TYPE")),
    ("OLLAMA_GPU", Some("CUDA_VISIBLE_DEVICES")),
    ("OLLAMA_GPUS", Some("CUDA_VISIBLE_DEVICES")),
    ("OLLAMA_VISIBLE_DEVICES", Some("CUDA_VISIBLE_DEVICES")),
    ("OLLAMA_MAX_VRAM", Some("LLAMA_ARG_FIT_TARGET")),
    ("OLLAMA_RUNNERS_DIR", None),
    ("OLLAMA_TMPDIR", None),
    ("OLLAMA_HOME", Some("OLLAMA_MODELS")),
];

/// What the client reads too.
const CLIENTS: &[&str] = &[
    "OLLAMA_API_KEY",
    "OLLAMA_AUTH",
    "OLLAMA_DEBUG",
    "OLLAMA_EDITOR",
    "OLLAMA_HOST",
    "OLLAMA_NOHISTORY",
    "OLLAMA_NO_CLOUD",
];

/// The variables that choose cards.
pub(super) const CARDS: &[&str] = &[
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
];

/// A variable that is set somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub name: String,
    pub value: String,
    /// Where `NAME=value` stands, quotes and all.
    pub at: Range<usize>,
    /// Where the value stands, if it can be replaced by itself.
    pub value_at: Range<usize>,
}

impl Setting {
    /// Of `NAME=value` at a place.
    pub(super) fn of(text: &str, at: Range<usize>) -> Option<Self> {
        let (name, value) = text.split_once('=')?;
        is_name(name).then(|| Self {
            name: name.to_owned(),
            value: value.trim_matches(['"', '\'']).to_owned(),
            value_at: (at.start + name.len() + 1).min(at.end)..at.end,
            at,
        })
    }
}

/// A variable that only a server reads.
pub(super) fn is_servers(name: &str) -> bool {
    let ollamas = name.starts_with("OLLAMA_") || name.starts_with("LLAMA_ARG_");
    (ollamas && !CLIENTS.contains(&name)) || CARDS.contains(&name) || name == "CUDA_DEVICE_ORDER"
}

/// A variable that was surely meant for Ollama, though it has no such one.
pub(super) fn is_misnamed(name: &str) -> bool {
    MEANT.iter().any(|(wrong, _)| *wrong == name)
}

/// Whether an environment says the context, if only by a wrong name.
pub(super) fn says_context(settings: &[Setting]) -> bool {
    const NAME: &str = "OLLAMA_CONTEXT_LENGTH";
    settings
        .iter()
        .any(|setting| setting.name == NAME || MEANT.contains(&(setting.name.as_str(), Some(NAME))))
}

/// Whether an environment has cards by number in CUDA's own order.
pub(super) fn numeric(setting: &Setting, others: &[&Setting]) -> bool {
    setting.name == "CUDA_VISIBLE_DEVICES"
        && ids(&setting.value).is_some()
        && !others
            .iter()
            .any(|other| other.name == "CUDA_DEVICE_ORDER" && other.value == "PCI_BUS_ID")
}

fn ids(value: &str) -> Option<Vec<usize>> {
    value
        .split(',')
        .map(|id| id.trim().parse().ok())
        .collect::<Option<Vec<usize>>>()
        .filter(|ids| !ids.is_empty())
}

/// The same cards by UUID, where they are known.
pub(super) fn by_uuid(value: &str, bench: Bench<'_>) -> Option<String> {
    let uuids = bench.cards?.uuids();
    let chosen: Option<Vec<&str>> = ids(value)?
        .into_iter()
        .map(|id| uuids.get(id).map(String::as_str))
        .collect();
    Some(chosen?.join(","))
}

/// MiB to keep free on each card for an overhead in bytes, beside the engine's own margin.
pub(super) fn fit_target(overhead: &str) -> u64 {
    let bytes = overhead.trim().parse::<u64>().unwrap_or_default();
    1024_u64.saturating_add(bytes.div_ceil(Bytes::mib(1).0))
}

/// Where a server's environment is written: it decides what is right there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A process of the machine.
    Host,
    /// A container, whose ports and cards are given from outside.
    Container,
    /// The same in a file of compose.
    Compose,
    /// The same in a manifest of Kubernetes.
    Kubernetes,
}

/// Judges the environment of a server.
pub(super) fn servers(sheet: &mut Sheet<'_>, settings: &[&Setting], place: Place) {
    for setting in settings {
        one(sheet, setting, settings, place);
    }
    let value = |name: &str| settings.iter().find(|setting| setting.name == name);
    let Some(kind) = value("OLLAMA_KV_CACHE_TYPE") else {
        return;
    };
    let quantised = matches!(kind.value.as_str(), "q8_0" | "q4_0");
    let off = |setting: &&&Setting| matches!(setting.value.as_str(), "0" | "false" | "False" | "f");
    if let Some(flash) = value("OLLAMA_FLASH_ATTENTION").filter(off)
        && quantised
    {
        sheet.find(
            flash.at.clone(),
            Problem::CacheNeedsFlashAttention {
                kv_cache_type: kind.value.clone(),
            },
        );
        sheet.replace(flash.value_at.clone(), "1");
    }
}

fn one(sheet: &mut Sheet<'_>, setting: &Setting, all: &[&Setting], place: Place) {
    let (name, value) = (setting.name.as_str(), setting.value.as_str());
    if value.contains('$') {
        return;
    }
    let at = setting.at.clone();
    let name_at = at.start..at.start + name.len();
    match name {
        "OLLAMA_GPU_OVERHEAD" => {
            sheet.find(at, Problem::GpuOverhead);
            sheet.replace(name_at, "LLAMA_ARG_FIT_TARGET");
            sheet.replace(setting.value_at.clone(), fit_target(value).to_string());
        }
        "OLLAMA_HOST" if place == Place::Host => {
            if let Some(port) = open(value) {
                let address = value.to_owned();
                sheet.find(at, Problem::OpenPort { address });
                sheet.replace(setting.value_at.clone(), format!("127.0.0.1:{port}"));
            }
        }
        "OLLAMA_KV_CACHE_TYPE" if !matches!(value, "f16" | "q8_0" | "q4_0" | "") => {
            bad(sheet, setting, Some("q8_0"));
        }
        "OLLAMA_CONTEXT_LENGTH"
        | "OLLAMA_NUM_PARALLEL"
        | "OLLAMA_MAX_LOADED_MODELS"
        | "OLLAMA_MAX_QUEUE"
            if value.parse::<u64>().is_err() && !value.is_empty() =>
        {
            bad(sheet, setting, plain(value).as_deref());
        }
        // A UUID is the same everywhere; AMD's cards are all handed in.
        "CUDA_VISIBLE_DEVICES" if place != Place::Host && ids(value).is_some() => {
            let variable = name.to_owned();
            let form = match place {
                Place::Kubernetes => {
                    format!("nvidia.com/gpu: {}", value.split(',').count())
                }
                Place::Compose => format!("device_ids: [\"{}\"]", value.replace(',', "\", \"")),
                Place::Container | Place::Host => format!("--gpus '\"device={value}\"'"),
            };
            sheet.find_with(at, Problem::ContainerGpuVariable { variable }, form);
        }
        // A UUID is the same everywhere; AMD's cards are all handed in.
        _ if CARDS.contains(&name) && place != Place::Host => {}
        _ if numeric(setting, all) => numbered(sheet, setting),
        _ if name.starts_with("OLLAMA_") && !KNOWN.contains(&name) => {
            unknown(sheet, setting, place)
        }
        _ => {}
    }
}

/// `8k` as a number.
fn plain(value: &str) -> Option<String> {
    let digits = value.trim().to_lowercase();
    let number: u64 = digits.strip_suffix('k')?.parse().ok()?;
    Some(number.checked_mul(1024)?.to_string())
}

fn bad(sheet: &mut Sheet<'_>, setting: &Setting, instead: Option<&str>) {
    sheet.find(
        setting.at.clone(),
        Problem::BadValue {
            variable: setting.name.clone(),
            value: setting.value.clone(),
        },
    );
    if let Some(instead) = instead {
        sheet.replace(setting.value_at.clone(), instead);
    }
}

/// Cards by number: by UUID where they are known, else in an order that can be relied on.
pub(super) fn numbered(sheet: &mut Sheet<'_>, setting: &Setting) {
    let variable = setting.name.clone();
    let at = setting.at.clone();
    match by_uuid(&setting.value, sheet.bench) {
        Some(uuids) => {
            sheet.find(at.clone(), Problem::NumericGpuIds { variable });
            sheet.replace(setting.value_at.clone(), uuids);
        }
        None => sheet.find(at.clone(), Problem::NumericGpuIds { variable }),
    }
    // Where each setting has a line of its own, so has this.
    let line = sheet.line_start(at.start);
    let before = sheet.text.get(line..at.start).unwrap_or_default();
    let after = sheet.text.get(at.end..).unwrap_or_default();
    let behind = after.strip_prefix('"').unwrap_or(after);
    let alone = behind.is_empty() || behind.starts_with(['\n', '\r']);
    let quote = if before.ends_with('"') && after.starts_with('"') {
        "\""
    } else {
        ""
    };
    let own_line =
        alone && (before.trim().is_empty() || before.trim_end_matches('"').ends_with('='));
    let between = if own_line {
        format!("{quote}\n{before}")
    } else {
        " ".to_owned()
    };
    sheet.insert(at.start, format!("CUDA_DEVICE_ORDER=PCI_BUS_ID{between}"));
}

/// A variable that Ollama does not read.
fn unknown(sheet: &mut Sheet<'_>, setting: &Setting, place: Place) {
    let name = setting.name.as_str();
    let meant = MEANT.iter().find(|(wrong, _)| *wrong == name);
    let instead = match meant {
        Some((_, instead)) => instead.map(str::to_owned),
        None => nearest(name),
    };
    let at = setting.at.clone();
    let value = setting.value.as_str();
    let problem = Problem::UnknownVariable {
        variable: name.to_owned(),
        instead: instead.clone(),
    };
    let port = (name == "OLLAMA_PORT").then(|| match place {
        Place::Host => format!("127.0.0.1:{value}"),
        // A container's own address is nobody else's; its published port says who may come.
        Place::Container | Place::Compose | Place::Kubernetes => format!("0.0.0.0:{value}"),
    });
    match (port, instead) {
        (Some(host), _) => {
            sheet.find(at.clone(), problem);
            sheet.replace(at.start..at.start + name.len(), "OLLAMA_HOST");
            sheet.replace(setting.value_at.clone(), host);
        }
        (None, Some(other)) if other.starts_with("PARAMETER ") => {
            sheet.find_with(at, problem, format!("{other} {value}"));
        }
        // The value means something else there.
        (None, Some(other)) if matches!(name, "OLLAMA_MAX_VRAM" | "OLLAMA_HOME") => {
            sheet.find_with(at, problem, format!("{other}="));
        }
        // A guess is for a person to confirm.
        (None, Some(other)) if meant.is_none() => {
            sheet.find_with(at, problem, format!("{other}={value}"));
        }
        (None, Some(other)) => {
            sheet.find(at.clone(), problem);
            sheet.replace(at.start..at.start + name.len(), other);
        }
        (None, None) => sheet.find(at, problem),
    }
}

/// The variable that was probably meant; what all of them begin with is no likeness.
fn nearest(name: &str) -> Option<String> {
    const PREFIX: &str = "OLLAMA_";
    let names = KNOWN.iter().filter_map(|known| known.strip_prefix(PREFIX));
    let best = similar(name.strip_prefix(PREFIX)?, names)
        .into_iter()
        .next()?;
    Some(format!("{PREFIX}{best}"))
}

/// The port of an address that everybody reaches.
pub(super) fn open(address: &str) -> Option<u16> {
    let address = address
        .trim_start_matches("http://")
        .trim_start_matches("https://")
        .trim_end_matches('/');
    let rest = ["0.0.0.0", "[::]", "::", "*"]
        .into_iter()
        .find_map(|any| address.strip_prefix(any))
        .or_else(|| address.strip_prefix(':').map(|_| address))?;
    match rest.strip_prefix(':') {
        Some(port) => port.parse().ok(),
        None => rest.is_empty().then_some(11434),
    }
}

/// The port of an address; Ollama's own if it names none.
pub(super) fn port(address: &str) -> Option<u16> {
    let address = address.trim_end_matches('/');
    match address.rsplit_once(':') {
        Some((_, port)) if !port.starts_with("//") => port.parse().ok(),
        _ => Some(11434),
    }
}
