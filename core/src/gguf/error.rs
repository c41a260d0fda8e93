//! Why a file's header cannot be used.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}byte {offset}: {kind}", .path.as_ref().map(|path| format!("{}: ", path.display())).unwrap_or_default())]
pub struct Error {
    /// The file, where it was read from one.
    pub path: Option<PathBuf>,
    /// Where in the file the fault was met.
    pub offset: u64,
    /// What is wrong with the file there.
    pub kind: ErrorKind,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ErrorKind {
    /// The file cannot be opened or read; the system's own words.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// The first four bytes are not `GGUF`.
    #[error("not a GGUF file")]
    NotGguf,
    /// The file was written for a big-endian machine.
    #[error("a big-endian GGUF file; only little-endian files are read")]
    BigEndian,
    /// A version other than 2 and 3.
    #[error("GGUF version {0}; versions 2 and 3 are read")]
    UnsupportedVersion(u32),
    /// The file ends too early: an unfinished download, as a rule.
    #[error("the file has {length} bytes but needs at least {needed}")]
    Truncated {
        /// Bytes that what was read so far asks for.
        needed: u64,
        /// Bytes that the file has.
        length: u64,
    },
    /// More items than any model has.
    #[error("{count} {what}: more than any model has")]
    AbsurdCount {
        /// Of what there are too many.
        what: HeaderPart,
        /// The number that the file declares.
        count: u64,
    },
    /// Something longer than it can be.
    #[error("{what} of {length} bytes: longer than it can be")]
    AbsurdLength {
        /// What is too long.
        what: HeaderPart,
        /// Its length in bytes, as declared or as read so far.
        length: u64,
    },
    /// Arrays inside arrays, too deep.
    #[error("arrays are nested too deep")]
    Nesting,
    /// A value type that GGUF does not have.
    #[error("unknown value type {0}")]
    UnknownValueType(u32),
    /// A key with a value of another type than it must have.
    #[error("{key} is not {wanted}")]
    BadType {
        /// The key in full, such as `qwen3.block_count`.
        key: String,
        /// The type it must have.
        wanted: HeaderPart,
    },
    /// A key with a value that no model has.
    #[error("{key} has the impossible value {value}")]
    BadValue {
        /// The key in full, such as `qwen3.block_count`.
        key: String,
        /// The value that the file gives it.
        value: i128,
    },
    /// A list that does not have an entry for each block.
    #[error("{key} lists {length} blocks of {blocks}")]
    BadList {
        /// The key in full, such as `qwen3.block_count`.
        key: String,
        /// Number of entries in the list.
        length: u64,
        /// Number of blocks of the model.
        blocks: u32,
    },
    /// A name that is not UTF-8, or holds characters that are not shown.
    #[error("a name that is not text")]
    BadText,
    /// `general.alignment` is not a power of two.
    #[error("the alignment {0} is not a power of two")]
    BadAlignment(u64),
    /// A key that stands twice in the metadata.
    #[error("the key {0} appears twice")]
    DuplicateKey(String),
    /// A tensor that is listed twice.
    #[error("the tensor {0} appears twice")]
    DuplicateTensor(String),
    /// A key that every model has.
    #[error("the key {0} is missing")]
    MissingKey(String),
    /// A tensor that every model has.
    #[error("the tensor {0} is missing")]
    MissingTensor(&'static str),
    /// A tensor whose shape or place is impossible.
    #[error("tensor {name}: {reason}")]
    InconsistentTensor {
        /// Name of the tensor as listed.
        name: String,
        /// What is impossible about it.
        reason: TensorFault,
    },
    /// A vision or audio projector, not a language model.
    #[error("a projector (mmproj), not a language model")]
    Projector,
    /// One part of a model in several files, whose siblings cannot be found from its name.
    #[error("part {part} of {count} of a model in several files")]
    SplitPart {
        /// The part, from 1.
        part: u32,
        /// The number of parts.
        count: u32,
    },
    /// A part that does not belong to the others.
    #[error("does not belong to the other parts of the model")]
    ForeignPart,
    /// Parts of a model in several files that are not there.
    #[error("other parts of the model are missing: {}", .0.join(", "))]
    MissingParts(Vec<String>),
}

impl Error {
    /// A fault at a place, in a file not yet named.
    pub(super) const fn at_offset(offset: u64, kind: ErrorKind) -> Self {
        Self {
            path: None,
            offset,
            kind,
        }
    }

    /// The same fault, of this file.
    pub(super) fn in_file(self, path: &Path) -> Self {
        Self {
            path: self.path.or_else(|| Some(path.to_path_buf())),
            ..self
        }
    }

    /// A stable code of the fault.
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl ErrorKind {
    /// A stable code of the fault.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::NotGguf => "not-gguf",
            Self::BigEndian => "big-endian",
            Self::UnsupportedVersion(_) => "unsupported-version",
            Self::Truncated { .. } => "truncated",
            Self::AbsurdCount { .. } => "absurd-count",
            Self::AbsurdLength { .. } => "absurd-length",
            Self::Nesting => "nesting",
            Self::UnknownValueType(_) | Self::BadType { .. } => "bad-type",
            Self::BadValue { .. } | Self::BadList { .. } => "bad-value",
            Self::BadText => "bad-text",
            Self::BadAlignment(_) => "bad-alignment",
            Self::DuplicateKey(_) => "duplicate-key",
            Self::DuplicateTensor(_) => "duplicate-tensor",
            Self::MissingKey(_) => "missing-key",
            Self::MissingTensor(_) => "missing-tensor",
            Self::InconsistentTensor { .. } => "inconsistent-tensor",
            Self::Projector => "projector",
            Self::SplitPart { .. } => "split-part",
            Self::ForeignPart => "foreign-part",
            Self::MissingParts(_) => "missing-parts",
        }
    }
}

/// What of a header an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderPart {
    /// A number of a header.
    Header,
    /// All keys and values.
    Metadata,
    /// The name of a value.
    Key,
    /// Entries of the metadata, of which a file declares the number.
    Keys,
    /// The name of a tensor.
    TensorName,
    /// Entries of the list of tensors.
    Tensors,
    /// The dimensions of a tensor.
    Dimensions,
    /// A floating-point number or an integer, of 1 to 8 bytes.
    Number,
    /// Entries of an array of numbers.
    Numbers,
    /// A string as the value of a key, such as a chat template.
    String,
    /// Entries of an array of strings, such as a vocabulary.
    Strings,
    /// An array as the value of a key.
    Array,
    /// Entries of an array of arrays.
    Arrays,
    /// What `general.architecture` must hold: a name.
    ArchitectureName,
    /// A whole number as the value of a key.
    Integer,
    /// Whole numbers, one a block.
    Integers,
}

