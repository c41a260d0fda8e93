//! `doctor`.

use serde::Serialize;

use crate::lint::{Finding, Severity};

/// Answer of `vramfit doctor`: what is wrong in set-up files, or on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Doctor {
    /// Name and version of this form: `vramfit.doctor/1`.
    pub schema: &'static str,
    /// Paths of the files that were checked, or `environment`.
    pub files: Vec<String>,
    /// Everything wrong, in the order of files and lines.
    pub findings: Vec<DoctorFinding>,
    /// What could not be looked at, as codes, e.g. `server`.
    pub unchecked: Vec<Unchecked>,
    /// Paths of the corrected files that were written.
    pub written: Vec<String>,
}

/// What could not be looked at, so that nothing is said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unchecked {
    /// The GPUs and their driver.
    Gpus,
    /// The GPUs and their driver, which did not answer in time.
    Driver,
    /// The server: none answers at its address.
    Server,
    /// The variables of the server that answers.
    ServerVariables,
}

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DoctorFinding {
    /// How bad it is; only a fault makes the exit code other than 0.
    pub severity: Severity,
    /// Path of the file that it stands in, or `environment`.
    pub file: String,
    /// Where, what, and how it would be right.
    #[serde(flatten)]
    pub finding: Finding,
}
