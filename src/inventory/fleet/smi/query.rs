//! `nvidia-smi --query-gpu=.. --format=csv`, with any columns in any order, with or without header and units.

use super::{File, Machine, Printed, cells, heading, lines, mebibytes, printable, version};
use crate::error::Fault;
use crate::inventory::{Note, NoteCode};
use crate::units::Bytes;

/// The columns that are read, by their place.
#[derive(Default)]
struct Columns {
    name: Option<usize>,
    uuid: Option<usize>,
    driver: Option<usize>,
    total: Option<usize>,
    reserved: Option<usize>,
    used: Option<usize>,
    free: Option<usize>,
    compute_capability: Option<usize>,
    pci_bus_id: Option<usize>,
}

/// What a file without a header must show.
const NEEDED: &str = "name, memory.total, memory.used (nvidia-smi --format=csv)";

pub(super) fn read(file: &mut File<'_, '_>) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();
    let mut columns: Option<Columns> = None;
    let mut named: Option<&str> = None;
    for (at, line) in lines(file.text) {
        let cells = cells(line);
        if cells.len() < 2 {
            named = heading(line).or(named);
            continue;
        }
        if let Some(titled) = titled(&cells) {
            columns = Some(titled);
            if named.is_some() || machines.is_empty() {
                machines.push(begun(at, &mut named));
            }
            continue;
        }
        if named.is_some() || machines.is_empty() {
            machines.push(begun(at, &mut named));
        }
        if columns.is_none() {
            let guessed = guessed(&cells, file);
            if guessed.total.is_none() || guessed.name.is_none() {
                if !file.is_known_by_sign() {
                    file.fault(at, Fault::Missing(NEEDED));
                }
                return Vec::new();
            }
            if guessed.used.is_some() {
                let note = Note::new(
                    NoteCode::ColumnsAssumed,
                    Some(file.path.display().to_string()),
                    None,
                );
                file.say(vec![note]);
            }
            columns = Some(guessed);
        }
        if let (Some(columns), Some(machine)) = (&columns, machines.last_mut()) {
            match row(at, &cells, columns) {
                Some((gpu, driver)) => {
                    machine.driver = machine.driver.take().or(driver);
                    // `nvidia-smi -l` tells the same cards again and again.
                    let same = |one: &&mut Printed| {
                        let is = |a: &Option<String>, b| a.is_some() && a == b;
                        is(&one.uuid, &gpu.uuid) || is(&one.pci_bus_id, &gpu.pci_bus_id)
                    };
                    match machine.gpus.iter_mut().find(same) {
                        Some(known) => *known = gpu,
                        None => machine.gpus.push(gpu),
                    }
                }
                None => file.fault(at, Fault::Missing(NEEDED)),
            }
        }
    }
    machines
}

fn begun(at: usize, named: &mut Option<&str>) -> Machine {
    Machine {
        at,
        name: named.take().map(str::to_owned),
        ..Machine::default()
    }
}

/// The columns of a header; none if the line is none.
fn titled(cells: &[&str]) -> Option<Columns> {
    let mut columns = Columns::default();
    for (at, cell) in cells.iter().enumerate() {
        let title = cell.split(' ').next().unwrap_or_default();
        let column = match title {
            "name" | "gpu_name" => &mut columns.name,
            "uuid" | "gpu_uuid" => &mut columns.uuid,
            "driver_version" => &mut columns.driver,
            "memory.total" => &mut columns.total,
            "memory.reserved" => &mut columns.reserved,
            "memory.used" => &mut columns.used,
            "memory.free" => &mut columns.free,
            "compute_cap" => &mut columns.compute_capability,
            "pci.bus_id" | "gpu_bus_id" => &mut columns.pci_bus_id,
            _ => continue,
        };
        *column = Some(at);
    }
    columns.name.map(|_| columns)
}

/// The columns of a line without a header, by what stands there: of two sizes that make up the total the first is what is used, as `nvidia-smi`
/// lists them. Without a total where other numbers stand that nobody can tell apart.
fn guessed(cells: &[&str], file: &File<'_, '_>) -> Columns {
    let find = |test: &dyn Fn(&str) -> bool| cells.iter().position(|cell| test(cell));
    let known = (0..cells.len())
        .filter(|at| may_name(cells[*at]) && file.known.device(cells[*at], None).is_some())
        .max_by_key(|at| cells[*at].len());
    let with_units = cells.iter().any(|cell| cell.ends_with("MiB"));
    let size = |cell: &str| mebibytes(cell).filter(|_| !with_units || cell.ends_with("MiB"));
    let sizes = (0..cells.len()).filter_map(|at| Some((at, size(cells[at])?)));
    // The first number is the GPU's own, if it is small.
    let sizes: Vec<(usize, Bytes)> = sizes
        .filter(|(at, size)| with_units || *at > 0 || *size >= Bytes::gib(1))
        .collect();
    let total = sizes.iter().rev().max_by_key(|(_, size)| *size).copied();
    let total = total.filter(|(_, size)| *size >= Bytes::gib(1));
    let others = sizes.iter().filter(|one| Some(**one) != total);
    let others: Vec<(usize, Bytes)> = others.copied().collect();
    let pair = total.and_then(|(_, whole)| {
        let makes_up = |sum: Bytes| sum <= whole && sum + Bytes::gib(2) >= whole;
        let pairs = (0..others.len()).flat_map(|n| (n + 1..others.len()).map(move |m| (n, m)));
        let mut pairs = pairs.map(|(n, m)| (others[n], others[m]));
        pairs.find(|(one, other)| makes_up(one.1 + other.1))
    });
    let (used, free, clear) = match (pair, &others[..]) {
        (Some((used, free)), _) => (Some(used.0), Some(free.0), true),
        (None, []) => (None, None, true),
        (None, [(used, _)]) => (Some(*used), None, true),
        (None, _) => (None, None, false),
    };
    Columns {
        name: known.or_else(|| find(&may_name)),
        uuid: find(&|cell| cell.starts_with("GPU-")),
        driver: find(&|cell| version(cell).is_some_and(|text| text.len() >= 6)),
        total: total.filter(|_| clear).map(|(at, _)| at),
        used,
        free,
        ..Columns::default()
    }
}

/// Whether a cell may be a card's name rather than a UUID, an address, a size or a state.
fn may_name(cell: &str) -> bool {
    let letters = cell.chars().filter(char::is_ascii_alphabetic).count();
    let other = cell.starts_with("GPU-") || cell.starts_with('[') || cell.ends_with("MiB");
    letters > 0 && !other && !cell.contains(':') && (letters >= 4 || cell.contains(' '))
}

/// A GPU and its driver; none where the line has no name.
fn row(at: usize, cells: &[&str], columns: &Columns) -> Option<(Printed, Option<String>)> {
    let cell = |column: Option<usize>| column.and_then(|at| cells.get(at)).copied();
    let size = |column| cell(column).and_then(mebibytes);
    let name = printable(cell(columns.name).filter(|name| !name.is_empty())?);
    let capability = cell(columns.compute_capability).and_then(|text| {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    let printed = Printed {
        at,
        name,
        uuid: cell(columns.uuid).map(str::to_owned),
        total: size(columns.total),
        reserved: size(columns.reserved),
        used: size(columns.used),
        free: size(columns.free),
        compute_capability: capability,
        pci_bus_id: cell(columns.pci_bus_id)
            .filter(|text| text.contains(':') && text.len() <= 20)
            .map(str::to_owned),
        ..Printed::default()
    };
    Some((printed, cell(columns.driver).and_then(version)))
}
