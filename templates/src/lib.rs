#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod assets;
pub mod departement_words;
pub mod earmark_words;
mod error;
pub mod faults;
pub mod figures;
mod format;
mod kept_words;
pub mod layout;
pub mod letters;
pub mod live;
mod marks;
pub mod pages;
pub mod reasons;
mod render;
pub mod rule_words;
pub mod typography;
mod vocabulary;

pub use assets::{StaticFile, static_file, static_paths, static_url};
pub use error::PageError;
pub use layout::{Layout, Nav, Operator, Site, Theme};
pub use pages::Page;
pub use render::Templates;
