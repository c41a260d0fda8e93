//! Hardware that a person describes: `--gpu` and `--vram`.
//!
//! ```text
//! --gpu   = TERM { ("+" | ",") TERM }
//! TERM    = CARD | CARD [" "] ("x" | "*") COUNT | COUNT ("x" | "*") CARD
//! CARD    = NAME [SIZE] | LINE
//! --vram  = SIZE [ ("x" | "*") COUNT ] { "+" SIZE [ ("x" | "*") COUNT ] }
//! ```
//!
//! Names contain an x and end in digits ("RX 7900 XTX", "GTX 1080"), so a term is read in every way that the grammar
//! allows, and the catalog decides: the term as a whole first, then the reading with the smallest count. A size behind a name that is known
//! without it is a card whose memory was changed ("RTX 2080 Ti 22GB"). A line is one that a program prints of a GPU (`device_line`). A plus may be a part of a name, too ("Ryzen AI Max+ 395").
//! A card offers what such a card offers: its driver's total, and of that what CUDA gives.

pub(super) mod device_line;
mod term;

use super::{Activity, Gpu, Host, HostMemory, Mig, Note, NoteCode};
use crate::catalog::Catalog;
use crate::catalog::gpu::{GpuSpec, MemoryBasis, Vendor};
use crate::catalog::gpu_name;
use crate::error::{Error, ExpectedFormat};
use crate::units::Bytes;
use term::Resolver;

/// The most GPUs that one description may have.
pub const MOST_GPUS: u32 = 1024;
/// The most memory that a GPU is believed to have.
pub const MOST_MEMORY: Bytes = Bytes::gib(16 << 10);

/// A described GPU, before it has a place on a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Its name in the catalog, or as the person or a program called it.
    pub name: String,
    /// Its maker, by whose runtime engines use it.
    pub vendor: Vendor,
    /// What its driver shows of its memory, in bytes.
    pub memory: Bytes,
    /// What of it no program gets; the rest is free.
    pub reserved: Bytes,
    /// What of it programs use already.
    pub used: Bytes,
    /// How well both are known, where nobody told them.
    pub basis: Option<MemoryBasis>,
    /// Whether a part of its memory corrects errors.
    pub ecc: bool,
    /// Whether it is a MIG instance, which a process cannot use beside others.
    pub partition: bool,
    /// What was assumed about it.
    pub notes: Vec<Note>,
    /// Whether it shares the host's memory.
    pub unified: bool,
    /// Memory bandwidth in 10^9 bytes a second.
    pub bandwidth: Option<f64>,
    /// CUDA's compute capability as major and minor, such as (8, 6).
    pub compute_capability: Option<(u32, u32)>,
}

impl Card {
    /// A GPU of the catalog.
    pub fn from_spec(spec: &GpuSpec) -> Self {
        Self {
            name: spec.name.to_string(),
            vendor: spec.vendor,
            memory: spec.offered.total,
            reserved: spec.offered.reserved,
            used: Bytes::ZERO,
            basis: Some(spec.offered.basis),
            ecc: spec.ecc,
            partition: gpu_name::part(&spec.name).is_some_and(|part| part.mig),
            notes: assumed(spec).into_iter().collect(),
            unified: spec.unified,
            bandwidth: spec.bandwidth,
            compute_capability: spec.compute_capability,
        }
    }

    /// A GPU of the catalog of which nothing but a name is told, which others may bear.
    pub(super) fn told_by_name(name: &str, spec: &GpuSpec, catalog: &Catalog) -> Self {
        let mut card = Self::from_spec(spec);
        card.notes.extend(ambiguous(name, spec, catalog));
        card
    }

    /// The same card where its driver's total is told: of that it keeps what such cards keep.
    pub fn with_total(self, total: Bytes) -> Self {
        Self {
            memory: total,
            reserved: self.reserved.min(total.scale(1, 2)),
            basis: None,
            ecc: false,
            notes: Vec::new(),
            ..self
        }
    }

    /// A GPU of which only the memory is known.
    pub fn of_memory(memory: Bytes) -> Self {
        let gib = Bytes::gib(1).0;
        let size = if memory.0.is_multiple_of(gib) {
            format!("{} GiB", memory.0 / gib)
        } else {
            memory.to_string()
        };
        Self {
            name: format!("GPU {size}"),
            vendor: Vendor::Nvidia,
            memory,
            reserved: Bytes::ZERO,
            used: Bytes::ZERO,
            basis: None,
            ecc: false,
            partition: false,
            notes: Vec::new(),
            unified: false,
            bandwidth: None,
            compute_capability: None,
        }
    }

    /// The card in a machine: `host` and `index` make its UUID.
    pub fn placed(self, host: usize, index: u32) -> Gpu {
        Gpu {
            index,
            uuid: Some(uuid(host, index)),
            name: self.name,
            vendor: self.vendor,
            total: self.memory,
            reserved: self.reserved,
            used: self.used,
            basis: self.basis,
            ecc: self.ecc,
            unified: self.unified,
            processes: Vec::new(),
            bandwidth: self.bandwidth,
            compute_capability: self.compute_capability,
            pci_bus_id: None,
            activity: Activity::default(),
            mig: self.partition.then_some(Mig {
                parent: index,
                index: 0,
                gpu_instance: None,
                compute_instance: None,
            }),
        }
    }
}

/// What is assumed about the memory that a GPU shares with its machine.
fn assumed(spec: &GpuSpec) -> Option<Note> {
    let code = match spec.vendor {
        _ if !spec.unified || spec.offered.free() == spec.memory => return None,
        Vendor::Apple => NoteCode::WorkingSetAssumed,
        Vendor::Amd => NoteCode::GttAssumed,
        Vendor::Nvidia | Vendor::Intel => NoteCode::SystemShareAssumed,
    };
    let detail = format!("{} / {}", spec.offered.free(), spec.memory);
    Some(Note::new(code, Some(spec.name.to_string()), Some(detail)))
}

