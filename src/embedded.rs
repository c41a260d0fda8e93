//! The catalog that the program carries, as `build.rs` prepared it.

use crate::catalog::Catalog;
use crate::catalog::knowledge::Evidence;
use crate::catalog::sources::Sources;

/// The catalog of this build. Empty only if the build was tampered with.
pub fn catalog() -> Catalog {
    Catalog::decode(include_bytes!(concat!(env!("OUT_DIR"), "/catalog.bin"))).unwrap_or_default()
}

/// The same, with where its numbers come from.
pub fn cited_catalog() -> Catalog {
    let mut catalog = catalog();
    let sources: Sources =
        postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/sources.bin")))
            .unwrap_or_default();
    sources.attach(&mut catalog);
    catalog
}

/// The published values behind the scores.
pub fn evidence() -> Vec<Evidence> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/evidence.bin")))
        .unwrap_or_default()
}
