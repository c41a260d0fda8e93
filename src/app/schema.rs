//! `vramfit schema`: the JSON Schema of every report.

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