/// What was assumed about cards, each once.
pub fn notes(cards: &[Card]) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for note in cards.iter().flat_map(|card| &card.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    notes
}

/// That a name is borne by other cards, too.
fn ambiguous(name: &str, spec: &GpuSpec, catalog: &Catalog) -> Option<Note> {
    let others = catalog.namesakes(name, spec);
    let mut names: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
    names.dedup();
    let namesakes = format!("{} = {}; {}", name.trim(), spec.name, names.join(", "));
    (!names.is_empty()).then(|| Note::new(NoteCode::NameAmbiguous, Some(namesakes), None))
}

/// How the UUIDs of described GPUs begin; no driver gives such ones.
pub(super) const UUID_PREFIX: &str = "GPU-00000000-0000-0000-";

/// Whether a text names a GPU that was only described.
pub fn is_described(text: &str) -> bool {
    text.contains(UUID_PREFIX)
}

/// The UUID of a described GPU.
pub(super) fn uuid(host: usize, index: u32) -> String {
    format!("{UUID_PREFIX}{host:04}-{index:012}")
}

/// A machine of described cards, the first of an inventory.
pub fn host(name: &str, cards: Vec<Card>, memory: Option<HostMemory>) -> Host {
    let gpus = (0..).zip(cards).map(|(index, card)| card.placed(0, index));
    Host {
        name: name.to_owned(),
        gpus: gpus.collect(),
        memory,
        listen: None,
        driver: None,
    }
}

/// Memory of which nothing is taken.
pub fn memory(size: Bytes) -> HostMemory {
    HostMemory {
        total: size,
        available: size,
    }
}

/// The cards of a `--gpu`; `ram` is the memory of their machine, which some share.
///
/// # Errors
///
/// [`Error::UnknownGpu`] with the names that may have been meant, or [`Error::BadValue`] where a name is missing or the
/// count is none from 1 to [`MOST_GPUS`].
pub fn cards(
    argument: &str,
    text: &str,
    catalog: &Catalog,
    ram: Option<Bytes>,
) -> Result<Vec<Card>, Error> {
    let bad = || Error::BadValue {
        argument: argument.to_owned(),
        value: text.chars().take(MOST_SHOWN).collect(),
        form: ExpectedFormat::GpuSpec,
    };
    if text.len() > MOST_TEXT {
        return Err(bad());
    }
    let resolver = Resolver { catalog, ram };
    let found = terms(&resolver, text, &bad);
    // A comma is a part of some names, "M3 Ultra (80 GPU cores, 512 GB)", and else stands between cards.
    match found {
        Err(Error::UnknownGpu { .. }) if text.contains(COMMAS) => {
            terms(&resolver, &text.replace(COMMAS, "+"), &bad)
        }
        found => found,
    }
}

const COMMAS: [char; 3] = [',', '，', '、'];

/// The cards of terms that plus signs part.
fn terms(resolver: &Resolver<'_>, text: &str, bad: &dyn Fn() -> Error) -> Result<Vec<Card>, Error> {
    let pieces: Vec<&str> = text.split('+').collect();
    let mut cards = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        // "Ryzen AI Max+ 395" and "MIG 1g.24gb+gfx" have one plus of their own.
        let joined = pieces.get(at..at + 2).map(|two| two.join("+"));
        let whole = joined.and_then(|two| resolver.resolve(two.trim()).ok());
        let (card, count) = match whole {
            Some(found) => {
                at += 2;
                found
            }
            None => {
                let term = pieces[at].trim();
                if term.is_empty() {
                    return Err(bad());
                }
                at += 1;
                resolver.resolve(term)?
            }
        };
        let count = count
            .filter(|n| (1..=MOST_GPUS).contains(n))
            .ok_or_else(bad)?;
        if cards.len() + count as usize > MOST_GPUS as usize {
            return Err(bad());
        }
        cards.extend(std::iter::repeat_n(card, count as usize));
    }
    Ok(cards)
}

/// What stands between a card and its count.
const TIMES: [char; 4] = ['x', 'X', '*', '×'];

/// The longest description that is read, and how much of one is shown.
const MOST_TEXT: usize = 16 << 10;
const MOST_SHOWN: usize = 80;

/// The cards of a `--vram`.
///
/// # Errors
///
/// [`Error::BadValue`] where a size is none above zero and up to [`MOST_MEMORY`], or the count none from 1 to
/// [`MOST_GPUS`].
pub fn vram(argument: &str, text: &str) -> Result<Vec<Card>, Error> {
    let bad = || Error::BadValue {
        argument: argument.to_owned(),
        value: text.to_owned(),
        form: ExpectedFormat::Vram,
    };
    let mut cards = Vec::new();
    // A comma may part an amount's decimals.
    for term in text.split('+') {
        let (size, count) = match term.split_once(TIMES) {
            Some((size, count)) => (size, count.trim().parse().ok()),
            None => (term, Some(1)),
        };
        let size = (size.trim().parse().ok())
            .filter(|bytes| (Bytes(1)..=MOST_MEMORY).contains(bytes))
            .ok_or_else(bad)?;
        let count: u32 = count
            .filter(|n| (1..=MOST_GPUS).contains(n))
            .ok_or_else(bad)?;
        if cards.len() + count as usize > MOST_GPUS as usize {
            return Err(bad());
        }
        cards.extend(vec![Card::of_memory(size); count as usize]);
    }
    Ok(cards)
}
