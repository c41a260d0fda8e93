//! What lies where, and how much it is.

use serde_json::Value;
use vramfit::app::Exit;

use super::json;
use crate::support::Machine;

#[test]
fn a_mixture_fills_both_cards() {
    let placed = |cards: &str| {
        json(&format!(
            "explain gpt-oss:120b --gpu '{cards}' --ram 96 --context 32k"
        ))["placement"]
            .clone()
    };
    let (one, two) = (placed("RTX 3090"), placed("2xRTX 3090"));
    let usable = 0.8 * 22.5 * f64::from(1 << 30);
    for gpu in two["gpus"].as_array().expect("a list") {
        assert!(gpu["bytes"].as_f64() > Some(usable), "{two}");
    }
    let host = |placement: &Value| placement["host_bytes"].as_u64().expect("bytes");
    assert!(host(&two) + (15 << 30) < host(&one), "{one} {two}");
    assert_eq!(two["host_layers"], 0);
    assert!(two["host_expert_layers"].as_u64() > Some(5));
}

#[test]
fn a_small_card_holds_what_its_memory_takes() {
    let report =
        json("explain qwen3.6:27b-bf16 --gpu '4x RTX 5060 Ti 16GB + RTX 2070' --context 102400");
    assert_eq!(report["verdict"], "fits");
    let gpus = report["placement"]["gpus"].as_array().expect("a list");
    assert_eq!(gpus.len(), 5);
    let layers: Vec<u64> = gpus
        .iter()
        .filter_map(|gpu| gpu["layers"].as_u64())
        .collect();
    assert!(layers[4] >= 3 && layers[4] * 2 < layers[0], "{layers:?}");
}

#[test]
fn what_ollama_does_by_itself_is_told_at_the_context_it_opens_with() {
    let report = json("explain qwen3:8b --gpu '2xRTX 3090' --context 8192");
    let ollama = &report["ollama"];
    assert_eq!(ollama["context_default"], 40_960);
    assert_eq!(ollama["asked"]["context_length"], 8192);
    let taken = |choice: &Value| -> u64 {
        let gpus = choice["placement"]["gpus"].as_array().expect("a list");
        gpus.iter().filter_map(|gpu| gpu["bytes"].as_u64()).sum()
    };
    assert!(taken(ollama) > taken(&ollama["asked"]), "{ollama}");
    // A prediction of three times what the model takes is told as that, and a right one not at all.
    let report = json("explain gemma4:e2b --gpu 'RTX 5060 Laptop' --context 4096");
    let notes = report["ollama"]["notes"].as_array().expect("a list");
    let off = notes.iter().find(|note| note["code"] == "prediction-off");
    assert!(
        off.is_some_and(|note| note["percent"].as_i64() > Some(150)),
        "{notes:?}"
    );
}

#[test]
fn the_growth_of_a_cache_is_what_its_factors_give() {
    for (tag, bytes) in [
        ("llama3.1:8b", 131_072),
        ("qwen3.5:27b", 65_536),
        ("qwen3:30b", 98_304),
        ("gpt-oss:20b", 24_576),
    ] {
        let report = json(&format!("explain {tag}"));
        assert_eq!(report["kv_cache_growth"], bytes, "{tag}");
        let factors = &report["kv_cache_factors"];
        let [layers, key, value] =
            ["layers", "key", "value"].map(|name| factors[name].as_u64().expect("a number"));
        assert_eq!(2 * layers * (key + value), bytes, "{tag}");
    }
}

#[test]
fn a_gpu_that_shares_memory_has_no_more_than_the_host() {
    let free = |ram: &str| {
        json(&format!("gpus --gpu 'M4 16GB' {ram}"))["hosts"][0]["gpus"][0]["free"].as_u64()
    };
    assert_eq!(free("--ram 6"), Some(6 << 30));
    assert!(free("") > Some(6 << 30));
    let report = json("explain qwen3.5:9b --gpu 'M4 16GB' --ram 6 --context 4096");
    assert_ne!(report["verdict"], "fits");
}

