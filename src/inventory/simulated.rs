//! Hardware that a person describes: `--gpu` and `--vram`.
//!
//! ```text
//! --gpu   = TERM { "+" TERM }
//! TERM    = CARD | CARD [" "] ("x" | "*") COUNT | COUNT ("x" | "*") CARD
//! CARD    = NAME [SIZE]
//! --vram  = SIZE [ ("x" | "*") COUNT ]
//! ```
//!
//! Names contain an x and end in digits ("RX 7900 XTX", "GTX 1080"), so a term is read in every way that the grammar
//! allows, and the catalog decides: the term as a whole first, then the reading with the smallest count. A size behind a name that is known
//! without it is a card whose memory was changed ("RTX 2080 Ti 22GB").

use super::{Activity, Gpu, Host, HostMemory};
use crate::catalog::Catalog;
use crate::catalog::gpu::{GpuSpec, Vendor};
use crate::error::{Error, Form};
use crate::units::Bytes;

/// The most GPUs that one description may have.
pub const MOST_GPUS: u32 = 1024;
/// The most memory that a GPU is believed to have.
pub const MOST_MEMORY: Bytes = Bytes::gib(16 << 10);

/// A described GPU, before it has a place on a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Its name.
    pub name: String,
    /// Its maker.
    pub vendor: Vendor,
    /// Its memory, in bytes.
    pub memory: Bytes,
    /// What of it the system keeps; the rest is free.
    pub reserved: Bytes,
    /// Whether it shares the host's memory.
    pub unified: bool,
    /// Memory bandwidth in 10^9 bytes a second.
    pub bandwidth: Option<f64>,
    /// CUDA's compute capability.
    pub compute_capability: Option<(u32, u32)>,
}

impl Card {
    /// A GPU of the catalog.
    pub fn of(spec: &GpuSpec) -> Self {
        Self {
            name: spec.name.clone(),
            vendor: spec.vendor,
            memory: spec.memory,
            reserved: match spec.vendor {
                Vendor::Apple => spec.memory - metal_working_set(spec.memory),
                _ => Bytes::ZERO,
            },
            unified: spec.unified,
            bandwidth: spec.bandwidth,
            compute_capability: spec.compute_capability,
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
            used: Bytes::ZERO,
            unified: self.unified,
            processes: Vec::new(),
            bandwidth: self.bandwidth,
            compute_capability: self.compute_capability,
            pci_bus_id: None,
            activity: Activity::default(),
            mig: None,
        }
    }
}

/// What macOS lets the GPU use where nobody raised `iogpu.wired_limit_mb`: Metal's `recommendedMaxWorkingSetSize` is two thirds of the memory
/// of small machines and three quarters of that of larger ones; newer systems give a little more (17.8 of 24 GiB, 107.5 of 128).
fn metal_working_set(memory: Bytes) -> Bytes {
    if memory <= Bytes::gib(36) {
        memory.scale(2, 3)
    } else {
        memory.scale(3, 4)
    }
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
    }
}

/// Memory of which nothing is taken.
pub fn memory(size: Bytes) -> HostMemory {
    HostMemory {
        total: size,
        available: size,
    }
}

/// The cards of a `--gpu`.
///
/// # Errors
///
/// [`Error::UnknownGpu`] with the names that may have been meant, or [`Error::BadValue`] where a name is missing or the
/// count is none from 1 to [`MOST_GPUS`].
pub fn cards(argument: &str, text: &str, catalog: &Catalog) -> Result<Vec<Card>, Error> {
    let bad = || Error::BadValue {
        argument: argument.to_owned(),
        value: text.to_owned(),
        form: Form::GpuSpec,
    };
    let mut cards = Vec::new();
    for term in text.split('+') {
        let term = term.trim();
        if term.is_empty() {
            return Err(bad());
        }
        let (card, count) = resolve(term, catalog)?;
        let count = count
            .filter(|n| (1..=MOST_GPUS).contains(n))
            .ok_or_else(bad)?;
        cards.extend(std::iter::repeat_n(card, count as usize));
        if cards.len() > MOST_GPUS as usize {
            return Err(bad());
        }
    }
    Ok(cards)
}

