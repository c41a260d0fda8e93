//! Tests of the library, one file a subject.

mod artifact;
mod cli;
mod gguf;
mod render;
mod support;
mod support_gguf;
mod tidy;
mod truth;
