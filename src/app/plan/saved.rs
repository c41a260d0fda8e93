//! Reads a plan that was saved with `--json`.

use std::path::Path;

use crate::error::{Error, ExpectedFormat};
use crate::regular_file::{DATA, read_text};
use crate::report::SavedPlan;

/// Reads a file; `argument` is the option that named it.
///
/// # Errors
///
/// A file that cannot be read, and one that is no plan.
pub(in crate::app) fn read(argument: &str, path: &Path) -> Result<SavedPlan, Error> {
    let saved: Option<SavedPlan> = serde_json::from_str(&read_text(path, DATA)?).ok();
    saved
        .filter(|saved| saved.schema == "vramfit.plan/1")
        // Each is looked for among all of a plan: no file of a million services, which nobody saved.
        .filter(|saved| saved.services.len() <= super::demand::MOST_REPLICAS as usize)
        .ok_or_else(|| Error::BadValue {
            argument: argument.to_owned(),
            value: path.display().to_string(),
            form: ExpectedFormat::Plan,
        })
}
