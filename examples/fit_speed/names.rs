//! From the names that people give files and quantizations to those of the catalog.

use std::collections::BTreeMap;

use vramfit::catalog::Catalog;

/// Words of a file's name that do not change what a token costs.
const IDLE: [&str; 20] = [
    "instruct", "it", "chat", "hf", "gguf", "base", "qat", "i1", "thinking", "meta", "nvidia",
    "preview", "text", "unpacked", "exp", "fp16", "ud", "plus", "bf16", "1125",
];

/// Finds the catalog's architecture of a model's name.
pub(crate) struct Names<'a> {
    catalog: &'a Catalog,
    by_name: BTreeMap<String, u32>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        let mut by_name = BTreeMap::new();
        for model in &catalog.models {
            let Some(index) = model.architecture else {
                continue;
            };
            let base = model.base_model.iter().map(|name| plain(name));
            // Fine-tunes have their base model's shape; their own names are the tag's.
            for name in base.chain([plain(&model.name.replace(':', "-"))]) {
                by_name.entry(name).or_insert(index);
            }
        }
        for (index, known) in catalog.architectures.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            by_name.entry(plain(&known.name)).or_insert(index);
        }
        Self { catalog, by_name }
    }

    /// The index of a model's architecture: by tag, else by name, with and without the uploader before an underscore.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        let tag = self.catalog.find(name).and_then(|e| e.model.architecture);
        let bare = bare(name);
        let uploaded = bare.split_once('_').map_or("", |(_, rest)| rest);
        let named = |name: &str| self.by_name.get(&plain(name)).copied();
        tag.or_else(|| named(bare))
            .or_else(|| named(uploaded))
            .or_else(|| self.tuned(&plain(bare)))
            .or_else(|| self.tuned(&plain(uploaded)))
    }

    /// The shape of a fine-tune that carries its base model's name, size included, before its own.
    fn tuned(&self, name: &str) -> Option<u32> {
        let sized = |known: &str| {
            let last = known.rsplit('-').next().unwrap_or_default();
            last.ends_with('b') && last.contains(|c: char| c.is_ascii_digit())
        };
        let known = self.by_name.iter().filter(|(known, _)| {
            sized(known)
                && name
                    .strip_prefix(known.as_str())
                    .is_some_and(|rest| rest.starts_with('-'))
        });
        known
            .max_by_key(|(known, _)| known.len())
            .map(|(_, index)| *index)
    }
}

/// A name without its uploader and the number of its part.
fn bare(name: &str) -> &str {
    let name = name.split(" part ").next().unwrap_or(name);
    name.rsplit('/').next().unwrap_or(name)
}

/// A name without uploader, file ending, quantization, date and idle words.
pub(crate) fn plain(name: &str) -> String {
    let name = bare(name).to_lowercase();
    let name = name.trim_end_matches(".gguf").trim_end_matches("-fp16");
    let name = match quantization_at(name) {
        Some((start, _)) => &name[..start],
        None => name,
    };
    let words = name.split(|c: char| !c.is_alphanumeric() && c != '.');
    let kept = words.filter(|word| {
        let date = word.len() == 4 && word.chars().all(|c| c.is_ascii_digit());
        !word.is_empty() && !date && !IDLE.contains(word) && *word != "v0.1"
    });
    kept.collect::<Vec<_>>()
        .join("-")
        .replace("-a400m", "")
        .trim_matches('.')
        .to_owned()
}

/// Where a name's quantization begins, and the quantization in upper case.
fn quantization_at(name: &str) -> Option<(usize, String)> {
    let lower = name.to_lowercase();
    let starts = [
        "q2_", "q3_", "q4_", "q5_", "q6_", "q8_", "iq1_", "iq2_", "iq3_", "iq4_", "mxfp4",
    ];
    let at = starts
        .iter()
        .filter_map(|start| {
            let at = lower.find(start)?;
            let before = lower[..at].chars().next_back();
            before.is_none_or(|c| !c.is_alphanumeric()).then_some(at)
        })
        .min()?;
    let end = lower[at..]
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(lower.len(), |length| at + length);
    Some((at, lower[at..end].to_uppercase()))
}

/// The layout that stands for a quantization; `None` for those that are unknown.
pub(crate) fn quantization(stated: Option<&str>, name: &str) -> Option<String> {
    let stated = stated.map(|text| text.trim_start_matches("GGUF ").to_uppercase());
    let found = match stated.as_deref() {
        Some("F16" | "GGUF-F16" | "FP16") => "F16".to_owned(),
        Some(text) => quantization_at(text)?.1,
        None => quantization_at(name)?.1,
    };
    // Unsloth's XL files lie a little above the common mixture of the same base.
    Some(match found.as_str() {
        "Q2_K_XL" => "Q2_K".to_owned(),
        "Q3_K_XL" => "Q3_K_L".to_owned(),
        "Q4_K_XL" => "Q4_K_M".to_owned(),
        "Q5_K_XL" => "Q5_K_M".to_owned(),
        "Q6_K_XL" => "Q6_K".to_owned(),
        "Q8_K_XL" => "Q8_0".to_owned(),
        _ => found,
    })
}
