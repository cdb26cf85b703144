//! The provider over HTTP.

pub mod faults;
