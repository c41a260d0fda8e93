//! A plan that rests on guesses says so, and proves nothing.

use vramfit::app::Exit;

use crate::support::Machine;

#[test]
fn a_guess_is_never_proved() {
    // Its shape is known, its graph was not compared; the card is filled to the last of what is counted.
    let command = |vram: &str| format!("plan exaone-deep:7.8b --vram {vram} --context 4096");
    let (mut doubtful, mut sure) = (0, 0);
    for tenths in 60..90 {
        let vram = format!("{}.{}", tenths / 10, tenths % 10);
        let run = Machine::new().run(&format!("{} --json", command(&vram)));
        let plan = run.json();
        let Some(service) = plan["services"].get(0) else {
            continue;
        };
        if service["verdict"] != "fits" {
            continue;
        }
        let free = plan["gpus"][0]["free"].as_u64().expect("bytes");
        let doubt = service["estimate"]["doubt"].as_u64().expect("bytes");
        assert!(doubt > 0);
        let within = free < doubt;
        assert_eq!(service["within_doubt"], within, "{vram}");
        assert!(plan["optimal"] != true || !within, "{vram}");
        if within {
            doubtful += 1;
            for (lang, word) in [("en", "probably fit"), ("zh", "很可能放得下")] {
                let page = Machine::new().run(&format!("{} --lang {lang}", command(&vram)));
                assert!(page.out.contains(word), "{}", page.out);
                assert!(!page.out.contains("Proved:"), "{}", page.out);
            }
        } else {
            sure += 1;
        }
    }
    assert!(doubtful > 0 && sure > 0, "{doubtful} {sure}");
}

#[test]
fn no_cache_that_ollama_lacks_is_written_for_it() {
    for (kind, version) in [
        ("q5_1", "0.20.0"),
        ("bf16", "0.20.0"),
        ("k=q8_0,v=q4_0", "0.33.0"),
    ] {
        let settings = format!("--vram 24 --kv-cache-type {kind} --ollama-version {version}");
        for more in ["--json", "--emit shell"] {
            let run = Machine::new().run(&format!("plan llama3.1:8b {settings} {more}"));
            assert_eq!(run.exit, Exit::Failure, "{kind} {more}");
            assert!(
                run.err.contains("q8_0") && run.err.contains("q4_0"),
                "{}",
                run.err
            );
        }
        let emitted = Machine::new().run(&format!("recommend {settings} --emit shell"));
        assert!(!emitted.out.contains("KV_CACHE_TYPE"), "{}", emitted.out);
    }
    let taken = Machine::new().run(
        "plan llama3.1:8b --vram 24 --kv-cache-type q5_1 --ollama-version 0.33.0 --emit shell --out -",
    );
    assert!(
        taken.out.contains("OLLAMA_KV_CACHE_TYPE=q5_1"),
        "{}{}",
        taken.out,
        taken.err
    );
}
