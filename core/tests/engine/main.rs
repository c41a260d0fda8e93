//! Laws of the engine, on the models of the catalog.
// Clippy spares only functions that are tests themselves, not what they call.
#![allow(clippy::expect_used, clippy::panic)]

mod laws;
mod plans;
mod problems;
mod replans;
mod stand_ins;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use vramfit_core::catalog::Catalog;
use vramfit_core::catalog::tags::Tags;
use vramfit_core::engine::published::derive_sizes;
use vramfit_core::engine::usual_need;

/// The catalog of `data/`, as the program's build script makes it.
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let text = |path: &Path| fs::read_to_string(path).expect("a data file");
    let mut files = Vec::new();
    for folder in [data.clone(), data.join("models")] {
        let entries = fs::read_dir(folder).expect("a folder of data");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let tables = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
        files.extend(tables.map(|path| (path.display().to_string(), text(&path))));
    }
    files.sort();
    let files = files.iter().map(|(name, text)| (&**name, &**text));
    let mut catalog = Catalog::read(files).expect("data without defects");
    let tags = Tags::parse("tags.txt", &text(&data.join("tags.txt"))).expect("tags");
    derive_sizes(&mut catalog, &tags);
    usual_need::fill(&mut catalog);
    catalog
});
