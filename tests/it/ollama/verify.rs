//! `verify`: predictions against a server, a log, and a driver.

mod failed;
mod formats;
mod real;
mod saved;

use serde_json::Value;
use vramfit::app::Exit;
use vramfit::ollama::loads;

use super::recorded::{Recorded, Reply, ok};
#[cfg(unix)]
use crate::inventory::nvml::Scene;
use crate::support::{Machine, Run};

/// Of a real start of deepseek-v2:16b on an RTX 3090, with the sizes that it logged.
const LOG: &str = r#"time=2026-08-21T10:00:00Z level=INFO msg="starting llama-server"
llama_model_loader: loaded meta data with 38 key-value pairs and 377 tensors from /x/blobs/sha256-0000000000000000000000000000000000000000000000000000000000000001 (version GGUF V3 (latest))
print_info: n_ctx_train      = 163840
0.00.341.835 I load_tensors: offloading output layer to GPU
0.00.341.835 I load_tensors: offloaded 28/28 layers to GPU
load_tensors:   CPU_Mapped model buffer size =   112.50 MiB
load_tensors:        CUDA0 model buffer size =  8376.27 MiB
llama_context: n_seq_max     = 1
llama_context: n_ctx         = 32768
llama_context: n_ubatch      = 1024
llama_context: flash_attn    = auto
llama_context:  CUDA_Host  output buffer size =     0.40 MiB
llama_kv_cache:      CUDA0 KV buffer size =  8640.00 MiB
llama_kv_cache: size = 8640.00 MiB ( 32768 cells,  27 layers,  1/1 seqs), K (f16): 5184.00 MiB, V (f16): 3456.00 MiB
sched_reserve:      CUDA0 compute buffer size =  2376.00 MiB
sched_reserve:  CUDA_Host compute buffer size =   144.01 MiB
"#;

fn log(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ollama.log");
    std::fs::write(&path, text).expect("a log");
    let path = path.display().to_string();
    (folder, path)
}

fn codes(run: &Run) -> Vec<String> {
    let answer = run.json();
    let findings = answer["models"][0]["findings"].as_array().expect("a list");
    findings
        .iter()
        .map(|one| one["code"].as_str().expect("a code").to_owned())
        .collect()
}

#[test]
fn a_log_is_read_start_by_start() {
    let twice = format!("{LOG}{LOG}");
    let all = loads(&twice);
    assert_eq!(all.len(), 2);
    let load = &all[1];
    assert_eq!(load.layers, Some((28, 28)));
    assert_eq!(
        (load.context, load.parallel, load.batch),
        (Some(32_768), Some(1), Some(1024))
    );
    assert_eq!(load.kv_cache_type.as_deref(), Some("f16"));
    assert_eq!(load.gpus().count(), 1);
    let gpu = load.devices["CUDA0"];
    assert_eq!((gpu.kv_cache.0, gpu.compute.0), (8640 << 20, 2376 << 20));
    assert_eq!(load.devices["CUDA_Host"].compute.0, 151_005_430);
    for text in [
        "",
        "no buffers here",
        "CUDA0 model buffer size = x MiB",
        "model buffer size = 1 MiB",
    ] {
        assert!(loads(text).is_empty(), "{text}");
    }
    // Windows of a sliding cache are a second line; an RS line is recurrent state.
    let more = "l: CUDA0 model buffer size = 1.00 MiB\nl: CUDA0 KV buffer size = 8.00 MiB\nl: CUDA0 KV buffer size = 30.00 MiB\nl: CUDA0 RS buffer size = 2.00 MiB";
    let gpu = loads(more)[0].devices["CUDA0"];
    assert_eq!((gpu.kv_cache.0, gpu.recurrent.0), (38 << 20, 2 << 20));
}

/// Of a real start of qwen3.8:27b with drafting.
const DRAFTING: &str =
    "0.00.814.428 I srv    load_model: [spec] estimated memory usage of MTP context is 552.06 MiB
