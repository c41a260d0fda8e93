//! How much GPU memory a language model takes, to the engine's own allocation; which models fit, ranked; where several of them go.
//!
//! Values in, values out: nothing here reads the environment, a clock or a terminal, and nothing speaks to people. A module may name only modules of
//! lower layers.
//!
//! ```text
//! layer 3  engine          estimate, place, speed, rank, fix, plan
//! layer 2  catalog gguf    the data files, checked; the header of a model file
//! layer 1  architecture    layer kinds, cache kinds, weights block by block
//! layer 0  units quantization request lang defect
//! ```

pub mod architecture;
pub mod catalog;
pub mod defect;
pub mod engine;
pub mod gguf;
pub mod lang;
pub mod quantization;
pub mod request;
pub mod units;
pub mod weights;
