//! Help, a sentence an option.
