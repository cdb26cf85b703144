//! The doors of Essaim: the website and the command line.
//!
//! `config` reads the settings, `boot` wires the rooms together once, `web` lets people in, `cli`
//! lets operators in, and `ephemeral` holds what Redis may lose.

#![warn(missing_docs)]

pub mod boot;
pub mod cli;
pub mod config;
pub mod database;
pub mod demo;
pub mod ephemeral;
pub mod logs;
pub mod providers;
pub mod web;
