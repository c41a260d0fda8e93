//! vramfit
pub mod architecture;
pub mod engine;
pub mod gguf;
pub mod lang;
pub mod quantization;
pub mod units;
pub mod weights;
