//! What follows from what is known: pure and total functions, no IO, environment, clock or words for people.

mod candidates;
mod compute;
pub mod estimate;
pub mod fix;
mod kv_cache;
pub mod layout;
mod order;
pub mod pace;
pub mod pack;
pub mod place;
pub mod points;
pub mod published;
pub mod rank;
pub mod reason;
pub mod runtime;
pub mod speed;
pub mod subject;
pub mod workload;
