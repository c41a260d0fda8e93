//! Variables: which Ollama reads, which it does not, and which values it takes.

use std::collections::HashMap;
use std::ops::Range;

use super::detect::is_name;
use super::hint::Hint;
use super::known::{CLIENTS, KNOWN, Meant, meant, nearest};
use super::sheet::SourceText;
use super::{LintContext, Problem};
use crate::units::Bytes;

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
    /// Whether another value needs quotes of its own, so that it stays a text.
    pub bare_text: bool,
}

impl Setting {
    /// Another value in the place of this one.
    pub(super) fn put(&self, sheet: &mut SourceText<'_>, value: &str) {
        let value = match self.bare_text {
            true => format!("\"{value}\""),
            false => value.to_owned(),
        };
        sheet.replace(self.value_at.clone(), value);
    }

    /// Another name in the place of this one.
    fn rename(&self, sheet: &mut SourceText<'_>, name: &str) {
        sheet.replace(self.at.start..self.at.start + self.name.len(), name);
    }

    /// Of `NAME=value` at a place.
    pub(super) fn of(text: &str, at: Range<usize>) -> Option<Self> {
        let (name, value) = text.split_once('=')?;
        is_name(name).then(|| Self {
            name: name.to_owned(),
            value: value.trim_matches(['"', '\'']).to_owned(),
            value_at: (at.start + name.len() + 1).min(at.end)..at.end,
            at,
            bare_text: false,
        })
    }
}

/// A variable that only a server reads.
pub(super) fn is_servers(name: &str) -> bool {
    is_ours(name) && !CLIENTS.contains(&name)
}

/// A variable that was surely meant for Ollama, though it has no such one.
pub(super) fn is_misnamed(name: &str) -> bool {
    meant(name).is_some()
}

/// Whether an environment says the context, if only by a wrong name.
pub(super) fn says_context(settings: &[Setting]) -> bool {
    const NAME: &str = "OLLAMA_CONTEXT_LENGTH";
    settings
        .iter()
        .any(|setting| setting.name == NAME || meant(&setting.name) == Some(Meant::Variable(NAME)))
}

/// Whether cards are chosen by number.
fn by_number(setting: &Setting) -> bool {
    setting.name == "CUDA_VISIBLE_DEVICES" && ids(&setting.value).is_some()
}

/// Whether numbers of cards are those of nvidia-smi.
fn in_order(setting: &Setting) -> bool {
    setting.name == "CUDA_DEVICE_ORDER" && setting.value == "PCI_BUS_ID"
}

/// A variable that Ollama or its engine reads, or that is meant for it.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with("OLLAMA_")
        || name.starts_with("LLAMA_ARG_")
        || CARDS.contains(&name)
        || name == "CUDA_DEVICE_ORDER"
}

fn ids(value: &str) -> Option<Vec<usize>> {
    value
        .split(',')
        .map(|id| id.trim().parse().ok())
        .collect::<Option<Vec<usize>>>()
        .filter(|ids| !ids.is_empty())
}

