//! The product seen from outside its verbs, in a town with a real database.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

#[path = "../../crates/identity/tests/it/peer.rs"]
mod peer;
#[path = "../town/mod.rs"]
mod town;

mod address;
mod attacks;
mod brake;
mod closing;
mod concurrency;
mod contributions;
mod desk;
mod doors;
mod forgetting;
mod giving;
mod ledgers;
mod members;
mod money_back;
mod need;
mod news;
mod orders;
mod passkeys;
mod providers;
mod reading;
mod receipts;
mod rehearsals;
mod retention;
mod rounds;
mod routes;
mod rule_drafts;
mod schema;
mod signed_documents;
mod staff;
mod street;
mod verification;
mod walk;
