//! The rest of Ollama's library: published files beyond those that the catalog ranks, kept small because they are asked for by name only.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::model::{Model, Variant, WeightsBasis};
use super::{Catalog, Entry};
use crate::quantization::of_tag_suffix;
use crate::units::Bytes;

/// Published files of models that the catalog has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Library {
    /// Every quantization once, as tags write it.
    pub quantizations: Vec<String>,
    /// Published files, grouped by the tag without its quantization.
    pub stems: Vec<Stem>,
    /// Tags that are published and cannot be estimated.
    pub elsewhere: Vec<(String, Elsewhere)>,
}

/// The files of one stem, such as `llama3.1:8b-instruct`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stem {
    /// The tag without its quantization.
    pub name: String,
    /// Index into [`Catalog::models`] of the model that all its files hold.
    pub model: u32,
    /// Its published files, one for each tag.
    pub files: Vec<File>,
}

/// One published file of a stem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Index into [`Library::quantizations`]; `None` for the tag of the stem's own name.
    pub quantization: Option<u8>,
    /// Bytes of its weights, without the projector.
    pub weights: Bytes,
    /// How well those bytes are known.
    pub weights_basis: WeightsBasis,
}

/// Why a published tag is not estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Elsewhere {
    /// It runs on Ollama's machines, not on yours.
    Cloud,
    /// Its file is for Ollama's MLX engine, whose allocations are not known here.
    Mlx,
    /// Neither its shape nor its weights are known.
    Unknown,
}

/// The tag of a quantization: a stem that ends in a colon takes no hyphen.
pub fn quantized(stem: &str, suffix: &str) -> String {
    let hyphen = if stem.ends_with(':') { "" } else { "-" };
    format!("{stem}{hyphen}{suffix}")
}

/// What a tag beyond the catalog's own is.
#[derive(Clone, Copy, Debug)]
pub enum Published<'a> {
    /// A file of a known model.
    File(Entry<'a>),
    /// Nothing that can be estimated.
    Elsewhere(Elsewhere),
}

/// The program's copy of the library could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

/// The library as the program carries it: read when a tag is first looked for in it.
#[derive(Clone, Debug, Default)]
pub struct EmbeddedLibrary {
    bytes: &'static [u8],
    listing: OnceLock<Option<Listing>>,
}

/// The library as nouns of the catalog.
#[derive(Clone, Debug, Default)]
struct Listing {
    models: Vec<Model>,
    elsewhere: Vec<(String, Elsewhere)>,
}

impl EmbeddedLibrary {
    /// A library that a build script wrote with postcard.
    pub fn new(bytes: &'static [u8]) -> Self {
        Self {
            bytes,
            listing: OnceLock::new(),
        }
    }

    fn listing(&self, models: &[Model]) -> Result<&Listing, Damaged> {
        let read = || {
            if self.bytes.is_empty() {
                return Some(Listing::default());
            }
            let library: Library = postcard::from_bytes(self.bytes).ok()?;
            Some(library.listing(models))
        };
        self.listing.get_or_init(read).as_ref().ok_or(Damaged)
    }
}

impl Library {
    /// The number of a quantization, a new one if need be.
    pub fn number(&mut self, suffix: &str) -> u8 {
        let known = self.quantizations.iter().position(|other| other == suffix);
        let at = known.unwrap_or_else(|| {
            self.quantizations.push(suffix.to_owned());
            self.quantizations.len() - 1
        });
        u8::try_from(at).unwrap_or(u8::MAX)
    }

    fn listing(self, models: &[Model]) -> Listing {
        let quantizations = &self.quantizations;
        let of_stem = |stem: Stem| {
            let model = models.get(stem.model as usize)?;
            let projector = model
                .variants
                .first()
                .map_or(Bytes::ZERO, |default| default.projector);
            let variants = stem.files.iter().filter_map(|file| {
                let suffix = match file.quantization {
                    Some(at) => Some(quantizations.get(usize::from(at))?),
                    None => None,
                };
                Some(Variant {
                    tag: suffix
                        .map_or_else(|| stem.name.clone(), |suffix| quantized(&stem.name, suffix))
                        .into(),
                    aliases: Vec::new(),
                    quantization: suffix.map(|suffix| of_tag_suffix(suffix).into()),
                    weights: Some(file.weights),
                    weights_basis: file.weights_basis,
                    projector,
                    source: vec![format!("ollama:library/{}", model.family())],
                })
            });
            // Their own, then the model's others: what a smaller file may be found among.
            let variants = variants.chain(model.variants.iter().cloned());
            Some(Model {
                variants: variants.collect::<Vec<_>>().into(),
                ..model.clone()
            })
        };
        Listing {
            models: self.stems.into_iter().filter_map(of_stem).collect(),
            elsewhere: self.elsewhere,
        }
    }
}

