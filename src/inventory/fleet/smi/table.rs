//! The plain table, as drivers from 390 to 610 print it.
//!
//! A GPU's name stands in one line and its memory in the next; instances follow in a table of their own.

use super::{Machine, Printed, heading, lines, mebibytes, printable, version};
use crate::inventory::Mig;
use crate::units::Bytes;

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Gpus,
    Instances,
    Programs,
}

pub(super) fn read(text: &str) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();
    let mut named: Option<&str> = None;
    let mut part = Part::Programs;
    for (at, line) in lines(text) {
        if line.starts_with('|') && line.contains("NVIDIA-SMI") {
            part = Part::Gpus;
            machines.push(Machine {
                at,
                name: named.take().map(str::to_owned),
                driver: driver(line),
                gpus: Vec::new(),
            });
            continue;
        }
        if !line.starts_with(['|', '+']) {
            named = heading(line).or(named);
            continue;
        }
        let Some(machine) = machines.last_mut() else {
            continue;
        };
        if line.contains("MIG devices:") {
            part = Part::Instances;
        } else if line.contains("Processes:") {
            part = Part::Programs;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match part {
            Part::Gpus => gpu(machine, at, &cells),
            Part::Instances => machine.gpus.extend(instance(&machine.gpus, at, &cells)),
            Part::Programs => {}
        }
    }
    for machine in &mut machines {
        machine.gpus = with_instances(std::mem::take(&mut machine.gpus));
    }
    machines
}

/// `Driver Version: 570.124.06`, which newer ones call `KMD Version`; `nvidia-smi` in WSL is of another version.
fn driver(banner: &str) -> Option<String> {
    let labels = ["Driver Version:", "KMD Version:"];
    let rest = labels.iter().find_map(|label| banner.split_once(label));
    version(rest?.1.split_whitespace().next()?)
}

/// Takes in a line of the first table.
fn gpu(machine: &mut Machine, at: usize, cells: &[&str]) {
    if let Some((name, mode)) = cells.first().and_then(|cell| name(cell)) {
        let address = cells
            .get(1)
            .and_then(|cell| cell.split_whitespace().next())
            .filter(|address| address.contains(':') && address.len() <= 20);
        machine.gpus.push(Printed {
            at,
            name: printable(name),
            pci_bus_id: address.map(str::to_owned),
            windows: mode == "WDDM",
            ..Printed::default()
        });
        return;
    }
    let Some(gpu) = machine.gpus.last_mut() else {
        return;
    };
    if let Some((used, total)) = cells.iter().find_map(|cell| memory(cell)) {
        (gpu.used, gpu.total) = (Some(used), Some(total));
    } else if cells.first().is_some_and(|cell| cell.is_empty())
        && cells.last().is_some_and(|cell| cell.starts_with("Enabled"))
    {
        gpu.cut = true;
    }
}

/// `0  NVIDIA GeForce RTX 3090        Off`: the name, and the last word, which is persistence or the driver's model.
fn name(cell: &str) -> Option<(&str, &str)> {
    let (index, rest) = cell.split_once(' ')?;
    index.parse::<u32>().ok()?;
    let (name, mode) = rest.trim().rsplit_once(' ')?;
    let modes = ["Off", "On", "WDDM", "TCC", "MCDM", "N/A"];
    let is_name = name.contains(|c: char| c.is_ascii_alphabetic());
    (modes.contains(&mode) && is_name).then(|| (name.trim(), mode))
}

/// Used and total memory of a cell such as `1234MiB / 24576MiB`.
fn memory(cell: &str) -> Option<(Bytes, Bytes)> {
    let (used, total) = cell.split_once('/')?;
    let sizes = used.trim().ends_with("MiB") && total.trim().ends_with("MiB");
    sizes.then(|| Some((mebibytes(used)?, mebibytes(total)?)))?
}

/// `0    1   0   0  |     10MiB / 20224MiB`: the numbers of GPU, GPU instance, compute instance and device.
fn instance(gpus: &[Printed], at: usize, cells: &[&str]) -> Option<Printed> {
    let numbers: Vec<u32> = cells
        .first()?
        .split_whitespace()
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let [parent, gpu_instance, compute_instance, index] = numbers[..] else {
        return None;
    };
    let (used, total) = cells.iter().find_map(|cell| memory(cell))?;
    let whole = gpus
        .iter()
        .filter(|gpu| gpu.mig.is_none())
        .nth(parent as usize);
    Some(Printed {
        at,
        name: whole.map(|whole| whole.name.clone()).unwrap_or_default(),
        used: Some(used),
        total: Some(total),
        multiprocessors: cells
            .get(2)
            .and_then(|cell| cell.split_whitespace().next()?.parse().ok())
            .filter(|count| *count <= 4096),
        pci_bus_id: whole.and_then(|whole| whole.pci_bus_id.clone()),
        mig: Some(Mig {
            parent,
            index,
            gpu_instance: Some(gpu_instance),
            compute_instance: Some(compute_instance),
        }),
        ..Printed::default()
    })
}

/// Instances behind the GPUs that they are cut from; `parent` becomes the place of that GPU in the list.
fn with_instances(printed: Vec<Printed>) -> Vec<Printed> {
    let (instances, gpus): (Vec<Printed>, Vec<Printed>) =
        printed.into_iter().partition(|gpu| gpu.mig.is_some());
    let mut ordered = Vec::new();
    for (number, gpu) in (0_u32..).zip(gpus) {
        ordered.push(gpu);
        let own = |one: &&Printed| one.mig.is_some_and(|mig| mig.parent == number);
        ordered.extend(instances.iter().filter(own).cloned());
    }
    ordered
}
