#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod bounce;
pub mod compose;
mod dkim;
pub mod letter;
mod message;
mod post;
mod render;

pub use compose::{Composed, Composer, Sender};
pub use dkim::{DkimKeyRefused, DkimSigner};
pub use letter::{Letter, samples};
pub use message::{Attachment, Message, MessageRefused};
pub use post::{MemoryPost, Post, PostError, Sent};
pub use render::{Envelope, Rendered, render};
