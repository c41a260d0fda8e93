//! GPUs by their names.

use std::borrow::Cow;

use super::gpu::{GpuSpec, MemoryBasis, Offered};
use super::gpu_name::{self, Part, normalised};
use super::gpu_rules::Reading;
use super::text::Text;
use super::{Catalog, similar};
use crate::units::Bytes;

impl Catalog {
    /// The GPU of a name as people type it or as drivers print it. Of cards that share a name, the one whose memory is nearest.
    pub fn gpu(&self, name: &str, memory: Option<Bytes>) -> Option<&GpuSpec> {
        let wanted = self.key(name);
        let with_chip = self.with_chip(&wanted);
        if !with_chip.is_empty() {
            let differs =
                |gpu: &&GpuSpec| gpu.offered.total.0.abs_diff(memory.unwrap_or_default().0);
            return match memory {
                None => with_chip.into_iter().next(),
                Some(_) => with_chip.into_iter().min_by_key(differs),
            };
        }
        let typed = |gpu: &&GpuSpec| gpu.typed.contains(&wanted);
        let printed = |gpu: &&GpuSpec| gpu.printed.contains(&wanted);
        match memory {
            None => self
                .gpus
                .iter()
                .find(typed)
                .or_else(|| self.gpus.iter().find(printed)),
            Some(memory) => self
                .gpus
                .iter()
                .filter(|gpu| typed(gpu) || printed(gpu))
                .min_by_key(|gpu| gpu.offered.total.0.abs_diff(memory.0)),
        }
    }

    /// The cards with a chip that AMD's runtime names so, `gfx1100`; none if it is no chip's name.
    fn with_chip(&self, key: &str) -> Vec<&GpuSpec> {
        let names = self.knowledge.gpu_rules.cards_with(key).iter();
        let named = |name: &String| self.gpus.iter().find(|gpu| gpu.name == name.as_str());
        names.filter_map(named).collect()
    }

    /// How a name is looked up: as it stands, or else what it says of its GPU.
    fn key(&self, name: &str) -> String {
        let whole = normalised(name);
        let known = |key: &String| {
            let bears = |gpu: &GpuSpec| gpu.typed.contains(key) || gpu.printed.contains(key);
            !key.is_empty() && (self.gpus.iter().any(bears) || !self.with_chip(key).is_empty())
        };
        if known(&whole) {
            return whole;
        }
        let parts = parts(name).flat_map(|part| match gpu_name::both_of(&part) {
            Some([first, _]) => [Some(part), Some(first)],
            None => [Some(part), None],
        });
        let found = parts.flatten().find(known);
        found.unwrap_or(whole)
    }

