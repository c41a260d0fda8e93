//! `nvidia-smi -L`, and the report of `nvidia-smi -q`, also as XML (`-q -x`).

use std::borrow::Cow;

use super::{Machine, Printed, heading, lines, mebibytes, printable, version};
use crate::inventory::Mig;

/// `GPU 0: NVIDIA GeForce RTX 3090 (UUID: GPU-5c0d7c1e-..)`, and below it `  MIG 1g.10gb     Device  0: (UUID: MIG-..)`.
pub(super) fn read(text: &str) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();
    let mut named: Option<&str> = None;
    let mut whole: Option<Printed> = None;
    for (at, line) in lines(text) {
        let Some((label, rest)) = line.split_once("(UUID:") else {
            if let Some(name) = heading(line) {
                named = Some(name);
            }
            continue;
        };
        let uuid = Some(rest.trim_end_matches(')').trim().to_owned());
        let label = label.trim();
        if let Some((number, name)) = label
            .strip_prefix("GPU ")
            .and_then(|label| label.split_once(':'))
        {
            // Numbers begin anew with each machine.
            if machines.is_empty() || named.is_some() || number.trim() == "0" {
                machines.push(Machine {
                    at,
                    name: named.take().map(str::to_owned),
                    ..Machine::default()
                });
            }
            let gpu = Printed {
                at,
                name: printable(name),
                uuid,
                ..Printed::default()
            };
            whole = Some(gpu.clone());
            if let Some(machine) = machines.last_mut() {
                machine.gpus.push(gpu);
            }
        } else if let (Some(profile), Some(whole), Some(machine)) =
            (label.strip_prefix("MIG "), &whole, machines.last_mut())
        {
            let (profile, index) = profile.split_once("Device").unwrap_or((profile, ""));
            let wholes = machine.gpus.iter().filter(|gpu| gpu.mig.is_none()).count();
            let parent = u32::try_from(wholes).unwrap_or(u32::MAX).saturating_sub(1);
            if let Some(gpu) = machine.gpus.iter_mut().rfind(|gpu| gpu.mig.is_none()) {
                gpu.cut = true;
            }
            machine.gpus.push(Printed {
                at,
                name: format!("{} MIG {}", whole.name, printable(profile)),
                uuid,
                mig: Some(Mig {
                    parent,
                    index: index.trim().trim_end_matches(':').parse().unwrap_or(0),
                    gpu_instance: None,
                    compute_instance: None,
                }),
                ..Printed::default()
            });
        }
    }
    machines
}

/// Whether a report begins at a line.
pub(super) fn begins_report(line: &str) -> bool {
    line.contains("NVSMI LOG") || line.trim() == "<nvidia_smi_log>"
}

/// A line of the XML as the report for people has it: `<product_name>Tesla T4</product_name>` is `Product Name : Tesla T4`.
fn as_printed(line: &str) -> Cow<'_, str> {
    let Some(element) = line.strip_prefix('<') else {
        return Cow::Borrowed(line);
    };
    if let Some(rest) = element.strip_prefix("gpu id=\"") {
        return Cow::Owned(format!("GPU {}", rest.trim_end_matches("\">")));
    }
    let (key, rest) = element.split_once('>').unwrap_or_default();
    let key = match key {
        "mig_device" => "MIG Device",
        "fb_memory_usage" => "FB Memory Usage",
        "product_name" => "Product Name",
        "driver_version" => "Driver Version",
        "driver_model" => "Driver Model",
        "current_dm" => "Current",
        "uuid" => "GPU UUID",
        "total" => "Total",
        "reserved" => "Reserved",
        "used" => "Used",
        "free" => "Free",
        // A heading or a pair that means nothing.
        _ => return Cow::Borrowed(if rest.is_empty() { "-" } else { "- : -" }),
    };
    match rest.split_once("</") {
        Some((value, _)) => Cow::Owned(format!("{key} : {value}")),
        None => Cow::Borrowed(key),
    }
}

/// `nvidia-smi -q`: `Key : value` under headings that are indented less.
pub(super) fn report(text: &str) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();
    let mut named: Option<&str> = None;
    let mut below = String::new();
    // How far the instance is indented that the report is at: the GPU's own memory stands behind its instances.
    let mut instance: Option<usize> = None;
    for (at, raw) in lines(text).filter(|(_, raw)| !raw.is_empty()) {
        if begins_report(raw) {
            machines.push(Machine {
                at,
                name: named.take().map(str::to_owned),
                ..Machine::default()
            });
            continue;
        }
        let line = as_printed(raw);
        let own = &text[at..];
        let indent = own.len() - own.trim_start().len();
        instance = instance.filter(|outer| indent > *outer);
        let pair = line
            .split_once(" : ")
            .map(|(key, value)| (key.trim(), value.trim()));
        let Some(machine) = machines.last_mut() else {
            named = heading(raw).or(named);
            continue;
        };
        let Some((key, value)) = pair else {
            below.clear();
            below.push_str(&line);
            if let Some(address) = line.strip_prefix("GPU ").filter(|line| line.contains(':')) {
                machine.gpus.push(Printed {
                    at,
                    pci_bus_id: Some(address.chars().take(20).collect()),
                    ..Printed::default()
                });
            } else if indent == 0 {
                // What stands in the report is indented.
                named = heading(raw).or(named);
            }
            if line == "MIG Device" {
                instance = Some(indent);
                let begun = begun(&machine.gpus, at);
                machine.gpus.extend(begun);
                if let Some(gpu) = machine.gpus.iter_mut().rfind(|gpu| gpu.mig.is_none()) {
                    gpu.cut = true;
                }
            }
            continue;
        };
        if key == "Driver Version" {
            machine.driver = version(value);
        }
        let mut gpus = machine.gpus.iter_mut();
        let Some(gpu) = gpus.rfind(|gpu| instance.is_some() || gpu.mig.is_none()) else {
            continue;
        };
        match (below.as_str(), key) {
            (_, "Product Name") => gpu.name = printable(value),
            (_, "GPU UUID" | "MIG UUID") => gpu.uuid = Some(value.to_owned()),
            ("Driver Model", "Current") => gpu.windows = value == "WDDM",
            ("FB Memory Usage", "Total") => gpu.total = mebibytes(value),
            ("FB Memory Usage", "Reserved") => gpu.reserved = mebibytes(value),
            ("FB Memory Usage", "Used") => gpu.used = mebibytes(value),
            ("FB Memory Usage", "Free") => gpu.free = mebibytes(value),
            _ => {}
        }
    }
    for gpu in machines.iter_mut().flat_map(|machine| &mut machine.gpus) {
        // `nvidia-smi -q -d MEMORY` names no card.
        if gpu.name.is_empty() {
            gpu.name.push_str("NVIDIA GPU");
        }
    }
    machines
}

/// An instance that the report comes to, of the last GPU.
fn begun(gpus: &[Printed], at: usize) -> Option<Printed> {
    let wholes = gpus.iter().filter(|gpu| gpu.mig.is_none()).count();
    let whole = gpus.iter().rfind(|gpu| gpu.mig.is_none())?;
    let parent = u32::try_from(wholes).ok()?.checked_sub(1)?;
    let before = gpus
        .iter()
        .filter(|gpu| gpu.mig.is_some_and(|mig| mig.parent == parent));
    Some(Printed {
        at,
        name: whole.name.clone(),
        pci_bus_id: whole.pci_bus_id.clone(),
        mig: Some(Mig {
            parent,
            index: u32::try_from(before.count()).ok()?,
            gpu_instance: None,
            compute_instance: None,
        }),
        ..Printed::default()
    })
}
