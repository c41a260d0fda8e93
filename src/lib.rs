//! vramfit
pub mod architecture;
pub mod engine; pub mod catalog; pub mod request; pub mod report;
pub mod lang;
pub mod quantization;
pub mod units;
pub mod weights;
