//! `vramfit schema`: the JSON Schema of every report, derived from the structs that are written.

use schemars::{Schema, schema_for};

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
    "plan",
    "doctor",
    "catalog",
    "catalog-import",
    "error",
];

/// The schema of a command's output.
pub(super) fn of(command: &str) -> Schema {
    match command {
        "recommend" => schema_for!(report::Recommend),
        "explain" => schema_for!(report::Explain),
        "compare" => schema_for!(report::Compare),
        "models" => schema_for!(report::Models),
        "matrix" => schema_for!(report::Matrix),
        "curves" => schema_for!(report::Curves),
        "tips" => schema_for!(report::Tips),
        "monitor" => schema_for!(report::Monitor),
        "gpus" => schema_for!(report::Gpus),
        "verify" => schema_for!(report::Verify),
        "pull" | "run" => schema_for!(report::Pull),
        "catalog" => schema_for!(report::CatalogReport),
        "catalog-import" => schema_for!(report::Imported),
        "plan" => schema_for!(report::Planned),
        "doctor" => schema_for!(report::Doctor),
        _ => schema_for!(report::ErrorReport),
    }
}
