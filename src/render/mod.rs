//! From a page to text: the renderers know shapes, not models and GPUs.

pub mod explain;
pub mod gpus;
pub mod markdown;
pub mod models;
pub mod page;
pub mod plan;
pub mod plot;
pub mod recommend;
pub mod terminal;

mod bars;
mod canvas;
mod glyphs;
mod grid;
mod scale;
pub mod view;
mod wrap;
