//! `/fonds/besoins`: tables of need and flags of communes, imported, and the envelopes they give.

use domain::{Cents, UtcSeconds};
use serde::Serialize;

use super::{Page, home::MapCell, samples};
use crate::layout::Nav;

/// Something wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Its line, from 1; none when the file as a whole is meant.
    pub line: Option<u64>,
    /// The column of its cell, from 1.
    pub column: Option<u64>,
    /// What the cell says.
    pub typed: String,
    /// What is wrong.
    #[serde(flatten)]
    pub wrong: Wrong,
}

impl Fault {
    /// A fault of the file as a whole.
    #[must_use]
    pub const fn of_file(wrong: Wrong) -> Self {
        Self { line: None, column: None, typed: String::new(), wrong }
    }
}

/// What can be wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "wrong", rename_all = "snake_case")]
pub enum Wrong {
    /// It is no text in UTF-8.
    NotText,
    /// Nothing is in it, or no file was sent.
    Empty,
    /// A line of the head is missing.
    NoLine {
        /// Its first word.
        name: String,
    },
    /// A text is missing or too long.
    NoText,
    /// Neither département nor commune.
    Scale,
    /// A column that nothing knows, or that is there twice.
    Column,
    /// A column is missing.
    NoColumn {
        /// Its name.
        name: String,
    },
    /// The same name or code as in a line before.
    Twice,
    /// Too many of them.
    TooMany {
        /// So many are allowed.
        most: usize,
    },
    /// Weights do not make a hundred per cent.
    Weights {
        /// What they make, in basis points.
        bps: i64,
    },
    /// Neither `croissant` nor `décroissant`.
    Direction,
    /// The least is above the most.
    Bounds,
    /// No number, or with more decimals.
    Number {
        /// So many decimals are allowed.
        decimals: u32,
    },
    /// Zero where none may be, or too large.
    Range,
    /// Nothing in a cell whose criterion has no fallback.
    Missing,
    /// No such territory.
    Territory {
        /// Communes are expected, else départements.
        commune: bool,
    },
    /// More cells than the line of names has.
    Cells {
        /// So many are expected.
        expected: usize,
    },
    /// Names of columns and nothing under them.
    NoRow,
    /// Neither yes nor no nor a number.
    YesOrNo,
    /// There are more faults.
    AndMore,
}

/// What was done, or why it was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NeedNotice {
    /// The form is too old.
    FormExpired,
    /// Not for this person.
    NotAllowed,
    /// Flags were imported.
    Flags {
        /// As this version.
        version: i64,
    },
    /// A table was not imported.
    TableRefused,
    /// Flags were not imported.
    FlagsRefused,
}

/// The tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// Who reads may import.
    pub writes: bool,
    /// Tables of need, the newest first.
    pub tables: Vec<TableLine>,
    /// Flags of communes, the newest first.
    pub flags: Vec<FlagsLine>,
    /// Campaigns that said their flags themselves.
    pub own_flags: u64,
    /// What is wrong with the file just sent.
    pub faults: Vec<Fault>,
    /// What was done, or why not.
    pub notice: Option<NeedNotice>,
}

/// A table of need in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableLine {
    /// Its version.
    pub version: i64,
    /// Who published its figures.
    pub source: String,
    /// Which year they tell of.
    pub vintage: String,
    /// Rows of communes, else of départements.
    pub communes: bool,
    /// Rows.
    pub places: u64,
    /// Who imported it.
    pub by: String,
    /// When.
    pub at: UtcSeconds,
}

/// Flags of communes in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlagsLine {
    /// Their version.
    pub version: i64,
    /// Which year they tell of.
    pub vintage: String,
    /// The column that says who is rural.
    pub rural_column: String,
    /// The column that says who holds priority neighbourhoods.
    pub priority_column: String,
    /// Communes told of.
    pub communes: u64,
    /// Rural ones.
    pub rural: u64,
    /// Those with priority neighbourhoods.
    pub priority: u64,
    /// Campaigns whose flags come from it.
    pub campaigns: u64,
    /// Who imported them.
    pub by: String,
    /// When.
    pub at: UtcSeconds,
}

impl Page for Needs {
    const TEMPLATE: &'static str = "needs";

    fn title(&self) -> String {
        String::from("Besoins et territoires")
    }

    fn nav(&self) -> Nav {
        Nav::None
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::needs()
    }
}

/// A table of need, and the envelopes it gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeedPage {
    /// It was imported a moment ago.
    pub new: bool,
    /// The table.
    pub table: TableLine,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
    /// Rows in which a value is a fallback.
    pub assumed: u64,
    /// Its criteria.
    pub criteria: Vec<CriterionLine>,
    /// What is to be shared, as typed: euros, and bounds in per cent of the equal share.
    pub asked: Asked,
    /// What it gives; nothing when what was typed cannot be kept.
    pub result: Option<NeedResult>,
}

/// What is to be shared, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Euros.
    pub total: String,
    /// The least per head, in per cent of the equal share.
    pub floor: String,
    /// The most.
    pub ceiling: String,
}

/// A criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CriterionLine {
    /// Its name for people.
    pub label: String,
    /// Its weight, in basis points.
    pub weight_bp: i64,
    /// The more, the more need.
    pub higher_is_need: bool,
    /// The national value.
    pub reference: String,
    /// What stands for a missing value.
    pub fallback: Option<String>,
    /// The ratio is at least this, in basis points.
    pub min_bp: i64,
    /// And at most this.
    pub max_bp: i64,
}

/// Envelopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeedResult {
    /// One a département, by code.
    pub rows: Vec<EnvelopeLine>,
    /// Cents that nobody could take.
    pub residue: Cents,
    /// Names of départements that the table leaves out.
    pub absent: Vec<String>,
    /// The version they are compared with.
    pub before: Option<i64>,
    /// Classes of cents per head, for the map.
    pub map: Vec<MapCell>,
    /// Lowest and highest cents per head.
    pub map_range: (Cents, Cents),
    /// Path of the same as CSV.
    pub file: String,
}

/// The envelope of a département.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvelopeLine {
    /// Its code and name.
    pub name: String,
    /// Inhabitants.
    pub population: i64,
    /// Its index in basis points.
    pub index_bp: i64,
    /// What it gets.
    pub envelope: Cents,
    /// Cents a head.
    pub per_head: Cents,
    /// It is held up by the floor.
    pub at_floor: bool,
    /// It is held down by the ceiling.
    pub at_ceiling: bool,
    /// How much more than with the version before.
    pub change: Option<Cents>,
}

impl Page for NeedPage {
    const TEMPLATE: &'static str = "need";

    fn title(&self) -> String {
        String::from("Table de besoin")
    }

    fn nav(&self) -> Nav {
        Nav::None
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::need_pages()
    }
}
