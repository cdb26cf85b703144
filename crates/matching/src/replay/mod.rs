//! A ledger read from its first event to its last: what the books must say, to the cent.
//!
//! Each event is decided by the very steps the product takes ([`crate::decide()`],
//! [`crate::refund()`], [`crate::rematch()`]); this module only keeps the state between them. It
//! keeps numbers instead of names and copies nothing that a decision only looks at.

mod arrival;
mod ballot;
mod close;
mod cost;
mod counters;
mod estimate;
mod events;
mod gifts;
mod hash;
mod input;
mod money;
mod names;
mod opening;
mod output;
mod pairs;
mod pro_rata;
mod quadratic;
mod report;
mod resource;
mod rounds;
mod standing;
mod state;
mod under;
mod view;

pub use ballot::{Ballot, Contender, Vote};
pub use estimate::Estimate;
pub use events::{Event, NewGift, NewTranche, Place, What};
pub use input::{Ledger, PotInput};
pub use standing::{AwardPart, Awarded, Standing};

pub(crate) use input::{check_campaign, check_settings, check_tranches, has_twins};

pub use output::Answer;
pub(crate) use report::Figures;
pub use under::Progress;
pub(crate) use under::{STOPPED, Under};

use crate::exact::Overflow;
use state::State;

/// Why an event had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Duplicate,
    Conflict,
    UnknownDonation,
    DonationExists,
    CampaignClosed,
    BadAmount,
    AlreadyPaid,
    NotReserved,
    NotCommitted,
    NotHeld,
    NotRefundable,
    RefundExceedsNet,
    UnknownRound,
    TrancheExists,
    UnknownTranche,
    ExceedsTranche,
    NotSameMoney,
    SignatureMissing,
    ExceedsLeft,
    ExceedsReceivable,
    Overflow,
}

impl Reason {
    const fn code(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::UnknownDonation => "unknown_donation",
            Self::DonationExists => "donation_exists",
            Self::CampaignClosed => "campaign_closed",
            Self::BadAmount => "bad_amount",
            Self::AlreadyPaid => "already_paid",
            Self::NotReserved => "not_reserved",
            Self::NotCommitted => "not_committed",
            Self::NotHeld => "not_held",
            Self::NotRefundable => "not_refundable",
            Self::RefundExceedsNet => "refund_exceeds_net",
            Self::UnknownRound => "unknown_round",
            Self::TrancheExists => "tranche_exists",
            Self::UnknownTranche => "unknown_tranche",
            Self::ExceedsTranche => "exceeds_tranche",
            Self::NotSameMoney => "not_same_money",
            Self::SignatureMissing => "signature_missing",
            Self::ExceedsLeft => "exceeds_left",
            Self::ExceedsReceivable => "exceeds_receivable",
            Self::Overflow => "overflow",
        }
    }
}

/// What ends the handling of an event early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// The event is refused.
    Refused(Reason),
    /// A number left its range: the event must leave no trace.
    Overflow,
    /// The whole ledger is refused.
    Case(&'static str),
}

impl From<Overflow> for Stop {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

/// A ledger after its last event.
pub struct Replayed<'l>(State<'l>);

impl Ledger {
    /// Replays a ledger that was read and checked.
    ///
    /// # Errors
    /// The code of the refusal of the whole ledger.
    pub fn replay(&self) -> Result<Replayed<'_>, &'static str> {
        Under::its_own(self).replay(&Progress::default())
    }
}

impl Replayed<'_> {
    /// What the books must say, in the words of a case file.
    ///
    /// # Errors
    /// When a sum leaves the range of numbers.
    pub fn answer(&self) -> Result<Answer<'_>, &'static str> {
        output::answer(&self.0).map_err(|Overflow| "overflow")
    }

    /// The figures a rehearsal compares.
    pub(crate) fn figures(&self) -> Result<Figures, &'static str> {
        report::figures(&self.0).map_err(|Overflow| "overflow")
    }
}
