//! What a speed is that of: how much is in the context, how many are answered at once, and what its band holds.

use serde_json::Value;
use vramfit::catalog::speeds::Basis;
use vramfit::embedded;

use crate::support::Machine;

/// What `explain` says of the speed.
fn speed(command: &str) -> Value {
    let run = Machine::new().run(&format!("explain {command} --json"));
    run.json()["speed"].clone()
}

fn band(speed: &Value, of: &str) -> [f64; 2] {
    [0, 1].map(|at| speed[of][at].as_f64().expect("a rate"))
}

#[test]
fn a_fuller_context_is_slower_and_a_quarter_is_meant_where_nothing_is_said() {
    for model in ["qwen3:8b", "gemma3:27b", "qwen3:30b"] {
        let at = |depth: &str| {
            speed(&format!(
                "{model} --gpu 'A100 80GB' --context 32k --depth {depth}"
            ))
        };
        let [empty, quarter, full, beyond] = ["0", "8k", "32k", "64k"].map(at);
        let lows = [&empty, &quarter, &full].map(|one| band(one, "decode")[0]);
        assert!(lows[0] > lows[1] && lows[1] > lows[2], "{model}: {lows:?}");
        assert_eq!(full, beyond, "a context holds no more than it is long");
        let unsaid = speed(&format!("{model} --gpu 'A100 80GB' --context 32k"));
        assert_eq!(unsaid, quarter, "{model}");
        assert_eq!(unsaid["depth"], 8192);
    }
}

#[test]
fn users_at_once_get_less_each_and_more_together() {
    for model in ["qwen3:8b", "qwen3:30b"] {
        let alone = speed(&format!("{model} --gpu 'H100 SXM'"));
        assert!(alone.get("aggregate").is_none(), "one user has no sum");
        let mut before = (band(&alone, "decode"), band(&alone, "decode"));
        for users in [2.0, 4.0, 16.0] {
            let shared = speed(&format!("{model} --gpu 'H100 SXM' --parallel {users}"));
            let (each, all) = (band(&shared, "decode"), band(&shared, "aggregate"));
            for end in [0, 1] {
                assert!(each[end] < before.0[end], "{model} {users}: {each:?}");
                assert!(all[end] > before.1[end], "{model} {users}: {all:?}");
                assert!((all[end] / each[end] - users).abs() < 1e-6);
            }
            before = (each, all);
        }
    }
}

#[test]
fn the_page_says_what_the_speed_is_that_of() {
    let said = |command: &str| Machine::new().run(command).out;
    let page = said("explain qwen3:8b --gpu 'RTX 3090' --depth 4k --parallel 4");
    assert!(
        page.contains("tokens/s each") && page.contains("with 4K tokens in"),
        "{page}"
    );
    let page = said("recommend --gpu 'RTX 3090' --limit 2 --parallel 4 --lang zh");
    assert!(page.contains("4 路同时生成"), "{page}");
}

/// A mixture of experts whose shape nobody knows is lent that of a dense model, for its memory; a token still meets its experts only.
#[test]
fn what_a_token_meets_sets_the_pace_where_the_shape_is_lent() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own.toml");
    let text = "[[model]]\nname = \"sparse:33b\"\nparameters = 33442617088\nactive_parameters = 2664958542\n\
        context_length = 131072\nsource = \"here\"\n[[model.variant]]\ntag = \"sparse:33b\"\nquantization = \"Q4_K_M\"\n\
        weights = 20270493696\nsource = \"here\"\n";
    std::fs::write(&own, text).expect("a catalog");
    let rate = |tag: &str| {
        let command = format!(
            "explain {tag} --gpu 'RTX 4090' --ram 64 --catalog '{}' --json",
            own.display()
        );
        let report = Machine::new().run(&command).json();
        (
            report["estimate"]["basis"].clone(),
            band(&report["speed"], "decode"),
        )
    };
    let ((basis, sparse), (_, dense)) = (rate("sparse:33b"), rate("qwen3:32b"));
    assert_eq!(basis, "similar-architecture");
    assert!(sparse[0] > 2.0 * dense[1], "{sparse:?} {dense:?}");
    let alike = rate("qwen3:30b").1;
    assert!(
        sparse[0] < alike[1] && alike[0] < sparse[1],
        "{sparse:?} {alike:?}"
    );
}

/// Bands are told by what they rest on; what was measured is told no wider than 1.8 times.
#[test]
fn bands_of_what_was_measured_are_narrow_and_hold_the_expectation() {
    let catalog = embedded::catalog().expect("the catalog");
    let speeds = &catalog.knowledge.speeds;
    let [low, high] = speeds.constants.host_band;
    assert!(low < 1.0 && 1.0 < high && high / low < 1.6);
    for one in &speeds.band {
        let name = format!("{:?}", one.basis);
        assert!(one.low < 1.0 && 1.0 < one.high && one.rows >= 50, "{name}");
        if one.basis <= Basis::MeasuredOnGpu {
            assert!(one.high / one.low < 1.8, "{name}");
        }
    }
}
