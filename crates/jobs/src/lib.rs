#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod admin;
mod clock;
mod drain;
mod lease;
mod queue;
mod retry;
mod runner;
pub mod schedule;
mod schema;
mod wake;

pub use clock::Clock;
pub use drain::{Drained, drain, drain_at_once, drain_kinds};
pub use lease::{Claim, Kinds, LeaseLost, claim_due, recover_expired};
pub use queue::{CHANNEL, NewJob, enqueue};
pub use retry::{Backoff, Broken, Outcome};
pub use runner::{Options, Runner};

/// Where connections come from.
pub type Pool = diesel_async::pooled_connection::deadpool::Pool<diesel_async::AsyncPgConnection>;