impl fmt::Display for HeaderPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "a header",
            Self::Metadata => "metadata",
            Self::Key => "a key",
            Self::Keys => "keys",
            Self::TensorName => "a tensor's name",
            Self::Tensors => "tensors",
            Self::Dimensions => "dimensions",
            Self::Number => "a number",
            Self::Numbers => "numbers",
            Self::String => "a string",
            Self::Strings => "strings",
            Self::Array => "an array",
            Self::Arrays => "arrays",
            Self::ArchitectureName => "an architecture's name",
            Self::Integer => "an integer",
            Self::Integers => "a list of integers",
        })
    }
}

/// What is impossible about a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorFault {
    /// No bytes belong to it.
    NoData,
    /// Its data overlaps, or leaves a hole before it.
    Misplaced,
    /// More bytes than a number counts.
    TooLarge,
    /// More elements than a number counts.
    TooManyElements,
    /// A dimension is zero.
    Empty,
    /// A row does not end with a block of its type.
    PartialBlocks,
    /// It belongs to a block that the model does not have.
    Block,
    /// More rows than any vocabulary has words.
    Vocabulary,
}

impl fmt::Display for TensorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoData => "it has no data",
            Self::Misplaced => "its data is not where the preceding tensors end",
            Self::TooLarge => "its size overflows",
            Self::TooManyElements => "its dimensions overflow",
            Self::Empty => "it has no elements",
            Self::PartialBlocks => "its rows are not whole blocks",
            Self::Block => "its block is beyond the last",
            Self::Vocabulary => "its vocabulary is absurd",
        })
    }
}
