#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![deny(clippy::float_arithmetic, clippy::as_conversions, clippy::arithmetic_side_effects)]

mod case_file;
pub mod cases;
mod category;
pub mod company;
pub mod estimate;
pub mod gifts;
pub mod household;
pub mod outcome;
pub mod parameters;

pub use category::OrganisationCategory;
pub use parameters::Parameters;