/// A repository's name without what says how its files are stored: `gemma-3-27b-it` of `gemma-3-27b-it-qat-q4_0-gguf`.
fn checkpoint(repository: &str) -> String {
    let mut name = repository.to_lowercase();
    loop {
        let endings = ["-gguf", "-imatrix", "-i1", "-ud", "-mtp", "-qat", "-hf"];
        let plain = endings.iter().find_map(|ending| name.strip_suffix(ending));
        let quantized = || {
            name.rsplit_once('-')
                .filter(|(_, end)| is_quantization(end))
        };
        match plain.or_else(|| quantized().map(|(stem, _)| stem)) {
            Some(stem) => name = stem.to_owned(),
            None => break,
        }
    }
    // Meta took its own name away from those of its models in 2024; copies keep it.
    match name.strip_prefix("meta-") {
        Some(plain) if plain.starts_with("llama") => plain.to_owned(),
        _ => name,
    }
}

/// Whether the last part of a repository's name tells the only quantization in it: `q4_0`.
fn is_quantization(part: &str) -> bool {
    let bits = part.strip_prefix("iq").or_else(|| part.strip_prefix('q'));
    bits.is_some_and(|bits| bits.starts_with(|c: char| c.is_ascii_digit()) && bits.contains('_'))
}

/// The quantization that a repository's name tells: `Q4_0` of `gemma-3-27b-it-qat-q4_0-gguf`.
pub fn quantization_of(repository: &str) -> Option<String> {
    let name = repository.to_lowercase();
    let name = name.strip_suffix("-gguf").unwrap_or(&name);
    let (_, end) = name.rsplit_once('-')?;
    is_quantization(end).then(|| end.to_uppercase())
}

impl Catalog {
    /// What Ollama's library has under a tag that [`Catalog::find`] does not know. The quantization of a default tag is understood, too:
    /// `qwen3:30b-q8_0` for `qwen3:30b-a3b-thinking-2507-q8_0`.
    ///
    /// # Errors
    ///
    /// [`Damaged`] if the library cannot be read.
    pub fn published(&self, tag: &str) -> Result<Option<Published<'_>>, Damaged> {
        let tag = tag.trim();
        let tag = tag.strip_prefix("library/").unwrap_or(tag);
        let listing = self.library.listing(&self.models)?;
        let of_name = |variant: &&Variant| variant.tag.eq_ignore_ascii_case(tag);
        let file = listing
            .models
            .iter()
            .find_map(|model| Some(Entry::new(model, model.variants.iter().find(of_name)?)));
        if let Some(entry) = file {
            return Ok(Some(Published::File(entry)));
        }
        let mut elsewhere = listing.elsewhere.iter();
        if let Some((_, why)) = elsewhere.find(|(name, _)| name.eq_ignore_ascii_case(tag)) {
            return Ok(Some(Published::Elsewhere(*why)));
        }
        Ok(self.requantized(tag, listing).map(Published::File))
    }

    /// The file of a model in the quantization that its default tag was given.
    fn requantized<'a>(&'a self, tag: &str, listing: &'a Listing) -> Option<Entry<'a>> {
        let cuts = tag.rmatch_indices(['-', ':']).map(|(at, _)| at);
        cuts.filter(|at| *at > 0).find_map(|at| {
            let quantization = of_tag_suffix(&tag[at + 1..]);
            let model = self.find(&tag[..at])?.model;
            let same =
                |variant: &&Variant| variant.quantization.as_deref() == Some(quantization.as_str());
            let others = listing
                .models
                .iter()
                .filter(|other| other.name == model.name);
            std::iter::once(model)
                .chain(others)
                .find_map(|model| Some(Entry::new(model, model.variants.iter().find(same)?)))
        })
    }

    /// The model whose checkpoint a Hugging Face repository of GGUF files is named after, the maker's own before fine-tunes.
    pub fn named(&self, repository: &str) -> Option<&Model> {
        let wanted = checkpoint(repository);
        let is_it = |model: &&Model| {
            let base = model.base_model.as_deref().unwrap_or_default();
            let name = checkpoint(base.rsplit('/').next().unwrap_or_default());
            // Some publishers put the maker before the name: `Qwen_Qwen3-8B-GGUF`.
            let owned = checkpoint(&base.replace('/', "_"));
            !name.is_empty() && (name == wanted || owned == wanted)
                // Some models have their maker's name in Ollama's library: `nomic-embed-text:v1.5`.
                || model.name.replace(':', "-") == wanted
        };
        let mut named = self.models.iter().filter(is_it);
        named
            .clone()
            .find(|model| !model.fine_tune && model.architecture.is_some())
            .or_else(|| named.next())
    }

    /// Every tag that [`Catalog::published`] knows by its own name.
    pub fn published_tags(&self) -> Vec<&str> {
        let Ok(listing) = self.library.listing(&self.models) else {
            return Vec::new();
        };
        let files = listing
            .models
            .iter()
            .flat_map(|model| model.variants.iter().map(|variant| variant.tag.as_str()));
        let elsewhere = listing.elsewhere.iter().map(|(tag, _)| tag.as_str());
        files.chain(elsewhere).collect()
    }
}
