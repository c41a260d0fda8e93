//! `gpustat`, as text and as JSON. What it calls MB are MiB, as `nvidia-smi` counts.

use serde::Deserialize;

use super::{Machine, Printed, is_host_name, lines, mebibytes, printable, version};

#[derive(Deserialize)]
struct Report {
    hostname: String,
    driver_version: Option<String>,
    gpus: Vec<Card>,
}

#[derive(Deserialize)]
struct Card {
    name: String,
    uuid: Option<String>,
    #[serde(rename = "memory.total")]
    total: u64,
    #[serde(rename = "memory.used")]
    used: Option<u64>,
}

/// Whether a text is its.
pub(super) fn is_theirs(text: &str) -> bool {
    match text.trim_start().starts_with('{') {
        true => text.contains("\"memory.total\"") && serde_json::from_str::<Report>(text).is_ok(),
        false => text.lines().any(|line| card(0, line).is_some()),
    }
}

pub(super) fn read(text: &str) -> Vec<Machine> {
    if let Ok(report) = serde_json::from_str::<Report>(text) {
        let size = |mib: u64| mebibytes(&mib.to_string());
        let gpus = report.gpus.into_iter().map(|gpu| Printed {
            name: printable(&gpu.name),
            uuid: gpu.uuid,
            total: size(gpu.total),
            used: gpu.used.and_then(size),
            ..Printed::default()
        });
        return vec![Machine {
            at: 0,
            name: Some(report.hostname).filter(|name| is_host_name(name)),
            driver: report.driver_version.as_deref().and_then(version),
            gpus: gpus.collect(),
        }];
    }
    let mut machines: Vec<Machine> = Vec::new();
    for (at, line) in lines(text) {
        if let Some(gpu) = card(at, line) {
            if machines.is_empty() {
                machines.push(Machine::default());
            }
            if let Some(machine) = machines.last_mut() {
                machine.gpus.push(gpu);
            }
            continue;
        }
        // The line above the cards: the machine, the day and the driver.
        let mut words = line.split_whitespace();
        if let Some(name) = words.next().filter(|name| is_host_name(name)) {
            machines.push(Machine {
                at,
                name: Some(name.to_owned()),
                driver: words.next_back().and_then(version),
                gpus: Vec::new(),
            });
        }
    }
    machines.retain(|machine| !machine.gpus.is_empty());
    machines
}

/// `[0] NVIDIA GeForce RTX 3090 | 41'C,   0 % |   312 / 24576 MB | user(300M)`
fn card(at: usize, line: &str) -> Option<Printed> {
    let (index, rest) = line.trim().strip_prefix('[')?.split_once(']')?;
    index.trim().parse::<u32>().ok()?;
    let (name, cells) = rest.split_once('|')?;
    let memory = cells.split('|').find_map(|cell| {
        let (used, total) = cell.trim().strip_suffix("MB")?.split_once('/')?;
        Some((mebibytes(used)?, mebibytes(total)?))
    });
    let (used, total) = memory?;
    Some(Printed {
        at,
        name: printable(name),
        used: Some(used),
        total: Some(total),
        ..Printed::default()
    })
}
