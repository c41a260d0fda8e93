//! One line that a program prints of a GPU, given as if it were a name: `nvidia-smi -L`, `llama-server --list-devices`, what llama.cpp says when it starts.

use crate::units::Bytes;

/// A GPU as such a line tells it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::inventory) struct DeviceLine<'a> {
    /// Name as it is printed.
    pub(in crate::inventory) name: &'a str,
    /// Bytes that a program can have at most, and what of that is free; `None` where the line does not tell.
    pub(in crate::inventory) memory: Option<(Bytes, Bytes)>,
}

/// What a line tells; `None` where nothing stands around a name.
///
/// - `GPU 0: NVIDIA GeForce RTX 3090 (UUID: GPU-5c0d7c1e-..)`
/// - `CUDA0: NVIDIA GeForce RTX 3090 (24123 MiB, 23800 MiB free)`
/// - `Device 0: AMD Radeon RX 7900 XTX, gfx1100 (0x1100), VMM: no, Wave Size: 32`
/// - `ggml_vulkan: 0 = AMD Radeon RX 6800 (RADV NAVI21) (radv) | uma: 0 | fp16: 1`
/// - `using device CUDA0 (NVIDIA GeForce RTX 3090) - 23800 MiB free`
pub(super) fn read(line: &str) -> Option<DeviceLine<'_>> {
    let line = line.trim().trim_start_matches("- ");
    if let Some((_, rest)) = line.split_once("using device ") {
        let (name, _) = rest.split_once(" (")?.1.rsplit_once(") - ")?;
        // Inside brackets the bus address follows the name in newer builds.
        let name = name.split(") (").next().unwrap_or(name);
        return Some(DeviceLine { name, memory: None });
    }
    let mut rest = line;
    while let Some(behind) = behind_label(rest) {
        rest = behind;
    }
    let labelled = rest.len() < line.len();
    if let Some(found) = with_memory(rest).filter(|_| labelled) {
        return Some(found);
    }
    if rest.ends_with(" free)") {
        return None;
    }
    let ends = [" (UUID:", ", compute capability", ", gfx", " | "];
    let ends = ends.iter().filter_map(|end| rest.find(end));
    let name = ends.min().and_then(|end| rest.get(..end)).unwrap_or(rest);
    (labelled && !name.trim().is_empty()).then(|| DeviceLine {
        name: name.trim(),
        memory: None,
    })
}

/// A name with what its memory is behind it: `NVIDIA GeForce RTX 3090 (24123 MiB, 23800 MiB free)`.
pub(in crate::inventory) fn with_memory(text: &str) -> Option<DeviceLine<'_>> {
    let (name, sizes) = text.trim().strip_suffix(" MiB free)")?.rsplit_once('(')?;
    let (total, free) = sizes.split_once(" MiB,")?;
    let mib = |size: &str| Some(Bytes::mib(size.trim().parse::<u32>().ok()?.into()));
    let memory = (mib(total)?, mib(free)?);
    Some(DeviceLine {
        name: name.trim(),
        memory: Some(memory),
    })
}

/// What stands behind a label of one or two words, the last of which may be a number: `GPU 0:`, `CUDA0   :`, `ggml_vulkan:`, `0 =`.
fn behind_label(text: &str) -> Option<&str> {
    let (label, rest) = text.split_once([':', '='])?;
    let words: Vec<&str> = label.split_whitespace().collect();
    let word = |word: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !word.is_empty() && word.chars().all(plain)
    };
    let name = words.first()?;
    let number = |word: &str| word.ends_with(|c: char| c.is_ascii_digit());
    let labels = (words.len() <= 2 && words.iter().all(word))
        && (number(words.last()?) || name.starts_with("ggml_"));
    // A chip with its features, `gfx90a:sramecc+`, has no space there.
    (labels && rest.starts_with(' ')).then(|| rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_name_is_left_out() {
        for (line, name) in [
            (
                "GPU 0: NVIDIA GeForce RTX 3090 (UUID: GPU-b1c94dd7-9d7d)",
                "NVIDIA GeForce RTX 3090",
            ),
            (
                "  Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes",
                "NVIDIA GeForce RTX 4090",
            ),
            (
                "Device 0: AMD Radeon RX 7900 XTX, gfx1100 (0x1100), VMM: no, Wave Size: 32",
                "AMD Radeon RX 7900 XTX",
            ),
            (
                "ggml_vulkan: 0 = AMD Radeon RX 6800 (RADV NAVI21) (radv) | uma: 0 | fp16: 1",
                "AMD Radeon RX 6800 (RADV NAVI21) (radv)",
            ),
            (
                "llama_model_load_from_file_impl: using device CUDA0 (NVIDIA GeForce RTX 3090) - 23800 MiB free",
                "NVIDIA GeForce RTX 3090",
            ),
            (
                "using device CUDA0 (NVIDIA GeForce RTX 3090) (0000:01:00.0) - 23800 MiB free",
                "NVIDIA GeForce RTX 3090",
            ),
        ] {
            let found = DeviceLine { name, memory: None };
            assert_eq!(read(line), Some(found), "{line}");
        }
        let found = DeviceLine {
            name: "NVIDIA GeForce RTX 3090",
            memory: Some((Bytes::mib(24_123), Bytes::mib(23_800))),
        };
        let line = " - CUDA0   : NVIDIA GeForce RTX 3090 (24123 MiB, 23800 MiB free)";
        assert_eq!(read(line), Some(found));
        for name in [
            "RTX 3090",
            "gfx90a:sramecc+:xnack-",
            "Quadro: P600",
            ":",
            "GPU 0: ",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
