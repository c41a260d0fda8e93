//! Tests of the library, one file a subject.

mod advice;
mod cli;
mod gguf;
mod guide;
mod render;
mod support;
mod support_gguf;
mod tidy;
mod truth;
