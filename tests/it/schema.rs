//! What is written is what `vramfit schema` promises: clients that check it, such as those of `vramfit mcp`, refuse anything else.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use vramfit::report;

use crate::artifact::tools::python;
use crate::ollama::recorded::{Recorded, ok};
use crate::support::Machine;

/// Commands whose reports differ in what they leave out.
const COMMANDS: &[(&str, &str)] = &[
    ("recommend", "recommend --gpu 'RTX 3090 x2'"),
    ("recommend", "recommend --vram 1"),
    ("explain", "explain qwen3:8b"),
    ("explain", "explain qwen3:8b --why code --vram 24"),
    ("explain", "explain llama3:70b --vram 8"),
    ("compare", "compare qwen3:8b llama3.1:8b --vram 24"),
    ("models", "models"),
    ("matrix", "matrix"),
    ("matrix", "matrix --vram 24"),
    ("curves", "curves --gpu 'RTX 4090'"),
    ("tips", "tips"),
    ("tips", "tips --tag qwen3:8b --vram 24"),
    ("gpus", "gpus"),
    ("gpus", "gpus --gpu 'RTX 3090'"),
    ("monitor", "monitor"),
    ("verify", "verify"),
    ("verify", "verify --gpu 'RTX 3090'"),
    ("pull", "pull llama3:70b --vram 8"),
    ("run", "run llama3:70b --vram 8"),
    ("plan", "plan llama3:70b qwen3:8b*2@16k --vram 24"),
    ("plan", "plan qwen3:8b*2 --gpu 'RTX 3090 x2' --lose 1"),
    ("plan", "plan qwen3:30b --gpu 2x3090 --fill"),
    ("plan", "plan --preset 4x3090-mixed"),
    (
        "upgrade",
        "upgrade llama3:70b --gpu 'RTX 3090' --card 'RTX 5090'",
    ),
    (
        "upgrade",
        "upgrade qwen3:8b --gpu 'RTX 3090' --card 'RTX 3090'",
    ),
    ("doctor", "doctor"),
    ("doctor", "doctor tests/fixtures/doctor/guide.md"),
    ("catalog", "catalog"),
    ("catalog-show", "catalog show qwen3:8b"),
    ("catalog-check", "catalog check"),
    (
        "catalog-check",
        "catalog check tests/fixtures/doctor/wrong/compose.yaml",
    ),
    ("catalog-path", "catalog path"),
    ("presets", "plan --preset"),
    ("error", "explain nothing"),
    ("error", "recommend --vram x"),
];

const LOADED: &str = r#"{"models":[{"name":"qwen3:8b","size":6000000000,"size_vram":4800000000,"context_length":8192,"expires_at":"2318-01-01T00:00:00Z"}]}"#;

pub(crate) const CHECK: &str = "
import json, sys, jsonschema
for command, schema, report in json.load(sys.stdin):
    jsonschema.Draft202012Validator.check_schema(schema)
    for error in jsonschema.Draft202012Validator(schema).iter_errors(report):
        sys.exit(f'{command}: {error.json_path}: {error.message[:400]}')
";

