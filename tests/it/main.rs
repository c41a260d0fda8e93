//! Tests of the library, one file a subject.

mod cli;
mod gguf;
mod render;
mod sanity;
mod support;
mod support_gguf;
mod tidy;
