//! vramfit
pub mod architecture;
pub mod catalog;
pub mod engine;
pub mod lang;
pub mod quantization;
pub mod report;
pub mod request;
pub mod units;
pub mod weights;
