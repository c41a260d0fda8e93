//! How much GPU memory a language model takes, to the engine's own allocation; which models fit, ranked; where several of them go.
//!
//! Values in, values out: nothing here reads the environment, a clock or a terminal, and nothing speaks to people. A module may name only modules of
//! lower layers.
//!
//! ```text
//! layer 3  engine          estimate, place, speed, rank, fix, plan
//! layer 2  catalog gguf    the data files, checked; the header of a model file
//! layer 1  architecture    layer kinds, cache kinds, weights block by block
//! layer 0  units checksum quantization request lang defect sanitize
//! ```
//!
//! # Example
//!
//! The header of a GGUF file in, bytes on each of two GPUs out. Of the file only the header is read.
//!
//! ```
//! use vramfit_core::engine::estimate::Shape;
//! use vramfit_core::engine::place::{Device, GpuPool, Verdict, place};
//! use vramfit_core::engine::workload::Workload;
//! use vramfit_core::gguf;
//! use vramfit_core::units::Bytes;
//!
//! # fn main() -> Result<(), gguf::Error> {
//! let header = include_bytes!("../tests/fixtures/example-8b-q8_0.gguf-header");
//! let model = gguf::parse(&header[..], 8_532_952_352)?; // or gguf::read(path)?
//! let shape = Shape {
//!     architecture: &model.architecture,
//!     weights: &model.weights,
//!     projector: model.projector,
//!     drafter: Default::default(),
//! };
//! let gpu = Device {
//!     host: 0,
//!     gpu: 0,
//!     free: Bytes::gib(8),
//!     reserve: Bytes::ZERO,
//!     overhead: Bytes::mib(400),
//!     flash_attention: true,
//!     cuda: true,
//!     partition: false,
//! };
//! let hardware = GpuPool {
//!     devices: vec![gpu, Device { gpu: 1, ..gpu }],
//!     hosts: vec![None],
//!     ..GpuPool::default()
//! };
//! let placement = place(shape, &Workload::default(), &hardware);
//! assert_eq!(placement.verdict, Verdict::Fits);
//! for gpu in &placement.shares {
//!     println!("GPU {}: {} layers, {} bytes", gpu.device, gpu.layers, gpu.total().0);
//! }
//! # assert_eq!(placement.shares.len(), 2);
//! # Ok(())
//! # }
//! ```

pub mod architecture;
pub mod catalog;
pub mod checksum;
pub mod defect;
pub mod engine;
pub mod gguf;
pub mod lang;
pub mod quantization;
pub mod request;
pub mod sanitize;
pub mod units;
pub mod weights;
