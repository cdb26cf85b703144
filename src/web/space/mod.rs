//! One's own pages, behind the door.

pub mod my_data;
pub mod page;
pub mod passkeys;
pub mod sessions;

/// The first of them: where one goes who wanted nothing else.
pub const PATH: &str = "/mon-espace";
