//! Variables: which Ollama reads, which it does not, and which values it takes.

mod address;
mod cards;
mod duration;
mod removal;
mod unknown;
mod value;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

pub(super) use address::{is_loopback, open, port, server_port};
use address::{is_no_address, open_at_some_port};
pub(super) use cards::by_uuid;
pub(super) use duration::right_duration;

use super::Problem;
use super::detect::is_name;
pub(super) use super::known::is_others;
use super::known::{CLIENTS, KNOWN, Meant, meant, names_models, nearest};
use super::sheet::SourceText;
use super::tag;
use crate::quantization::KvCacheType;
use cards::{CARDS, by_number, ids, in_container, in_order, numbered};
use duration::{as_duration, is_duration};
pub(super) use removal::quoted;
use unknown::{fit_target, unknown};
use value::{SWITCHES, cache_type, is_cache_type, means_off, plain};

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

/// The setting that holds where a name is set more than once: the last.
pub(super) fn last<'s>(
    settings: impl IntoIterator<Item = &'s Setting, IntoIter: DoubleEndedIterator>,
    name: &str,
) -> Option<&'s Setting> {
    let mut settings = settings.into_iter().rev();
    settings.find(|setting| setting.name == name)
}

impl Setting {
    /// Another value in the place of this one.
    pub(super) fn put(&self, sheet: &mut SourceText<'_>, value: &str) {
        sheet.replace(self.value_at.clone(), self.written(value));
    }

    /// The same, which a person must decide.
    fn advise(&self, sheet: &mut SourceText<'_>, value: &str) {
        sheet.advise(self.value_at.clone(), self.written(value));
    }

    fn written(&self, value: &str) -> String {
        match self.bare_text {
            true => format!("\"{value}\""),
            false => value.to_owned(),
        }
    }

    /// Another name in the place of this one.
    fn rename(&self, sheet: &mut SourceText<'_>, name: &str) {
        sheet.replace(self.name_at(), name);
    }

    fn name_at(&self) -> Range<usize> {
        self.at.start..self.at.start + self.name.len()
    }

    /// Of `NAME=value` at a place.
    pub(super) fn parse(text: &str, at: Range<usize>) -> Option<Self> {
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

/// A value as Ollama reads it: without the quotes around it that the shell or the file left there (`clean` in envconfig/config.go).
pub(super) fn bare<'v>(name: &str, value: &'v str) -> &'v str {
    match is_ours(name) && !name.starts_with("LLAMA_ARG_") {
        true => value.trim_matches(['"', '\'', ' ']),
        false => value,
    }
}

/// A variable that only a server reads.
pub(super) fn is_servers(name: &str) -> bool {
    is_ours(name) && !CLIENTS.contains(&name) && !is_others(name)
}

/// A variable of Ollama's server whose value means the same wherever it is written: no address, path or version that compose may use itself.
pub(super) fn has_values(name: &str) -> bool {
    let places = ["OLLAMA_HOST", "OLLAMA_MODELS", "OLLAMA_VERSION"];
    KNOWN.contains(&name) && !places.contains(&name)
}

/// A server's variable by its right name: what has one of its own starts Ollama.
pub(super) fn starts_ollama(settings: &[Setting]) -> bool {
    let own = |name: &str| KNOWN.contains(&name) && is_servers(name);
    settings.iter().any(|setting| own(&setting.name))
}

/// A variable that was surely meant for Ollama, though it has no such one.
pub(super) fn is_misnamed(name: &str) -> bool {
    meant(name).is_some()
}

/// A name that differs by a slip from one of Ollama's, and is nobody else's.
pub(super) fn is_slip(sheet: &mut SourceText<'_>, name: &str) -> bool {
    is_nobodys(name) && !sheet.similar(name, nearest).is_empty()
}

/// A name that begins like Ollama's, and that nobody is known to read or to take for one of them.
pub(super) fn is_nobodys(name: &str) -> bool {
    let known = KNOWN.contains(&name) || is_others(name) || is_misnamed(name);
    name.starts_with("OLLAMA_") && !known
}

/// Whether an environment says the context, if only by a wrong name.
pub(super) fn says_context(settings: &[Setting]) -> bool {
    const NAME: &str = "OLLAMA_CONTEXT_LENGTH";
    // One that Ollama does not have is told by itself.
    let tries = |name: &str| is_nobodys(name) && name.contains("CONTEXT");
    let says =
        |name: &str| name == NAME || meant(name) == Some(Meant::Variable(NAME)) || tries(name);
    settings.iter().any(|setting| says(&setting.name))
}

