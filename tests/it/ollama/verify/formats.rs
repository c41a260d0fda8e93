//! Logs of other years, and of other runners.

use vramfit::app::Exit;
use vramfit::ollama::{loads, log_text};

use super::{codes, log};
use crate::support::Machine;

#[test]
fn logs_of_2024_and_of_ollamas_own_runner_are_read() {
    let old = "llm_load_tensors: offloaded 33/33 layers to GPU
llm_load_tensors:        CPU buffer size =   281.81 MiB
llm_load_tensors:      CUDA0 buffer size =  4155.99 MiB
llama_new_context_with_model: n_ctx      = 8192
llama_new_context_with_model: n_ubatch   = 512
llama_new_context_with_model: flash_attn = 0
llama_kv_cache_init:      CUDA0 KV buffer size =  1024.00 MiB
llama_new_context_with_model: KV self size  = 1024.00 MiB, K (f16):  512.00 MiB, V (f16):  512.00 MiB
llama_new_context_with_model:      CUDA0 compute buffer size =   560.00 MiB
";
    let own = "time=2025-09-01T10:00:00Z level=INFO source=ggml.go:487 msg=\"offloaded 33/33 layers to GPU\"
time=2025-09-01T10:00:00Z level=INFO source=device.go:240 msg=\"model weights\" device=CUDA0 size=\"4.1 GiB\"
time=2025-09-01T10:00:00Z level=INFO source=device.go:245 msg=\"model weights\" device=CPU size=\"281.8 MiB\"
time=2025-09-01T10:00:00Z level=INFO source=device.go:251 msg=\"kv cache\" device=CUDA0 size=\"1.0 GiB\"
time=2025-09-01T10:00:00Z level=INFO source=device.go:262 msg=\"compute graph\" device=CUDA0 size=\"560.0 MiB\"
";
    for (text, flash_attention) in [(old, Some(false)), (own, None)] {
        let all = loads(text);
        assert_eq!(all.len(), 1, "{text}");
        assert_eq!(all[0].layers, Some((33, 33)));
        assert_eq!(all[0].flash_attention, flash_attention);
        let gpu = all[0].devices["CUDA0"];
        assert_eq!(gpu.weights.0 >> 20, if text == old { 4155 } else { 4198 });
        assert_eq!((gpu.kv_cache.0 >> 20, gpu.compute.0 >> 20), (1024, 560));
    }
}

/// Sizes of llama3:8b as engines of 2024 and Ollama's own runner of 2025 tell them.
const OF_2024: &str = r#"time=2024-07-20T10:00:00Z level=INFO msg="starting llama server" cmd="/tmp/ollama/runners/cuda_v11/ollama_llama_server --model /x/blobs/sha256-6a --ctx-size 8192 --batch-size 512 --embedding --log-disable --n-gpu-layers 33 --flash-attn --parallel 4 --port 40000"
llm_load_tensors: offloaded 33/33 layers to GPU
llm_load_tensors:        CPU buffer size =   281.81 MiB
llm_load_tensors:      CUDA0 buffer size =  4155.99 MiB
llama_new_context_with_model: n_ctx      = 8192
llama_new_context_with_model: n_ubatch   = 512
llama_new_context_with_model: flash_attn = 1
llama_kv_cache_init:      CUDA0 KV buffer size =  1024.00 MiB
llama_new_context_with_model: KV self size  = 1024.00 MiB, K (f16):  512.00 MiB, V (f16):  512.00 MiB
llama_new_context_with_model:  CUDA_Host  output buffer size =     2.02 MiB
llama_new_context_with_model:      CUDA0 compute buffer size =   258.50 MiB
llama_new_context_with_model:  CUDA_Host compute buffer size =    24.01 MiB
"#;
const OF_2025: &str = r#"time=2025-09-01T10:00:00Z level=INFO source=runner.go:925 msg=load request="{Operation:commit LoraPath:[] Parallel:2 BatchSize:512 FlashAttention:true KvSize:16384 KvCacheType:q8_0 NumThreads:8 GPULayers:33[ID:GPU-x Layers:33(0..32)] MultiUserCache:false}"
time=2025-09-01T10:00:00Z level=INFO source=backend.go:310 msg="model weights" device=CUDA0 size="4.1 GiB"
time=2025-09-01T10:00:00Z level=INFO source=backend.go:315 msg="model weights" device=CPU size="281.8 MiB"
time=2025-09-01T10:00:00Z level=INFO source=backend.go:321 msg="kv cache" device=CUDA0 size="1.1 GiB"
time=2025-09-01T10:00:00Z level=INFO source=backend.go:332 msg="compute graph" device=CUDA0 size="258.5 MiB"
"#;

