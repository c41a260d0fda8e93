//! What is known: data files, checked and turned into nouns.

pub mod check;
pub mod checkpoint;
pub mod facts;
pub mod gpu;
mod gpu_lookup;
pub mod gpu_name;
pub mod gpu_rules;
pub mod guide;
pub mod knowledge;
pub mod later;
pub mod library;
pub mod model;
#[cfg(any(test, feature = "own-data"))]
mod own_data;
#[allow(missing_docs)] // The fields are the data files' own keys, explained in data/README.md.
pub mod raw;
mod similar;
pub mod sources;
pub mod speeds;
pub mod tags;
pub mod text;

use serde::{Deserialize, Serialize};

use crate::defect::Defect;
use gpu::GpuSpec;
use model::{KnownArchitecture, Model, Series, Variant};
use text::Text;

pub use similar::similar;

/// Everything that is known of models and GPUs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Catalog {
    /// The series, in the order of their files.
    pub series: Vec<Series>,
    /// Shapes that models refer to by index.
    pub architectures: Vec<KnownArchitecture>,
    /// Models with their files, those of the program first, then what a user's own catalog adds.
    pub models: Vec<Model>,
    /// Graphics cards and chips that can be named.
    pub gpus: Vec<GpuSpec>,
    /// Scores, speeds, rules of memory and habits of engines.
    pub knowledge: knowledge::Knowledge,
    /// Published tags beyond the models' own.
    #[serde(skip)]
    pub library: library::EmbeddedLibrary,
}

/// A model and the file of it that is meant.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The model whose weights the file holds.
    pub model: &'a Model,
    /// The published file that is meant.
    pub variant: &'a Variant,
    /// The tag by which it was found: the file's own, or an alias that the guide uses.
    pub tag: &'a str,
}

impl<'a> Entry<'a> {
    /// A file by its own tag.
    pub fn new(model: &'a Model, variant: &'a Variant) -> Self {
        Self {
            model,
            variant,
            tag: &variant.tag,
        }
    }
}

impl Catalog {
    /// Adds data files given as (name, text) on top: models and GPUs that they name again replace what was there. On a defect nothing that
    /// was read may be used.
    ///
    /// # Errors
    ///
    /// The defects of all files.
    pub fn overlay<'a>(
        &mut self,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), Vec<Defect>> {
        let mut defects = Vec::new();
        let files = files.into_iter();
        let tables = files.map(|(name, text)| raw::File::parse(name, text, &mut defects));
        let tables = tables.collect();
        check::extend(self, tables, &mut defects);
        // A shape or a rule may be another one now.
        for model in &mut self.models {
            model.usual_need = None;
            model.least_need = None;
        }
        if defects.is_empty() {
            Ok(())
        } else {
            Err(defects)
        }
    }

    /// The catalog that `build.rs` prepared. `None` if it was made by another version, or damaged.
    pub fn decode(bytes: &'static [u8]) -> Option<Self> {
        let (sum, bytes) = bytes.split_first_chunk()?;
        let whole = u64::from_le_bytes(*sum) == later::sum(bytes);
        whole.then(|| postcard::from_bytes(bytes).ok())?
    }

    /// The model and file of a tag, as Ollama would read it: without regard to case, `latest` if no size is given. A tag stands before an alias.
    pub fn find(&self, tag: &str) -> Option<Entry<'_>> {
        let tag = tag.trim().to_lowercase();
        let tag = tag.strip_prefix("library/").unwrap_or(&tag);
        let latest = format!("{tag}:latest");
        let forms = [tag, tag.strip_suffix(":latest").unwrap_or(&latest)];
        let by_tag = |form: &str| {
            self.entries()
                .find(|entry| entry.variant.tag.eq_ignore_ascii_case(form))
        };
        let by_alias = |form: &str| {
            self.entries().find_map(|entry| {
                let tag = entry
                    .variant
                    .aliases
                    .iter()
                    .find(|alias| alias.eq_ignore_ascii_case(form))?;
                // A bare name or `latest` is only another way to say the tag.
                let tag = if tag.contains(':') && !tag.ends_with(":latest") {
                    tag
                } else {
                    &entry.variant.tag
                };
                Some(Entry { tag, ..entry })
            })
        };
        forms
            .iter()
            .find_map(|form| by_tag(form))
            .or_else(|| forms.iter().find_map(|form| by_alias(form)))
    }

    /// Every file of every model.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.models.iter().flat_map(|model| {
            model
                .variants
                .iter()
                .map(move |variant| Entry::new(model, variant))
        })
    }

    /// The tags nearest to a mistyped one, best first.
    pub fn similar_tags(&self, tag: &str) -> Vec<String> {
        let names = self
            .entries()
            .flat_map(|entry| std::iter::once(&entry.variant.tag).chain(&entry.variant.aliases))
            .map(Text::as_str);
        similar(tag, names.chain(self.published_tags()))
    }

    /// The shape of a model; `None` where it is not known.
    pub fn architecture(&self, model: &Model) -> Option<&KnownArchitecture> {
        self.architectures.get(model.architecture? as usize)
    }
}
