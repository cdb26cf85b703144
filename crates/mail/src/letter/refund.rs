//! Letters about money that goes back.

use domain::{Cents, UtcSeconds};
use serde::{Deserialize, Serialize};

use super::GiftFacts;

/// A refund was asked that a person of the fund carries out: a debit, or after fourteen days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefundRequested {
    /// The gift.
    pub gift: GiftFacts,
    /// When it was asked.
    pub requested_at: UtcSeconds,
    /// By when the donor has an answer.
    #[serde(default)]
    pub answer_by: Option<UtcSeconds>,
}

/// The provider accepted the refund.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefundDone {
    /// The gift.
    pub gift: GiftFacts,
    /// What went back this time.
    pub refunded: Cents,
    /// What remains of the gift: zero after a full refund.
    pub remaining: Cents,
    /// The match that went back to the pots.
    pub match_returned: Cents,
    /// Number of the receipt that it cancels.
    #[serde(default)]
    pub receipt_cancelled: Option<String>,
    /// True when the campaign did not reach its minimum, so that nobody asked for this refund.
    #[serde(default)]
    pub campaign_failed: bool,
}
