//! Tests of the library, one file a subject.

mod cli;
mod gguf;
mod plan;
mod render;
mod support;
mod support_gguf;
mod tidy;
