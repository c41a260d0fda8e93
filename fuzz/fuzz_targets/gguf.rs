//! The header of a GGUF file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The weights themselves are never read, so that a file may be said to be longer than it is.
    for length in [bytes.len() as u64, 1 << 40] {
        let _ = vramfit::gguf::parse(bytes, length);
    }
});
