//! The house rules of what people read, on every page in every state.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod gallery;
mod links;
mod markup;
mod templates_used;
