//! What follows from what is known: pure and total functions, no IO, environment, clock or words for people.

pub mod estimate;
pub mod layout;
pub mod place;
pub mod runtime;
pub mod workload;