0.03.241.719 I load_tensors: offloaded 66/66 layers to GPU
0.03.241.724 I load_tensors:   CPU_Mapped model buffer size =   682.03 MiB
0.03.241.725 I load_tensors:      Vulkan0 model buffer size = 18163.06 MiB
0.07.460.821 I llama_context: n_ctx         = 8192
0.07.471.054 I llama_kv_cache:    Vulkan0 KV buffer size =   512.00 MiB
0.07.503.185 I llama_memory_recurrent:    Vulkan0 RS buffer size =   448.88 MiB
0.07.587.011 I sched_reserve:    Vulkan0 compute buffer size =   568.18 MiB
0.07.587.012 I sched_reserve:    Vulkan0 compute buffer size =   568.18 MiB
0.07.587.016 I sched_reserve: Vulkan_Host compute buffer size =   112.07 MiB
0.07.640.687 I srv    load_model: creating MTP draft context against the target model
0.07.640.764 I llama_context: n_ctx         = 8192
0.07.642.624 I llama_kv_cache:    Vulkan0 KV buffer size =    32.00 MiB
0.07.702.806 I sched_reserve:    Vulkan0 compute buffer size =   520.06 MiB
";

#[test]
fn a_second_context_is_told_and_its_scratch_space_counted() {
    let all = loads(&format!("{DRAFTING}{DRAFTING}"));
    assert_eq!(all.len(), 2);
    for load in &all {
        let gpu = load.devices["Vulkan0"];
        let mib = |bytes: vramfit::units::Bytes| (bytes.0 as f64 / 1_048_576.0).round() as u64;
        assert_eq!((mib(gpu.compute), mib(gpu.kv_cache)), (1088, 544));
        assert_eq!(mib(load.draft.total()), 552);
    }
    let (_folder, path) = log(DRAFTING);
    let command = format!("verify qwen3.8:27b --context 8192 --batch 2048 --log '{path}'");
    let run = Machine::new().run(&format!("{command} --json"));
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
    let answer = run.json();
    let findings = answer["models"][0]["findings"].as_array().expect("a list");
    let drafting = findings.iter().find(|one| one["code"] == "drafting");
    let drafting = drafting.unwrap_or_else(|| panic!("{findings:#?}"));
    assert_eq!(drafting["snapshots"], 2);
    assert_eq!(drafting["context"], 578_876_867);
}

/// Of a real start of phi4:14b by an Ollama that turned flash attention off.
const NO_FLASH: &str = "load_tensors: offloaded 41/41 layers to GPU
load_tensors:   CPU_Mapped model buffer size =   275.62 MiB
load_tensors:        CUDA0 model buffer size =  8354.71 MiB
llama_context: n_seq_max     = 1
llama_context: n_ctx         = 4096
llama_context: n_ubatch      = 512
llama_context: flash_attn    = disabled
llama_context:  CUDA_Host  output buffer size =     0.40 MiB
llama_kv_cache:      CUDA0 KV buffer size =   800.00 MiB
llama_kv_cache: size =  800.00 MiB (  4096 cells,  40 layers,  1/1 seqs), K (f16):  400.00 MiB, V (f16):  400.00 MiB
llama_context:      CUDA0 compute buffer size =   353.01 MiB
llama_context:  CUDA_Host compute buffer size =    23.01 MiB
";

#[test]
fn a_log_without_flash_attention_is_compared_without() {
    // What is no UTF-8 is read all the same, and so is what PowerShell writes.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.log");
    let mut bytes = b"caf\xe9 \xff\n".to_vec();
    bytes.extend_from_slice(NO_FLASH.as_bytes());
    let mut wide = vec![0xff, 0xfe];
    wide.extend(NO_FLASH.encode_utf16().flat_map(u16::to_le_bytes));
    for text in [bytes, wide] {
        std::fs::write(&path, text).expect("a log");
        let path = path.display();
        let run = Machine::new().run(&format!(
            "verify phi4:14b --gpu 'RTX 3090' --context 4096 --log '{path}' --json"
        ));
        assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
        assert_eq!(codes(&run)[0], "other-flash-attention");
        let answer = run.json();
        let actual = &answer["models"][0]["actual"];
        assert_eq!(actual["flash_attention"], false);
        let finding = &answer["models"][0]["findings"][0];
        // 353 MiB of scratch space, where flash attention would take less.
        assert!(finding["bytes"].as_i64() > Some(100 << 20), "{finding}");
    }
}

