//! What Ollama is said to do by itself is what it does.

use super::json;
use crate::support::Machine;

fn codes(list: &serde_json::Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|one| one["code"].as_str().expect("a code"))
        .collect()
}

/// What the engine refuses runs out of nothing, and no layer of it lands anywhere.
#[test]
fn what_does_not_load_is_not_told_to_spill() {
    for model in [
        "phi:2.7b",
        "gemma3:4b --no-flash-attention",
        "gemma4:e2b --no-flash-attention",
    ] {
        for gpu in ["RTX 3060 12GB", "RTX 3090"] {
            let report = json(&format!(
                "explain {model} --kv-cache-type q8_0 --gpu '{gpu}'"
            ));
            assert_eq!(report["verdict"], "does-not-fit", "{model}");
            let notes = codes(&report["ollama"]["notes"]);
            assert!(notes.contains(&"not-loaded"), "{model} {gpu}: {notes:?}");
            for code in [
                "out-of-memory",
                "silent-offload",
                "context-lowered",
                "default-context-fits",
                "default-context-offloads",
                "prediction-off",
            ] {
                assert!(!notes.contains(&code), "{model} {gpu}: {notes:?}");
            }
        }
    }
}

/// What dies of a lack of memory takes none and spills nothing, whatever context is set.
#[test]
fn what_runs_out_of_memory_is_told_nothing_more() {
    let report = json("explain gpt-oss:120b --gpu 'RTX 3090' --ram 16");
    let notes = codes(&report["ollama"]["notes"]);
    assert!(notes.contains(&"out-of-memory"), "{notes:?}");
    let report = json("explain gemma:7b --gpu 'GTX 1060 6GB' --ram 2");
    let more = codes(&report["ollama"]["notes"]);
    assert!(more.contains(&"out-of-memory"), "{more:?}");
    for code in ["default-context-offloads", "prediction-off"] {
        assert!(
            !notes.contains(&code) && !more.contains(&code),
            "{notes:?} {more:?}"
        );
    }
}

/// Families that Ollama names, encoders, and models that write turned into models that embed.
#[test]
fn ollama_gives_some_models_one_slot() {
    for model in ["qwen3.5:9b", "nomic-embed-text", "qwen3-embedding:8b"] {
        let asked = |slots| {
            json(&format!(
                "explain {model} --parallel {slots} --gpu 'RTX 3090'"
            ))
        };
        let (four, one) = (asked(4), asked(1));
        for part in ["placement", "predicted", "context_default"] {
            assert_eq!(four["ollama"][part], one["ollama"][part], "{model}");
        }
        for list in [&four["reasons"], &four["ollama"]["notes"]] {
            assert!(codes(list).contains(&"single-slot"), "{model}: {list}");
        }
    }
    let llama = json("explain llama3.1:8b --parallel 4 --gpu 'RTX 3090'");
    assert!(!codes(&llama["ollama"]["notes"]).contains(&"single-slot"));
}

/// Where Ollama leaves every GPU out and nobody told of RAM, whether it fits is not known, and what it takes is no less for it.
#[test]
fn what_no_gpu_serves_takes_memory_all_the_same() {
    let report = json("explain llama3.1:8b --gpu K80");
    let rows = report["ladder"].as_array().expect("rows");
    assert!(!rows.is_empty());
    for row in rows {
        assert!(row["verdict"].is_null(), "{row}");
        assert!(row["total"].as_u64() > Some(4 << 30), "{row}");
    }
}

/// What models take of a machine's memory is compared where the CPU was asked for, and no GPU is said to stand for it.
#[test]
fn models_on_the_cpu_are_compared_by_what_they_take_there() {
    let run = Machine::new().run("compare qwen3:8b llama3.1:8b --cpu --gpu 'RTX 3090' --ram 32");
    assert!(!run.out.contains("0 B"), "{}", run.out);
    assert!(!run.out.contains("No GPU given"), "{}", run.out);
    let run = Machine::new().run("compare qwen3:8b llama3.1:8b");
    assert!(run.out.contains("No GPU given"), "{}", run.out);
}

/// What a model needs is all of it, wherever it lies, in a list of one as in a comparison.
#[test]
fn a_comparison_counts_what_lies_in_ram() {
    let run = Machine::new().run("compare gpt-oss:120b qwen3:8b --gpu 'RTX 3090' --ram 96");
    let row = run.out.lines().find(|line| line.contains("gpt-oss:120b"));
    assert!(
        row.is_some_and(|row| row.contains("62.2 GiB")),
        "{}",
        run.out
    );
}
