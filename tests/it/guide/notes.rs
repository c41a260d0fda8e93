//! Where the guide and the arithmetic part: each disagreement is computed here, told in `docs/guide-notes.md`, and kept true.
//!
//! Lines that begin with `Computed:` in the document are the program's; after a change of the numbers, run the test with
//! `UPDATE_GUIDE_NOTES=1` and read what changed.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use super::document::{FAMILIES, MEMORY, SPEEDS, STAGES, TIERS};
use super::{ask, gib, strings};

/// A disagreement: its heading in the document, and what the program computes; `None` once it is none any more.
type Note = (&'static str, fn() -> Option<String>);

const NOTES: &[Note] = &[
    ("ranges-without-cache", ranges_without_cache),
    ("ranges-above-need", ranges_above_need),
    ("13b-full-attention", full_attention_13b),
    ("one-file-two-sizes", one_file_two_sizes),
    ("tiers", tiers),
    ("six-gigabytes", six_gigabytes),
    ("twelve-gigabytes", twelve_gigabytes),
    ("seventy-b-on-40gb", seventy_b_on_40gb),
    ("left-on-48gb-and-40gb", left_on_two_cards),
    ("two-models-on-12gb", two_on_12gb),
    ("three-models-on-24gb", three_on_24gb),
    ("slivers-are-no-room", slivers),
    ("tags-that-do-not-exist", missing_tags),
    ("yi-34b-200k", yi_200k),
    ("qwen3-30b-32k", qwen3_32k),
    ("trained-contexts", trained_contexts),
    ("default-context", default_context),
    ("flags-and-parameters", flags),
    ("decode-speeds", decode_speeds),
    ("first-token", first_token),
    ("curve-and-gains", curve_and_gains),
    ("development-of-24gb", development_of_24gb),
];

fn explain(tag: &str, more: &str) -> Value {
    ask(&format!("explain {tag} {more}"))
}

fn need(tag: &str, context: u32) -> f64 {
    gib(&explain(tag, &format!("--context {context}"))["estimate"]["total"])
}

/// The models of the tables by memory, each once, with their ranges.
fn listed() -> Vec<(&'static str, f64, f64)> {
    let mut rows: Vec<_> = TIERS
        .iter()
        .flat_map(|(_, rows)| rows.iter().map(|row| (row.0, row.2, row.3)))
        .collect();
    rows.dedup_by_key(|row| row.0);
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|row| seen.insert(row.0));
    rows
}

fn told(parts: Vec<String>) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn ranges_without_cache() -> Option<String> {
    let rows = listed().into_iter().filter_map(|(tag, _, most)| {
        let need = need(tag, 4096);
        (need > most).then(|| format!("{tag} {need:.1} > {most}"))
    });
    told(rows.collect())
}

fn ranges_above_need() -> Option<String> {
    let rows = listed().into_iter().filter_map(|(tag, least, _)| {
        let need = need(tag, 4096);
        (need < least).then(|| format!("{tag} {need:.1} < {least}"))
    });
    told(rows.collect())
}

fn cache(tag: &str, context: u32) -> u64 {
    let estimate = &explain(tag, &format!("--context {context}"))["estimate"];
    estimate["kv_cache"].as_u64().expect("bytes")
}

/// KiB of cache that one token takes.
fn per_token(tag: &str) -> u64 {
    cache(tag, 4096) / 4096 / 1024
}

fn full_attention_13b() -> Option<String> {
    let rows = ["llama2:13b", "codellama:13b", "vicuna:13b"].map(|tag| {
        let (kib, whole) = (per_token(tag), cache(tag, 4096) as f64 / f64::from(1 << 30));
        (kib > 400).then(|| format!("{tag} {kib} KiB a token, {whole:.2} GiB at 4096"))
    });
    told(rows.into_iter().flatten().collect())
}

