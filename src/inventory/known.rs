//! The catalog's GPUs by name, each looked for once: a fleet has thousands of few kinds.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use crate::catalog::Catalog;
use crate::catalog::gpu::GpuSpec;
use crate::units::Bytes;

/// A name with what is known of its memory.
type Key = (String, Option<Bytes>);

/// GPUs of the catalog that were looked for, found or not.
pub struct KnownGpus<'a> {
    catalog: &'a Catalog,
    found: RefCell<HashMap<Key, Option<Cow<'a, GpuSpec>>>>,
}

impl<'a> KnownGpus<'a> {
    /// A memory in which no GPU has been looked for yet.
    pub fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            found: RefCell::default(),
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
}
