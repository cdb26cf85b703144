//! `/transparence`: where the money comes from and where it goes.

use domain::{Cents, UtcSeconds, campaign::Category, pot::Origin};
use serde::Serialize;

use super::{Page, home::MapCell, samples};
use crate::layout::Nav;

/// The public accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transparency {
    /// When these figures were read.
    pub at: UtcSeconds,
    /// Since when they count.
    pub since: UtcSeconds,
    /// Brought to the pots.
    pub contributed: Cents,
    /// Given directly to projects, refunds deducted.
    pub given: Cents,
    /// Match committed.
    pub matched: Cents,
    /// What the pots can still add.
    pub available: Cents,
    /// Gifts that stand.
    pub gifts: u64,
    /// Paid back to donors.
    pub refunded: Cents,
    /// Payment fees borne by the fund.
    pub fees: Cents,
    /// Number of postings in the journal.
    pub postings: u64,
    /// The difference between all debits and credits: zero, or the alarm rings.
    pub imbalance: Cents,
    /// The pots.
    pub pots: Vec<PotLine>,
    /// Where the pots' money comes from.
    pub origins: Vec<OriginLine>,
    /// Gifts and match by pathway.
    pub categories: Vec<CategoryLine>,
    /// Match by département: the map and its table.
    pub departements: Vec<DepartementLine>,
    /// The classes of the map.
    pub map: Vec<MapCell>,
    /// Lowest and highest amount on the map.
    pub map_range: (Cents, Cents),
    /// The last entries of the journal, newest first.
    pub entries: Vec<EntryLine>,
}

/// A pot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PotLine {
    /// Its name.
    pub name: String,
    /// Brought to it.
    pub contributed: Cents,
    /// Match committed.
    pub committed: Cents,
    /// Reserved by payments under way.
    pub reserved: Cents,
    /// What it can still add.
    pub available: Cents,
    /// True when it begins later.
    pub opens_soon: bool,
}

/// An origin of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OriginLine {
    /// Which.
    pub origin: Origin,
    /// Brought.
    pub contributed: Cents,
    /// Match drawn from it.
    pub committed: Cents,
}

/// A pathway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CategoryLine {
    /// Which.
    pub category: Category,
    /// Gifts.
    pub gifts: Cents,
    /// Match.
    pub matched: Cents,
    /// Projects.
    pub projects: u32,
}

/// A département.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DepartementLine {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Gifts.
    pub gifts: Cents,
    /// Match.
    pub matched: Cents,
    /// Projects.
    pub projects: u32,
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntryLine {
    /// When.
    pub at: UtcSeconds,
    /// What.
    pub kind: EntryKind,
    /// Reference; a match can be verified by it.
    pub reference: String,
    /// Its end, as the donor's page quotes it.
    pub short: String,
    /// Title of the campaign.
    pub campaign: String,
    /// In cents; negative when money goes back.
    pub amount: Cents,
}

/// Kinds of entry that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A gift.
    Gift,
    /// A match.
    Match,
    /// A refund.
    Refund,
    /// A match given back to its pot.
    Release,
}

impl Page for Transparency {
    const TEMPLATE: &'static str = "transparency";

    fn title(&self) -> String {
        String::from("Chaque euro, de la source au projet")
    }

    fn nav(&self) -> Nav {
        Nav::Transparency
    }

    fn indexed(&self) -> bool {
        true
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::transparency()
    }
}
