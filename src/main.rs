//! `essaim`: the website, the workers and the operator's commands in one executable.

use std::process::ExitCode;

use clap::Parser;
use essaim::cli::Cli;

fn main() -> ExitCode {
    // Two providers of cryptography may be compiled in one day; rustls must never have to guess.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("la cryptographie ne s’installe pas");
        return ExitCode::FAILURE;
    }
    Cli::parse().run()
}
