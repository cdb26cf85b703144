//! Letters about tax receipts.

use domain::{BasisPoints, Cents, UtcSeconds};
use serde::{Deserialize, Serialize};

use super::Project;

/// What a gift costs after tax, under the general rule. An estimate: it ignores the household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxEstimate {
    /// Rate of the reduction, in basis points.
    pub rate: BasisPoints,
    /// The reduction.
    pub reduction: Cents,
    /// What remains to the donor.
    pub cost: Cents,
    /// Box of the income tax return, `7UF`.
    #[serde(default)]
    pub tax_box: Option<String>,
}

/// A tax receipt; the PDF travels as the only attachment of the message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// `ORG-2026-000001`.
    pub number: String,
    /// Name of the organisation that issues it (decision 1).
    pub issuer: String,
    /// The project given to.
    pub project: Project,
    /// The gift, net of what was refunded; never the match.
    pub amount: Cents,
    /// When it was given.
    pub given_at: UtcSeconds,
    /// The tax reduction it opens.
    #[serde(default)]
    pub tax: Option<TaxEstimate>,
    /// The code to verify it with, printed on the receipt too.
    pub code: String,
    /// `/verifier/recu`.
    pub verify_url: String,
    /// The private page of the receipt, `/recus/{jeton}`.
    pub receipt_url: String,
    /// Number of the cancelled receipt that this one replaces.
    #[serde(default)]
    pub replaces: Option<String>,
}

/// Why a receipt lost its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The whole gift was refunded.
    Refunded,
    /// A part of it was.
    PartlyRefunded,
    /// The bank took the money back.
    DisputeLost,
    /// Name, address or amount were wrong.
    Corrected,
}

/// A receipt was cancelled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptCancelled {
    /// The number that has no value any more.
    pub number: String,
    /// Name of the organisation that issued it.
    pub issuer: String,
    /// The project given to.
    pub project: Project,
    /// Why.
    pub reason: CancelReason,
    /// When.
    pub cancelled_at: UtcSeconds,
    /// Number of the receipt that replaces it; it travels in a letter of its own.
    #[serde(default)]
    pub replaced_by: Option<String>,
    /// `/verifier/recu`.
    pub verify_url: String,
}
