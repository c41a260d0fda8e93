//! What is to be served: `TAG[*REPLICAS][@CONTEXT][:pin=GPU,..][:apart=gpu|host|TAG,..][:priority=N][:must]`, and the same from a file.

use std::path::Path;

use serde::Deserialize;

use super::super::session::{context_length, number};
use super::apart::tags_apart;
use crate::engine::pack::AntiAffinity;
use crate::engine::workload::Engine;
use crate::error::{Defect, Error, ExpectedFormat, Fault};
use crate::quantization::KvCacheType;
use crate::regular_file::{SETTINGS, read_text};

/// More services than this are a slip of the finger.
pub(super) const MOST_REPLICAS: u32 = 2000;

/// A model that is to be served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct Demand {
    pub tag: String,
    pub replicas: u32,
    pub context: Option<u32>,
    pub parallel: Option<u32>,
    pub kv_cache_type: Option<KvCacheType>,
    pub engine: Option<Engine>,
    pub pins: Vec<String>,
    /// Whether the pins are only a proposal, which a lost GPU makes void.
    pub proposed: bool,
    /// How far its own replicas stay from each other.
    pub apart: Option<AntiAffinity>,
    /// Other models that it stays away from, and how far.
    pub apart_from: Vec<(String, AntiAffinity)>,
    pub priority: i64,
    /// Before everything else, and no plan starts without it.
    pub must: bool,
    pub port: Option<u16>,
}

/// More than this, up or down, is no priority.
const MOST_PRIORITY: i64 = 1_000_000;

/// GPUs to keep free: these, or so many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct KeepFree {
    pub count: usize,
    pub gpus: Vec<String>,
}

impl KeepFree {
    /// `7`, `gpu3,gpu4`, `host-a/0` or a UUID; `count:2` for so many, whichever they are.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let none = text.trim() == "none";
        let counted = text.trim().strip_prefix("count:").map(|count| {
            let bad = || Error::BadValue {
                argument: "--keep-free".into(),
                value: text.to_owned(),
                form: ExpectedFormat::Count,
            };
            count.trim().parse::<u32>().map_err(|_| bad())
        });
        let (count, gpus) = match counted {
            Some(count) => (count? as usize, Vec::new()),
            None if none => (0, Vec::new()),
            None => (0, list(text)),
        };
        // Zero is said in words, to take back what a file keeps free; nothing at all is a slip.
        if count == 0 && gpus.is_empty() && !none && text.trim() != "count:0" {
            return Err(Error::MissingArgument {
                argument: "--keep-free".into(),
            });
        }
        Ok(Self { count, gpus })
    }
}

/// The words of a comma list.
pub(super) fn list(text: &str) -> Vec<String> {
    let words = text.split(',').map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What may follow a demand, in any order. A tag has colons of its own, so these words are looked for.
const OPTIONS: [&str; 4] = [":pin=", ":apart=", ":priority=", ":must"];

/// A demand's options, and what stands before them.
fn options(text: &str) -> (&str, Vec<(&str, &str)>) {
    let mut rest = text;
    let mut found = Vec::new();
    let last = |rest: &str| {
        let at = OPTIONS
            .iter()
            .filter_map(|key| Some((rest.rfind(key)?, *key)));
        at.max()
    };
    while let Some((at, key)) = last(rest) {
        found.push((key, &rest[at + key.len()..]));
        rest = &rest[..at];
    }
    (rest, found)
}

/// Reads a demand as it is typed: `qwen3:30b*2@16k:pin=0,1`.
pub(in crate::app) fn parse(text: &str) -> Result<Demand, Error> {
    let bad = || Error::BadValue {
        argument: "DEMAND".into(),
        value: text.to_owned(),
        form: ExpectedFormat::Demand,
    };
    let (rest, options) = options(text);
    let mut demand = Demand::default();
    for (key, value) in options {
        // Replicas and context stand before all of these.
        let misplaced = value.contains(['*', '@']);
        match key {
            _ if misplaced => return Err(bad()),
            ":pin=" => demand.pins = list(value),
            ":apart=" => apart(&mut demand, value),
            ":priority=" => {
                let number = value.trim().parse().ok();
                demand.priority = number.filter(within_priority).ok_or_else(bad)?;
            }
            _ => demand.must = value.is_empty(),
        }
        let said = match key {
            ":pin=" => !demand.pins.is_empty(),
            ":apart=" => demand.apart.is_some() || !demand.apart_from.is_empty(),
            ":must" => demand.must,
            _ => true,
        };
        // An option without its value is a slip: without it the plan would be another one than was meant.
        if !said {
            return Err(bad());
        }
    }
    let (rest, context) = match rest.split_once('@') {
        // The other way round, `@8k*2`, the count would be read as a part of the context.
        Some((_, context)) if context.contains('*') || context.contains(" x") => return Err(bad()),
        Some((rest, context)) => (rest, Some(context_length(text, context)?)),
        None => (rest, None),
    };
    // Cards are counted by an x, and no tag has a blank.
    let count = rest.split_once('*').or_else(|| rest.split_once(" x"));
    let (tag, replicas) = match count {
        Some((tag, replicas)) => {
            let replicas = number("DEMAND", replicas, MOST_REPLICAS, ExpectedFormat::Demand);
            (tag, replicas.map_err(|_| bad())?)
        }
        None => (rest, 1),
    };
    // An option that is spelt wrong, as `:pins=0`, would else be a part of the tag.
    if tag.trim().is_empty() || tag.contains('=') {
        return Err(bad());
    }
    Ok(Demand {
        tag: tag.trim().to_owned(),
        replicas,
        context,
        ..demand
    })
}

fn within_priority(priority: &i64) -> bool {
    priority.abs() <= MOST_PRIORITY
}

/// `gpu` or `host`: its own replicas; tags, after `host:` if they are to be on other hosts: these.
fn apart(demand: &mut Demand, text: &str) {
    match text.trim() {
        "gpu" => demand.apart = Some(AntiAffinity::Gpu),
        "host" => demand.apart = Some(AntiAffinity::Host),
        text => {
            let (distance, tags) = tags_apart(text);
            demand
                .apart_from
                .extend(tags.into_iter().map(|tag| (tag, distance)));
        }
    }
}

/// A TOML file of demands, as `--file` takes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<toml::Spanned<Row>>,
    keep_free: Option<Kept>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Kept {
    One(Name),
    Gpus(Vec<Name>),
}

/// A GPU's index or name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Name {
    Index(u32),
    Text(String),
}

