//! A server's log, in any encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for load in vramfit::ollama::loads(&vramfit::ollama::log_text(bytes)) {
        let _ = (load.host(), load.on_gpus());
    }
});
