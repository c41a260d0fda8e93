//! From a page to text: the renderers know shapes, not models and GPUs.

pub mod page;
