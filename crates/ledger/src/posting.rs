//! A posting balances by construction.

use domain::Cents;
use time::OffsetDateTime;

use crate::accounts::Account;

/// What made a posting necessary. A cause posts at most once per kind (invariant L4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `gift`, `refund`, `dispute`, `tranche`, `close`, `round`.
    pub kind: &'static str,
    /// The id of the cause.
    pub id: String,
}

/// One line: debits are positive, credits negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// Cents, never zero.
    pub amount: Cents,
}

/// A fact in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    cause: Cause,
    kind: &'static str,
    at: OffsetDateTime,
    entries: Vec<Entry>,
}

/// Why a posting cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPosting {
    /// Debits and credits differ, or their sum does not fit.
    #[error("the posting does not balance")]
    Unbalanced,
    /// Nothing moves.
    #[error("the posting is empty")]
    Empty,
    /// A line moves nothing.
    #[error("a line is zero")]
    ZeroLine,
}

impl Posting {
    /// Builds a posting.
    ///
    /// # Errors
    /// When it is empty, has a zero line or does not sum to zero.
    pub fn new(
        cause: Cause,
        kind: &'static str,
        at: OffsetDateTime,
        entries: Vec<Entry>,
    ) -> Result<Self, NotAPosting> {
        if entries.is_empty() {
            return Err(NotAPosting::Empty);
        }
        if entries.iter().any(|entry| entry.amount == Cents::ZERO) {
            return Err(NotAPosting::ZeroLine);
        }
        let total = entries.iter().try_fold(Cents::ZERO, |sum, entry| sum.plus(entry.amount));
        if total == Some(Cents::ZERO) {
            Ok(Self { cause, kind, at, entries })
        } else {
            Err(NotAPosting::Unbalanced)
        }
    }

    /// What made it necessary.
    #[must_use]
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }

    /// What happened, `gift_captured`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// When it happened, UTC.
    #[must_use]
    pub const fn at(&self) -> OffsetDateTime {
        self.at
    }

    /// Its lines.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
