//! `/regles`: the rules in force, in French.

use domain::{BasisPoints, Cents, UtcSeconds, pot::Origin};
use serde::Serialize;

use super::{Page, samples};
use crate::layout::Nav;

/// The public rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// Since when all rules shown are in force: the latest of their dates.
    pub since: Option<UtcSeconds>,
    /// The rules in force, in the order in which the pots answer.
    pub in_force: Vec<PublicRule>,
    /// Rules that begin later.
    pub opening: Vec<PublicRule>,
    /// The limits.
    pub limits: Limits,
}

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicRule {
    /// Its name.
    pub name: String,
    /// Its version: `socle@1`.
    pub version: String,
    /// Lowest rate; equal to `rate_max` when there is one.
    pub rate_min: BasisPoints,
    /// Highest rate.
    pub rate_max: BasisPoints,
    /// What it says, a whole sentence.
    pub sentence: String,
    /// Name of its pot.
    pub pot: String,
    /// Where the money comes from.
    pub funders: Vec<Origin>,
    /// What the pot can still add; nothing when not told.
    pub left: Option<Cents>,
    /// From when, for a rule that begins later.
    pub opens_at: Option<UtcSeconds>,
    /// Its last second, for a rule that has an end.
    pub ends_at: Option<UtcSeconds>,
}

/// The limits, from the settings and rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The most gift money matched by each rule, per donor and campaign, when all rules agree.
    pub base_per_donor: Option<Cents>,
    /// Rules that match less: name and cap.
    pub smaller_bases: Vec<(String, Cents)>,
    /// The most that all rules add, as a share of the gift.
    pub leverage: BasisPoints,
    /// Smallest gift that is matched.
    pub min_gift: Cents,
    /// Public money as a share of the budget; nothing without a ceiling.
    pub public_share: Option<BasisPoints>,
    /// Minutes for which the match is kept during payment.
    pub reserved_minutes: u32,
}

impl Page for Rules {
    const TEMPLATE: &'static str = "rules";

    fn title(&self) -> String {
        String::from("Les règles d’abondement")
    }

    fn nav(&self) -> Nav {
        Nav::Rules
    }

    fn indexed(&self) -> bool {
        true
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::rules()
    }
}
