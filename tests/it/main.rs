//! Tests of the library, one file a subject.

mod gguf;
mod render;
mod support_gguf;
mod tidy;
