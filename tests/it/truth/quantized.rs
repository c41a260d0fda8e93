//! What llama.cpp's own quantizer (b11739, a dry run) makes of a file, type by type, importance measured where a type asks for it.

use std::collections::BTreeMap;

use vramfit::engine::layout;

use super::architectures::{header, models};

/// A name of these files, or a tag of the catalog where the shape of the file is that of a published model.
fn laid_out(name: &str, quantization: &str) -> u64 {
    let weights = match models().get(name) {
        Some(model) => layout::weights(&header(model).architecture, quantization),
        None => {
            let catalog = vramfit::embedded::catalog().expect("the catalog");
            let entry = catalog.find(&name.replace('-', ":")).expect("a tag");
            let known = catalog.architecture(entry.model).expect("a shape");
            layout::weights(&known.shape, quantization)
        }
    };
    weights.expect("a known file type").in_file().0
}

#[test]
fn files_are_laid_out_as_the_quantizer_makes_them() {
    let text = include_str!("../../fixtures/truth/quantized.json");
    let made: BTreeMap<String, BTreeMap<String, u64>> =
        serde_json::from_str(text).expect("the dry runs");
    let mut compared = 0;
    for (name, types) in made {
        for (quantization, bytes) in types {
            compared += 1;
            assert_eq!(
                laid_out(&name, &quantization),
                bytes,
                "{name} {quantization}"
            );
        }
    }
    assert!(compared > 200, "{compared}");
}
