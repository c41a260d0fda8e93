//! Tests of the library, one file a subject.
// Clippy spares only functions that are tests themselves, not what they call.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
// A test may be a list of cases, one below the other.
#![allow(clippy::too_many_lines)]

mod advice;
mod artifact;
mod bounds;
mod catalog;
mod cli;
mod contributing;
mod dependencies;
mod doctor;
mod doctor_cases;
mod doctor_setups;
#[cfg(unix)]
mod faults;
mod gguf;
mod guide;
mod help;
mod import;
mod inventory;
mod llama_server;
mod mcp;
#[cfg(unix)]
mod monitor;
mod not_there;
mod numbers;
mod ollama;
mod plan;
mod ranking;
mod readme;
mod render;
mod sanity;
mod schema;
mod shown;
mod speed;
mod support;
mod support_gguf;
mod tidy;
mod truth;
mod wizard;
