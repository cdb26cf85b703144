//! The 101 départements and their 18 regions.

use std::sync::LazyLock;

use super::{Commune, Point, commune, number, unpacked};
use crate::BasisPoints;

static PACKED: &[u8] = include_bytes!("../../data/departements.tsv.gz");

static DEPARTEMENTS: LazyLock<Vec<Departement>> = LazyLock::new(|| {
    unpacked(PACKED)
        .lines()
        .map(|line| read(line).expect("the embedded table is well formed: a test reads every row"))
        .collect()
});

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let mut regions: Vec<Region> = Vec::new();
    for departement in departements() {
        if !regions.iter().any(|region| region.code == departement.region) {
            let (code, name) = (departement.region, departement.region_name);
            regions.push(Region { code, name });
        }
    }
    regions.sort_by_key(|region| region.code);
    regions
});

/// One of the 101 départements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departement {
    /// `23`, `2A`, `973`.
    pub code: &'static str,
    /// `Creuse`.
    pub name: &'static str,
    /// The two digits of its region, `75` (as a territory code: `R75`).
    pub region: &'static str,
    /// `Nouvelle-Aquitaine`.
    pub region_name: &'static str,
    /// The INSEE code of its chief town, `23096`.
    pub prefecture: &'static str,
    /// The name of its chief town, `Guéret`.
    pub prefecture_name: &'static str,
    /// How many communes it has.
    pub communes: u32,
    /// Municipal population (Insee; Mayotte: census of 2017).
    pub population: u32,
    /// Share of its people who live in a commune under 3,500 inhabitants.
    pub rural_share: BasisPoints,
    /// Its middle.
    pub centre: Point,
    /// Share of poor people in 2013 (Insee, Filosofi); unknown overseas.
    pub poverty: Option<BasisPoints>,
}

impl Departement {
    /// The territory code of its region, `R75`.
    #[must_use]
    pub fn region_code(&self) -> String {
        format!("R{}", self.region)
    }

    /// Its chief town.
    #[must_use]
    pub fn prefecture(&self) -> Option<&'static Commune> {
        commune(self.prefecture)
    }

    /// True outside Europe (its code has three characters).
    #[must_use]
    pub const fn is_overseas(&self) -> bool {
        self.code.len() == 3
    }
}

/// A region: 13 in Europe, 5 overseas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its two digits, `75`.
    pub code: &'static str,
    /// `Nouvelle-Aquitaine`.
    pub name: &'static str,
}

/// All départements, in the order of their codes (`19`, `21`, …, `29`, `2A`, `2B`, `30`).
#[must_use]
pub fn departements() -> &'static [Departement] {
    &DEPARTEMENTS
}

/// The département of a code (`23`, `2A`, `973`).
#[must_use]
pub fn departement(code: &str) -> Option<&'static Departement> {
    let at = DEPARTEMENTS.binary_search_by(|departement| departement.code.cmp(code)).ok()?;
    DEPARTEMENTS.get(at)
}

/// All regions, in the order of their codes.
#[must_use]
pub fn regions() -> &'static [Region] {
    &REGIONS
}

fn read(line: &'static str) -> Option<Departement> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    Some(Departement {
        code: next()?,
        name: next()?,
        region: next()?,
        region_name: next()?,
        prefecture: next()?,
        prefecture_name: next()?,
        communes: number(next()?)?,
        population: number(next()?)?,
        rural_share: BasisPoints::new(number(next()?)?),
        centre: Point::new(number(next()?)?, number(next()?)?)?,
        poverty: number(next()?).map(BasisPoints::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_101_departements_in_18_regions() {
        assert_eq!(departements().len(), 101);
        assert_eq!(regions().len(), 18);
        assert!(departements().is_sorted_by_key(|departement| departement.code));
        assert!(departements().iter().all(|departement| departement.prefecture().is_some()));
        assert_eq!(departements().iter().filter(|one| one.poverty.is_none()).count(), 5);
    }

    #[test]
    fn a_departement_is_found_by_its_code() {
        let creuse = departement("23").unwrap();
        assert_eq!((creuse.name, creuse.prefecture_name), ("Creuse", "Guéret"));
        assert_eq!(creuse.region_code(), "R75");
        assert_eq!(creuse.rural_share, BasisPoints::new(8_450));
        assert_eq!(departement("2A").unwrap().prefecture().unwrap().name, "Ajaccio");
        assert!(departement("973").unwrap().is_overseas());
        assert!(departement("20").is_none());
    }
}
