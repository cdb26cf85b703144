//! Letters from the outside: what is stored, what people read, what travels.

#![allow(clippy::unwrap_used, reason = "a failed test stops at once")]

mod bounces;
mod dkim;
mod golden;
mod mailbox;
mod memory;
mod mime;
mod peer;
mod smtp;
mod words;
mod world;