    /// The same for a part of a GPU, too: a MIG instance or a virtual GPU is a card of its own with the part's memory, speed and name.
    pub fn device(&self, name: &str, memory: Option<Bytes>) -> Option<Cow<'_, GpuSpec>> {
        if let Some(gpu) = self.gpu(name, memory) {
            return Some(Cow::Borrowed(gpu));
        }
        let part = gpu_name::part(name)?;
        let named = normalised(part.whole);
        let own = |gpu: &&GpuSpec| !part.mig && gpu.virtual_names.contains(&named);
        let whole = self.gpus.iter().find(own);
        let whole = whole.or_else(|| self.gpu(part.whole, None))?;
        let whole = self.cut_from(&part, whole);
        Some(Cow::Owned(self.part(name, &part, whole, memory)))
    }

    /// The card of a name that a MIG instance is cut from: of several that bear it (`A100 MIG 3g.40gb`) the one that has such a profile.
    fn cut_from<'a>(&'a self, part: &Part<'_>, whole: &'a GpuSpec) -> &'a GpuSpec {
        let eighths = match part.profile.split('g').next() {
            Some("1") => 1..=2,
            Some("2") => 2..=2,
            Some("3" | "4") => 4..=4,
            _ => 8..=8,
        };
        let cut = |gpu: &&GpuSpec| {
            let read = |(profile, _): &(Text, u64)| profile.eq_ignore_ascii_case(part.profile);
            // Names round up, and in places down: 47gb of 94, 71gb of 141.
            let near = |count| gpu.memory.scale(count, 8).0.abs_diff(part.memory.0) < 1 << 30;
            gpu.mig.iter().any(read) || eighths.clone().any(near)
        };
        if !part.mig || cut(&whole) {
            return whole;
        }
        let others = self.namesakes(part.whole, whole);
        others.into_iter().find(cut).unwrap_or(whole)
    }

    fn part(&self, name: &str, part: &Part<'_>, whole: &GpuSpec, memory: Option<Bytes>) -> GpuSpec {
        let rules = &self.knowledge.gpu_rules;
        let mut spec = GpuSpec {
            name: name.trim().into(),
            memory: part.memory.min(whole.memory),
            mig: Vec::new(),
            vgpu: Vec::new(),
            ecc: false,
            ..whole.clone()
        };
        if !part.mig {
            spec.offered = rules.virtual_gpu(whole, spec.memory);
            let mut read = whole.vgpu.iter();
            if let Some((_, mib)) = read.find(|(profile, _)| *profile == *part.profile) {
                // What a hypervisor keeps of it stays a rule.
                spec.offered.total = Bytes::mib(*mib);
            }
            // Without slices of its own it shares time: the whole card's speed is there for whoever is alone.
            if part.sliced {
                spec.take_share(whole, spec.memory);
            }
            return spec;
        }
        // `1g.6gb+me` has a video engine more, and the memory of `1g.6gb`.
        let plain = |profile: &str| profile.split('+').next().unwrap_or_default().to_lowercase();
        let exact = |(profile, _): &&(Text, u64)| profile.eq_ignore_ascii_case(part.profile);
        let alike = |(profile, _): &&(Text, u64)| plain(profile) == plain(part.profile);
        let read = whole.mig.iter().find(exact);
        let read = read.or_else(|| whole.mig.iter().find(alike));
        let (total, basis) = match (memory, read) {
            (Some(memory), _) => (memory, MemoryBasis::Reading),
            (None, Some((_, mib))) => (Bytes::mib(*mib), MemoryBasis::Reading),
            (None, None) => (rules.mig(spec.memory), MemoryBasis::Rule),
        };
        spec.offered = Offered {
            total,
            reserved: Bytes::ZERO,
            basis,
        };
        spec.take_share(whole, total);
        spec
    }

    /// A card with another memory than it was sold with, or a machine with another memory that its GPU shares.
    pub fn resized(&self, gpu: &GpuSpec, memory: Bytes) -> GpuSpec {
        let mut spec = GpuSpec {
            memory,
            ..gpu.clone()
        };
        spec.offered = self.knowledge.gpu_rules.offered(&spec, Reading::default());
        spec
    }

    /// The other cards that bear a name which tells no memory, where their memory differs; of a chip's name all that have it.
    pub fn namesakes(&self, name: &str, gpu: &GpuSpec) -> Vec<&GpuSpec> {
        let wanted = self.key(name);
        let mut with_chip = self.with_chip(&wanted);
        if !with_chip.is_empty() {
            with_chip.retain(|other| other.name != gpu.name);
            return with_chip;
        }
        // The name of a part, such as a virtual GPU's, is nobody's but its own.
        let is_its_own = gpu.typed.contains(&wanted) || gpu.printed.contains(&wanted);
        if !is_its_own || tells_size(&wanted, gpu) {
            return Vec::new();
        }
        let second: Vec<String> = parts(name)
            .filter_map(|part| gpu_name::both_of(&part).map(|[_, second]| second))
            .collect();
        let own = std::iter::once(wanted.as_str());
        let printed_of_it: Vec<&str> = own.chain(gpu.printed.iter()).collect();
        let bears = |other: &&GpuSpec| {
            let is_second = |key: &str| second.iter().any(|second| key == second);
            if !second.is_empty() && other.typed.iter().any(is_second) {
                return true;
            }
            if other.memory == gpu.memory {
                return false;
            }
            let sized = |key: &&str| key.starts_with(wanted.as_str());
            let mut sized = other.typed.iter().filter(sized);
            let mut printed = other.printed.iter();
            sized.any(|key| without_size(key, other) == wanted.as_str())
                || printed.any(|key| printed_of_it.contains(&key))
        };
        self.gpus.iter().filter(bears).collect()
    }

    /// The GPU names nearest to a mistyped one, best first.
    pub fn similar_gpus(&self, name: &str) -> Vec<String> {
        // A name of a page's length is none, and comparing it would take as long as it is.
        let name: String = name.chars().take(80).collect();
        // `Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE]` is one of those.
        let several = gpu_name::shorter(&name).flat_map(|inside| inside.split('/'));
        let mut meant: Vec<String> = several
            .filter_map(|one| Some(self.gpu(one, None)?.name.to_string()))
            .collect();
        meant.dedup();
        if !meant.is_empty() {
            return meant;
        }
        let named = similar(&name, self.gpus.iter().map(|gpu| gpu.name.as_str()));
        if !named.is_empty() {
            return named;
        }
        // `3096` is near `3090`, and far from `RTX 3090`.
        let keys = || {
            self.gpus
                .iter()
                .flat_map(|gpu| gpu.typed.iter().map(move |key| (key, gpu)))
        };
        let near = similar(&normalised(&name), keys().map(|(key, _)| key));
        let mut names: Vec<String> = Vec::new();
        for key in near {
            let gpu = keys()
                .find(|(other, _)| *other == key)
                .map(|(_, gpu)| gpu.name.to_string());
            names.extend(gpu.filter(|name| !names.contains(name)));
        }
        names
    }
}

/// A name and what it says of its GPU, in the form in which names are compared.
fn parts(name: &str) -> impl Iterator<Item = String> {
    let parts = std::iter::once(name).chain(gpu_name::shorter(name));
    parts.map(normalised)
}

/// Whether a card's key has its size, at its end or within: `rtx30506gblaptop`.
fn tells_size(key: &str, gpu: &GpuSpec) -> bool {
    key.contains(&format!("{}gb", gpu.memory.0 / Bytes::gib(1).0))
}

/// A card's key without the size at its end: `rtx5060ti16gb`. A name may end in digits, too, so only its own size is one.
fn without_size<'a>(key: &'a str, gpu: &GpuSpec) -> &'a str {
    let size = format!("{}gb", gpu.memory.0 / Bytes::gib(1).0);
    key.strip_suffix(size.as_str()).unwrap_or(key)
}
