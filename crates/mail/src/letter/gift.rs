//! Letters about a gift and its payment.

use domain::{BasisPoints, Cents, UtcSeconds, gift::PaymentMethod, receipt::NoReceipt};
use serde::{Deserialize, Serialize};

use super::{Project, TaxEstimate};

/// What every letter about a gift says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GiftFacts {
    /// What the donor gave.
    pub amount: Cents,
    /// When it was given.
    pub given_at: UtcSeconds,
    /// How it was paid.
    pub method: PaymentMethod,
    /// The short reference that the donor can quote.
    pub reference: String,
    /// The project it goes to.
    pub project: Project,
    /// The private page of the gift, `/dons/{jeton}`.
    pub gift_url: String,
}

/// The payment is confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The gift.
    pub gift: GiftFacts,
    /// Last four digits of the card or of the IBAN.
    #[serde(default)]
    pub last4: Option<String>,
    /// Why no tax receipt follows now; nothing when one follows.
    #[serde(default)]
    pub no_receipt: Option<NoReceipt>,
    /// Until when the donor may ask for the money back.
    #[serde(default)]
    pub refundable_until: Option<UtcSeconds>,
}

/// What one rule of one pot added to the gift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatchLine {
    /// Name of the rule or of its pot, as the page shows it.
    pub name: String,
    /// Share of the gift that the rule adds, in basis points.
    #[serde(default)]
    pub rate: Option<BasisPoints>,
    /// What it added.
    pub amount: Cents,
    /// Why it applies, a whole French sentence from the one function that explains a match.
    #[serde(default)]
    pub reason: Option<String>,
    /// The most it gives per donor and campaign.
    #[serde(default)]
    pub ceiling: Option<Cents>,
    /// What made the amount smaller than the rate says, a whole French sentence.
    #[serde(default)]
    pub reduced_by: Option<String>,
}

/// A rule that added nothing, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotApplied {
    /// Name of the rule or of its pot.
    pub name: String,
    /// Why, a whole French sentence.
    pub reason: String,
}

/// Thanks, with the match explained. Without a match the same letter says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thanks {
    /// The gift.
    pub gift: GiftFacts,
    /// What the fund added: the sum of the lines.
    pub matched: Cents,
    /// What the project receives: the gift and the match.
    pub received: Cents,
    /// Each rule that added something.
    pub lines: Vec<MatchLine>,
    /// Each rule that did not apply.
    #[serde(default)]
    pub not_applied: Vec<NotApplied>,
    /// Each rule whose pot is shared when its round closes.
    #[serde(default)]
    pub at_close: Vec<NotApplied>,
    /// What the gift costs after tax; nothing when no receipt can be had.
    #[serde(default)]
    pub tax: Option<TaxEstimate>,
    /// Number of the rule set that answered.
    #[serde(default)]
    pub rule_set: Option<String>,
    /// The page that recomputes the match, `/verifier/{ref}`.
    #[serde(default)]
    pub verify_url: Option<String>,
    /// True when a tax receipt follows in a letter of its own.
    #[serde(default)]
    pub receipt_follows: bool,
    /// Until when the donor may ask for the money back.
    #[serde(default)]
    pub refundable_until: Option<UtcSeconds>,
}

/// A SEPA debit was started; the bank takes days to answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingDebit {
    /// The gift.
    pub gift: GiftFacts,
    /// Last four characters of the IBAN.
    #[serde(default)]
    pub last4: Option<String>,
    /// The match kept for this gift (decision 16).
    pub match_kept: Cents,
    /// Until when it is kept.
    pub kept_until: UtcSeconds,
}

/// The bank refused the debit: nothing was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DebitFailed {
    /// The gift that did not happen.
    pub gift: GiftFacts,
    /// The match that was kept for it and is free again.
    pub match_released: Cents,
    /// Where to give again; nothing when the campaign is over.
    #[serde(default)]
    pub retry_url: Option<String>,
}

/// The donor's bank contests the payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisputeNotice {
    /// The gift.
    pub gift: GiftFacts,
    /// When the bank told us.
    pub opened_at: UtcSeconds,
    /// Number of the receipt that is suspended meanwhile.
    #[serde(default)]
    pub receipt_number: Option<String>,
}

/// Confirm by e-mail before paying.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GiftConfirm {
    /// The gift that waits.
    pub amount: Cents,
    /// The project it would go to.
    pub project: Project,
    /// The page that asks for the confirmation; reading it changes nothing.
    pub confirm_url: String,
    /// Until when the link works.
    pub valid_until: UtcSeconds,
}
