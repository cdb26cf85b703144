//! `/verifier/jour/{date}` and `/transparence/registres`: what was sealed, for anybody.

use domain::UtcSeconds;
use serde::Serialize;

use super::{Page, samples};
use crate::layout::Nav;

/// The seal of a day, or the form that asks for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealDay {
    /// The day as typed or as in the address: `2026-11-24`; empty for the bare form.
    pub day: String,
    /// What was found.
    pub found: DayFound,
    /// The day before, when it has a page.
    pub before: Option<DayLink>,
    /// The day after, when it has a page.
    pub after: Option<DayLink>,
}

/// A link to a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayLink {
    /// `2026-11-24`.
    pub day: String,
    /// Any instant of it.
    pub at: UtcSeconds,
}

/// What a day leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DayFound {
    /// Nothing was asked.
    Ask,
    /// Not a day of the calendar.
    NoDay,
    /// It has not begun.
    Future {
        /// Any instant of it.
        at: UtcSeconds,
    },
    /// Nothing was decided before the first day.
    TooEarly {
        /// Any instant of it.
        at: UtcSeconds,
        /// The first day; nothing when nothing was decided yet.
        first: Option<DayLink>,
    },
    /// It is not over, or the night has not passed.
    Waiting {
        /// Any instant of it.
        at: UtcSeconds,
        /// It is over.
        over: bool,
    },
    /// It is sealed.
    Sealed(Box<SealedDay>),
}

/// A sealed day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealedDay {
    /// Any instant of it.
    pub at: UtcSeconds,
    /// Decisions recorded on it.
    pub records: u64,
    /// Root of their tree, hexadecimal.
    pub root: String,
    /// The seal of the day before; nothing before the first.
    pub previous: Option<String>,
    /// Its seal.
    pub seal: String,
    /// When it was sealed.
    pub sealed_at: UtcSeconds,
}

impl Page for SealDay {
    const TEMPLATE: &'static str = "seal_day";

    fn title(&self) -> String {
        String::from(match self.found {
            DayFound::NoDay => "Jour introuvable",
            _ => "Vérifier un jour",
        })
    }

    fn nav(&self) -> Nav {
        Nav::Transparency
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::seal_days()
    }
}

/// The public ledgers and the last seals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ledgers {
    /// One a pot, in the order in which they answer a gift.
    pub ledgers: Vec<PublicLedger>,
    /// The days sealed last, newest first.
    pub days: Vec<DayLink>,
}

/// The public ledger of a pot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicLedger {
    /// The pot.
    pub pot: String,
    /// Its name.
    pub title: String,
    /// The file; nothing before the first night.
    pub file: Option<LedgerFile>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerFile {
    /// The last day it holds.
    pub day: DayLink,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// Its bytes.
    pub size_bytes: u64,
}

impl Page for Ledgers {
    const TEMPLATE: &'static str = "ledgers";

    fn title(&self) -> String {
        String::from("Les registres publics")
    }

    fn description(&self) -> String {
        String::from(
            "Toutes les décisions d’abondement, sans nom, scellées chaque nuit : chacun peut \
             refaire les comptes.",
        )
    }

    fn nav(&self) -> Nav {
        Nav::Transparency
    }

    fn indexed(&self) -> bool {
        true
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::ledgers()
    }
}
