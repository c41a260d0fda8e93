//! What is to be served: `TAG[*REPLICAS][@CONTEXT][:pin=GPU,..]`, and the same from a file.

use std::path::Path;

use serde::Deserialize;

use super::super::session::{context_length, number, read};
use crate::engine::pack::Distance;
use crate::error::{Defect, Error, Fault, Form};
use crate::quantization::KvCacheType;

/// More replicas than this are a slip of the finger.
const MOST_REPLICAS: u32 = 10_000;

/// A model that is to be served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct Demand {
    pub tag: String,
    pub replicas: u32,
    pub context: Option<u32>,
    pub parallel: Option<u32>,
    pub kv_cache_type: Option<KvCacheType>,
    pub pins: Vec<String>,
    pub apart: Option<Distance>,
    pub port: Option<u16>,
}

/// GPUs to keep free: these, or so many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct KeepFree {
    pub count: usize,
    pub gpus: Vec<String>,
}

impl KeepFree {
    /// `2`, or `gpu3,gpu4`, `host-a/0`, a UUID.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let (count, gpus) = match text.trim().parse() {
            Ok(count) => (count, Vec::new()),
            Err(_) => (0, list(text)),
        };
        if count == 0 && gpus.is_empty() && text.trim() != "0" {
            return Err(Error::MissingArgument {
                argument: "--keep-free".into(),
            });
        }
        Ok(Self { count, gpus })
    }
}

/// The words of a comma list.
fn list(text: &str) -> Vec<String> {
    let words = text.split(',').map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads a demand. A tag has colons of its own, so the parts are found from the end.
pub(in crate::app) fn parse(text: &str) -> Result<Demand, Error> {
    let bad = || Error::BadValue {
        argument: "DEMAND".into(),
        value: text.to_owned(),
        form: Form::Demand,
    };
    let (rest, pins) = match text.split_once(":pin=") {
        Some((rest, pins)) => (rest, list(pins)),
        None => (text, Vec::new()),
    };
    // Replicas and context stand before the pins.
    let misplaced = pins.iter().any(|pin| pin.contains(['*', '@']));
    if text.contains(":pin=") && pins.is_empty() || misplaced {
        return Err(bad());
    }
    let (rest, context) = match rest.split_once('@') {
        Some((_, context)) if context.contains('*') => return Err(bad()),
        Some((rest, context)) => (rest, Some(context_length(text, context)?)),
        None => (rest, None),
    };
    let (tag, replicas) = match rest.split_once('*') {
        Some((tag, replicas)) => {
            let replicas = number("DEMAND", replicas, MOST_REPLICAS, Form::Demand);
            (tag, replicas.map_err(|_| bad())?)
        }
        None => (rest, 1),
    };
    if tag.trim().is_empty() || tag.contains('=') {
        return Err(bad());
    }
    Ok(Demand {
        tag: tag.trim().to_owned(),
        replicas,
        context,
        pins,
        ..Demand::default()
    })
}

/// A file of demands.
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
    Count(usize),
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
    #[serde(default)]
    pin: Vec<Name>,
    apart: Option<Apart>,
    port: Option<u16>,
}

/// Reads a file of demands. What is wrong is told with its line.
pub(in crate::app) fn file(path: &Path) -> Result<(Vec<Demand>, KeepFree), Error> {
    let text = read(path)?;
    let defect = |at: usize, detail: String| Defect {
        file: path.display().to_string(),
        line: 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count(),
        fault: Fault::Syntax(detail),
    };
    let file: File = toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Error::Defects(vec![defect(at, error.message().to_owned())])
    })?;
    let mut demands = Vec::new();
    let mut defects = Vec::new();
    for row in file.model {
        let at = row.span().start;
        match demand(row.into_inner()) {
            Ok(demand) => demands.push(demand),
            Err(key) => defects.push(Defect {
                fault: Fault::Implausible(key),
                ..defect(at, String::new())
            }),
        }
    }
    if !defects.is_empty() {
        return Err(Error::Defects(defects));
    }
    let keep_free = match file.keep_free {
        None => KeepFree::default(),
        Some(Kept::Count(count)) => KeepFree {
            count,
            gpus: Vec::new(),
        },
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
    if row.port == Some(0) {
        return Err("port");
    }
    Ok(Demand {
        tag: row.tag,
        replicas: within(row.replicas.unwrap_or(1), MOST_REPLICAS, "replicas")?,
        context: context.transpose().map_err(|_| "context")?,
        parallel: row
            .parallel
            .map(|n| within(n, 256, "parallel"))
            .transpose()?,
        kv_cache_type: row.kv_cache_type,
        pins: row.pin.into_iter().map(Name::text).collect(),
        apart: row.apart.map(|apart| match apart {
            Apart::Gpu => Distance::Gpu,
            Apart::Host => Distance::Host,
        }),
        port: row.port,
    })
}
