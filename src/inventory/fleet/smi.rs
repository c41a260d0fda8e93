//! What `nvidia-smi`, `rocm-smi`, `amd-smi` and `gpustat` print, of one machine or of several one after another: the table, `-L`, `-q`, `-q -x`, and the
//! CSV of `--query-gpu`; and what Ollama and llama.cpp tell of GPUs when they start.
//!
//! A line that is a machine's name and nothing else, such as `rack1`, `== rack1 ==` or `rack1 | CHANGED | rc=0 >>`, names what follows; a machine
//! without one is called like its file.

mod engine;
mod gpustat;
mod list;
mod query;
mod rocm;
mod table;

use super::{File, Placed, is_host_name, name_of, number_gpus};
use crate::catalog::gpu::Vendor;
use crate::error::{Fault, FleetFault};
use crate::inventory::simulated::{Card, MOST_MEMORY};
use crate::inventory::{Gpu, Host, LOCALHOST, Mig, Note, NoteCode};
use crate::units::Bytes;

/// Which program printed a text, and how it was asked.
#[derive(Clone, Copy)]
pub(super) enum SmiFormat {
    Table,
    List,
    Query,
    Report,
    Rocm,
    Gpustat,
    Engine,
}

impl SmiFormat {
    /// The form of a text; none if it is another program's.
    pub(super) fn detect(text: &str) -> Option<Self> {
        if gpustat::is_theirs(text) {
            return Some(Self::Gpustat);
        }
        if text.trim_start().starts_with(['{', '[']) {
            return rocm::is_theirs(text).then_some(Self::Rocm);
        }
        if rocm::is_theirs(text) {
            return Some(Self::Rocm);
        }
        if engine::is_theirs(text) {
            return Some(Self::Engine);
        }
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.find(|line| heading(line).is_none())?;
        if text.lines().any(list::begins_report) {
            return Some(Self::Report);
        }
        let banner = |line: &str| line.trim_start().starts_with('|') && line.contains("NVIDIA-SMI");
        if text.lines().any(banner) {
            return Some(Self::Table);
        }
        if first.starts_with("GPU ") && first.contains("UUID:") {
            return Some(Self::List);
        }
        let may = first.contains(',') && !first.contains('=') && !first.starts_with(['[', '#']);
        let titled = |cell: &&str| cell.starts_with("memory.total");
        (may || cells(first).iter().any(titled)).then_some(Self::Query)
    }
}

/// A machine as it was printed, and where.
#[derive(Default)]
struct Machine {
    at: usize,
    name: Option<String>,
    driver: Option<String>,
    gpus: Vec<Printed>,
}

/// A GPU or a MIG instance as it was printed; sizes that were not are absent.
#[derive(Clone, Default)]
struct Printed {
    at: usize,
    name: String,
    /// Who made it, where the program tells.
    vendor: Option<Vendor>,
    uuid: Option<String>,
    total: Option<Bytes>,
    reserved: Option<Bytes>,
    used: Option<Bytes>,
    free: Option<Bytes>,
    compute_capability: Option<(u32, u32)>,
    pci_bus_id: Option<String>,
    /// Multiprocessors of a MIG instance; absent for whole GPUs.
    multiprocessors: Option<u32>,
    /// Whether it is cut into MIG instances, which stand behind it.
    cut: bool,
    /// Whether Windows shares it out (WDDM).
    windows: bool,
    mig: Option<Mig>,
}

impl File<'_, '_> {
    pub(super) fn smi(&mut self, form: SmiFormat) -> Vec<Placed> {
        let machines = match form {
            SmiFormat::Table => table::read(self.text),
            SmiFormat::List => list::read(self.text),
            SmiFormat::Report => list::report(self.text),
            SmiFormat::Query => query::read(self),
            SmiFormat::Rocm => rocm::read(self),
            SmiFormat::Gpustat => gpustat::read(self.text),
            SmiFormat::Engine => engine::read(self.text),
        };
        let mut unnamed = 0;
        let mut hosts = Vec::new();
        for machine in machines {
            let name = machine.name.unwrap_or_else(|| {
                unnamed += 1;
                let name = name_of(self.path, LOCALHOST.to_owned());
                match unnamed {
                    1 => name,
                    number => format!("{name}-{number}"),
                }
            });
            let mut gpus = Vec::new();
            for (number, printed) in machine.gpus.iter().enumerate() {
                let instances = machine.gpus.get(number + 1);
                if printed.cut && instances.is_none_or(|next| next.mig.is_none()) {
                    let subject = format!("{name} {}", printed.name);
                    let note = Note::new(NoteCode::MigWithoutInstances, Some(subject), None);
                    self.say(vec![note]);
                }
                if !printed.cut && self.admit(printed.at, 1) {
                    gpus.extend(self.printed(printed, &machine.gpus));
                }
            }
            number_gpus(&mut gpus, self.first + hosts.len());
            let host = Host {
                name,
                gpus,
                memory: None,
                listen: None,
                driver: machine.driver,
            };
            hosts.push((machine.at, host));
        }
        if hosts.iter().all(|(_, host)| host.gpus.is_empty()) && self.defects.is_empty() {
            let missing = match form {
                SmiFormat::Rocm => "Card Series (rocm-smi --showproductname --showmeminfo vram)",
                SmiFormat::Engine => "GPU (the log's library=cpu is none)",
                _ => "GPU (nvidia-smi)",
            };
            self.fault(0, Fault::Missing(missing));
        }
        hosts
    }

