//! The builds of llama.cpp whose allocations are counted, and the graphs that they lay out.

use serde::{Deserialize, Serialize};

/// A build of llama.cpp, as Ollama pins it or as its allocations were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Build {
    /// Pinned by Ollama 0.33; its allocations are known.
    #[default]
    B10488,
    /// Pinned by Ollama 0.34.1. It was not read; it lies between builds that were, and is estimated by the larger of both.
    B10864,
    /// Pinned by Ollama 0.40.0; allocates as b11413.
    B11351,
    /// A newer build, whose allocations are known.
    B11434,
    /// The newest build whose allocations are known.
    B11739,
}

/// The graphs that builds lay out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Graph {
    /// Of builds b10488 to b10603.
    B10488,
    /// Of builds b11413 to b11434.
    B11413,
    /// Of build b11739, the newest.
    B11739,
}

impl Build {
    /// Every build whose allocation was read, the oldest first.
    pub const ALL: [Self; 5] = [
        Self::B10488,
        Self::B10864,
        Self::B11351,
        Self::B11434,
        Self::B11739,
    ];

    /// Its tag among llama.cpp's releases, e.g. `b11739`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::B10488 => "b10488",
            Self::B10864 => "b10864",
            Self::B11351 => "b11351",
            Self::B11434 => "b11434",
            Self::B11739 => "b11739",
        }
    }

    /// The graphs of the builds that have its kernels.
    pub(super) const fn kernels(self) -> Graph {
        self.graphs()[0]
    }

    /// The graphs that it may lay out: one, or two where it was not read.
    pub(super) const fn graphs(self) -> &'static [Graph] {
        match self {
            Self::B10488 => &[Graph::B10488],
            Self::B10864 => &[Graph::B10488, Graph::B11413],
            Self::B11351 | Self::B11434 => &[Graph::B11413],
            Self::B11739 => &[Graph::B11739],
        }
    }
}
