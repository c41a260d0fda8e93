//! A data file of one's own over the embedded catalog.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut catalog = vramfit::catalog::Catalog::default();
    let _ = catalog.overlay([("fuzz.toml", text)].into_iter());
});
