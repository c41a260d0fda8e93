//! A fleet: TOML, the JSON of `vramfit gpus`, what nvidia-smi prints.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vramfit::catalog::Catalog;
use vramfit::inventory::fleet::Fleet;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| vramfit::embedded::catalog().expect("the catalog"));

fuzz_target!(|text: &str| {
    let files = [(PathBuf::from("rack.toml"), text.to_owned())];
    let _ = Fleet::default().read(&files, &CATALOG);
});
