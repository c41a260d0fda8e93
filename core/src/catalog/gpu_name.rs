//! Names of GPUs as people type them and as drivers, rocm-smi, vulkaninfo and dxdiag print them.

use serde::{Deserialize, Serialize};

use super::text::Text;
use crate::units::Bytes;

/// Words that tell no card from another.
const FILLERS: &[&str] = &[
    "nvidia",
    "geforce",
    "amd",
    "ati",
    "radeon",
    "intel",
    "apple",
    "gpu",
    "graphics",
    "series",
    "radv",
    "mesa",
    // The form of a card, of which there is no other, and its part for a virtual machine.
    "oam",
    "mxgpu",
    // Of machines that are sold with their GPU.
    "engineering",
    "reference",
    "developer",
    "kit",
];

/// Machines whose GPU is named after them: `Mac Studio M2 Ultra 192GB`.
const MACHINES: &[&str] = &[
    "macbook pro",
    "macbook air",
    "mac studio",
    "mac mini",
    "mac pro",
    "imac",
];

/// Names of a GPU as [`normalised`] has them. No such name has a space, so that spaces part them: the names of all GPUs are read for every
/// answer, and a list of texts for each took three times as long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Keys(Text);

impl Keys {
    /// The names, one by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.split_terminator(' ')
    }

    /// Whether a name that was [`normalised`] is among them.
    pub fn contains(&self, key: &str) -> bool {
        self.iter().any(|known| known == key)
    }
}

impl<'a> FromIterator<&'a String> for Keys {
    fn from_iter<I: IntoIterator<Item = &'a String>>(names: I) -> Self {
        let mut keys = Self::default();
        for key in names.into_iter().map(|name| normalised(name)) {
            if !keys.contains(&key) {
                keys.0 = format!("{}{key} ", keys.0).into();
            }
        }
        keys
    }
}

/// A name without what people leave out and programs add: case, spaces, hyphens, the maker, `(R)` and `(TM)`, the driver or chip in brackets
/// (`(RADV NAVI21)`, `(gfx1151)`), and what stands behind `w/`. A size in brackets stays: `Arc 140V GPU (16GB)`.
pub fn normalised(name: &str) -> String {
    let mut text = name.to_lowercase();
    for mark in ["(r)", "(tm)", "®", "™"] {
        text = text.replace(mark, " ");
    }
    let text = text
        .split_once(" w/")
        .map_or(text.as_str(), |parts| parts.0);
    let machine = MACHINES.iter().find_map(|name| text.strip_prefix(name));
    let text = machine.unwrap_or(text);
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('(') {
        kept.push_str(before);
        let (inside, after) = behind.split_once(')').unwrap_or((behind, ""));
        // A chip's name stands last; before the end, brackets hold a part of the name: `TITAN X (Pascal)` has no other.
        let size = inside.split(',').find(|part| part.parse::<Bytes>().is_ok());
        if let Some(distinguishing) = size.or_else(|| is_generation(inside).then_some(inside)) {
            kept.push(' ');
            kept.push_str(distinguishing);
        }
        kept.push(' ');
        rest = after;
    }
    kept.push_str(rest);
    let words = kept.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | ')' | '/'));
    words.filter(|word| !FILLERS.contains(word)).collect()
}

/// What a longer name says of its GPU, to be looked up where the whole name is unknown: what lspci has in square brackets
/// (`GA102 [GeForce RTX 3090] (rev a1)`), what a processor comes with (`Ryzen 7 7840U w/ Radeon 780M Graphics`), what stands behind a line of
/// products (`Tesla P100`) or before a compiler's features (`gfx90a:sramecc+:xnack-`), and the chip where nothing else is told (`AMD Radeon
/// Graphics (RADV GFX1151)`).
pub(super) fn shorter(name: &str) -> impl Iterator<Item = &str> {
    let bracket = name.rsplit_once('[').and_then(|(_, rest)| {
        let inside = rest.split_once(']')?.0.trim();
        Some(inside.strip_suffix("Lite Hash Rate").unwrap_or(inside))
    });
    let with = ["w/", " with "].into_iter().find_map(|word| {
        let (_, behind) = name.split_once(word)?;
        Some(behind)
    });
    let chip = normalised(name).is_empty().then(|| {
        let (_, behind) = name
            .split_once("(RADV")
            .or_else(|| name.split_once("(gfx"))?;
        let inside = behind.split_once(')').map_or(behind, |parts| parts.0);
        let start = name.len() - behind.len();
        let from = if inside.starts_with(' ') {
            start
        } else {
            start - "gfx".len()
        };
        name.get(from..start + inside.len())
    });
    let after = |word: &str| {
        let begin = name.get(..word.len())?;
        begin
            .eq_ignore_ascii_case(word)
            .then(|| name.get(word.len()..))?
    };
    let line = ["tesla ", "nvidia tesla "].into_iter().find_map(after);
    let features = name.split_once(':').map(|(target, _)| target);
    let features = features.filter(|target| target.starts_with("gfx"));
    let found = [bracket, with, line, features, chip.flatten()];
    found.into_iter().flatten()
}

