//! The pots and their money: `/fonds/pots`, and one of them.

use domain::{Cents, UtcSeconds, pot::Origin};
use serde::Serialize;

use super::{Page, fund::page, samples};
use crate::layout::Nav;

/// The pots, in the order in which they answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pots {
    /// One may write.
    pub writes: bool,
    /// The pots.
    pub pots: Vec<PotPlace>,
    /// The name in the form, as typed.
    pub name: String,
    /// What was done or went wrong.
    pub notice: Option<PotNotice>,
}

/// A pot in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PotPlace {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it holds, used or not.
    pub held: Cents,
    /// It may have answered a gift: among those that have, it keeps its place.
    pub answered: bool,
    /// It may go before the one that comes before it.
    pub earlier: bool,
    /// It may go after the one that comes after it.
    pub later: bool,
}

/// A pot: its money, who promised more, what speaks for it, what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PotPage {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// One may write.
    pub writes: bool,
    /// What all tranches hold.
    pub held: Cents,
    /// Promised to gifts that were captured.
    pub committed: Cents,
    /// Kept for payments under way.
    pub reserved: Cents,
    /// What can still be added.
    pub available: Cents,
    /// The tranches.
    pub tranches: Vec<TrancheView>,
    /// Its agreements, the newest first.
    pub agreements: Vec<AgreementLine>,
    /// Its allocation orders, the newest first.
    pub orders: Vec<OrderLine>,
    /// The rules that give from it: name, version, what it says.
    pub rules: Vec<(String, i64, Vec<String>)>,
    /// What happened to its money, the newest first.
    pub events: Vec<PotEventLine>,
    /// The tranche of the form that was sent back, and what was typed: amount, reason.
    pub typed: (String, String, String),
    /// What was done or went wrong.
    pub notice: Option<PotNotice>,
}

/// A tranche.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrancheView {
    /// Its id in the pot.
    pub id: String,
    /// Who contributed.
    pub contributor: String,
    /// Number of the contributor.
    pub contributor_number: Option<i64>,
    /// What kind.
    pub origin: Origin,
    /// What it is for; nothing when it is free.
    pub earmark: Vec<String>,
    /// Since when it answers gifts.
    pub from: UtcSeconds,
    /// Its last instant.
    pub until: Option<UtcSeconds>,
    /// It is over.
    pub over: bool,
    /// What it holds, used or not.
    pub amount: Cents,
    /// Promised to gifts that were captured.
    pub committed: Cents,
    /// Kept for payments under way.
    pub reserved: Cents,
    /// What is left.
    pub left: Cents,
    /// What is missing, after it was taken back.
    pub missing: Cents,
}

/// An agreement in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgreementLine {
    /// Its number.
    pub number: i64,
    /// Who promises.
    pub contributor: String,
    /// When it was signed.
    pub signed: UtcSeconds,
    /// Its last day.
    pub until: Option<UtcSeconds>,
    /// Promised in all.
    pub promised: Cents,
    /// Asked for, not here yet.
    pub called: Cents,
    /// Received or guaranteed, less what was taken back.
    pub received: Cents,
}

/// An allocation order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderLine {
    /// Its number.
    pub number: i64,
    /// State code: `open`, `lapsed`, `signed`, `withdrawn`.
    pub state: String,
    /// The tranche that the money leaves.
    pub tranche: String,
    /// How much.
    pub amount: Cents,
    /// When it was asked for.
    pub at: UtcSeconds,
}

/// Something that happened to the money of a pot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PotEventLine {
    /// When.
    pub at: UtcSeconds,
    /// `contribute`, `withdraw`, `transfer`.
    pub kind: String,
    /// The tranche.
    pub tranche: String,
    /// The tranche it went to.
    pub to: String,
    /// How much.
    pub amount: Cents,
}

/// What was done to the money of a pot or went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PotNotice {
    /// It was done.
    Done,
    /// Not with this role.
    NotAllowed,
    /// The proof is more than an hour old.
    ProveFirst,
    /// Unknown, or it changed meanwhile.
    Unknown,
    /// A reason is asked for.
    Reason,
    /// Not a name.
    Name,
    /// A pot has this name.
    Taken,
    /// The order of both pots was decided with.
    Answered,
    /// Not a SIREN, or not the known one.
    Siren,
    /// Codes that name nothing.
    Codes {
        /// The condition, in French.
        field: String,
        /// The codes.
        codes: String,
    },
    /// Not an amount.
    Amount,
    /// Not a day, or one that is over.
    Dates,
    /// More than was promised.
    OverPromised {
        /// What may still be planned.
        left: Cents,
    },
    /// No such tranche.
    UnknownTranche,
    /// More than the tranche holds.
    ExceedsTranche {
        /// What it holds.
        held: Cents,
    },
    /// Not the same money.
    NotSameMoney,
    /// The target is not narrower.
    SignatureMissing,
    /// More than is left.
    ExceedsLeft {
        /// What is left.
        left: Cents,
    },
    /// Who asked does not sign.
    SameSigner,
    /// Too late to sign.
    Lapsed,
    /// Not a PDF.
    NotPdf,
    /// Too large.
    TooLarge,
    /// The form was open too long.
    FormExpired,
}

page!(Pots, "pots", samples::pots, |_page| String::from("Enveloppes du fonds"));
page!(PotPage, "pot", samples::pot_pages, |page| format!("Enveloppe {}", page.name));
