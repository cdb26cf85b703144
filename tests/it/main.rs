//! The product seen from outside its verbs, in a town with a real database.

#[path = "../town/mod.rs"]
mod town;

mod brake;
mod concurrency;
mod giving;
mod money_back;
mod news;
mod schema;