/// The two cards of a name that lspci gives to both, in the form of [`normalised`]: a laptop's card is printed alike whether it draws little
/// (Max-Q) or not, `rtx4060maxqmobile`. The one that is sold more often first.
pub(super) fn both_of(key: &str) -> Option<[String; 2]> {
    let mut words = ["maxqmobile", "mobilemaxq"].into_iter();
    let (card, _) = words.find_map(|both| key.split_once(both))?;
    Some([format!("{card}mobile"), format!("{card}maxq")])
}

/// Whether a bracket tells two cards of one name apart.
fn is_generation(inside: &str) -> bool {
    matches!(inside, "pascal" | "maxwell" | "xp")
}

/// A part of a GPU that is used like one: a MIG instance, or what a hypervisor gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Name of the GPU that was divided, as printed: `NVIDIA A100-SXM4-40GB`, `T4`.
    pub whole: &'a str,
    /// The part's profile, such as `3g.40gb` or `16Q`.
    pub profile: &'a str,
    /// Memory that the profile names; the driver gives a little less.
    pub memory: Bytes,
    /// Whether it is a MIG instance, which keeps a process to itself.
    pub mig: bool,
    /// Whether it has slices of the GPU to itself, and no more than their speed.
    pub sliced: bool,
}

/// The part of a GPU that a name means: `NVIDIA A100-SXM4-40GB MIG 3g.20gb`, `GRID T4-16Q`, `NVIDIA H100L-1-12C`.
pub fn part(name: &str) -> Option<Part<'_>> {
    let name = name.trim();
    if let Some(at) = name.to_ascii_lowercase().find(" mig ") {
        let (whole, profile) = (name.get(..at)?, name.get(at + " mig ".len()..)?.trim());
        let gigabytes = profile.split_once("g.")?.1;
        let digits = gigabytes.find("gb").and_then(|end| gigabytes.get(..end))?;
        return Some(Part {
            // The instance of a virtual machine names its own profile before it.
            whole: part(whole).map_or(whole, |part| part.whole),
            profile,
            memory: Bytes::gib(digits.parse().ok()?),
            mig: true,
            sliced: true,
        });
    }
    let (head, profile) = name.rsplit_once('-')?;
    // `1-10CME` has media engines more.
    let plain = profile.strip_suffix("ME").unwrap_or(profile);
    let digits = plain.strip_suffix(['Q', 'C', 'A', 'B'])?;
    // `H100L-1-12C` stands on one slice of seven.
    let slice = head
        .rsplit_once('-')
        .filter(|(_, slices)| slices.len() == 1 && slices.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|(whole, _)| whole);
    let whole = slice.unwrap_or(head);
    let maker = whole.get(.."GRID ".len());
    let has_maker = maker.is_some_and(|maker| maker.eq_ignore_ascii_case("GRID "));
    Some(Part {
        whole: match has_maker {
            true => whole.get("GRID ".len()..)?,
            false => whole,
        },
        profile,
        memory: Bytes::gib(digits.parse().ok()?),
        mig: false,
        sliced: slice.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_add_is_left_out() {
        for (printed, typed) in [
            ("AMD Radeon(TM) 8060S Graphics", "Radeon 8060S"),
            ("AMD Radeon 8060S Graphics (gfx1151)", "8060S"),
            ("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", "Ryzen AI Max+ 395"),
            ("Intel(R) Arc(TM) B580 Graphics", "Arc B580"),
            ("Intel(R) Arc(tm) A380 Graphics (DG2)", "Arc A380"),
            ("AMD Radeon RX 6800 (RADV NAVI21)", "RX 6800"),
            ("Orin (nvgpu)", "Orin"),
            ("NVIDIA A100-SXM4-40GB", "A100 SXM4 40GB"),
            ("Intel(R) Arc(TM) 140V GPU (16GB)", "Arc 140V 16GB"),
        ] {
            assert_eq!(normalised(printed), normalised(typed), "{printed}");
        }
        assert_ne!(normalised("TITAN X (Pascal)"), normalised("TITAN X"));
        assert_ne!(normalised("RTX 4070 Ti"), normalised("RTX 4070"));
    }

    #[test]
    fn parts_tell_their_memory() {
        let instance = |name| part(name).map(|part| (part.whole, part.memory, part.mig));
        for (name, whole, gib, mig) in [
            (
                "NVIDIA A100 80GB PCIe MIG 3g.40gb",
                "NVIDIA A100 80GB PCIe",
                40,
                true,
            ),
            ("NVIDIA H100L-1-12C MIG 1g.12gb", "NVIDIA H100L", 12, true),
            (
                "NVIDIA RTX PRO 6000 Blackwell MIG 1g.24gb+gfx",
                "NVIDIA RTX PRO 6000 Blackwell",
                24,
                true,
            ),
            ("GRID T4-16Q", "T4", 16, false),
            ("Grid RTX8000-48Q", "RTX8000", 48, false),
            ("GRID A100D-1-10CME", "A100D", 10, false),
            ("NVIDIA L40S-48C", "NVIDIA L40S", 48, false),
        ] {
            assert_eq!(
                instance(name),
                Some((whole, Bytes::gib(gib), mig)),
                "{name}"
            );
        }
        for name in [
            "NVIDIA A100-SXM4-40GB",
            "RTX 3090",
            "T4-Q",
            "A100 MIG 3g",
            "A MIG g.gb",
            "",
        ] {
            assert_eq!(instance(name), None, "{name}");
        }
    }
}
