//! The patience with a server.

use std::time::Duration;

/// How long a server may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until an answer is here, whole.
    pub answer: Duration,
    /// Between two parts of a stream.
    pub idle: Duration,
    /// Until a model is loaded.
    pub load: Duration,
}

impl Default for Timeouts {
    /// Seconds for questions, a minute of silence for a download, ten minutes for a model that comes from a slow disk.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(20),
            idle: Duration::from_secs(60),
            load: Duration::from_secs(600),
        }
    }
}

impl Timeouts {
    /// For a look in passing, at a server that need not be there.
    pub const BRIEF: Self = Self {
        connect: Duration::from_millis(300),
        answer: Duration::from_millis(1000),
        idle: Duration::from_millis(1000),
        load: Duration::from_millis(1000),
    };
}
