//! The catalog's GPUs by name, each looked for once: a fleet has thousands of few kinds.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use super::simulated::{self, Card};
use crate::catalog::Catalog;
use crate::catalog::gpu::GpuSpec;
use crate::error::Error;
use crate::units::Bytes;

/// A name with what is known of its memory.
type Key = (String, Option<Bytes>);

/// GPUs of the catalog that were looked for, found or not.
pub struct KnownGpus<'a> {
    catalog: &'a Catalog,
    found: RefCell<HashMap<Key, Option<Cow<'a, GpuSpec>>>>,
    /// Cards by how they are described, with the memory of their machine.
    described: RefCell<HashMap<Key, Vec<Card>>>,
    /// Cards of which only the name is told.
    named: RefCell<HashMap<String, Card>>,
}

impl<'a> KnownGpus<'a> {
    /// A memory in which no GPU has been looked for yet.
    pub fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            found: RefCell::default(),
            described: RefCell::default(),
            named: RefCell::default(),
        }
    }

    /// The catalog in which GPUs are looked for.
    pub fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// A GPU by name and memory, as [`Catalog::device`] finds it.
    pub fn device(&self, name: &str, memory: Option<Bytes>) -> Option<Cow<'a, GpuSpec>> {
        let mut found = self.found.borrow_mut();
        let found = found.entry((name.to_owned(), memory));
        found
            .or_insert_with(|| self.catalog.device(name, memory))
            .clone()
    }

    /// The cards of a description as it is typed, `RTX 3090 x2`; `ram` is the memory of their machine.
    ///
    /// # Errors
    ///
    /// What is no such description, and GPUs that the catalog does not know.
    pub(super) fn described(&self, text: &str, ram: Option<Bytes>) -> Result<Vec<Card>, Error> {
        let key = (text.to_owned(), ram);
        if let Some(cards) = self.described.borrow().get(&key) {
            return Ok(cards.clone());
        }
        let cards = simulated::cards("gpus", text, self.catalog, ram)?;
        self.described.borrow_mut().insert(key, cards.clone());
        Ok(cards)
    }

    /// A card of a kind by its name alone, which other kinds may bear.
    pub(super) fn named(&self, name: &str, spec: &GpuSpec) -> Card {
        let mut named = self.named.borrow_mut();
        let card = named.entry(name.to_owned());
        card.or_insert_with(|| Card::told_by_name(name, spec, self.catalog))
            .clone()
    }
}
