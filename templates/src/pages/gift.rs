//! `/dons/{jeton}`: the private page of a gift, from the payment to its refund.

use domain::{Cents, UtcSeconds, gift::PaymentMethod, receipt::NoReceipt};
use serde::Serialize;

use super::{Page, RuleLine, RuleNotApplied, samples};
use crate::layout::Nav;

/// A gift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gift {
    /// The secret of its address: `/dons/{token}`.
    pub token: String,
    /// The short reference that the donor can quote.
    pub reference: String,
    /// First name, when given.
    pub first_name: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Address of the campaign.
    pub slug: String,
    /// Its title.
    pub campaign: String,
    /// Its last instant.
    pub campaign_ends_at: UtcSeconds,
    /// The gift.
    pub amount: Cents,
    /// How it is paid.
    pub method: PaymentMethod,
    /// Last four digits of the card or IBAN.
    pub last4: Option<String>,
    /// When it was made.
    pub given_at: UtcSeconds,
    /// Where it stands.
    pub state: GiftState,
    /// The match: promised, kept or given back.
    pub matched: Cents,
    /// What each rule added.
    pub lines: Vec<RuleLine>,
    /// The rules that added nothing.
    pub not_applied: Vec<RuleNotApplied>,
    /// Reference of the match, `/verifier/{ref}`; nothing before it is committed.
    pub verify_ref: Option<String>,
    /// The tax receipt.
    pub receipt: ReceiptState,
    /// Cost after tax; nothing without a receipt.
    pub cost: Option<Cents>,
    /// The form that asks for the money back.
    pub refund: RefundOffer,
    /// Milestones of the project to look forward to, each a sentence, with its date in words.
    pub next: Vec<NextStep>,
}

/// Where a gift stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GiftState {
    /// The provider has not told us yet: a few seconds. The page reloads itself without script.
    Confirming,
    /// No answer from the provider: a letter will tell within ten minutes.
    Unknown,
    /// A debit is under way.
    Pending {
        /// When the bank should have answered.
        expected_by: UtcSeconds,
        /// Reference of the mandate.
        mandate: Option<String>,
    },
    /// Paid.
    Captured {
        /// When.
        at: UtcSeconds,
    },
    /// A refund was asked and is on its way, or waits for a person (debits).
    RefundRequested {
        /// When.
        at: UtcSeconds,
        /// True when a person handles it.
        by_hand: bool,
    },
    /// Part of the money went back.
    PartlyRefunded {
        /// How much.
        refunded: Cents,
        /// When.
        at: UtcSeconds,
    },
    /// All of it went back.
    Refunded {
        /// When.
        at: UtcSeconds,
        /// Why.
        why: RefundWhy,
    },
    /// The donor's bank contests the payment.
    Disputed {
        /// Since when.
        at: UtcSeconds,
    },
}

/// Why the money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundWhy {
    /// The donor asked.
    Asked,
    /// The campaign did not reach its minimum.
    CampaignFailed,
    /// The operator decided.
    Operator,
    /// A dispute was lost.
    Dispute,
}

/// The tax receipt of a gift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReceiptState {
    /// It is being made.
    Preparing,
    /// Here it is: `/recus/{token}`.
    Issued {
        /// The secret of its address.
        token: String,
        /// Its number.
        number: String,
    },
    /// It was cancelled, and perhaps another replaces it.
    Cancelled {
        /// Its number.
        number: String,
        /// The secret of the receipt that replaces it.
        replaced_by: Option<String>,
    },
    /// None, and why.
    None {
        /// The first reason.
        why: NoReceipt,
    },
}

/// Whether the donor may ask for the money back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RefundOffer {
    /// Yes, on this page.
    Possible {
        /// Last instant.
        until: UtcSeconds,
        /// True when a person handles it (debits).
        by_hand: bool,
    },
    /// The delay is over: write to us.
    TooLate,
    /// The money has left for the project: write to us.
    PaidOut,
    /// Nothing to pay back.
    NotNow,
}

/// A date to look forward to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// When, in words: "9 décembre".
    pub when: String,
    /// What.
    pub what: String,
}

impl Gift {
    /// The gift and the match.
    #[must_use]
    pub fn received(&self) -> Cents {
        self.amount.plus(self.matched).unwrap_or(self.amount)
    }
}

impl Page for Gift {
    const TEMPLATE: &'static str = "gift";

    fn title(&self) -> String {
        String::from(match self.state {
            GiftState::Confirming | GiftState::Unknown => "Paiement en cours de confirmation",
            GiftState::Pending { .. } => "Prélèvement en route",
            GiftState::Captured { .. } => "Merci",
            GiftState::RefundRequested { .. } => "Remboursement demandé",
            GiftState::PartlyRefunded { .. } => "Don remboursé en partie",
            GiftState::Refunded { .. } => "Don remboursé",
            GiftState::Disputed { .. } => "Paiement contesté",
        })
    }

    fn nav(&self) -> Nav {
        Nav::None
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::gifts()
    }
}
