//! What a refusal or a bounce says about an address.

mod reply;
mod report;

use serde::{Deserialize, Serialize};

pub use reply::of_reply;
pub use report::{Report, read_report};

/// An enhanced status code (RFC 3463), `5.1.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Enhanced {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u16,
    /// 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 security or policy.
    pub subject: u16,
    /// The detail, read with its subject.
    pub detail: u16,
}

impl Enhanced {
    /// Reads a text that begins with a code: `5.1.1 no such user`.
    #[must_use]
    pub fn leading(text: &str) -> Option<Self> {
        let word = text.trim_start().split(|c: char| c != '.' && !c.is_ascii_digit()).next()?;
        let mut numbers = word.split('.').map(|n| n.parse::<u16>().ok().filter(|_| n.len() <= 3));
        let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let code = Self { class, subject, detail };
        (numbers.next().is_none() && matches!(class, 2 | 4 | 5)).then_some(code)
    }
}

impl std::fmt::Display for Enhanced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// What to conclude about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bounce {
    /// The address does not exist: mark it at once.
    Hard,
    /// The mailbox exists and does not take the letter now: mark it after five.
    Soft,
    /// The refusal is about us (reputation, policy, size, our own settings), not about the address.
    Policy,
    /// The reader reported the letter as unwanted: write no more news to it.
    Complaint,
}
