//! The matching engine seen from outside.
#![allow(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod check;
mod flow;
mod format;
mod fuzz;
mod gifts;
mod properties;
mod rehearsal;
mod rounds;
mod sharing;
mod stories;
mod town;
mod worked;
