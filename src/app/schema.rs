//! `vramfit schema`: the JSON Schema of every report, derived from the structs that are written.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::report;

/// The commands that have one.
pub(super) const COMMANDS: &[&str] = &[
    "recommend",
    "explain",
    "compare",
    "models",
    "matrix",
    "curves",
    "tips",
    "gpus",
    "monitor",
    "pull",
    "run",
    "verify",
    "bench",
    "plan",
    "presets",
    "upgrade",
    "doctor",
    "catalog",
    "catalog-import",
    "catalog-show",
    "catalog-check",
    "catalog-path",
    "error",
];

/// The schema of a command's output.
pub(super) fn of(command: &str) -> Schema {
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
        _ => written::<report::ErrorReport>(),
    }
}

/// The schema of what is written: what may be left out is not required, though a reader of such JSON would want it.
fn written<R: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<R>()
}
