//! The website: it lets people in, asks the actions, reads the store, fills the templates.

pub mod client;
pub mod cookies;