fn missing_tags() -> Option<String> {
    let models = ask("models --catalog guide");
    let models = models["models"].as_array().expect("a list");
    let missing = models.iter().filter(|model| model["published"] == false);
    told(
        missing
            .map(|model| {
                let tag = |field: &str| model[field].as_str().unwrap_or("nothing").to_owned();
                format!("{}, take {}", tag("tag"), tag("replaced_by"))
            })
            .collect(),
    )
}

fn one_file_two_sizes() -> Option<String> {
    let [a, b] = ["mistral:7b", "mistral:7b-instruct"].map(|tag| explain(tag, "--context 4096"));
    let same = a["model"]["weights"] == b["model"]["weights"];
    let ranges = a["documented_vram"] != b["documented_vram"];
    (same && ranges).then(|| format!("{:.2} GiB of weights, both", gib(&a["model"]["weights"])))
}

fn tiers() -> Option<String> {
    let models = ask("models --catalog guide");
    let models = models["models"].as_array().expect("a list").iter();
    let rows = models.filter_map(|model| {
        let listed = strings(&model["guide_tiers"]);
        let tier = model["tier"].as_str().expect("a tier");
        let elsewhere = listed.iter().any(|one| *one != tier);
        elsewhere.then(|| {
            let tag = model["tag"].as_str().expect("a tag");
            format!("{tag} {tier}, listed under {}", listed.join(" and "))
        })
    });
    told(rows.collect())
}

fn yi_200k() -> Option<String> {
    let report = explain("yi:34b", "--gpu 'RTX 3090'");
    let trained = report["model"]["context_length"].as_u64().expect("tokens");
    let kib = per_token("yi:34b");
    let whole = (kib * 200_000) as f64 / f64::from(1 << 20);
    let largest = report["largest_context"]["f16"].as_u64().expect("tokens");
    (trained < 200_000 && largest < 200_000).then(|| {
        format!("trained for {trained} tokens; {kib} KiB a token, {whole:.1} GiB of cache at 200000; on 24 GB at most {largest}")
    })
}

fn qwen3_32k() -> Option<String> {
    let model = &explain("qwen3:30b", "")["model"];
    let trained = model["context_length"].as_u64().expect("tokens");
    let active = model["active_parameters"].as_u64()? as f64 / 1e9;
    (trained > 32_768).then(|| format!("trained for {trained} tokens; {active:.1}B active"))
}

fn trained_contexts() -> Option<String> {
    let claims = [
        ("llama3:8b", 16_384),
        ("llama3:70b", 16_384),
        ("llama2:13b", 8192),
        ("codellama:70b", 4096),
    ];
    let rows = claims.map(|(tag, least)| {
        let trained = explain(tag, "")["model"]["context_length"].as_u64();
        trained
            .filter(|trained| *trained < least)
            .map(|trained| format!("{tag} {trained}"))
    });
    told(rows.into_iter().flatten().collect())
}

/// Picks of a class of memory that are not whole with the engine's margin on so much.
fn not_whole(at: usize, gb: u32) -> Option<String> {
    let rows = MEMORY[at].2.iter().filter_map(|tag| {
        let verdict = explain(tag, &format!("--vram {gb} --context 4096"))["verdict"].clone();
        let verdict = verdict.as_str().expect("a verdict");
        (verdict != "fits").then(|| format!("{tag} {verdict}"))
    });
    told(rows.collect())
}

fn six_gigabytes() -> Option<String> {
    not_whole(0, 6)
}

fn twelve_gigabytes() -> Option<String> {
    not_whole(1, 12)
}

fn seventy_b_on_40gb() -> Option<String> {
    let at = |context: u32| {
        let report = explain(
            "llama3:70b",
            &format!("--gpu 'A100 40GB' --context {context}"),
        );
        let verdict = report["verdict"].as_str().expect("a verdict").to_owned();
        (verdict, gib(&report["estimate"]["total"]))
    };
    let ((short, less), (long, more)) = (at(4096), at(8192));
    (short != long)
        .then(|| format!("{less:.1} GiB at 4096, {short}; {more:.1} GiB at 8192, {long}"))
}