#[test]
fn older_logs_tell_their_settings_and_that_they_are_old() {
    let all = loads(&format!("{OF_2024}{OF_2025}{OF_2024}"));
    assert_eq!(all.len(), 3);
    let settings = |load: &vramfit::ollama::EngineStart| {
        (
            load.context,
            load.parallel,
            load.batch,
            load.flash_attention,
        )
    };
    assert_eq!(
        settings(&all[0]),
        (Some(8192), Some(4), Some(512), Some(true))
    );
    assert_eq!(
        settings(&all[1]),
        (Some(16_384), Some(2), Some(512), Some(true))
    );
    assert_eq!(all[1].kv_cache_type.as_deref(), Some("q8_0"));
    assert!(all.iter().all(|load| load.batch_logits));
    assert_eq!(settings(&all[2]), settings(&all[0]));
    let (_folder, path) = log(OF_2024);
    let run = Machine::new().run(&format!(
        "verify llama3:8b --vram 24 --context 8k --log {path} --json"
    ));
    let codes = codes(&run);
    for code in ["other-context", "other-parallel", "batch-logits"] {
        assert!(codes.iter().any(|found| found == code), "{code}: {codes:?}");
    }
    assert!(!codes.iter().any(|code| code == "unexplained"), "{codes:?}");
    assert_eq!(run.exit, Exit::Yes);
}

/// A log as a line of text each, put into what recorders make of it.
fn recorded(as_line: impl Fn(&str) -> String) -> String {
    super::LOG
        .lines()
        .map(|line| as_line(line) + "\n")
        .collect()
}

#[test]
fn what_recorders_put_around_a_line_does_not_matter() {
    let plain = loads(super::LOG);
    let bytes = |line: &str| format!("\u{1b}[32m{line}\u{1b}[0m").into_bytes();
    let texts = [
        recorded(|line| format!("Nov 29 10:00:00 host ollama[123]: {line}")),
        recorded(|line| format!("ollama-1  | {line}")),
        recorded(|line| format!("2026-09-01T10:00:00.000000000Z stderr F {line}")),
        recorded(|line| {
            let line = format!("{line}\n");
            serde_json::json!({ "log": line, "stream": "stderr", "time": "2026-09-01T10:00:00Z" })
                .to_string()
        }),
        recorded(|line| serde_json::json!({ "_PID": "7", "MESSAGE": line }).to_string()),
        recorded(|line| serde_json::json!({ "MESSAGE": bytes(line) }).to_string()),
        recorded(|line| {
            format!("\u{1b}[34m0.00.123.456 \u{1b}[0m\u{1b}[32mI \u{1b}[0m{line}\u{1b}[0m")
        }),
        super::LOG.replace('\n', "\r\n"),
    ];
    for text in &texts {
        assert_eq!(loads(text), plain, "{text}");
    }
    let units = super::LOG.encode_utf16();
    let (little, big): (Vec<[u8; 2]>, Vec<[u8; 2]>) = units
        .map(|unit| (unit.to_le_bytes(), unit.to_be_bytes()))
        .unzip();
    for (mark, words) in [([0xff, 0xfe], little), ([0xfe, 0xff], big)] {
        let bare: Vec<u8> = words.into_iter().flatten().collect();
        let marked = [mark.to_vec(), bare.clone()].concat();
        assert_eq!(loads(&log_text(&bare)), plain, "no mark, {mark:?}");
        assert_eq!(loads(&log_text(&marked)), plain, "{mark:?}");
    }
}

#[test]
fn keys_and_values_may_have_types_of_their_own() {
    let mixed = super::LOG.replace("V (f16)", "V (q5_1)");
    let kind = loads(&mixed)[0].kv_cache_type.clone();
    assert_eq!(kind.as_deref(), Some("k=f16,v=q5_1"));
    let asked = "time=2026-09-01T10:00:00Z level=INFO msg=\"starting llama-server\" cmd=\"/x/llama-server --model /x/y -c 4096 --cache-type-k q8_0 --cache-type-v q4_0\"
load_tensors:        CUDA0 model buffer size =  4403.49 MiB
";
    let kind = loads(asked)[0].kv_cache_type.clone();
    assert_eq!(kind.as_deref(), Some("k=q8_0,v=q4_0"));
}
