#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![deny(clippy::float_arithmetic, clippy::as_conversions, clippy::arithmetic_side_effects)]

pub mod calendar;
pub mod campaign;
mod coded;
pub mod gift;
pub mod ids;
pub mod money;
pub mod people;
pub mod place;
pub mod pot;
pub mod receipt;
pub mod retention;
pub mod role;

pub use calendar::UtcSeconds;
pub use money::{BasisPoints, Cents};