impl Name {
    fn text(self) -> String {
        match self {
            Self::Index(index) => index.to_string(),
            Self::Text(text) => text,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Context {
    Tokens(u32),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Apart {
    Gpu,
    Host,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    tag: String,
    replicas: Option<u32>,
    context: Option<Context>,
    parallel: Option<u32>,
    kv_cache_type: Option<KvCacheType>,
    engine: Option<Engine>,
    #[serde(default)]
    pin: Vec<Name>,
    apart: Option<Apart>,
    #[serde(default)]
    apart_from: Vec<String>,
    priority: Option<i64>,
    #[serde(default)]
    must: bool,
    port: Option<u16>,
}

/// Reads a file of demands. What is wrong is told with its line.
pub(in crate::app) fn file(path: &Path) -> Result<(Vec<Demand>, KeepFree), Error> {
    let text = read_text(path, SETTINGS)?;
    let name = path.display().to_string();
    let file: File = toml::from_str(&text)
        .map_err(|error| Error::Defects(vec![Defect::of_toml(&*name, &text, &error)]))?;
    let mut demands = Vec::new();
    let mut defects = Vec::new();
    for row in file.model {
        let at = row.span().start;
        match demand(row.into_inner()) {
            Ok(demand) => demands.push(demand),
            Err(key) => {
                defects.push(Defect::at_byte(&*name, &text, at, Fault::Implausible(key)));
            }
        }
    }
    if !defects.is_empty() {
        return Err(Error::Defects(defects));
    }
    let keep_free = match file.keep_free {
        None => KeepFree::default(),
        Some(Kept::One(name)) => KeepFree::parse(&name.text())?,
        Some(Kept::Gpus(names)) => KeepFree {
            count: 0,
            gpus: names.into_iter().map(Name::text).collect(),
        },
    };
    Ok((demands, keep_free))
}

/// A row as a demand; else the key whose value cannot be.
fn demand(row: Row) -> Result<Demand, &'static str> {
    let within = |n: u32, most: u32, key| (1..=most).contains(&n).then_some(n).ok_or(key);
    let context = match row.context {
        None => None,
        Some(Context::Tokens(n)) => Some(context_length("context", &n.to_string())),
        Some(Context::Text(text)) => Some(context_length("context", &text)),
    };
    // The system would choose one, and nobody would know where to ask.
    if row.port == Some(0) {
        return Err("port");
    }
    let priority = row.priority.unwrap_or_default();
    if !within_priority(&priority) {
        return Err("priority");
    }
    let mut apart_from = Vec::new();
    for text in &row.apart_from {
        let (distance, tags) = tags_apart(text);
        apart_from.extend(tags.into_iter().map(|tag| (tag, distance)));
    }
    Ok(Demand {
        priority,
        apart_from,
        must: row.must,
        proposed: false,
        tag: row.tag,
        replicas: within(row.replicas.unwrap_or(1), MOST_REPLICAS, "replicas")?,
        context: context.transpose().map_err(|_| "context")?,
        parallel: row
            .parallel
            .map(|n| within(n, 256, "parallel"))
            .transpose()?,
        kv_cache_type: row.kv_cache_type,
        engine: row.engine,
        pins: row.pin.into_iter().map(Name::text).collect(),
        apart: row.apart.map(|apart| match apart {
            Apart::Gpu => AntiAffinity::Gpu,
            Apart::Host => AntiAffinity::Host,
        }),
        port: row.port,
    })
}
