//! Letters from the outside: what is stored, what people read, what travels.

mod golden;
mod words;
mod world;
