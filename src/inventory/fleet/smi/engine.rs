//! What Ollama's log tells of GPUs (`msg="inference compute"`), and `llama-server --list-devices`. Their total is what a program can get, so that
//! nothing of it is reserved.

use super::{Machine, Printed, lines, printable};
use crate::catalog::gpu::Vendor;
use crate::inventory::simulated::device_line;
use crate::units::Bytes;

const OLLAMA: &str = "msg=\"inference compute\"";

/// Whether a text is theirs.
pub(super) fn is_theirs(text: &str) -> bool {
    text.contains(OLLAMA) || text.lines().any(|line| listed(0, line).is_some())
}

pub(super) fn read(text: &str) -> Vec<Machine> {
    let mut gpus: Vec<(String, Printed)> = Vec::new();
    let from_ollama = text.contains(OLLAMA);
    for (at, line) in lines(text) {
        let gpu = match from_ollama {
            true => logged(at, line),
            false => listed(at, line),
        };
        // A server that is started again tells the same GPUs again.
        let Some((id, gpu)) = gpu else { continue };
        match gpus.iter_mut().find(|(other, _)| *other == id) {
            Some((_, known)) => *known = gpu,
            None => gpus.push((id, gpu)),
        }
    }
    vec![Machine {
        gpus: gpus.into_iter().map(|(_, gpu)| gpu).collect(),
        ..Machine::default()
    }]
}

/// `.. id=GPU-5c0d.. library=CUDA compute=8.6 name=CUDA0 description="NVIDIA GeForce RTX 3090" .. total="23.6 GiB" available="23.3 GiB"`, of a GPU.
fn logged(at: usize, line: &str) -> Option<(String, Printed)> {
    let (_, fields) = line.split_once(OLLAMA)?;
    let library = field(fields, "library")?.to_ascii_lowercase();
    let name = field(fields, "description").or_else(|| field(fields, "name"))?;
    let total: Bytes = field(fields, "total")?.parse().ok()?;
    let id = field(fields, "id").unwrap_or_default();
    if library == "cpu" {
        return None;
    }
    let free = field(fields, "available").and_then(|text| text.parse().ok());
    let mut gpu = offering(at, name, total, free);
    gpu.uuid = Some(id.to_owned());
    gpu.compute_capability = field(fields, "compute").and_then(|text| {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    gpu.vendor = match library.as_str() {
        "rocm" => Some(Vendor::Amd),
        "metal" => Some(Vendor::Apple),
        _ => gpu.vendor,
    };
    Some((format!("{library} {id}"), gpu))
}

/// The value of a key, with or without quotes.
fn field<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let start = line.match_indices(key).find_map(|(at, _)| {
        let rest = line.get(at + key.len()..)?.strip_prefix('=')?;
        line.get(..at)?.ends_with(' ').then_some(rest)
    })?;
    let value = match start.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => start.split(' ').next(),
    };
    value.filter(|value| !value.is_empty())
}

/// `  CUDA0: NVIDIA GeForce RTX 3090 (24123 MiB, 23800 MiB free)`
fn listed(at: usize, line: &str) -> Option<(String, Printed)> {
    let (id, rest) = line.trim().split_once(": ")?;
    let printed = device_line::with_memory(rest)?;
    let (total, free) = printed.memory?;
    let gpu = offering(at, printed.name, total, Some(free));
    Some((id.to_owned(), gpu))
}

fn offering(at: usize, name: &str, total: Bytes, free: Option<Bytes>) -> Printed {
    let vendor = match name.split_whitespace().next() {
        Some("AMD") => Some(Vendor::Amd),
        Some("Apple") => Some(Vendor::Apple),
        Some(maker) if maker.starts_with("Intel") => Some(Vendor::Intel),
        _ => None,
    };
    Printed {
        at,
        name: printable(name),
        vendor,
        total: Some(total),
        reserved: Some(Bytes::ZERO),
        free: free.map(|free| free.min(total)),
        ..Printed::default()
    }
}