    /// The card of a line, with what the driver says of its memory.
    fn printed(&mut self, printed: &Printed, all: &[Printed]) -> Option<Gpu> {
        let whole = printed.mig.and_then(|mig| {
            let mut wholes = all.iter().filter(|gpu| gpu.mig.is_none());
            wholes.nth(mig.parent as usize)
        });
        let name = self.name_of(printed, whole);
        let total = printed.total;
        if total.is_some_and(|total| total > MOST_MEMORY || total == Bytes::ZERO) {
            self.fault(printed.at, Fault::Implausible("memory.total"));
            return None;
        }
        let card = match (self.known.device(&name, total), total) {
            // How much of the machine's memory its GPU sees does not tell how much the machine has.
            (Some(spec), Some(total)) if spec.unified => Card {
                name,
                ..Card::from_spec(&spec).with_total(total)
            },
            (Some(spec), Some(total)) => Card::from_spec(&spec).with_total(total),
            (Some(spec), None) => self.known.named(&name, &spec),
            (None, Some(total)) => match self.cut_short(&name, total) {
                Some(card) => card.with_total(total),
                None => {
                    let subject = Some(name.clone());
                    self.say(vec![Note::new(NoteCode::NameUnknown, subject, None)]);
                    let card = Card::of_memory(total);
                    Card {
                        name,
                        vendor: printed.vendor.unwrap_or(card.vendor),
                        ..card
                    }
                }
            },
            (None, None) => {
                let candidates = self.catalog.similar_gpus(&name);
                let fault = FleetFault::UnknownGpu { name, candidates };
                self.fault(printed.at, Fault::Fleet(fault));
                return None;
            }
        };
        self.say(card.notes.clone());
        let mut gpu = card.placed(self.first, 0);
        let sum = printed.used.unwrap_or_default() + printed.free.unwrap_or_default();
        if sum + printed.reserved.unwrap_or_default() > gpu.total + Bytes::mib(2) {
            self.fault(printed.at, Fault::Implausible("memory.used"));
        }
        gpu.reserved = match (printed.reserved, printed.used, printed.free) {
            (Some(reserved), ..) => reserved,
            // What is neither used nor free is reserved; drivers before 510 count it as used.
            (None, Some(_), Some(_)) => gpu.total - sum,
            (None, Some(used), None) => gpu.reserved.min(gpu.total - used),
            (None, None, Some(free)) => gpu.reserved.min(gpu.total - free),
            (None, None, None) => gpu.reserved,
        };
        if printed.windows {
            let kept = self.catalog.knowledge.gpu_rules.on_windows(gpu.total);
            let used = printed.used.unwrap_or_default();
            gpu.reserved = gpu.reserved.max(kept - used).min(gpu.total - used);
        }
        gpu.used = match (printed.used, printed.free) {
            (Some(used), _) => used.min(gpu.total - gpu.reserved),
            (None, Some(free)) => gpu.total - gpu.reserved - free,
            (None, None) => Bytes::ZERO,
        };
        // An empty UUID is one that is to be made up.
        let uuid = printed.uuid.clone().filter(|uuid| super::is_uuid(uuid));
        gpu.uuid = uuid.or(Some(String::new()));
        gpu.compute_capability = printed.compute_capability.or(gpu.compute_capability);
        gpu.pci_bus_id.clone_from(&printed.pci_bus_id);
        gpu.mig = printed.mig.or(gpu.mig);
        Some(gpu)
    }