/// A term's card and count. The count is `None` where it is no whole number.
fn resolve(term: &str, catalog: &Catalog) -> Result<(Card, Option<u32>), Error> {
    let mut readings: Vec<Reading<'_>> =
        [suffix(term), prefix(term)].into_iter().flatten().collect();
    readings.sort_by_key(|reading| reading.count.unwrap_or(u32::MAX));
    let known = |name: &str| catalog.gpu(name, None).map(Card::of);
    let sized = |name: &str| resized(name, catalog);
    for card in [&known as &dyn Fn(&str) -> Option<Card>, &sized] {
        if let Some(card) = card(term) {
            return Ok((card, Some(1)));
        }
        for reading in &readings {
            if let Some(card) = card(reading.name) {
                return Ok((card, reading.count));
            }
        }
    }
    // `GTX 1079` may be 1079 cards "GT", but nobody means that.
    let name = readings
        .iter()
        .find(|reading| reading.apart && reading.count.is_none_or(|count| count <= MOST_GPUS))
        .map_or(term, |reading| reading.name);
    Err(Error::UnknownGpu {
        name: name.to_owned(),
        candidates: catalog.similar_gpus(name),
    })
}

/// A known card with another memory than it was sold with. Its name is the driver's, which does not tell.
fn resized(name: &str, catalog: &Catalog) -> Option<Card> {
    let (sold, size) = name.trim_end().rsplit_once(' ')?;
    let memory: Bytes = size.parse().ok()?;
    let named = size.ends_with(|c: char| c.is_ascii_alphabetic())
        && (Bytes::gib(1)..=MOST_MEMORY).contains(&memory);
    let spec = catalog.gpu(sold, None).filter(|_| named)?;
    let bare = spec.name.rsplit_once(' ').map(|(bare, _)| bare);
    let same = |bare: &&str| {
        catalog
            .gpu(bare, None)
            .is_some_and(|it| it.name == spec.name)
    };
    Some(Card::of(&GpuSpec {
        name: bare.filter(same).unwrap_or(&spec.name).to_owned(),
        memory,
        ..spec.clone()
    }))
}

/// One way to read a term.
struct Reading<'a> {
    name: &'a str,
    /// `None` for `0.5`, `-1` and numbers without end.
    count: Option<u32>,
    /// Whether the x stands apart from the name, so that it can be no part of it.
    apart: bool,
}

const TIMES: [char; 4] = ['x', 'X', '*', '×'];

/// `RTX 3090 x2`, `RTX 3090*2`, `3090x2`
fn suffix(term: &str) -> Option<Reading<'_>> {
    let (head, tail) = term.rsplit_once(TIMES)?;
    let name = head.trim_end();
    let count = tail.trim_start();
    let apart = name.len() < head.len() || head.ends_with(|c: char| c.is_ascii_digit());
    (!name.is_empty() && is_number(count)).then(|| Reading {
        name,
        count: count.parse().ok(),
        apart,
    })
}

/// `2x3090`, `2 * RTX 3090`
fn prefix(term: &str) -> Option<Reading<'_>> {
    let (head, tail) = term.split_once(TIMES)?;
    let (count, name) = (head.trim_end(), tail.trim_start());
    (!name.is_empty() && is_number(count)).then(|| Reading {
        name,
        count: count.parse().ok(),
        apart: true,
    })
}

/// Whether a text is meant as a number, be it one that can count or not.
fn is_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

/// The cards of a `--vram`.
///
/// # Errors
///
/// [`Error::BadValue`] where the size is none above zero and up to [`MOST_MEMORY`], or the count none from 1 to
/// [`MOST_GPUS`].
pub fn vram(argument: &str, text: &str) -> Result<Vec<Card>, Error> {
    let bad = || Error::BadValue {
        argument: argument.to_owned(),
        value: text.to_owned(),
        form: Form::Vram,
    };
    let (size, count) = match text.split_once(TIMES) {
        Some((size, count)) => (size, count.trim().parse().ok()),
        None => (text, Some(1)),
    };
    let size = size
        .parse()
        .ok()
        .filter(|bytes| (Bytes(1)..=MOST_MEMORY).contains(bytes))
        .ok_or_else(bad)?;
    let count: u32 = count
        .filter(|n| (1..=MOST_GPUS).contains(n))
        .ok_or_else(bad)?;
    Ok(vec![Card::of_memory(size); count as usize])
}
