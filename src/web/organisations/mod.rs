//! An organisation as its members see it.

pub mod members;
pub mod page;
