#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![deny(clippy::float_arithmetic, clippy::as_conversions, clippy::arithmetic_side_effects)]

pub mod accounts;
pub mod book;
pub mod posting;

pub use accounts::Account;
pub use posting::{Cause, Entry, NotAPosting, Posting};