/// A variable that Ollama or its engine reads, or that is meant for it.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with("OLLAMA_")
        || name.starts_with("LLAMA_ARG_")
        || CARDS.contains(&name)
        || name == "CUDA_DEVICE_ORDER"
}

/// Where a server's environment is written: it decides what is right there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A process of the machine.
    Host,
    /// A container, whose ports and cards are given from outside.
    Container,
    /// The same as Podman makes a service of it.
    Quadlet,
    /// The same in a file of compose.
    Compose,
    /// The same in a manifest of Kubernetes.
    Kubernetes,
}

/// Judges the environment of a server.
pub(super) fn servers(sheet: &mut SourceText<'_>, settings: &[&Setting], place: Place) {
    let ordered = settings.iter().any(|setting| in_order(setting));
    let names: HashSet<&str> = settings.iter().map(|one| one.name.as_str()).collect();
    for setting in settings {
        one(sheet, setting, ordered, place, &names);
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
        sheet.find(before.at.clone(), problem);
        before.advise_without(sheet);
    }
}

/// Settings that do not go together.
fn contradictions(sheet: &mut SourceText<'_>, settings: &[&Setting]) {
    let value = |name: &str| last(settings.iter().copied(), name);
    let off = |setting: &&Setting| {
        let value = setting.value.to_lowercase();
        matches!(value.as_str(), "0" | "false" | "f")
    };
    let on =
        |setting: &&Setting| matches!(setting.value.to_lowercase().as_str(), "1" | "true" | "t");
    // Values of other files are kept behind a `$`.
    let bare = |setting: &Setting| setting.value.trim_start_matches('$').to_lowercase();
    if let Some(kind) = value("OLLAMA_KV_CACHE_TYPE")
        && KvCacheType::parse(&bare(kind)).is_some_and(KvCacheType::is_quantised)
        && let Some(flash) = value("OLLAMA_FLASH_ATTENTION").filter(off)
    {
        let kv_cache_type = kind.value.trim_start_matches('$').to_owned();
        sheet.find(
            flash.at.clone(),
            Problem::CacheNeedsFlashAttention { kv_cache_type },
        );
        flash.put(sheet, "1");
    }
    let single =
        |setting: &&Setting| !setting.value.is_empty() && !setting.value.contains([',', '$']);
    if let Some(spread) = value("OLLAMA_SCHED_SPREAD").filter(on)
        && let Some(cards) = value("CUDA_VISIBLE_DEVICES").filter(single)
    {
        let problem = Problem::Contradiction {
            variable: spread.name.clone(),
            value: spread.value.clone(),
            other: cards.name.clone(),
            other_value: cards.value.clone(),
        };
        sheet.find(spread.at.clone(), problem);
        spread.advise_without(sheet);
    }
}

fn one(
    sheet: &mut SourceText<'_>,
    setting: &Setting,
    ordered: bool,
    place: Place,
    names: &HashSet<&str>,
) {
    let (name, value) = (setting.name.as_str(), setting.value.as_str());
    if is_ours(name) {
        sheet.judges();
    }
    models(sheet, setting);
    let at = setting.at.clone();
    if name == "OLLAMA_HOST"
        && place == Place::Host
        && let Some(port) = open_at_some_port(value)
    {
        let address = value.to_owned();
        sheet.find(at, Problem::OpenPort { address });
        return setting.advise(sheet, &format!("127.0.0.1:{port}"));
    }
    if value.contains('$') || sheet.is_full() {
        return;
    }
    match name {
        "OLLAMA_GPU_OVERHEAD" => match fit_target(value) {
            Some(free) => {
                sheet.find(at, Problem::GpuOverhead);
                setting.rename(sheet, "LLAMA_ARG_FIT_TARGET");
                setting.put(sheet, &free.to_string());
            }
            None => {
                sheet.find(at, Problem::GpuOverhead);
                setting.advise_without(sheet);
            }
        },
        "OLLAMA_HOST" if is_no_address(value) => bad(sheet, setting, None),
        "OLLAMA_HOST" if place == Place::Host => {
            if let Some(port) = open(value) {
                let address = value.to_owned();
                sheet.find(at, Problem::OpenPort { address });
                setting.put(sheet, &format!("127.0.0.1:{port}"));
            }
        }
        "OLLAMA_ORIGINS" if value.split(',').any(|origin| origin.trim() == "*") => {
            // Which pages are meant is not known here.
            sheet.find_with(at, Problem::OpenOrigins, "");
        }
        "OLLAMA_KV_CACHE_TYPE" if !is_cache_type(value) => bad(sheet, setting, cache_type(value)),
        "OLLAMA_CONTEXT_LENGTH"
        | "OLLAMA_NUM_PARALLEL"
        | "OLLAMA_MAX_LOADED_MODELS"
        | "OLLAMA_MAX_QUEUE"
            if value.parse::<u64>().is_err() && !value.is_empty() =>
        {
            bad(sheet, setting, plain(value).as_deref());
        }
        "OLLAMA_KEEP_ALIVE" | "OLLAMA_LOAD_TIMEOUT" if !is_duration(value) => {
            bad(sheet, setting, as_duration(value).as_deref());
        }
        _ if SWITCHES.contains(&name) && means_off(value) => {
            let (variable, value) = (name.to_owned(), value.to_owned());
            sheet.find(at, Problem::ReadAsOn { variable, value });
            setting.put(sheet, "0");
        }
        "CUDA_VISIBLE_DEVICES" if place != Place::Host && ids(value).is_some() => {
            in_container(sheet, setting, place);
        }
        // A UUID is the same everywhere; AMD's cards are all handed in.
        _ if CARDS.contains(&name) && place != Place::Host => {}
        _ if !ordered && by_number(setting) => numbered(sheet, setting),
        // The machine's variables are for all of its programs.
        _ if place == Place::Host && is_others(name) => {}
        _ if name.starts_with("OLLAMA_") && !KNOWN.contains(&name) => {
            unknown(sheet, setting, place, names);
        }
        _ => {}
    }
}

