//! From a page to text: the renderers know shapes, not models and GPUs.

pub mod bench;
pub mod catalog;
pub mod curves;
pub mod doctor;
pub mod explain;
pub mod gpus;
pub mod html;
mod llama_server;
pub mod manual;
pub mod markdown;
pub mod matrix;
pub mod metrics;
pub mod models;
pub mod monitor;
pub mod ollama;
pub mod page;
pub mod plan;
pub mod plot;
pub mod presets;
pub mod recommend;
pub mod terminal;
pub mod tips;
pub mod upgrade;
pub mod verify;
pub mod wizard;

mod ascii;
mod bars;
mod canvas;
mod evidence;
mod glyphs;
mod grid;
mod guide;
mod scale;
pub mod view;
mod wrap;
mod xml;