/// The same cards by UUID, where they are known.
pub(super) fn by_uuid(value: &str, bench: LintContext<'_>) -> Option<String> {
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
pub(super) fn servers(sheet: &mut SourceText<'_>, settings: &[&Setting], place: Place) {
    let ordered = settings.iter().any(|setting| in_order(setting));
    for setting in settings {
        one(sheet, setting, ordered, place);
    }
    twice(sheet, settings);
    contradictions(sheet, settings);
}

/// A variable that is set again: only the last value is used.
fn twice(sheet: &mut SourceText<'_>, settings: &[&Setting]) {
    let mut last: HashMap<&str, &Setting> = HashMap::new();
    let known = |setting: &&&Setting| is_ours(&setting.name) && !setting.value.contains('$');
    for setting in settings.iter().filter(known) {
        let before = last.insert(setting.name.as_str(), *setting);
        let Some(before) = before.filter(|before| before.value != setting.value) else {
            continue;
        };
        let line = sheet.number(setting.at.start);
        let problem = Problem::Overridden {
            variable: before.name.clone(),
            value: setting.value.clone(),
            line,
        };
        sheet.find_with(before.at.clone(), problem, "");
    }
}

/// Settings that do not go together.
fn contradictions(sheet: &mut SourceText<'_>, settings: &[&Setting]) {
    let value = |name: &str| settings.iter().rev().find(|setting| setting.name == name);
    let off = |setting: &&&Setting| {
        let value = setting.value.to_lowercase();
        matches!(value.as_str(), "0" | "false" | "f" | "no" | "off")
    };
    let on =
        |setting: &&&Setting| matches!(setting.value.to_lowercase().as_str(), "1" | "true" | "t");
    if let Some(kind) = value("OLLAMA_KV_CACHE_TYPE")
        && matches!(kind.value.as_str(), "q8_0" | "q4_0")
        && let Some(flash) = value("OLLAMA_FLASH_ATTENTION").filter(off)
    {
        let kv_cache_type = kind.value.clone();
        sheet.find(
            flash.at.clone(),
            Problem::CacheNeedsFlashAttention { kv_cache_type },
        );
        flash.put(sheet, "1");
    }
    let single =
        |setting: &&&Setting| !setting.value.is_empty() && !setting.value.contains([',', '$']);
    if let Some(spread) = value("OLLAMA_SCHED_SPREAD").filter(on)
        && let Some(cards) = value("CUDA_VISIBLE_DEVICES").filter(single)
    {
        let problem = Problem::Contradiction {
            variable: spread.name.clone(),
            value: spread.value.clone(),
            other: cards.name.clone(),
            other_value: cards.value.clone(),
        };
        sheet.find_with(spread.at.clone(), problem, "");
    }
}

fn one(sheet: &mut SourceText<'_>, setting: &Setting, ordered: bool, place: Place) {
    let (name, value) = (setting.name.as_str(), setting.value.as_str());
    if value.contains('$') || sheet.is_full() {
        return;
    }
    let at = setting.at.clone();
    match name {
        "OLLAMA_GPU_OVERHEAD" => {
            sheet.find(at, Problem::GpuOverhead);
            setting.rename(sheet, "LLAMA_ARG_FIT_TARGET");
            setting.put(sheet, &fit_target(value).to_string());
        }
        "OLLAMA_HOST" if place == Place::Host => {
            if let Some(port) = open(value) {
                let address = value.to_owned();
                sheet.find(at, Problem::OpenPort { address });
                setting.put(sheet, &format!("127.0.0.1:{port}"));
            }
        }
        "OLLAMA_ORIGINS" if value.split(',').any(|origin| origin.trim() == "*") => {
            sheet.find_with(
                at,
                Problem::OpenOrigins,
                format!("{name}=https://chat.example.com"),
            );
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
        _ if !ordered && by_number(setting) => numbered(sheet, setting),
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

fn bad(sheet: &mut SourceText<'_>, setting: &Setting, instead: Option<&str>) {
    sheet.find(
        setting.at.clone(),
        Problem::BadValue {
            variable: setting.name.clone(),
            value: setting.value.clone(),
        },
    );
    if let Some(instead) = instead {
        setting.put(sheet, instead);
    }
}

/// Cards by number: by UUID where they are known, else in an order that can be relied on.
pub(super) fn numbered(sheet: &mut SourceText<'_>, setting: &Setting) {
    let variable = setting.name.clone();
    let at = setting.at.clone();
    match by_uuid(&setting.value, sheet.bench) {
        Some(uuids) => {
            sheet.find(at.clone(), Problem::NumericGpuIds { variable });
            setting.put(sheet, &uuids);
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
fn unknown(sheet: &mut SourceText<'_>, setting: &Setting, place: Place) {
    let (name, value) = (setting.name.as_str(), setting.value.as_str());
    let meaning = meant(name);
    let guess = match meaning {
        None => sheet.similar(name, nearest).into_iter().next(),
        Some(_) => None,
    };
    let guess = guess.as_deref();
    let instead = match meaning {
        Some(Meant::Variable(other) | Meant::Other(other)) => Some(other.to_owned()),
        Some(Meant::Parameter(other)) => Some(format!("PARAMETER {other}")),
        Some(Meant::Port) => Some("OLLAMA_HOST".to_owned()),
        Some(Meant::Limit) => Some("LLAMA_ARG_FIT_TARGET".to_owned()),
        Some(Meant::Layers | Meant::Nothing) => None,
        None => guess.map(str::to_owned),
    };
    let hint = match meaning {
        Some(Meant::Layers) => Some(Hint::CountsLayers),
        Some(Meant::Limit) => Some(Hint::LeavesFree),
        Some(Meant::Other(_)) => Some(Hint::OtherValue),
        _ => None,
    };
    let at = setting.at.clone();
    let problem = Problem::UnknownVariable {
        variable: name.to_owned(),
        instead,
        hint,
    };
    match (meaning, guess) {
        (Some(Meant::Variable(other)), _) => {
            sheet.find(at, problem);
            setting.rename(sheet, other);
        }
        (Some(Meant::Port), _) => {
            let host = match place {
                Place::Host => "127.0.0.1",
                // A container's own address is nobody else's; its published port says who may come.
                Place::Container | Place::Compose | Place::Kubernetes => "0.0.0.0",
            };
            sheet.find(at, problem);
            setting.rename(sheet, "OLLAMA_HOST");
            setting.put(sheet, &format!("{host}:{value}"));
        }
        (Some(Meant::Parameter(other)), _) => {
            sheet.find_with(at, problem, format!("PARAMETER {other} {value}"));
        }
        // The value means something else there.
        (Some(Meant::Limit), _) => {
            let form = left_free(value, sheet.bench);
            let form = form.map(|mib| format!("LLAMA_ARG_FIT_TARGET={mib}"));
            sheet.find_with(at, problem, form.unwrap_or_default());
        }
        (Some(Meant::Other(_) | Meant::Layers | Meant::Nothing), _) | (None, None) => {
            sheet.find_with(at, problem, "");
        }
        // A guess is for a person to confirm.
        (None, Some(other)) => {
            let form = sheet.line_with(&at, name, other);
            sheet.find_with(at, problem, form);
        }
    }
}

/// MiB to leave free on every card, so that no more than a limit is taken: a limit with its unit, on cards that are known and alike.
fn left_free(limit: &str, bench: LintContext<'_>) -> Option<u64> {
    if !limit.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let limit: Bytes = limit.parse().ok()?;
    let free = bench.cards?.free();
    let first = free
        .first()
        .filter(|first| free.iter().all(|other| other == *first))?;
    let left = first.0.checked_sub(limit.0)?;
    Some((left / Bytes::mib(1).0).max(1024))
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
