//! From a page to text: the renderers know shapes, not models and GPUs.

pub mod markdown;
pub mod page;
pub mod plot;
pub mod terminal;

mod bars;
mod canvas;
mod glyphs;
mod grid;
mod scale;
mod wrap;
