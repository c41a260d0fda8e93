//! Numbers at the edge: whatever is typed, the answer is right or clear, and never a panic, a wrapped number or a run without an end.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;
use vramfit::app::Exit;

use crate::support::{Machine, Run};

/// Ends of types and of what is believed, with what only looks like a number among them.
const EDGES: [&str; 34] = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "64",
    "127",
    "128",
    "255",
    "256",
    "257",
    "1023",
    "1025",
    "8191",
    "65535",
    "65536",
    "65537",
    "16777215",
    "16777216",
    "16777217",
    "1000000000",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "1.5",
    "0.0001",
    "1e9",
    "1e400",
    "NaN",
    "inf",
];

/// What an answer may take, by a build without optimisation on a machine that has much else to do.
const BUDGET: Duration = Duration::from_secs(120);

/// Where a number may stand. Sizes have their units tried, too.
const PLACES: [&str; 49] = [
    "explain qwen3:8b --vram 24 --context N",
    "explain qwen3:8b --vram 24 --parallel N",
    "explain qwen3:8b --vram 24 --batch N",
    "explain qwen3:8b --vram 24 --context Nk --parallel N",
    "explain qwen3:8b --vram 24 --context Nm --kv-cache-type q8_0",
    "explain gemma3:27b --vram N",
    "explain gemma3:27b --vram NxN",
    "explain gemma3:27b --vram NMiB",
    "explain gemma3:27b --vram NGiBx2",
    "explain gemma3:27b --vram NTiB",
    "explain gpt-oss:120b --vram 24 --ram N",
    "explain gpt-oss:120b --vram 24 --ram NTiB --ram-bandwidth N",
    "explain gpt-oss:120b --vram 24x2 --ram 64 --ram-bandwidth DDR5-NxN",
    "explain qwen3:8b --vram 24 --reserve N",
    "explain qwen3:8b --vram 24 --reserve NMiB",
    "explain qwen3:8b --vram 24 --ollama-version N.N.N",
    "explain qwen3:8b --gpu 'RTX 3090 xN'",
    "explain qwen3:8b --gpu 'Nx3090'",
    "explain qwen3:8b --gpu 'A100 NGB'",
    "recommend --vram 24 --catalog guide --limit N",
    "recommend --vram N --catalog guide --context N",
    "recommend --vram 24x2 --catalog guide --parallel N --context N",
    "tips --tag qwen3:8b --vram 24 --context N --parallel N",
    "compare qwen3:8b llama3:8b --vram 24 --context N",
    "gpus --vram 24xN",
    "plan qwen3:8b*N --vram 24x2",
    "plan qwen3:8b*2@N --vram 24x2",
    "plan qwen3:8b*2@Nk --vram NGiBx2",
    "plan qwen3:8b:priority=N --vram 24",
    "plan qwen3:8b:pin=N --vram 24x2",
    "plan qwen3:8b --vram 24x2 --keep-free N",
    "plan qwen3:8b --vram 24x2 --keep-free count:N",
    "plan qwen3:8b*3 --vram 24x2 --base-port N",
    "plan qwen3:8b --vram 24 --headroom N",
    "plan qwen3:8b --vram 24 --lose N --what-if '+3090 xN'",
    "monitor --once --vram 24 --interval N",
    "plan qwen3:8b --vram 24x2 --users N",
    "plan qwen3:8b --vram 24x2 --users N --context N --parallel N",
    "plan qwen3:8b --vram 24x2 --min-speed N --ttft N",
    "plan --vram 24 --fill --limit N",
    "plan qwen3:8b --vram NGiB --fill --task code",
    "plan qwen3:8b --vram 24x2 --engine vllm --parallel N --context N",
    "plan qwen3:8b*N --vram NGiBx2 --engine vllm",
    "plan qwen3:8b*2 --vram 24x2 --engine llama.cpp --context N --base-port N",
    "plan qwen3:32b --vram 24 --time N",
    "upgrade llama3.1:70b --vram 24 --slots N --limit N",
    "upgrade llama3.1:70b --vram N --card '3090 xN' --time N",
    "explain qwen3:8b --vram 24 --draft N --depth N",
    "curves --vram N --catalog guide --depth N",
];

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(&EDGES[..]).prop_map(str::to_owned),
        1 => any::<u64>().prop_map(|n| n.to_string()),
        1 => (0_u32..64).prop_map(|bits| (1_u64 << bits).to_string()),
    ]
}

/// An answer, or a refusal that names what is wrong.
fn check(run: &Run, command: &str) {
    match run.exit {
        Exit::Failure => assert!(
            run.out.is_empty() && run.err.contains("vramfit"),
            "{command}: {}{}",
            run.out,
            run.err
        ),
        Exit::Yes | Exit::No => {
            let answer = run.json();
            sums(&answer, command);
        }
    }
}

/// A sum is no less than its parts, wherever an estimate stands: a number that wrapped would be.
fn sums(value: &Value, command: &str) {
    match value {
        Value::Object(fields) => {
            let part = |name: &str| fields.get(name).and_then(Value::as_u64);
            if let (Some(total), Some(weights), Some(cache), Some(compute)) = (
                part("total"),
                part("weights"),
                part("kv_cache"),
                part("compute"),
            ) {
                let least = weights.saturating_add(cache).saturating_add(compute);
                assert!(total >= least, "{command}: {total} < {least}");
            }
            for value in fields.values() {
                sums(value, command);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| sums(value, command)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_number_is_answered_or_refused(place in prop::sample::select(&PLACES[..]), numbers in prop::collection::vec(number(), 4)) {
        let mut numbers = numbers.into_iter().cycle();
        let mut command = String::new();
        for (at, c) in place.char_indices() {
            let stands_alone = c == 'N' && !place[at..].starts_with("NVIDIA");
            match numbers.next().filter(|_| stands_alone) {
                Some(number) => command += &number,
                None => command.push(c),
            }
        }
        command += " --json";
        let began = Instant::now();
        check(&Machine::new().run(&command), &command);
        prop_assert!(began.elapsed() < BUDGET, "{command}: {:?}", began.elapsed());
    }
}

#[test]
fn the_most_that_is_taken_is_answered() {
    for command in [
        "gpus --vram 24x1024",
        "gpus --gpu 'RTX 3090 x1024'",
        "explain qwen3:8b --vram 16384x1024 --context 16777216 --parallel 256 --batch 65536",
        "explain llama3.1:405b --vram 1MiBx1024",
        "recommend --vram 24x1024 --catalog guide",
        // Far more GPUs than layers, on which the scratch space leaves none of them room enough.
        "explain deepseek-r1:671b --gpu 'RTX 3090 x1024' --context 65536",
        "plan qwen3:8b*2000 --vram 24x8",
        "plan qwen3:8b --vram 24 --keep-free count:4294967295",
    ] {
        let run = Machine::new().run(&format!("{command} --json"));
        assert_ne!(run.exit, Exit::Failure, "{command}: {}", run.err);
        check(&run, command);
    }
    for (command, word) in [
        ("gpus --vram 24x1025", "--vram"),
        ("plan qwen3:8b*2001 --vram 24", "DEMAND"),
        (
            "plan qwen3:8b --vram 24 --keep-free count:1000000000000",
            "--keep-free",
        ),
        ("explain qwen3:8b --vram 24 --context 16777217", "--context"),
    ] {
        let run = Machine::new().run(command);
        assert_eq!(run.exit, Exit::Failure, "{command}: {}", run.out);
        assert!(run.err.contains(word), "{command}: {}", run.err);
    }
}
