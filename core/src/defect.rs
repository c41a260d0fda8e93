//! What can be wrong in a data file, as data.

use std::fmt;

use serde::Serialize;

/// How many defects are told of at most: nobody reads more.
pub const MOST_DEFECTS: usize = 20;

/// Something wrong in a data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Defect {
    /// Name of the file as it was given, such as `fleet.toml`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong on that line.
    pub fault: Fault,
}

impl Defect {
    /// A defect at a byte of the file's text.
    pub fn at_byte(file: impl Into<String>, text: &str, offset: usize, fault: Fault) -> Self {
        let before = text.bytes().take(offset);
        Self {
            file: file.into(),
            line: 1 + before.filter(|byte| *byte == b'\n').count(),
            fault,
        }
    }

    /// What the parser says of a file that is not TOML, or not of the expected form.
    pub fn of_toml(file: impl Into<String>, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        Self::at_byte(
            file,
            text,
            offset,
            Fault::Syntax(error.message().to_owned()),
        )
    }
}

/// What can be wrong in a data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Not TOML, or not the expected fields; the parser's own words.
    Syntax(String),
    /// A table of a name that means nothing here.
    UnknownTable(String),
    /// A single value where `[[tables]]` are expected.
    NotTables,
    /// A name or tag that another table has already.
    Duplicate(String),
    /// An architecture that no `[[architecture]]` defines.
    UnknownArchitecture(String),
    /// A `replaced_by` that is no tag.
    UnknownReplacement(String),
    /// A table with numbers whose `source` is missing or empty.
    NoSource,
    /// A model without any file, though it is said to be published.
    NoVariant,
    /// A number that cannot be right.
    Implausible(&'static str),
    /// A field that must be there beside another.
    Missing(&'static str),
    /// A list that has not one entry a block.
    ListLength(&'static str),
    /// A size that is not a number with a unit.
    BadSize(String),
    /// A date that is neither `YYYY-MM` nor `YYYY-MM-DD`.
    BadDate(String),
    /// A compute capability that is not like `8.6`.
    BadComputeCapability(String),
    /// Something that only fleet files have.
    Fleet(FleetFault),
}

/// What can be wrong in a fleet file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FleetFault {
    /// A GPU that the catalog does not know.
    UnknownGpu {
        /// Its name as the fleet file has it.
        name: String,
        /// GPUs that may have been meant.
        candidates: Vec<String>,
    },
    /// Hardware that is not like `RTX 3090 x2`.
    BadGpu(String),
    /// A machine's name with other than letters, digits, hyphens, underscores and dots.
    BadHostName(String),
    /// A UUID that neither CUDA nor ROCm would take.
    BadUuid(String),
    /// JSON of another command or of another major version.
    UnknownSchema(String),
    /// What another program prints, with the GPUs that it names.
    OtherProgram {
        /// Name of the program whose output this is, such as `lspci`.
        program: &'static str,
        /// Names of the GPUs in that output, as `--gpu` takes them.
        name: String,
    },
    /// What a program prints that tells no memory where it is asked so.
    OtherReport {
        /// Name of the program with the options that it was asked by.
        program: &'static str,
        /// Command line that tells names and memory.
        command: &'static str,
    },
    /// A text that only names GPUs, as `--gpu` takes them.
    NamesOnly(String),
    /// Neither a fleet nor what any program prints that is read.
    NotInventory,
    /// More GPUs in one fleet than are read; how many are read at most.
    TooManyGpus(usize),
}

impl fmt::Display for Defect {
    /// For build logs; the program has sentences for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {:?}", self.file, self.line, self.fault)
    }
}
