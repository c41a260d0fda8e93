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
