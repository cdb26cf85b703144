//! `/recus/{jeton}`: a tax receipt on screen, with the mentions of its PDF.

use domain::{Cents, UtcSeconds, gift::PaymentMethod, people::PostalAddress};
use serde::Serialize;

use super::{Page, samples};

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptPage {
    /// The secret of its address.
    pub token: String,
    /// Address of the gift's page, a path, when known.
    pub gift_path: Option<String>,
    /// Its number.
    pub number: String,
    /// Its code.
    pub code: String,
    /// When it was issued.
    pub issued_at: UtcSeconds,
    /// Valid, or cancelled.
    pub state: ReceiptValidity,
    /// Who issues.
    pub issuer: Issuer,
    /// Name of the donor.
    pub donor: String,
    /// Address of the donor.
    pub donor_address: PostalAddress,
    /// The amount.
    pub amount: Cents,
    /// The amount in words: "vingt euros".
    pub amount_in_words: String,
    /// When the gift was paid.
    pub given_at: UtcSeconds,
    /// How.
    pub method: PaymentMethod,
    /// The match, apart: it is no part of the receipt.
    pub matched: Cents,
    /// Reference of the match.
    pub verify_ref: Option<String>,
    /// The tax reduction expected, and the cost that remains.
    pub reduction: Option<(Cents, Cents)>,
    /// Where the PDF is; nothing while it is drawn.
    pub pdf_path: Option<String>,
}

/// Who issues a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issuer {
    /// Name.
    pub name: String,
    /// Nine digits.
    pub siren: Option<String>,
    /// RNA number.
    pub rna: Option<String>,
    /// Address.
    pub address: PostalAddress,
    /// Object, a sentence.
    pub object: String,
    /// Code of the category that is ticked on the form: `general_interest`.
    pub category: String,
    /// Who signs, with the role: "Solange Chabrat, trésorière".
    pub signed_by: String,
    /// Where.
    pub signed_at_city: String,
}

/// Is a receipt still worth something?
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReceiptValidity {
    /// Yes.
    Valid,
    /// No.
    Cancelled {
        /// Since when.
        at: UtcSeconds,
        /// Path of the receipt that replaces it.
        replaced_by: Option<String>,
    },
}

impl Page for ReceiptPage {
    const TEMPLATE: &'static str = "receipt";

    fn title(&self) -> String {
        format!("Reçu fiscal {}", self.number)
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::receipts()
    }
}