fn usable(gpu: &str) -> f64 {
    gib(&ask(&format!("gpus --gpu '{gpu}'"))["hosts"][0]["gpus"][0]["usable"])
}

fn left_on_two_cards() -> Option<String> {
    let both = need("qwen3:30b", 4096) + need("codellama:13b", 4096);
    let [large, small] = ["RTX A6000", "A100 40GB"].map(|gpu| usable(gpu) - both);
    (large - small > 5.0)
        .then(|| format!("{both:.1} GiB together; {large:.1} left on 48 GB, {small:.1} on 40 GB"))
}

fn together(tags: &[&str], context: u32) -> f64 {
    tags.iter().map(|tag| need(tag, context)).sum()
}

fn two_on_12gb() -> Option<String> {
    let tags = ["qwen2:7b", "codellama:7b"];
    let (short, long) = (together(&tags, 4096), together(&tags, 8192));
    let usable = usable("RTX 3060 12GB");
    (short > 10.0 && long > usable)
        .then(|| format!("{short:.1} GiB at 4096, {long:.1} at 8192, of {usable:.1} usable"))
}

fn three_on_24gb() -> Option<String> {
    let tags = ["qwen2:14b", "codellama:7b", "mistral:7b"];
    let (short, long) = (together(&tags, 4096), together(&tags, 8192));
    let usable = usable("RTX 3090");
    (short > 20.0 && long > usable)
        .then(|| format!("{short:.1} GiB at 4096, {long:.1} at 8192, of {usable:.1} usable"))
}

/// What is left on each card of the all-round configuration, against one sum over all of them.
fn slivers() -> Option<String> {
    let card = usable("RTX 3090");
    let one = |tag: &str| card - need(tag, 8192);
    let two = |tag: &str| {
        let report = explain(tag, "--gpu 'RTX 3090 x2' --context 8192");
        let gpus = report["placement"]["gpus"].as_array().expect("a list");
        gpus.iter()
            .map(|gpu| card - gib(&gpu["bytes"]))
            .collect::<Vec<_>>()
    };
    let mut left = [two("llama3:70b"), two("qwen2:72b")].concat();
    left.extend(["qwen3:30b", "codellama:34b", "deepseek-r1:32b"].map(one));
    let most = left.iter().copied().fold(0.0, f64::max);
    let mut text = String::new();
    for gib in &left {
        let _ = write!(text, "{gib:.1} + ");
    }
    (most < 8.0).then(|| format!("{text}{card:.1} GiB, card by card"))
}

fn default_context() -> Option<String> {
    let report = explain("deepseek-r1:32b", "--gpu 'RTX 3090'");
    let default = report["ollama"]["context_default"]
        .as_u64()
        .expect("tokens");
    let there = explain(
        "deepseek-r1:32b",
        &format!("--gpu 'RTX 3090' --context {default}"),
    );
    let verdict = there["verdict"].as_str().expect("a verdict");
    (default != 4096 && verdict != "fits").then(|| {
        let total = gib(&there["estimate"]["total"]);
        format!("{default} tokens on 24 GB, where deepseek-r1:32b needs {total:.1} GiB: {verdict}")
    })
}

fn flags() -> Option<String> {
    let report = ask("tips");
    let tips = report["guide"].as_array().expect("a list");
    let wrong = tips.iter().filter(|tip| tip["works"] == false);
    told(
        wrong
            .map(|tip| {
                let field = |name: &str| tip[name].as_str().expect("a line").to_owned();
                format!("`{}`, instead `{}`", field("line"), field("instead"))
            })
            .collect(),
    )
}

/// The guide's models of a size, from all of its tables.
fn of_size(billions: [f64; 2]) -> Vec<&'static str> {
    let rows = FAMILIES
        .iter()
        .flat_map(|(_, rows)| rows.iter().map(|row| (row.0, row.1)));
    let size = |text: &str| text.trim_end_matches('B').parse::<f64>().expect("a size");
    rows.filter(|(_, text)| (billions[0]..=billions[1]).contains(&size(text)))
        .map(|(tag, _)| tag)
        .collect()
}

