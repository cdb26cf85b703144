//! `/verifier/{ref}` and `/verifier/recu`.

use domain::{BasisPoints, Cents, UtcSeconds};
use serde::Serialize;

use super::{Page, RuleLine, RuleNotApplied, amounts::Cap, samples};
use crate::layout::Nav;

/// The proof of a match, or the form that asks for its reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyMatch {
    /// The reference as typed or as in the address; empty for the bare form.
    pub reference: String,
    /// What was found.
    pub found: MatchFound,
}

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MatchFound {
    /// Nothing was asked.
    Ask,
    /// No decision has this reference.
    Unknown,
    /// A decision.
    Record(Box<MatchRecord>),
}

/// A decision, recomputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchRecord {
    /// The gift.
    pub amount: Cents,
    /// When it was made.
    pub given_at: UtcSeconds,
    /// Title of the campaign.
    pub campaign: String,
    /// Its address.
    pub slug: String,
    /// Name of the département.
    pub departement_name: String,
    /// What the books say.
    pub booked: Cents,
    /// What the calculation gives now.
    pub recomputed: Cents,
    /// What each rule added.
    pub lines: Vec<RuleLine>,
    /// The rules that added nothing.
    pub not_applied: Vec<RuleNotApplied>,
    /// Caps, also those not reached.
    pub caps: Vec<Cap>,
    /// The versions of the rules: "socle@1".
    pub rule_sets: Vec<String>,
    /// Digest of the decision, hexadecimal.
    pub digest: String,
    /// True when the digest stored is the one computed again.
    pub digest_holds: bool,
    /// The seal of the day; nothing before the night.
    pub seal: Option<DaySeal>,
    /// Was it given back since: refund, expiry?
    pub released: bool,
    /// The explanation record, JSON as stored, indented.
    pub record_json: String,
    /// Path of a file with the record and its way up to the seal; nothing before the night.
    pub json_path: Option<String>,
    /// What the gift is called in the public ledgers that hold it already.
    pub names: Vec<InLedger>,
}

/// A gift in the public ledger of a pot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InLedger {
    /// The pot.
    pub pot: String,
    /// Its name.
    pub title: String,
    /// The name of the gift there.
    pub name: String,
}

/// The seal that binds a day of decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DaySeal {
    /// The day, at any instant of it.
    pub day: UtcSeconds,
    /// The same, as its address has it: `2026-11-24`.
    pub name: String,
    /// The seal, hexadecimal.
    pub seal: String,
    /// The path in the tree: side and hash.
    pub path: Vec<(String, String)>,
}

impl MatchRecord {
    /// True when books and calculation agree, and the digest holds.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.booked == self.recomputed && self.digest_holds
    }

    /// The match as a share of the gift.
    #[must_use]
    pub fn rate(&self) -> BasisPoints {
        crate::figures::share(self.booked, self.amount)
    }
}

impl Page for VerifyMatch {
    const TEMPLATE: &'static str = "verify_match";

    fn title(&self) -> String {
        String::from(match self.found {
            MatchFound::Unknown => "Référence introuvable",
            MatchFound::Ask | MatchFound::Record(_) => "Vérifier un abondement",
        })
    }

    fn nav(&self) -> Nav {
        Nav::Transparency
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::matches()
    }
}

/// The form that checks a receipt, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyReceipt {
    /// `numero`, as typed.
    pub number: String,
    /// `code`, as typed.
    pub code: String,
    /// The answer.
    pub answer: ReceiptAnswer,
}

/// What is known of a receipt. An unknown number and a wrong code have the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReceiptAnswer {
    /// Nothing was asked.
    Ask,
    /// A field is empty.
    Incomplete,
    /// Unknown, or the code is wrong.
    Unknown,
    /// Too many tries.
    TooMany,
    /// It is valid.
    Valid(ReceiptFacts),
    /// It was cancelled.
    Cancelled {
        /// What it said.
        facts: ReceiptFacts,
        /// When it was cancelled.
        at: UtcSeconds,
        /// Does another replace it?
        replaced: bool,
    },
}

/// What is shown of a receipt to someone who holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptFacts {
    /// Who issued it.
    pub issuer: String,
    /// Initials of the donor: "C. L."
    pub donor: String,
    /// The amount.
    pub amount: Cents,
    /// When the gift was paid.
    pub given_at: UtcSeconds,
}

impl Page for VerifyReceipt {
    const TEMPLATE: &'static str = "verify_receipt";

    fn title(&self) -> String {
        String::from("Vérifier un reçu fiscal")
    }

    fn nav(&self) -> Nav {
        Nav::Transparency
    }

    fn indexed(&self) -> bool {
        matches!(self.answer, ReceiptAnswer::Ask)
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::receipt_checks()
    }
}
