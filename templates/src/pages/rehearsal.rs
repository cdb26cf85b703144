//! Rehearsals and trial gifts: sets of rules of the fund side by side.

use domain::{Cents, UtcSeconds};
use serde::Serialize;

use super::{Page, RuleLine, RuleNotApplied, samples};
use crate::layout::Nav;

/// A set of rules that is compared with others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Side {
    /// The rules in force.
    InForce,
    /// With a draft in the place of its rule.
    Draft {
        /// Its number.
        number: i64,
        /// The rule.
        rule: String,
    },
    /// With a published version in the place of its rule.
    Version {
        /// The rule.
        rule: String,
        /// The version.
        version: i64,
    },
}

/// What a rehearsal may be asked, beside a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RehearsalForm {
    /// Sets that may be compared with it.
    pub others: Vec<OtherRules>,
    /// An invented year is asked for.
    pub year: bool,
    /// Its gifts, as typed.
    pub gifts: String,
    /// Its seed, as typed.
    pub seed: String,
    /// The code of the first other set.
    pub first: String,
    /// The code of the second.
    pub second: String,
}

/// A set that may be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherRules {
    /// How the form calls it.
    pub code: String,
    /// What it is.
    pub side: Side,
}

/// A gift that is only tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrialForm {
    /// The amount, as typed.
    pub amount: String,
    /// The address of the campaign.
    pub campaign: String,
    /// Campaigns that take gifts: address, title.
    pub campaigns: Vec<(String, String)>,
    /// What came of it: by the rules in force, then with the draft.
    pub result: Option<(Tried, Tried)>,
    /// Why nothing did.
    pub fault: Option<TrialFault>,
}

/// Why a gift cannot be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TrialFault {
    /// The amount cannot be given.
    Amount {
        /// The smallest gift.
        min: Cents,
        /// The largest.
        max: Cents,
    },
    /// The campaign takes no gift.
    Campaign,
}

/// What the pots would add to a gift.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// In all.
    pub total: Cents,
    /// Each rule that adds something.
    pub lines: Vec<RuleLine>,
    /// Each rule that adds nothing.
    pub not_applied: Vec<RuleNotApplied>,
    /// Cents are shown.
    pub exact: bool,
}

/// A rehearsal: gifts played again under several sets of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RehearsalPage {
    /// Number of the draft.
    pub draft: i64,
    /// The rule.
    pub rule: String,
    /// Gifts of an invented year; none when the past is played.
    pub year_gifts: Option<i64>,
    /// Its seed.
    pub seed: i64,
    /// In hundredths.
    pub progress: i32,
    /// Why nothing came of it: a code of ours, or what the engine says.
    pub problem: Option<String>,
    /// What came of it.
    pub result: Option<Rehearsed>,
    /// It is of the draft as it is now.
    pub current: bool,
}

/// What a rehearsal shows: the rules in force, then each other set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rehearsed {
    /// Gifts that were played.
    pub gifts: i64,
    /// Milliseconds it took.
    pub took_ms: i64,
    /// Given, in cents.
    pub raised: Cents,
    /// Each set, the rules in force first.
    pub columns: Vec<Column>,
    /// By département, the largest change first.
    pub departements: Vec<Row>,
    /// By public.
    pub publics: Vec<Row>,
    /// By pathway.
    pub categories: Vec<Row>,
    /// By stage.
    pub stages: Vec<Row>,
    /// By origin of the money.
    pub origins: Vec<Row>,
    /// The day each pot is empty under each set; nothing when it is not.
    pub exhausted: Vec<(String, Vec<Option<UtcSeconds>>)>,
    /// Campaigns that gain or lose, the largest change first.
    pub campaigns: Vec<Row>,
    /// The file with all of it.
    pub file: String,
}

/// What one set of rules comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Which.
    pub side: Side,
    /// The match.
    pub matched: Cents,
    /// Match over gifts, in basis points.
    pub leverage_bp: i64,
    /// Gini of match per inhabitant, in basis points.
    pub gini_bp: i64,
    /// Gifts matched in full.
    pub full: i64,
    /// In part.
    pub part: i64,
    /// Not at all.
    pub none: i64,
    /// Beside the rules in force: nothing for those.
    pub against: Option<Against>,
}

/// How a set fares beside the rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Against {
    /// More or less match.
    pub change: Cents,
    /// Départements that gain.
    pub winners: usize,
    /// That lose.
    pub losers: usize,
    /// The hexagons.
    pub map: Vec<MapChange>,
}

/// How a département fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MapChange {
    /// Its code.
    pub code: String,
    /// From -2 (much less) to 2 (much more).
    pub change: i8,
}

/// A line of a comparison, in cents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Under the rules in force.
    pub before: Cents,
    /// Under each other set.
    pub others: Vec<Cell>,
}

/// What another set changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Under this set.
    pub after: Cents,
    /// The difference.
    pub change: Cents,
}

impl Page for RehearsalPage {
    const TEMPLATE: &'static str = "rehearsal";

    fn title(&self) -> String {
        format!("Répétition du brouillon nᵒ {}", self.draft)
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::rehearsals()
    }
}
