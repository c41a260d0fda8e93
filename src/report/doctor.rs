//! `doctor`.

use serde::Serialize;

use crate::lint::{Finding, Severity};

/// `vramfit doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Doctor {
    /// `vramfit.doctor/1`
    pub schema: &'static str,
    /// What was judged: files, or `environment`.
    pub files: Vec<String>,
    /// Everything wrong, in the order of files and lines.
    pub findings: Vec<DoctorFinding>,
    /// What could not be looked at.
    pub unchecked: Vec<Unchecked>,
    /// The corrected files that were written.
    pub written: Vec<String>,
}

/// What could not be looked at, so that nothing is said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unchecked {
    /// The cards and their driver.
    Gpus,
    /// The server: none answers.
    Server,
    /// The variables of the server that answers.
    ServerVariables,
}

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DoctorFinding {
    /// How bad it is: only a fault makes the answer no.
    pub severity: Severity,
    /// The file, or `environment`.
    pub file: String,
    /// Where, what, and how it would be right.
    #[serde(flatten)]
    pub finding: Finding,
}
