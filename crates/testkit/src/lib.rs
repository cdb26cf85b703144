#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod database;
pub mod gauge;
pub mod load;
pub mod probe;