/// Judges the models that a variable of a client names.
pub(super) fn models(sheet: &mut SourceText<'_>, setting: &Setting) {
    if names_models(&setting.name) {
        tag::cells(sheet, setting.value_at.clone());
    }
}

/// Paths that begin with a home which is not put in where they stand; in a unit, variables neither.
pub(super) fn unexpanded(sheet: &mut SourceText<'_>, settings: &[Setting], in_unit: bool) {
    let homes: &[&str] = match in_unit {
        true => &["~/", "$HOME/", "${HOME}/"],
        false => &["~/"],
    };
    for setting in settings {
        let value = setting.value.as_str();
        let home = homes.iter().any(|home| value.starts_with(home));
        if setting.name == "OLLAMA_MODELS" && (home || value == "~") {
            let (variable, value) = (setting.name.clone(), value.to_owned());
            let problem = Problem::Unexpanded { variable, value };
            sheet.find_with(setting.at.clone(), problem, "");
        }
    }
}

/// The same in a script, whose shell leaves alone what stands in quotes.
pub(super) fn unexpanded_in_quotes(sheet: &mut SourceText<'_>, settings: &[Setting]) {
    for setting in settings {
        let written = sheet.text.get(setting.at.clone()).unwrap_or_default();
        if ["\"~", "'~"].iter().any(|home| written.contains(home)) {
            unexpanded(sheet, std::slice::from_ref(setting), false);
        }
    }
}

/// A server's variable where the installed service does not see it.
pub(super) fn beside_service(sheet: &mut SourceText<'_>, setting: &Setting) {
    // One that Ollama does not have is wrong everywhere.
    let name = setting.name.as_str();
    if KNOWN.contains(&name) || !name.starts_with("OLLAMA_") {
        let variable = setting.name.clone();
        // A unit knows no home.
        let written = sheet.right(&setting.value_at);
        let value = match sheet.text.get(setting.value_at.clone()) {
            // As it would be right.
            Some(old) if old != written => written.as_str(),
            _ => setting.value.as_str(),
        };
        let form = match value.starts_with(['~', '$']) {
            true => String::new(),
            false => {
                format!("sudo systemctl edit ollama\n[Service]\nEnvironment=\"{name}={value}\"")
            }
        };
        let problem = Problem::ProfileVariable { variable };
        sheet.find_with(setting.at.clone(), problem, form);
    }
}

fn bad(sheet: &mut SourceText<'_>, setting: &Setting, instead: Option<&str>) {
    sheet.find(
        setting.at.clone(),
        Problem::BadValue {
            variable: setting.name.clone(),
            value: setting.value.clone(),
        },
    );
    match instead {
        Some(instead) => setting.put(sheet, instead),
        // Ollama uses its default, as it does without it.
        None if setting.name != "OLLAMA_HOST" => {
            setting.advise_without(sheet);
        }
        None => {}
    }
}
