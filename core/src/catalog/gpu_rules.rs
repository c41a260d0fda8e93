//! What a GPU offers of the memory that was sold, and what a process takes of it before it loads anything: rules by maker and generation from
//! `data/gpu-rules.toml`, for every card that nobody published a reading of.

use serde::{Deserialize, Serialize};

use super::gpu::{GpuSpec, MemoryBasis, Offered, Runtime, Vendor};
use crate::units::Bytes;

/// All of them; of each kind the first that applies is used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GpuRules {
    #[serde(default)]
    total: Vec<TotalRule>,
    #[serde(default)]
    reserve: Vec<ReserveRule>,
    #[serde(default)]
    unified: Vec<UnifiedRule>,
    #[serde(default)]
    process: Vec<ProcessRule>,
    #[serde(default)]
    bought: Vec<BoughtRule>,
    #[serde(default)]
    chip: Vec<ChipRule>,
    /// The part of a MIG profile's name that its instance offers at least.
    #[serde(default)]
    mig: Ratio,
    /// What a hypervisor keeps of a virtual GPU.
    #[serde(default, rename = "virtual")]
    hypervisor: HypervisorRule,
    /// What a new process does not find on Windows.
    #[serde(default)]
    windows: WindowsRule,
}

/// A fraction: numerator first, denominator second.
type Ratio = (u64, u64);

/// To which cards a rule applies.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cards {
    vendor: Vendor,
    /// All generations if none is named.
    #[serde(default)]
    architectures: Vec<String>,
    /// All cards if none is named; `RTX A*` are those whose name begins so.
    #[serde(default)]
    names: Vec<String>,
}

/// What a driver shows of the memory that was sold.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TotalRule {
    cards: Cards,
    /// MiB that are always missing.
    #[serde(default)]
    constant: u64,
    /// One MiB in so many is missing.
    one_in: Option<u64>,
    /// MiB that are missing for each 128 bits of the bus, so that a quarter of one is whole, too.
    #[serde(default)]
    per_128_bits: u64,
    source: String,
}

/// What the driver keeps of its total.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReserveRule {
    cards: Cards,
    /// MiB that it keeps of any such card.
    constant: u64,
    /// KiB for each GiB.
    #[serde(default)]
    kib_per_gib: u64,
    source: String,
}

/// What a hypervisor keeps of a virtual GPU's memory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HypervisorRule {
    /// MiB that it keeps of any virtual GPU.
    constant: u64,
    /// One MiB in so many.
    one_in: Option<u64>,
    /// MiB of the whole card, shared by all that it is divided into.
    pages: u64,
    source: String,
}

/// What Windows keeps of a card's memory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowsRule {
    /// MiB that it keeps of a card of any size.
    constant: u64,
    /// Part of the driver's total.
    part: Ratio,
    source: String,
}

/// What a GPU sees of its machine's memory, and what the system keeps of that.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnifiedRule {
    cards: Cards,
    /// MiB of the largest machine of this kind; any size if absent.
    up_to: Option<u64>,
    /// The part that the GPU sees.
    seen: Ratio,
    /// MiB that the system keeps.
    #[serde(default)]
    constant: u64,
    /// The part of what is seen that the system keeps.
    kept: Ratio,
    source: String,
}

/// What a process takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcessRule {
    cards: Cards,
    runtime: Runtime,
    /// MiB that a process takes on any such card.
    constant: u64,
    /// KiB for each multiprocessor.
    #[serde(default)]
    kib_per_multiprocessor: u64,
    source: String,
}

/// Cards that people buy to run models on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BoughtRule {
    cards: Cards,
    /// GiB that they have at least.
    least: u64,
    /// How the names of those end that nobody puts into a machine, or that are another card but for the name.
    #[serde(default)]
    except: Vec<String>,
    source: String,
}

/// A chip by which AMD's runtime names the cards that it is on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChipRule {
    /// The compiler's target, such as `gfx1100`.
    target: String,
    /// Cards with that chip, the one that is meant most often first.
    names: Vec<String>,
    source: String,
}

impl Cards {
    fn hold(&self, gpu: &GpuSpec) -> bool {
        let named = |name: &String| match name.strip_suffix('*') {
            Some(start) => gpu.name.starts_with(start),
            None => gpu.name == *name,
        };
        let architecture = gpu.architecture.as_deref().unwrap_or_default();
        self.vendor == gpu.vendor
            && (self.architectures.is_empty()
                || self.architectures.iter().any(|one| one == architecture))
            && (self.names.is_empty() || self.names.iter().any(named))
    }
}

/// What was read off a card: MiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// What its driver shows.
    pub total: Option<u64>,
    /// What a program can have at most.
    pub free: Option<u64>,
}

impl GpuRules {
    /// What a card offers: as read where it was, else by rule.
    pub fn offered(&self, gpu: &GpuSpec, reading: Reading) -> Offered {
        let sold = gpu.memory;
        let rule = if gpu.unified {
            self.unified(gpu)
        } else {
            self.dedicated(gpu, reading.total.map(Bytes::mib))
        };
        let (total, free, basis) = rule.unwrap_or((sold, sold, MemoryBasis::Sold));
        let total = reading.total.map_or(total, Bytes::mib);
        let (free, basis) = match reading.free {
            Some(free) => (Bytes::mib(free), MemoryBasis::Reading),
            None => (free, basis),
        };
        Offered {
            total,
            reserved: total - free,
            basis,
        }
    }

