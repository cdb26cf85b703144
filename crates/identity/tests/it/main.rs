//! The client against a provider by another hand, honest and not.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod oidc;
mod peer;
