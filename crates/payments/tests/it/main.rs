//! Payments from the outside: the sandbox over real HTTP.

#![allow(clippy::unwrap_used, reason = "a failed test stops at once")]

mod sandbox;
mod sandbox_adapter;
mod sandbox_api;
mod sandbox_direct;
mod sandbox_faults;
mod sandbox_pages;
mod sandbox_peer;
mod sandbox_webhooks;
mod stripe_answers;
mod stripe_life;
