//! The tags that Ollama's library publishes, with their sizes as its pages show them: `data/tags.txt`.

use std::collections::HashMap;

use super::library::quantized;
use crate::defect::{Defect, Fault};
use crate::units::Bytes;

/// The source of a size that follows from a shape and a quantization.
pub const COMPUTED: &str = "computed from the architecture";

/// A size of two digits: the bytes it says, and half a unit of its last digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownSize {
    /// The size as shown, in bytes: `4.9GB` is 4,900,000,000.
    pub bytes: Bytes,
    /// How far the file may be from it.
    pub half: Bytes,
}

impl ShownSize {
    /// Reads `4.9GB`; decimal units.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(2)?)?;
        let unit: u64 = match unit {
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "TB" => 1_000_000_000_000,
            _ => return None,
        };
        let (whole, tenths) = digits.split_once('.').unwrap_or((digits, ""));
        let step = if tenths.is_empty() { unit } else { unit / 10 };
        let steps: u64 = format!("{whole}{tenths}").parse().ok()?;
        (tenths.len() <= 1 && steps > 0).then_some(())?;
        Some(Self {
            bytes: Bytes(steps.checked_mul(step)?),
            half: Bytes(step / 2),
        })
    }

    /// Whether a file of `bytes` would be shown so.
    pub fn shows(&self, bytes: Bytes) -> bool {
        self.bytes.0.abs_diff(bytes.0) <= self.half.0
    }
}

/// The files of one stem, such as `llama3.1:8b-instruct`.
#[derive(Clone, Debug, Default)]
pub struct Stem {
    /// The tag without its quantization.
    pub name: String,
    /// The model whose weights these files hold with something beside them, so that nothing but the published size is known of them.
    pub enlarges: Option<String>,
    /// Whether the tag of this name runs on Ollama's own machines only.
    pub cloud: bool,
    /// The size of the tag of this very name.
    pub size: Option<ShownSize>,
    /// The quantizations as tags write them, with their sizes.
    pub quantizations: Vec<(String, ShownSize)>,
}

/// Every tag that Ollama's library publishes, by stem, with sizes.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    /// The stems, in the order of the file.
    pub stems: Vec<Stem>,
    sizes: HashMap<String, ShownSize>,
}

impl Tags {
    /// Reads `data/tags.txt`; its first lines explain the form.
    ///
    /// # Errors
    ///
    /// Every line that is not of that form.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Defect>> {
        let mut tags = Self::default();
        let mut defects = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            match stem(line) {
                Ok(stem) => tags.add(stem),
                Err(word) => defects.push(Defect {
                    file: name.to_owned(),
                    line: at + 1,
                    fault: Fault::BadSize(word),
                }),
            }
        }
        if defects.is_empty() {
            Ok(tags)
        } else {
            Err(defects)
        }
    }

    fn add(&mut self, stem: Stem) {
        if let Some(size) = stem.size {
            self.sizes.insert(stem.name.to_lowercase(), size);
        }
        for (quantization, size) in &stem.quantizations {
            let tag = quantized(&stem.name, quantization);
            self.sizes.insert(tag.to_lowercase(), *size);
        }
        self.stems.push(stem);
    }

    /// The size of a tag; a bare family is its `latest`.
    pub fn size(&self, tag: &str) -> Option<ShownSize> {
        let tag = tag.to_lowercase();
        self.sizes
            .get(&tag)
            .or_else(|| self.sizes.get(&format!("{tag}:latest")))
            .copied()
    }
}

/// One line. The word that is not understood comes back.
fn stem(line: &str) -> Result<Stem, String> {
    let mut words = line.split_whitespace();
    let mut stem = Stem {
        name: words.next().unwrap_or_default().to_owned(),
        ..Stem::default()
    };
    for word in words {
        let size = |text| ShownSize::parse(text).ok_or_else(|| word.to_owned());
        if word == "cloud" {
            stem.cloud = true;
        } else if let Some(model) = word.strip_prefix('~') {
            stem.enlarges = Some(model.to_owned());
        } else if let Some((quantization, shown)) = word.split_once('=') {
            stem.quantizations
                .push((quantization.to_owned(), size(shown)?));
        } else {
            stem.size = Some(size(word)?);
        }
    }
    Ok(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_and_as_exact_as_their_last_digit() {
        let shown = ShownSize::parse("4.9GB").unwrap();
        assert_eq!(shown.bytes, Bytes(4_900_000_000));
        assert!(shown.shows(Bytes(4_920_738_944)));
        assert!(!shown.shows(Bytes(4_960_000_000)));
        assert_eq!(ShownSize::parse("271MB").unwrap().half, Bytes(500_000));
        for text in [
            "",
            "GB",
            "4.9",
            "4.95GB",
            "-1GB",
            "0GB",
            "4,9GB",
            "99999999999999TB",
        ] {
            assert_eq!(ShownSize::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_line_names_a_stem_and_its_files() {
        let tags = Tags::parse("t", "# x\na:1b-it 2.0GB q4_0=1.1GB\nb:cloud cloud\n").unwrap();
        assert_eq!(tags.stems.len(), 2);
        assert!(tags.stems[1].cloud);
        assert_eq!(
            tags.size("A:1B-it-Q4_0").unwrap().bytes,
            Bytes(1_100_000_000)
        );
        let defects = Tags::parse("t", "# x\na:1b q4_0=big\n").unwrap_err();
        assert_eq!(
            (defects[0].line, &defects[0].fault),
            (2, &Fault::BadSize("q4_0=big".into()))
        );
    }
}
