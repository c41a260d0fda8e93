//! Logs of engines that did not load a model, as they were reported in public.

use vramfit::app::Exit;
use vramfit::ollama::loads;

use super::{LOG, codes, log};
use crate::support::Machine;

/// Of 2025, on a card too small; journald's prefix before each line.
const NO_MEMORY: &str = "Feb 21 01:40:58 host ollama[4024]: load_tensors: offloaded 33/33 layers to GPU
Feb 21 01:41:02 host ollama[4024]: ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4403.49 MiB on device 0: cudaMalloc failed: out of memory
Feb 21 01:41:16 host ollama[4024]: llama_model_load: error loading model: unable to allocate CUDA0 buffer
Feb 21 01:41:16 host ollama[4024]: llama_load_model_from_file: failed to load model
Feb 21 01:41:16 host ollama[4024]: panic: unable to load model: /usr/share/ollama/.ollama/models/blobs/sha256-b7
";
/// Of 2024: the weights are there, the context is not.
const NO_CONTEXT_2024: &str = "llm_load_tensors:        CPU buffer size =   281.81 MiB
llm_load_tensors:      CUDA0 buffer size =  4403.49 MiB
llama_new_context_with_model: V cache quantization requires flash_attn
common_init_from_params: failed to create context with model '/x/model.gguf'
main: error: unable to load model
";
/// Of 2026, from llama-server itself.
const NO_CONTEXT_2026: &str =
    "0.00.951.100 I load_tensors:        CUDA0 model buffer size =  4403.49 MiB
0.00.951.571 E llama_init_from_model: failed to initialize the context: quantized V cache was requested, but this requires Flash Attention
0.00.951.576 E cmn  common_init_: failed to create context with model '/x/model.gguf'
";
/// Of Ollama, which knows an architecture later than its engine.
const UNKNOWN: &str = "llama_model_load: error loading model: error loading model architecture: unknown model architecture: 'mllama9'
llama_model_load_from_file_impl: failed to load model
time=2026-02-01T10:00:00Z level=ERROR msg=\"error loading llama server\" error=\"llama-server process has terminated: exit status 1\"
";

#[test]
fn why_a_model_did_not_load_is_told() {
    for (text, said, out_of_memory) in [
        (NO_MEMORY, "cudaMalloc failed: out of memory", true),
        (
            NO_CONTEXT_2024,
            "V cache quantization requires flash_attn",
            false,
        ),
        (NO_CONTEXT_2026, "quantized V cache was requested", false),
        (UNKNOWN, "unknown model architecture: 'mllama9'", false),
    ] {
        let all = loads(text);
        assert_eq!(all.len(), 1, "{text}");
        let failure = all[0].failure.clone().unwrap_or_else(|| panic!("{text}"));
        assert!(failure.said.contains(said), "{failure:?}");
        assert_eq!(failure.out_of_memory, out_of_memory, "{failure:?}");
        let (_folder, path) = log(text);
        let run = Machine::new().run(&format!(
            "verify llama3.1:8b --vram 24 --log '{path}' --json"
        ));
        let codes = codes(&run);
        assert_eq!(run.exit, Exit::No, "{}{}", run.out, run.err);
        assert_eq!(codes[0], "engine-failed", "{codes:?}");
        for other in ["as-predicted", "unexplained", "spilled", "other-weights"] {
            assert!(!codes.iter().any(|code| code == other), "{codes:?}");
        }
    }
}

#[test]
fn a_later_start_that_worked_counts() {
    // As Ollama does with a shorter context, and an engine that tries again without pipelines.
    let again = format!("{NO_MEMORY}{LOG}");
    let all = loads(&again);
    assert_eq!(all.len(), 2);
    assert!(all[0].failure.is_some() && all[1].failure.is_none());
    let retried = LOG.replace(
        "sched_reserve:      CUDA0",
        "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9376.00 MiB on device 0: cudaMalloc failed: out of memory
sched_reserve: compute buffer allocation failed, retrying without pipeline parallelism
sched_reserve:      CUDA0",
    );
    assert_eq!(loads(&retried), loads(LOG));
    // What a fit says while it measures is no failure.
    let measuring = format!(
        "llama_init_from_model: failed to initialize the context: dflash requires ctx_other to be set (this warning is normal during memory fitting)\n{LOG}"
    );
    assert_eq!(loads(&measuring), loads(LOG));
}
