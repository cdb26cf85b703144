//! templates
pub mod letters;
pub mod pages;
pub mod typography;
