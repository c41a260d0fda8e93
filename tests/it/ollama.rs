//! The local Ollama: a recorded server, a store made by hand, lines of a log.

pub(crate) mod bench;
mod commands;
mod faults;
mod names;
pub(crate) mod recorded;
mod store;
pub(crate) mod verify;
