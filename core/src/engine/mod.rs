//! What follows from what is known: pure and total functions, no IO, environment, clock or words for people.

mod assignment;
mod candidates;
pub mod checkpoint;
mod compute;
pub mod draft;
pub mod estimate;
pub mod estimate_input;
mod fetch;
pub mod fix;
mod kv_cache;
pub mod layout;
pub mod llama_server;
pub mod nodes;
pub mod pack;
pub mod place;
pub mod predict_speed;
pub mod published;
pub mod rank;
pub mod reach;
pub mod reason;
pub mod runtime;
pub mod scoring;
pub mod speed;
mod tie_break;
mod unruled;
pub mod vllm;
pub mod workload;
