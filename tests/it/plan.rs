//! Plans as the program tells them; that the solver misses none is a test of the core.

#![allow(clippy::expect_used, clippy::panic)] // What tests share is part of them.

mod aims;
mod answers;
mod cli;
mod doubt;
mod experts;
mod fill;
mod fixes;
mod presets;
mod upgrade;
mod users;
mod vllm;

use std::sync::OnceLock;

use vramfit::catalog::Catalog;
use vramfit::embedded;

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| embedded::catalog().expect("the catalog"))
}
