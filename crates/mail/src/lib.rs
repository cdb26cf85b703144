#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod bounce;
pub mod compose;
mod config;
mod dkim;
pub mod letter;
pub mod mailbox;
mod message;
mod post;
mod render;

pub use compose::{Composed, Composer, Sender};
pub use config::{Config, ConfigRefused, Delivery, DkimConfig};
pub use dkim::{DkimKeyRefused, DkimSigner};
pub use letter::{Letter, Milestone, samples};
pub use mailbox::{Mail, Mailbox};
pub use message::{Attachment, Message, MessageRefused};
pub use post::{
    FilePost, MemoryPost, Post, PostError, Security, Sent, SmtpConfig, SmtpPost, SmtpRefused,
};
pub use render::{Envelope, Rendered, render};
