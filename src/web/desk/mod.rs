//! The platform's own desk: who works there has a role and has proven a passkey.

pub mod home;

/// Its first page.
pub const PATH: &str = "/plateforme";
