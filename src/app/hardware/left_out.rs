//! GPUs that Ollama leaves out, without a word: they or their driver are too old for its engine.

use std::collections::{BTreeMap, HashSet};

use crate::catalog::Catalog;
use crate::catalog::gpu::Vendor;
use crate::inventory::{Host, Inventory, Note, NoteCode};

/// How many GPUs a note names.
const MOST_NAMED: usize = 8;

/// What is left out, and how that is told.
#[derive(Default)]
pub(super) struct LeftOut {
    /// Host and position of each GPU.
    pub gpus: HashSet<(usize, usize)>,
    pub notes: Vec<Note>,
}

impl LeftOut {
    /// By the rules of a version of Ollama.
    pub(super) fn new(inventory: &Inventory, catalog: &Catalog, ollama: &str) -> Self {
        let mut left_out = Self::default();
        for (at, host) in inventory.hosts.iter().enumerate() {
            let mut named: BTreeMap<Option<u32>, Vec<String>> = BTreeMap::new();
            for (position, gpu) in host.gpus.iter().enumerate() {
                // Jetsons and the like have libraries of their own.
                if gpu.vendor != Vendor::Nvidia || gpu.unified {
                    continue;
                }
                let Some(capability) = gpu.compute_capability else {
                    continue;
                };
                let least = catalog.knowledge.ollama.least_driver(ollama, capability);
                let serves = |least| driver(host).is_none_or(|driver| driver >= least);
                if least.is_some_and(serves) {
                    continue;
                }
                left_out.gpus.insert((at, position));
                let name = format!("GPU {} {}", gpu.index, gpu.name);
                named.entry(least).or_default().push(name);
            }
            let notes = named
                .into_iter()
                .map(|(least, names)| note(host, least, &names));
            left_out.notes.extend(notes);
        }
        left_out
    }
}

/// The major version of a machine's driver.
fn driver(host: &Host) -> Option<u32> {
    host.driver.as_deref()?.split('.').next()?.parse().ok()
}

fn note(host: &Host, least: Option<u32>, names: &[String]) -> Note {
    let shown = names.get(..MOST_NAMED).unwrap_or(names).join(", ");
    let more = if names.len() > MOST_NAMED { ", .." } else { "" };
    Note {
        code: match least {
            Some(_) => NoteCode::DriverTooOld,
            None => NoteCode::GpuTooOld,
        },
        subject: Some(format!("{} {shown}{more}", host.name)),
        detail: least.map(|least| format!("{} < {least}", host.driver.as_deref().unwrap_or("?"))),
    }
}
