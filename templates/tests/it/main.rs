//! The house rules of what people read, on every page in every state.

mod gallery;
mod links;
mod markup;
mod templates_used;