/// Models whose predicted range lies wholly beside the guide's.
fn beside(
    digits: usize,
    part: impl Fn(&Value) -> [f64; 2],
    guide: impl Fn(usize) -> [f64; 2],
) -> Option<String> {
    let mut rows = Vec::new();
    for (at, (billions, gpus, ..)) in SPEEDS.iter().enumerate() {
        let [low, high] = guide(at);
        for tag in of_size(*billions) {
            let report = explain(tag, &format!("--gpu 'RTX 3090 x{gpus}' --context 4096"));
            let [slow, fast] = part(&report["speed"]);
            if slow > high || fast < low {
                rows.push(format!(
                    "{tag} {slow:.digits$}–{fast:.digits$}, not {low}–{high}"
                ));
            }
        }
    }
    told(rows)
}

fn pair(value: &Value) -> [f64; 2] {
    [0, 1].map(|at| value[at].as_f64().expect("a number"))
}

fn decode_speeds() -> Option<String> {
    beside(0, |speed| pair(&speed["decode"]), |at| SPEEDS[at].2)
}

fn first_token() -> Option<String> {
    beside(
        1,
        |speed| pair(&speed["time_to_first_token"]),
        |at| SPEEDS[at].4,
    )
}

fn curve_and_gains() -> Option<String> {
    let report = ask("curves");
    let points = report["guide"]["quality"].as_array().expect("a list");
    let at = |billions: f64| {
        let point = points.iter().find(|point| point["billions"] == billions);
        point.expect("a point")["quality"]
            .as_f64()
            .expect("a number")
    };
    let gains = report["guide"]["gains"].as_array().expect("a list");
    let rows = gains.iter().filter_map(|gain| {
        let number = |name: &str| gain[name].as_f64().expect("a number");
        let (from, to, percent) = (number("from"), number("to"), number("percent"));
        let drawn = (at(to) / at(from) - 1.0) * 100.0;
        ((drawn - percent).abs() > 5.0)
            .then(|| format!("{from}B to {to}B: {percent} % said, {drawn:.0} % drawn"))
    });
    told(rows.collect())
}

fn development_of_24gb() -> Option<String> {
    let report = ask("matrix --catalog guide --gpu 'RTX 3090'");
    let computed = report["computed"][0]["development"]["tag"]
        .as_str()?
        .to_owned();
    let summary = strings(&report["guide"]["matrix"][1]["development"])[0].to_owned();
    let stage = STAGES[0].1[0];
    (computed == stage && summary != stage)
        .then(|| format!("{stage} by stage, {summary} in the summary"))
}

const MARK: &str = "Computed: ";

#[test]
fn the_notes_are_computed_and_complete() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide-notes.md");
    let document = std::fs::read_to_string(&path).expect("the notes");
    let headings: Vec<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let names: Vec<&str> = NOTES.iter().map(|note| note.0).collect();
    assert_eq!(headings, names, "the headings of docs/guide-notes.md");

    let mut computed = NOTES.iter();
    let mut rewritten = String::new();
    for line in document.lines() {
        match line.strip_prefix(MARK) {
            Some(_) => {
                let (name, note) = computed.next().expect("a note a line");
                let text = note().unwrap_or_else(|| panic!("{name} is no disagreement any more"));
                let _ = writeln!(rewritten, "{MARK}{text}");
            }
            None => {
                let _ = writeln!(rewritten, "{line}");
            }
        }
    }
    assert!(computed.next().is_none(), "every note has a line '{MARK}'");
    if std::env::var_os("UPDATE_GUIDE_NOTES").is_some() {
        std::fs::write(&path, rewritten).expect("the notes");
    } else {
        assert!(
            document == rewritten,
            "docs/guide-notes.md should be:\n{rewritten}"
        );
    }
}