#[test]
fn a_real_log_agrees_with_the_prediction() {
    let (_folder, path) = log(LOG);
    let command = format!("verify deepseek-v2:16b --gpu 'RTX 3090' --log '{path}'");
    let run = Machine::new().run(&format!("{command} --json"));
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
    let answer = run.json();
    assert_eq!(answer["schema"], "vramfit.verify/1");
    let model = &answer["models"][0];
    let off = model["difference"].as_i64().expect("a difference");
    assert!(off.abs() < 20 << 20, "{off}");
    assert_eq!(model["fault"], false);
    for lang in ["en", "zh"] {
        let run = Machine::new().run(&format!("{command} --lang {lang}"));
        assert!(run.out.contains("CUDA0"), "{}", run.out);
    }
    // Without hardware the buffers can be compared all the same.
    let run = Machine::new().run(&format!("verify deepseek-v2:16b --log '{path}' --json"));
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
}

#[test]
fn other_settings_are_told_with_what_they_add() {
    let (_folder, path) = log(LOG);
    let run = Machine::new().run(&format!(
        "verify deepseek-v2:16b --gpu 'RTX 3090' --context 8192 --batch 512 --log '{path}' --json"
    ));
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
    let codes = codes(&run);
    assert_eq!(codes[..2], ["other-context", "other-batch"], "{codes:?}");
    let answer = run.json();
    let findings = &answer["models"][0]["findings"];
    // 24576 tokens more, at 276480 bytes each.
    assert!(findings[0]["bytes"].as_i64().expect("bytes") >= 24_576 * 276_480);
    let spilled = LOG.replace("28/28", "20/28").replace("8376.27", "6000.00");
    let (_folder, path) = log(&spilled);
    let run = Machine::new().run(&format!(
        "verify deepseek-v2:16b --gpu 'RTX 3090' --log '{path}' --json"
    ));
    assert_eq!(run.exit, Exit::No, "{}", run.out);
    assert_eq!(run.json()["models"][0]["findings"][0]["layers"], 8);
    let grown = LOG.replace("2376.00", "4376.00");
    let (_folder, path) = log(&grown);
    let run = Machine::new().run(&format!(
        "verify deepseek-v2:16b --gpu 'RTX 3090' --log '{path}'"
    ));
    assert_eq!(run.exit, Exit::No, "{}", run.out);
}

