//! Tests of the library, one file a subject.

// Helpers of tests may stop a test, too; clippy's own exception ends at the test functions.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod cli;
mod gguf;
mod render;
mod sanity;
mod support;
mod support_gguf;
mod tidy;