    /// Its name, an instance's with its profile; the table does not print that, so it is the one whose memory is nearest.
    fn name_of(&self, printed: &Printed, whole: Option<&Printed>) -> String {
        let (Some(total), Some(whole)) = (printed.total, whole) else {
            return printed.name.clone();
        };
        let Some(spec) = self.known.device(&whole.name, whole.total) else {
            return printed.name.clone();
        };
        let differs = |mib: u64| Bytes::mib(mib).0.abs_diff(total.0);
        // Of profiles with the same memory the one with so many of seven parts of the multiprocessors.
        let sevenths = spec.multiprocessors.zip(printed.multiprocessors);
        let sevenths = sevenths.map_or(1, |(whole, own)| (own * 7 + whole / 2) / whole.max(1));
        let slices = |profile: &str| profile.split('g').next()?.parse().ok();
        let nearest = spec.mig.iter().min_by_key(|(profile, mib)| {
            let slices: u32 = slices(profile).unwrap_or(u32::MAX);
            (differs(*mib), slices.abs_diff(sevenths))
        });
        let read = nearest.filter(|(_, mib)| differs(*mib) <= total.0 / 32);
        let profile = read
            .map(|(profile, _)| profile.to_string())
            .unwrap_or_else(|| {
                // Memory is cut into eighths, multiprocessors into sevenths; the most usual profile of each.
                let whole = spec.memory.0.max(1);
                let eighths = total.0.saturating_mul(8).div_ceil(whole).clamp(1, 8);
                let slices = match eighths {
                    8 => 7,
                    4.. => 3,
                    few => few,
                };
                let gigabytes = (whole * eighths).div_ceil(8 << 30);
                format!("{slices}g.{gigabytes}gb")
            });
        format!("{} MIG {profile}", spec.name)
    }

    /// The card of a name that the table cut, `NVIDIA GeForce RTX 3050 ...`, where only one of that memory begins so.
    fn cut_short(&self, name: &str, total: Bytes) -> Option<Card> {
        let begin = crate::catalog::gpu_name::normalised(name.strip_suffix("...")?);
        let near = |bytes: Bytes| bytes.0.abs_diff(total.0) <= total.0 / 32;
        let mut found = self.catalog.gpus.iter().filter(|spec| {
            let mut keys = spec.typed.iter().chain(spec.printed.iter());
            near(spec.offered.total) && keys.any(|key| key.starts_with(&begin))
        });
        let card = found.next().filter(|_| !begin.is_empty())?;
        found.next().is_none().then(|| Card::from_spec(card))
    }
}

/// Lines with the byte at which each begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |next, line| {
        let at = *next;
        *next += line.len();
        Some((at, line.trim()))
    })
}

/// The cells of a line. A spreadsheet puts names in quotes, and where the comma parts decimals a semicolon between cells.
fn cells(line: &str) -> Vec<&str> {
    let parts = [',', ';', '\t'];
    let part = parts.into_iter().find(|part| line.contains(*part));
    let mut quoted = false;
    let cells = line.split(|c: char| {
        quoted ^= c == '"';
        !quoted && Some(c) == part
    });
    cells
        .map(|cell| cell.trim().trim_matches('"').trim())
        .collect()
}

/// The machine that a line names, if it does nothing else.
fn heading(line: &str) -> Option<&str> {
    let decorated = |c: char| c.is_whitespace() || "=#-*>[]:".contains(c);
    let line = line.split(" | ").next().unwrap_or(line);
    let name = line.trim_matches(decorated);
    (is_host_name(name) && name.contains(|c: char| c.is_ascii_alphabetic())).then_some(name)
}

/// `12288 MiB`, `12288MiB` or `12288`; none for `[N/A]`, `Not Supported` and the like.
fn mebibytes(text: &str) -> Option<Bytes> {
    let number = text.trim().trim_end_matches("MiB").trim_end();
    let mib: u64 = number.parse().ok()?;
    Some(Bytes::mib(mib.min(MOST_MEMORY.0)))
}

/// A driver's version, such as `570.124.06`.
fn version(text: &str) -> Option<String> {
    let text = text.trim();
    let numbers = text.split('.').collect::<Vec<_>>();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plausible = (2..=4).contains(&numbers.len()) && text.len() <= 20;
    (plausible && numbers.iter().all(digits)).then(|| text.to_owned())
}

/// A name without what no terminal should be shown.
fn printable(name: &str) -> String {
    let shown = name.trim().chars().filter(|c| !c.is_control());
    shown.take(80).collect()
}
