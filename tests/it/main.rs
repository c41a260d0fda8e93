//! Tests of the library, one file a subject.

mod gguf;
mod support_gguf;
