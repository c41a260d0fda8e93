//! What room is worth: what surely fits stands before what only probably does.

use serde_json::Value;

use crate::support::Machine;

fn is_doubtful(row: &Value) -> bool {
    let reasons = row["reasons"].as_array().expect("reasons");
    reasons.iter().any(|one| one["code"] == "within-doubt")
}

/// Whether a row fits by more than the estimate may be off.
pub(super) fn fits_surely(row: &Value) -> bool {
    row["verdict"] == "fits" && !is_doubtful(row)
}

#[test]
fn what_probably_fits_has_less_room_than_what_fits() {
    let mut doubtful = 0;
    for machine in ["RTX 3060", "RTX 3090", "RTX 4080", "RTX 3090 x4"] {
        for task in ["chat", "code", "documents"] {
            let command = format!("recommend --gpu '{machine}' --task {task} --limit 40 --json");
            let report = Machine::new().run(&command).json();
            for row in report["recommendations"].as_array().expect("a list") {
                let is_doubtful = is_doubtful(row);
                let fit = row["score"]["fit"].as_f64().expect("points");
                let as_told = match row["verdict"].as_str() {
                    Some("fits") if is_doubtful => (40.0..70.0).contains(&fit),
                    Some("fits") => (70.0..=100.0).contains(&fit),
                    _ => fit <= 70.0,
                };
                assert!(as_told, "{command}: {row}");
                doubtful += usize::from(is_doubtful);
            }
        }
    }
    assert!(doubtful > 5, "{doubtful}");
}

/// gemma4:31b has 555 MiB to spare there and a doubt of 940 MiB.
#[test]
fn a_first_pick_surely_fits_where_another_is_as_good() {
    let report = Machine::new()
        .run("recommend --gpu 'RTX 3090' --task chat --json")
        .json();
    assert!(fits_surely(&report["recommendations"][0]), "{report}");
}

/// translategemma:4b has 48 MiB to spare there; its Q8_0 is short by 1.27 GiB.
#[test]
fn a_file_that_fits_gives_way_to_none_that_does_not() {
    for machine in ["--vram 6", "--vram 8", "--gpu 'RTX 3090'"] {
        let command = format!("recommend {machine} --task translation --all --json");
        let report = Machine::new().run(&command).json();
        for row in report["recommendations"].as_array().expect("a list") {
            let default = row["reasons"].as_array().expect("reasons").iter();
            let mut default = default.filter_map(|one| one["instead_of"].as_str());
            if let Some(tag) = default.next().filter(|_| row["verdict"] == "tight") {
                let explained = Machine::new().run(&format!("explain {tag} {machine} --json"));
                assert_ne!(explained.json()["verdict"], "fits", "{command}: {row}");
            }
        }
    }
}

/// The rows of an embedding are looked up on the host, so that a file may be larger than the card that holds the rest of it.
#[test]
fn a_file_larger_than_the_card_is_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wide.toml");
    std::fs::write(&file, WIDE).expect("a file");
    let command = format!(
        "recommend --vram 7 --family wide --json --catalog '{}'",
        file.display()
    );
    let report = Machine::new().run(&command).json();
    let first = &report["recommendations"][0];
    assert_eq!(first["tag"], "wide:12b-q4", "{report}");
    assert_eq!(first["verdict"], "fits", "{report}");
}

const WIDE: &str = r#"
[[architecture]]
name = "wide"
architecture = "llama"
block_count = 2
context_length = 32768
embedding_length = 16384
feed_forward_length = 16384
head_count = 128
head_count_kv = 8
key_length = 128
vocabulary_size = 256000
source = "here"

[[model]]
name = "wide:12b"
parameters = 11_700_000_000
context_length = 32768
architecture = "wide"
source = "here"

[[model.variant]]
tag = "wide:12b"
quantization = "Q8_0"
weights = 12_460_000_000
source = "here"

[[model.variant]]
tag = "wide:12b-q4"
quantization = "Q4_K_M"
weights = 7_700_000_000
source = "here"
"#;

/// What is larger than all GPUs is placed only where it is told.
#[test]
fn the_nearest_misses_are_told_whatever_was_placed() {
    let mut misses = 0;
    for (machine, task) in [
        ("--gpu 'RTX 3090'", "code"),
        ("--gpu 'RTX 3060'", "documents"),
        ("--gpu 'RTX 3090 x2'", "chat"),
        ("--vram 2", "vision"),
    ] {
        let report = |limit: &str| {
            let command = format!("recommend {machine} --task {task} {limit} --json");
            Machine::new().run(&command).json()
        };
        let (few, all) = (report("--limit 10"), report("--all"));
        assert_eq!(few["rejected_total"], all["rejected_total"], "{machine}");
        let rows = |report: &Value| report["rejected"].as_array().expect("a list").clone();
        let told = rows(&few);
        let missing = |row: &Value| row["shortfall"].as_u64().expect("bytes");
        let is_miss = |row: &&Value| row["within_reach"] == false;
        let last = told.iter().filter(is_miss).map(missing).max();
        for row in rows(&all) {
            let known = told.iter().any(|one| one["tag"] == row["tag"]);
            let nearer = last.is_some_and(|last| missing(&row) < last);
            assert!(known || !nearer, "{machine}: {row}");
        }
        for row in told.iter().filter(is_miss) {
            let tag = row["tag"].as_str().expect("a tag");
            let context = &few["request"]["context_length"];
            let command = format!("explain {tag} {machine} --context {context} --json");
            let explained = Machine::new().run(&command).json();
            assert_eq!(explained["verdict"], row["verdict"], "{command}");
            misses += 1;
        }
    }
    assert!(misses > 10, "{misses}");
}

/// Half of this file is an embedding in 32-bit floats, which lies on the host: 9.43 GiB of it need 6.2 GiB of a GPU.
#[test]
fn what_lies_on_the_host_may_have_32_bits() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wide.toml");
    let text = "[[architecture]]
name = \"wide-vocabulary\"
architecture = \"llama\"
block_count = 2
context_length = 8192
embedding_length = 4096
feed_forward_length = 14336
head_count = 32
head_count_kv = 8
vocabulary_size = 256000
metadata = 0
source = \"test\"
[[model]]
name = \"wide:2b\"
parameters = 2533000000
architecture = \"wide-vocabulary\"
capabilities = [\"completion\"]
source = \"test\"
[[model.variant]]
tag = \"wide:2b\"
quantization = \"F32\"
weights = 10133000000
source = \"test\"
";
    std::fs::write(&path, text).expect("a catalog");
    let command = format!(
        "recommend --vram 7.3 --limit 600 --json --catalog '{}'",
        path.display()
    );
    let report = Machine::new().run(&command).json();
    let mut rows = report["recommendations"].as_array().expect("a list").iter();
    assert!(rows.any(|row| row["tag"] == "wide:2b" && row["verdict"] == "fits"));
}
