//! For tests: a database each, and what they need to begin with.
#![warn(missing_docs)]

pub mod database;
pub mod probe;