#[test]
fn the_processor_can_be_asked_for_beside_gpus() {
    let report = json("explain qwen3:8b --gpu 'RTX 3090' --ram 32 --cpu");
    assert_eq!(report["verdict"], "offloads");
    assert!(
        report["placement"]["gpus"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
    assert!(report["speed"]["decode"][1].as_f64() < Some(40.0));
    let report = json("recommend --gpu 'RTX 3090' --ram 32 --cpu");
    assert_eq!(report["recommendations"][0]["verdict"], "offloads");
}

#[test]
fn what_a_vision_projector_takes_is_told() {
    let explain = |command: &str| {
        Machine::new()
            .run(&format!("explain {command} --json"))
            .json()
    };
    let mib = |value: &serde_json::Value| value.as_u64().expect("bytes") >> 20;
    // Nobody published its size: it is not counted as nothing.
    let unknown = explain("minicpm-v4.5:8b --vram 24");
    let codes = unknown["reasons"].as_array().expect("a list");
    assert!(
        codes
            .iter()
            .any(|reason| reason["code"] == "projector-unknown" && mib(&reason["most"]) >= 1700)
    );
    assert!(mib(&unknown["estimate"]["doubt"]) >= 1700);
    // The engine's own worst cases: the file is counted, its scratch space is a doubt.
    // Of qwen3-vl:8b no layout accounts for 38 MiB either.
    for (tag, worst, unplaced) in [
        ("qwen3.5:9b", 987, 0),
        ("qwen3.5:4b", 962, 0),
        ("qwen3-vl:8b", 1502, 38),
    ] {
        let estimate = explain(&format!("{tag} --vram 48"))["estimate"].clone();
        let most = mib(&estimate["projector"]) + mib(&estimate["doubt"]);
        assert!(
            most + 1 >= worst && most < worst + unplaced + 300,
            "{tag}: {most}"
        );
    }
    let doubt = mib(&explain("gemma4:e2b --vram 24")["estimate"]["doubt"]);
    assert!((1152..1500).contains(&doubt), "{doubt}");
    let known = explain("gemma3:27b --vram 48");
    let file = mib(&known["estimate"]["projector"]);
    assert!(file > 800);
    // Layers move to the host, it stays.
    let offloads = explain("gemma3:27b --vram 12 --ram 64");
    assert_eq!(offloads["verdict"], "offloads");
    assert_eq!(mib(&offloads["estimate"]["projector"]), file);
    // Where the GPU has no room for it and 1 GiB, Ollama leaves it to the processor.
    let crowded = explain("gemma3:4b --vram 2300MiB --ram 64");
    assert_eq!(mib(&crowded["estimate"]["projector"]), 0);
    let codes = crowded["reasons"].as_array().expect("a list");
    assert!(
        codes
            .iter()
            .any(|reason| reason["code"] == "projector-on-host")
    );
    let cpu = explain("gemma3:27b --vram 12 --ram 64 --cpu");
    let weights = mib(&cpu["estimate"]["host"]["weights"]);
    assert!(weights >= mib(&known["estimate"]["weights"]) + file);
}

#[test]
fn ollama_leaves_a_projector_free_once_more() {
    let explain = |vram: u64| {
        let model = "gemma3:27b --context 4096 --batch 512";
        json(&format!("explain {model} --vram {vram}MiB --ram 64"))
    };
    let mib = |value: &Value| value.as_u64().expect("bytes").div_ceil(1 << 20);
    let roomy = explain(48 << 10);
    let estimate = &roomy["estimate"];
    let (total, projector) = (mib(&estimate["total"]), mib(&estimate["projector"]));
    assert_eq!(explain(total + projector + 1024)["verdict"], "fits");
    let short = explain(total + projector + 1020);
    assert_eq!(short["verdict"], "tight");
    let codes = short["reasons"].as_array().expect("a list");
    let told = |reason: &Value| reason["code"] == "projector-padding";
    assert!(codes.iter().any(told));
    assert_eq!(short["ollama"]["placement"]["kind"], "offload");
}

#[test]
fn encoders_have_no_cache() {
    for tag in [
        "nomic-embed-text",
        "bge-m3",
        "all-minilm",
        "mxbai-embed-large",
    ] {
        let report = json(&format!("explain {tag} --vram 8"));
        assert_eq!(report["estimate"]["kv_cache"], 0, "{tag}");
        assert_eq!(report["speed"], Value::Null, "{tag}");
    }
}

#[test]
fn drafting_takes_a_second_context_and_copies_of_the_state() {
    let explain = |command: &str| json(&format!("explain {command}"));
    let mib = |value: &Value| value.as_u64().expect("bytes") >> 20;
    // A log of this model: 448.9 instead of 149.6 MiB of state, 32 and 520 of a second context, 568 instead of 520 of the first.
    let model = "qwen3.8:27b-q4_K_M --vram 48 --context 8192 --batch 2048";
    let (without, with) = (explain(model), explain(&format!("{model} --draft 2")));
    let [without, with] = [&without["estimate"], &with["estimate"]];
    assert_eq!(
        (mib(&without["recurrent"]), mib(&with["recurrent"])),
        (149, 448)
    );
    assert_eq!(
        (mib(&without["kv_cache"]), mib(&with["kv_cache"])),
        (661, 992)
    );
    // Of the first, 48 are its own.
    assert_eq!((mib(&without["draft"]), mib(&with["draft"])), (0, 600));
    let more = mib(&with["compute"]) - mib(&without["compute"]);
    assert!((568..=572).contains(&more), "{more}");
    // It held all of this on such a card without drafting, and 81 % of it with.
    let card = "qwen3.8:27b-q4_K_M --gpu 'RTX 5090' --context 200000";
    assert_eq!(explain(card)["verdict"], "fits");
    let drafting = explain(&format!("{card} --draft 2"));
    assert_ne!(drafting["verdict"], "fits");
    let left_alone = explain(&format!("{card} --draft 2 --ram 64"));
    assert_eq!(left_alone["verdict"], "offloads");
    let moved = &left_alone["ollama"]["asked"]["placement"]["host_layers"];
    assert!(moved.as_u64() >= Some(6), "{moved}");
    let codes = drafting["reasons"].as_array().expect("a list");
    assert!(codes.iter().any(|reason| reason["code"] == "drafts"));
    let llama = explain("llama3.1:8b --vram 24 --draft 2");
    let codes = llama["reasons"].as_array().expect("a list");
    assert!(codes.iter().any(|reason| reason["code"] == "cannot-draft"));
    assert_eq!(mib(&llama["estimate"]["draft"]), 0);
}

/// People's logs of Ollama's own files: `load_tensors: CUDA0 model buffer size = 4643.78 MiB` for qwen3:8b, whose values lie in 16 bits; and of
/// an encoder, which has no head: 302 million parameters of blocks in 16 bits.
#[test]
fn what_a_quantizer_kept_wide_and_what_is_not_there_are_found_by_the_size() {
    let weights = |tag: &str| {
        let report = json(&format!("explain {tag} --vram 24"));
        report["estimate"]["weights"].as_u64().expect("bytes") >> 20
    };
    assert!((4643..=4644).contains(&weights("qwen3:8b")));
    let encoder = weights("bge-m3");
    assert!((577..=590).contains(&encoder), "{encoder}");
}

#[test]
fn what_may_not_load_when_forced_lies_partly_in_memory() {
    // Nobody knows its projector, which takes up to 1153 MiB: 3.55 of 3.6 GiB are no promise.
    let card = "explain gemma4:e4b --gpu 'RTX 3050 4GB'";
    let codes = |report: &Value| -> Vec<String> {
        let reasons = report["reasons"].as_array().expect("a list");
        let code = |reason: &Value| reason["code"].as_str().expect("a code").to_owned();
        reasons.iter().map(code).collect()
    };
    let beside = json(&format!("{card} --ram 16"));
    assert_eq!(beside["verdict"], "offloads");
    assert!(!codes(&beside).contains(&"loads-whole-only-with".to_owned()));
    // Without memory to lie in it says how far off it may be.
    let alone = json(card);
    assert_eq!(alone["verdict"], "tight");
    assert!(codes(&alone).contains(&"within-doubt".to_owned()));
    // What surely loads when forced is left where it is.
    let sure = json("explain qwen3:14b --vram 10 --context 4096 --ram 64");
    assert_eq!(sure["verdict"], "tight");
    assert!(!codes(&sure).contains(&"within-doubt".to_owned()));
}

#[test]
fn a_tag_that_drafts_is_counted_so_until_told_otherwise() {
    let explain = |command: &str| json(&format!("explain {command} --gpu L40S"));
    let total = |report: &Value| report["estimate"]["total"].as_u64().expect("bytes");
    // `ollama show --modelfile qwen3.8:27b` says draft_num_predict 4; that of the tag without `-mtp` says nothing.
    let by_itself = explain("qwen3.8:27b");
    assert_eq!(by_itself["estimate"]["draft_num_predict"], 4);
    let asked = explain("qwen3.8:27b --draft 4");
    assert_eq!(total(&by_itself), total(&asked));
    let without = explain("qwen3.8:27b --draft 0");
    assert_eq!(without["estimate"]["draft"], 0);
    assert!(total(&without) < total(&by_itself));
    // One user is answered 1.3 to 2 times as fast.
    for (end, gain) in [(0, 1.3), (1, 2.0)] {
        let decode = |report: &Value| report["speed"]["decode"][end].as_f64().expect("tokens/s");
        let [with, plain] = [&by_itself, &without].map(decode);
        assert!((with / plain - gain).abs() < 1e-6, "{with} {plain}");
    }
    let plain = explain("qwen3.8:27b-q4_K_M");
    assert_eq!(plain["estimate"]["draft_num_predict"], Value::Null);
    // A cache of 8 bits is the model's: what drafts keeps 16.
    let quantised = explain("qwen3.8:27b --kv-cache-type q8_0");
    assert_eq!(
        quantised["estimate"]["draft"],
        by_itself["estimate"]["draft"]
    );
}

#[test]
fn a_draft_model_takes_what_it_takes_alone() {
    let explain = |command: &str| json(&format!("explain {command} --vram 24"));
    let bytes = |report: &Value, key: &str| report["estimate"][key].as_u64().expect("bytes");
    let alone = explain("qwen3:0.6b");
    let (without, with) = (explain("qwen3:8b"), explain("qwen3:8b --draft qwen3:0.6b"));
    for key in ["weights", "kv_cache", "compute"] {
        let more = bytes(&with, key) - bytes(&without, key);
        assert_eq!(more, bytes(&alone, key), "{key}");
    }
    let reasons = with["reasons"].as_array().expect("a list");
    let named = |reason: &Value| reason["code"] == "drafts" && reason["model"] == "qwen3:0.6b";
    assert!(reasons.iter().any(named));
    for (wrong, code) in [("qwen3:0.6bb", "unknown-tag"), ("-1", "bad-value")] {
        let ran = Machine::new().run(&format!("explain qwen3:8b --draft {wrong} --json"));
        assert_eq!(ran.exit, Exit::Failure, "{wrong}");
        assert!(ran.err.contains(code), "{wrong}: {}", ran.err);
    }
}
