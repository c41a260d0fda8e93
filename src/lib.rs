//! vramfit
pub mod architecture;
pub mod engine;
pub mod lang;
pub mod quantization;
pub mod render;
pub mod units;
pub mod weights;
