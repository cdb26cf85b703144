//! Processes of the built program are killed, frozen and started again while people give: the books
//! must not notice, and nobody may see an error that a second try does not mend.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

#[path = "../town/mod.rs"]
mod town;

mod commands;
mod killed;
mod person;
mod points;
mod process;
mod redis;
mod smtp;
mod street;
