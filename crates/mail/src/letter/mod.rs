//! The letters: what each one needs to be written, and nothing about how it is sent.
//!
//! A [`Letter`] is stored as JSON beside the job that sends it. Its shape is pinned by golden
//! files: a field may be added with a default, never renamed or removed.

mod campaign;
mod door;
mod gift;
mod receipt;
mod refund;
pub mod samples;

use serde::{Deserialize, Serialize};

pub use campaign::{Figure, FollowConfirm, Milestone, Progress, Project, Reader, Update};
pub use door::{AddressConfirm, AddressNotice, Forgotten, Invitation, SignIn, Suspension};
pub use gift::{
    Acknowledgement, DebitFailed, DisputeNotice, GiftConfirm, GiftFacts, MatchLine, NotApplied,
    PendingDebit, Thanks,
};
pub use receipt::{CancelReason, Receipt, ReceiptCancelled, TaxEstimate};
pub use refund::{RefundDone, RefundRequested};

/// One letter to one recipient, ready to be stored. Amounts in cents, times in UTC, addresses of
/// pages absolute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// The payment arrived: sent for every gift, whether or not a tax receipt follows (decision 1).
    Acknowledgement(Acknowledgement),
    /// The tax receipt, its PDF attached.
    Receipt(Receipt),
    /// What the fund added, rule by rule.
    Thanks(Thanks),
    /// A SEPA debit is under way.
    PendingDebit(PendingDebit),
    /// A campaign passed a milestone.
    Progress(Progress),
    /// News written by the holder of a project.
    Update(Update),
    /// The money went back.
    RefundDone(RefundDone),
    /// A refund was asked that an operator will carry out.
    RefundRequested(RefundRequested),
    /// The bank refused the debit.
    DebitFailed(DebitFailed),
    /// The donor's bank contests the payment.
    DisputeNotice(DisputeNotice),
    /// A receipt lost its value, and perhaps another replaces it.
    ReceiptCancelled(ReceiptCancelled),
    /// Confirm by e-mail before paying: the challenge of the card-testing brake.
    GiftConfirm(GiftConfirm),
    /// Confirm that one wants a project's news.
    FollowConfirm(FollowConfirm),
    /// A link and a code to sign in.
    SignIn(SignIn),
    /// Somebody is asked to act for an organisation.
    Invitation(Invitation),
    /// To the address that shall replace another.
    AddressConfirm(AddressConfirm),
    /// To the address that shall be replaced.
    AddressNotice(AddressNotice),
    /// The last one: the address is forgotten.
    Forgotten(Forgotten),
    /// A decision about an account or an organisation, with its reason.
    Suspension(Suspension),
}

impl Letter {
    /// The code stored in the database; also the name of the folder of its templates.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Acknowledgement(_) => "acknowledgement",
            Self::Receipt(_) => "receipt",
            Self::Thanks(_) => "thanks",
            Self::PendingDebit(_) => "pending_debit",
            Self::Progress(_) => "progress",
            Self::Update(_) => "update",
            Self::RefundDone(_) => "refund_done",
            Self::RefundRequested(_) => "refund_requested",
            Self::DebitFailed(_) => "debit_failed",
            Self::DisputeNotice(_) => "dispute_notice",
            Self::ReceiptCancelled(_) => "receipt_cancelled",
            Self::GiftConfirm(_) => "gift_confirm",
            Self::FollowConfirm(_) => "follow_confirm",
            Self::SignIn(_) => "sign_in",
            Self::Invitation(_) => "invitation",
            Self::AddressConfirm(_) => "address_confirm",
            Self::AddressNotice(_) => "address_notice",
            Self::Forgotten(_) => "forgotten",
            Self::Suspension(_) => "suspension",
        }
    }

    /// True when the letter is part of something the reader did: it has no unsubscribe link.
    ///
    /// News and milestones can be refused, save one: a donor always learns that the minimum is
    /// reached, because it decides whether the gift is paid out or paid back.
    #[must_use]
    pub const fn is_service(&self) -> bool {
        match self {
            Self::Update(_) => false,
            Self::Progress(progress) => {
                matches!(progress.reader, Reader::Donor)
                    && matches!(progress.milestone, Milestone::Minimum)
            }
            _ => true,
        }
    }
}
