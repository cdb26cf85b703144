//! What fills the pots and what it did: agreements, allocation orders, the statement of a
//! contributor.

use domain::{Cents, UtcSeconds, pot::Origin};
use serde::Serialize;

use super::{
    Page,
    fund::page,
    pots::{AgreementLine, PotNotice, TrancheView},
    rule_form::{Choice, Fields},
    samples,
};
use crate::layout::Nav;

/// The fields of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TargetFields {
    /// Territory codes.
    pub territories: String,
    /// Ids of campaigns.
    pub campaigns: String,
    /// Boxes: pathways.
    pub categories: Vec<Choice>,
    /// Stages.
    pub stages: Vec<Choice>,
    /// Publics.
    pub publics: Vec<Choice>,
    /// Services.
    pub services: Vec<Choice>,
    /// Axes of corporate responsibility.
    pub axes: Vec<Choice>,
}

/// The form of a new agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewAgreementPage {
    /// Id of the pot.
    pub pot: String,
    /// Its name.
    pub pot_name: String,
    /// What was typed: `contributeur`, `origine`, `siren`, `signee`, `fin`, `promesse`.
    pub fields: Fields,
    /// Codes of the origins.
    pub origins: Vec<String>,
    /// What the money is for.
    pub target: TargetFields,
    /// What went wrong.
    pub notice: Option<PotNotice>,
}

/// An agreement, with its instalments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgreementPage {
    /// Its number.
    pub number: i64,
    /// Id of the pot.
    pub pot: String,
    /// Its name.
    pub pot_name: String,
    /// One may write.
    pub writes: bool,
    /// Who promises.
    pub contributor: String,
    /// Number of the contributor.
    pub contributor_number: i64,
    /// What kind.
    pub origin: Origin,
    /// Its group.
    pub siren: Option<String>,
    /// What the money is for; nothing when it is free.
    pub earmark: Vec<String>,
    /// When it was signed.
    pub signed: UtcSeconds,
    /// Its last day.
    pub until: Option<UtcSeconds>,
    /// Promised in all.
    pub promised: Cents,
    /// Promised, in no instalment yet.
    pub unplanned: Cents,
    /// Its instalments.
    pub instalments: Vec<InstalmentView>,
    /// Since when its signed document is kept.
    pub document: Option<UtcSeconds>,
    /// What was typed for a new instalment: amount, day.
    pub typed: (String, String),
    /// The instalment to cancel, and why, as typed.
    pub cancelling: (i32, String),
    /// What was done or went wrong.
    pub notice: Option<PotNotice>,
}

/// A part of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstalmentView {
    /// Its place, from 1.
    pub rank: i32,
    /// How much.
    pub amount: Cents,
    /// When it is due.
    pub due: UtcSeconds,
    /// Due, and not here.
    pub late: bool,
    /// State code.
    pub state: String,
    /// Its tranche, once it answers gifts.
    pub tranche: Option<String>,
    /// Taken back.
    pub withdrawn: Cents,
}

/// The form of a new order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewOrderPage {
    /// Id of the pot.
    pub pot: String,
    /// Its name.
    pub pot_name: String,
    /// Tranches that have something left: id, contributor, what is left.
    pub tranches: Vec<(String, String, Cents)>,
    /// What was typed: `tranche`, `montant`, `fin`, `raison`.
    pub fields: Fields,
    /// The target.
    pub target: TargetFields,
    /// What went wrong.
    pub notice: Option<PotNotice>,
}

/// An allocation order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderPage {
    /// Its number.
    pub number: i64,
    /// Id of the pot.
    pub pot: String,
    /// Its name.
    pub pot_name: String,
    /// The tranche that the money leaves.
    pub tranche: String,
    /// Whose money it is.
    pub contributor: String,
    /// The target.
    pub earmark: Vec<String>,
    /// Its last day, when it is another than that of the tranche.
    pub until: Option<UtcSeconds>,
    /// How much.
    pub amount: Cents,
    /// What for.
    pub reason: String,
    /// Address of who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: UtcSeconds,
    /// Until when it may be signed.
    pub lapses_at: UtcSeconds,
    /// State code: `open`, `lapsed`, `signed`, `withdrawn`.
    pub state: String,
    /// Address of who signed it.
    pub signed_by: Option<String>,
    /// When it was signed or withdrawn.
    pub ended_at: Option<UtcSeconds>,
    /// One may sign it.
    pub signs: bool,
    /// One may withdraw it.
    pub withdraws: bool,
    /// What was done or went wrong.
    pub notice: Option<PotNotice>,
}

/// What the money of a contributor did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Number of the contributor.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// What kind.
    pub origin: Origin,
    /// Its group.
    pub siren: Option<String>,
    /// What its tranches hold, used or not.
    pub held: Cents,
    /// Promised to gifts that were captured.
    pub committed: Cents,
    /// Kept for payments under way.
    pub reserved: Cents,
    /// What can still be added.
    pub available: Cents,
    /// Gifts that it answered.
    pub gifts: i64,
    /// By campaign, département, pathway, public.
    pub tables: Vec<ReachTable>,
    /// Its tranches, with the id and the name of their pot.
    pub tranches: Vec<(String, String, TrancheView)>,
    /// Its agreements, the newest first.
    pub agreements: Vec<AgreementLine>,
    /// The file with all of it.
    pub file: String,
}

/// Gifts that were answered, by something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReachTable {
    /// What by, as the file says it.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The head of the first column.
    pub head: String,
    /// How to read it.
    pub note: Option<String>,
    /// The largest first.
    pub rows: Vec<ReachRow>,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReachRow {
    /// Its code.
    pub code: String,
    /// Address of the campaign.
    pub slug: Option<String>,
    /// Its name.
    pub name: String,
    /// Gifts.
    pub gifts: i64,
    /// Added to them.
    pub amount: Cents,
}

page!(NewAgreementPage, "agreement_new", samples::new_agreements, |_page| String::from(
    "Nouvelle convention"
));
page!(AgreementPage, "agreement", samples::agreements, |page| format!(
    "Convention nᵒ {}",
    page.number
));
page!(NewOrderPage, "order_new", samples::new_orders, |_page| String::from(
    "Nouvel ordre d’affectation"
));
page!(OrderPage, "order", samples::orders, |page| format!(
    "Ordre d’affectation nᵒ {}",
    page.number
));
page!(Statement, "statement", samples::statements, |page| format!("Relevé de {}", page.name));
