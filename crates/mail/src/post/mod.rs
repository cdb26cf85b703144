//! Sending: one trait, three posts.

mod file;
mod memory;
mod smtp;

use async_trait::async_trait;

use crate::{
    Message,
    bounce::{Bounce, Enhanced},
};
pub use file::FilePost;
pub use memory::MemoryPost;
pub use smtp::{Security, SmtpConfig, SmtpPost, SmtpRefused};

/// Carries letters away.
#[async_trait]
pub trait Post: Send + Sync {
    /// Sends one letter to one recipient.
    ///
    /// # Errors
    /// See [`PostError`]: it says what to do next, not only what happened.
    async fn send(&self, message: &Message) -> Result<Sent, PostError>;
}

/// A letter was accepted: by the server, or by the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The Message-ID, `<…@domain>`, ours and stable.
    pub message_id: String,
}

/// Why a letter was not sent, in the words of what to do about it. No variant carries an address
/// or a server's sentence: either may hold personal data, and errors go to the logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// Refused for good (5xx after the recipient was named). Do not send this letter again;
    /// [`Bounce`] says whether the address is to be marked.
    #[error("refused with {code} ({bounce:?})")]
    Refused {
        /// The reply code, 500 to 599.
        code: u16,
        /// The enhanced status of RFC 3463, when the server gave one.
        enhanced: Option<Enhanced>,
        /// What it says about the address.
        bounce: Bounce,
    },
    /// Not sent, try later: 4xx, no connection, time-out before the text was handed over, or a
    /// refusal that is about us (our credentials, our greeting).
    #[error("try later ({reason})")]
    TryLater {
        /// The reply code, when there was one.
        code: Option<u16>,
        /// What happened, without personal data.
        reason: &'static str,
    },
    /// The connection was lost after the text was handed over: the server may have it. Try once
    /// more under the same Message-ID, then keep the letter as unsure (reliability G1).
    #[error("unsure: lost after the text was handed over")]
    Unsure,
    /// The letter cannot be written: a template or a header of ours is wrong. Trying again does
    /// not help; a person must look.
    #[error("the letter cannot be written: {0}")]
    Unfit(String),
}