#[test]
fn without_anything_to_compare_it_says_so() {
    let cases = [
        (r#"{"models":null}"#, "verify --json", "ollama-not-loaded"),
        (
            r#"{"models":[]}"#,
            "verify qwen3:8b --json",
            "ollama-not-loaded",
        ),
    ];
    for (ps, command, code) in cases {
        let server = Recorded::start(vec![("/api/ps", ok(ps))]);
        let run = Machine::new()
            .with("OLLAMA_HOST", server.host())
            .run(command);
        assert_eq!(run.exit, Exit::Failure);
        assert!(run.err.contains(code), "{}", run.err);
    }
    let run = Machine::new().run("verify --json");
    assert!(run.err.contains("ollama-absent"), "{}", run.err);
    // Who does not answer is not asked twice.
    let server = Recorded::start(vec![("/api/ps", Reply::Body(503, String::new()))]);
    let run = Machine::new()
        .with("OLLAMA_HOST", server.host())
        .run("verify --json");
    assert!(run.err.contains("ollama-busy"), "{}", run.err);
    assert_eq!(server.asked().len(), 1);
    let (_folder, path) = log("nothing");
    let run = Machine::new().run(&format!("verify --log '{path}' --json"));
    assert!(run.err.contains("ollama-no-buffers"), "{}", run.err);
    // A machine without GPUs reports zero of zero: no fault, no number.
    let ps = r#"{"models":[{"name":"qwen3:8b","size":0,"size_vram":0,"context_length":4096}]}"#;
    let server = Recorded::start(vec![("/api/ps", ok(ps))]);
    let machine = Machine::new().with("OLLAMA_HOST", server.host());
    let run = machine.run("verify --json");
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
    assert_eq!(codes(&run)[0], "not-measured");
    assert_eq!(run.json()["models"][0]["difference"], Value::Null);
    let run = machine.run("verify --save --json");
    assert!(run.err.contains("ollama-nothing-to-save"), "{}", run.err);
}

#[cfg(unix)]
/// What vramfit predicts for qwen3:8b at 8192 tokens: its buffers.
pub(crate) fn buffers() -> u64 {
    let answer = Machine::new()
        .run("explain qwen3:8b --gpu 'RTX 3090' --context 8192 --json")
        .json();
    let estimate = &answer["estimate"];
    estimate["total"].as_u64().expect("bytes") - estimate["overhead"].as_u64().expect("bytes")
}

#[cfg(unix)]
#[test]
fn the_measured_cuda_context_is_kept_for_later_estimates() {
    let (size, overhead) = (buffers(), 300u64 << 20);
    let held = size + overhead;
    let scene = Scene::recent(&format!(
        "library | driver=550.54.14\n\
         gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-11111111-2222-3333-4444-555555555555 | total=25769803776 | used={held} | bus=00000000:01:00.0\n\
         process | pid=4711 | bytes={held} | command=/usr/lib/ollama/llama-server | kind=compute\n"
    ));
    let home = tempfile::tempdir().expect("a folder");
    let ps = |size: u64, vram: u64| {
        let text = format!(
            r#"{{"models":[{{"name":"qwen3:8b","size":{size},"size_vram":{vram},"context_length":8192}}]}}"#
        );
        Recorded::start(vec![
            ("/api/ps", ok(&text)),
            ("/api/version", ok(r#"{"version":"0.33.0"}"#)),
        ])
    };
    let server = ps(size, size);
    let machine = scene
        .machine()
        .with("OLLAMA_HOST", server.host())
        .with("XDG_CONFIG_HOME", &home.path().display().to_string());
    let assumed = |machine: &Machine| {
        machine.run("explain qwen3:4b --json").json()["estimate"]["overhead"].clone()
    };
    assert_ne!(assumed(&machine), overhead);
    let run = machine.run("verify --save --json");
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
    let answer = run.json();
    assert_eq!(answer["version"], "0.33.0");
    assert_eq!(answer["models"][0]["difference"], 0, "{}", run.out);
    assert_eq!(
        answer["models"][0]["actual"]["per_gpu"][0]["overhead"],
        overhead
    );
    assert_eq!(answer["saved"][0]["overhead"], overhead);
    assert_eq!(assumed(&machine), overhead);
    // Whoever reads an estimate is told where that number is from.
    for command in ["explain qwen3:4b", "recommend"] {
        let report = machine.run(&format!("{command} --json")).json();
        let gpu = &report["inventory"]["hosts"][0]["gpus"][0];
        assert_eq!(gpu["cuda_context"], overhead, "{command}");
        let page = machine.run(command).out;
        assert!(page.contains("measured here: GPU 0 300 MiB"), "{page}");
        let page = machine.run(&format!("{command} --lang zh")).out;
        assert!(page.contains("实测值：GPU 0 300 MiB"), "{page}");
    }
    std::fs::remove_dir_all(home.path().join("vramfit")).expect("a folder");
    let page = machine.run("verify --save").out;
    assert!(page.contains("Saved: a process takes"), "{page}");
    assert!(!page.contains("--save keeps"), "{page}");
    // Described hardware is not this machine's.
    let described = machine
        .run("explain qwen3:4b --gpu 'RTX 3090' --json")
        .json();
    assert_ne!(described["estimate"]["overhead"], overhead);
    // Layers in host memory, though there is room.
    let server = ps(size, size / 2);
    let run = machine
        .with("OLLAMA_HOST", server.host())
        .run("verify qwen3:8b --json");
    assert_eq!(run.exit, Exit::No, "{}", run.out);
    assert!(codes(&run).contains(&"spilled".to_owned()), "{}", run.out);
}

#[test]
fn a_model_that_was_made_for_its_settings_is_known_by_its_own_tag() {
    for name in [
        "vramfit/qwen3:8b-4096",
        "vramfit/qwen3:8b-4096-whole",
        "qwen3:8b",
    ] {
        let ps = format!(
            r#"{{"models":[{{"name":"{name}","size":5900000000,"size_vram":5900000000,"context_length":4096}}]}}"#
        );
        let server = Recorded::start(vec![
            ("/api/version", ok(r#"{"version":"0.33.0"}"#)),
            ("/api/tags", ok(r#"{"models":[]}"#)),
            ("/api/ps", ok(&ps)),
        ]);
        let run = Machine::new()
            .with("OLLAMA_HOST", server.host())
            .run("verify qwen3:8b --json");
        assert_eq!(run.json()["models"][0]["tag"], "qwen3:8b", "{name}");
    }
}