    fn dedicated(&self, gpu: &GpuSpec, read: Option<Bytes>) -> Option<(Bytes, Bytes, MemoryBasis)> {
        let sold = gpu.memory;
        let rule = self.total.iter().find(|rule| rule.cards.hold(gpu));
        // Error correction takes a sixteenth of memory that has no chips of its own for it.
        let kept = if gpu.ecc { sold.scale(15, 16) } else { sold };
        let by_rule = rule.map(|rule| {
            let bus = u64::from(gpu.bus.unwrap_or_default());
            kept - Bytes::mib(rule.constant)
                - rule.one_in.map_or(Bytes::ZERO, |part| sold.scale(1, part))
                - Bytes::mib(rule.per_128_bits).scale(bus, 128)
        });
        let total = read.or(by_rule)?;
        let reserve = self.reserve.iter().find(|rule| rule.cards.hold(gpu));
        let reserve = reserve.map_or(Bytes::ZERO, |rule| {
            Bytes::mib(rule.constant)
                + Bytes(rule.kib_per_gib << 10).scale(total.0, Bytes::gib(1).0)
        });
        Some((total, total - reserve, MemoryBasis::Rule))
    }

    fn unified(&self, gpu: &GpuSpec) -> Option<(Bytes, Bytes, MemoryBasis)> {
        let rule = self.unified.iter().find(|rule| {
            rule.cards.hold(gpu) && rule.up_to.is_none_or(|most| gpu.memory <= Bytes::mib(most))
        })?;
        let total = gpu.memory.scale(rule.seen.0, rule.seen.1);
        let kept = Bytes::mib(rule.constant) + total.scale(rule.kept.0, rule.kept.1);
        Some((total, total - kept, MemoryBasis::Rule))
    }

    /// What a process takes on a card before it loads anything, if that is known of its kind, and by what it computes there.
    pub fn process(&self, gpu: &GpuSpec) -> Option<(Runtime, Option<Bytes>)> {
        let rule = self.process.iter().find(|rule| rule.cards.hold(gpu))?;
        let each = rule.kib_per_multiprocessor;
        let multiprocessors = match each {
            0 => Some(0),
            _ => gpu.multiprocessors.map(u64::from),
        };
        let bytes = multiprocessors
            .map(|count| Bytes::mib(rule.constant) + Bytes((each << 10).saturating_mul(count)));
        Some((rule.runtime, bytes))
    }

    /// What a process takes on a GPU of which only the maker is known, where that is the same on all of his.
    pub fn process_of(&self, vendor: Vendor) -> Option<Bytes> {
        let rule = self
            .process
            .iter()
            .rfind(|rule| rule.cards.vendor == vendor)?;
        (rule.kib_per_multiprocessor == 0).then(|| Bytes::mib(rule.constant))
    }

    /// Whether people buy it now, new or used, to run models on.
    pub fn is_bought(&self, gpu: &GpuSpec) -> bool {
        let applies = |rule: &BoughtRule| {
            let except = |end: &String| gpu.name.ends_with(end.as_str());
            rule.cards.hold(gpu)
                && gpu.memory >= Bytes::gib(rule.least)
                && !rule.except.iter().any(except)
        };
        !gpu.unified && self.bought.iter().any(applies)
    }

    /// Names of the cards with a chip, `gfx1100`; none if it is no such chip.
    pub fn cards_with(&self, target: &str) -> &[String] {
        let chip = self.chip.iter().find(|chip| chip.target == target);
        chip.map_or(&[], |chip| &chip.names)
    }

    /// The chips whose cards are known, as AMD's runtime names them.
    pub fn chips(&self) -> impl Iterator<Item = &str> {
        self.chip.iter().map(|chip| chip.target.as_str())
    }

    /// What a virtual GPU of so much memory offers on a card.
    pub fn virtual_gpu(&self, whole: &GpuSpec, memory: Bytes) -> Offered {
        let rule = &self.hypervisor;
        let most = (whole.memory.0 / memory.0.max(1)).max(1);
        let ecc = match whole.ecc {
            true => memory - memory.scale(15, 16),
            false => Bytes::ZERO,
        };
        let kept = Bytes::mib(rule.constant)
            + rule
                .one_in
                .map_or(Bytes::ZERO, |part| memory.scale(1, part))
            + Bytes::mib(rule.pages).scale(1, most)
            + ecc;
        Offered {
            total: memory,
            reserved: kept.min(memory),
            basis: MemoryBasis::Rule,
        }
    }

    /// Bytes of a driver's total that a new process does not find on Windows and in WSL, what the desktop uses among them.
    pub fn on_windows(&self, total: Bytes) -> Bytes {
        let (part, of) = self.windows.part;
        Bytes::mib(self.windows.constant) + total.scale(part, of.max(1))
    }

    /// What a MIG instance offers whose profile names so much.
    pub fn mig(&self, named: Bytes) -> Bytes {
        named.scale(self.mig.0, self.mig.1)
    }
}