#[test]
fn every_report_is_of_its_schema() {
    let server = Recorded::start(vec![
        ("/api/version", ok(r#"{"version":"0.33.0"}"#)),
        ("/api/ps", ok(LOADED)),
        ("/api/tags", ok(r#"{"models":[]}"#)),
    ]);
    let machine = Machine::new().with("OLLAMA_HOST", server.host());
    let all: Vec<Value> = COMMANDS
        .iter()
        .map(|(name, command)| {
            let schema = machine.run(&format!("schema {name}")).json();
            let run = machine.run(&format!("{command} --json"));
            let written = if run.out.is_empty() {
                &run.err
            } else {
                &run.out
            };
            let report: Value = serde_json::from_str(written).expect("JSON");
            assert_eq!(report["schema"], format!("vramfit.{name}/1"), "{command}");
            json!([command, schema, report])
        })
        .collect();
    let all = serde_json::to_vec(&all).expect("JSON");
    python("jsonschema", CHECK, &all);
}

/// Every name that `vramfit schema` takes.
fn names() -> Vec<String> {
    let help = Machine::new().run("schema nothing").err;
    let (_, names) = help.split_once("is not one of: ").expect("the names");
    let names = names.split('.').next().expect("a sentence");
    names.split(", ").map(str::to_owned).collect()
}

/// The schema of a command's output.
fn derived(command: &str) -> Schema {
    match command {
        "recommend" => written::<report::Recommend>(),
        "explain" => written::<report::Explain>(),
        "compare" => written::<report::Compare>(),
        "models" => written::<report::Models>(),
        "matrix" => written::<report::Matrix>(),
        "curves" => written::<report::Curves>(),
        "tips" => written::<report::Tips>(),
        "monitor" => written::<report::Monitor>(),
        "gpus" => written::<report::Gpus>(),
        "bench" => written::<report::Bench>(),
        "verify" => written::<report::Verify>(),
        "pull" | "run" => written::<report::Pull>(),
        "catalog" => written::<report::CatalogReport>(),
        "catalog-import" => written::<report::Imported>(),
        "catalog-show" => written::<report::CatalogShow>(),
        "catalog-check" => written::<report::CatalogCheck>(),
        "catalog-path" => written::<report::CatalogPath>(),
        "presets" => written::<report::Presets>(),
        "plan" => written::<report::Planned>(),
        "upgrade" => written::<report::Upgrade>(),
        "doctor" => written::<report::Doctor>(),
        "error" => written::<report::ErrorReport>(),
        _ => panic!("{command} has no report"),
    }
}

/// The schema of what is written: what may be left out is not required, though a reader of such JSON would want it.
fn written<R: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<R>()
}

#[test]
fn the_published_schemas_are_those_of_the_output() {
    let names = names();
    assert!(names.len() > 15, "{names:?}");
    for name in &names {
        let path = format!("docs/schema/{name}.json");
        let schema = serde_json::to_string_pretty(&derived(name)).expect("JSON") + "\n";
        if std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
            std::fs::create_dir_all("docs/schema").expect("a folder");
            std::fs::write(&path, &schema).expect("a schema");
        }
        let published = std::fs::read_to_string(&path).expect("a schema");
        assert!(published == schema, "INSTA_UPDATE=always writes {path}");
    }
    let published = std::fs::read_dir("docs/schema").expect("a folder").count();
    assert_eq!(published, names.len(), "one of no command is left");
    for (name, command) in COMMANDS {
        assert!(names.iter().any(|one| one == name), "{command}");
    }
}

#[test]
fn the_program_carries_the_published_schemas() {
    for name in names() {
        let published = std::fs::read_to_string(format!("docs/schema/{name}.json"));
        let carried = Machine::new().run(&format!("schema {name}")).out;
        assert!(carried == published.expect("a schema"), "{name}");
    }
}

/// Words of a description that tells no more than the name beside it, at most.
const TERSE: usize = 3;

fn is_terse(node: &Value) -> bool {
    let description = node["description"].as_str().unwrap_or_default();
    description.split_whitespace().count() <= TERSE
}

/// Properties without a description worth the name. A constant, such as the `code` of a note, is told by its object.
fn undescribed(node: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(Value::Object(properties)) = node.get("properties") {
        for (name, property) in properties {
            let described = match property.get("const") {
                Some(_) => node,
                None => property,
            };
            if is_terse(described) {
                found.push(format!("{place}/{name}: {}", described["description"]));
            }
        }
    }
    match node {
        Value::Object(parts) => parts
            .iter()
            .for_each(|(name, part)| undescribed(part, &format!("{place}/{name}"), found)),
        Value::Array(parts) => parts
            .iter()
            .enumerate()
            .for_each(|(at, part)| undescribed(part, &format!("{place}/{at}"), found)),
        _ => {}
    }
}

#[test]
fn every_property_is_described() {
    let mut found = Vec::new();
    for name in names() {
        let schema = serde_json::to_value(derived(&name)).expect("JSON");
        undescribed(&schema, &name, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
