//! What a refusal or a bounce says about an address.

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

/// What to conclude about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bounce {
    /// The address does not exist: mark it at once.
    Hard,
    /// The mailbox exists and does not take the letter now: mark it after five.
    Soft,
    /// The refusal is about us (reputation, policy, size, our own settings), not about the address.
    Policy,
    /// The reader reported the letter as unwanted.
    Complaint,
}
