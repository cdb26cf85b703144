//! The communes, one row each.

use std::sync::LazyLock;

use super::{Departement, Point, departement, departement_code_of, number, unpacked};

static PACKED: &[u8] = include_bytes!("../../data/communes.tsv.gz");

static COMMUNES: LazyLock<Vec<Commune>> = LazyLock::new(|| {
    unpacked(PACKED)
        .lines()
        .map(|line| read(line).expect("the embedded table is well formed: a test reads every row"))
        .collect()
});

/// A commune. Those of the collectivities overseas (Saint-Martin, Polynesia…) belong to no
/// département.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commune {
    /// Its INSEE code, five characters: `23096`, `2A004`.
    pub insee: &'static str,
    /// `Guéret`.
    pub name: &'static str,
    /// The code of its département (`23`), or of its collectivity (`987`).
    pub departement: &'static str,
    /// The nine digits of the intercommunal body (EPCI) it belongs to.
    pub epci: Option<&'static str>,
    /// Municipal population; 0 where nobody is counted.
    pub population: u32,
    /// Its middle; unknown in the collectivities overseas and for eight communes of Europe.
    pub centre: Option<Point>,
    postcodes: &'static str,
}

impl Commune {
    /// Its postcodes, in order; a few have none.
    pub fn postcodes(&self) -> impl Iterator<Item = &'static str> {
        self.postcodes.split('|').filter(|postcode| !postcode.is_empty())
    }

    /// Its département, when it has one.
    #[must_use]
    pub fn departement(&self) -> Option<&'static Departement> {
        departement(self.departement)
    }

    /// Every code of a territory that contains it, smallest first: commune, EPCI, département,
    /// region.
    #[must_use]
    pub fn territory_codes(&self) -> Vec<String> {
        let mut codes = vec![self.insee.to_owned()];
        codes.extend(self.epci.map(str::to_owned));
        codes.push(self.departement.to_owned());
        codes.extend(self.departement().map(Departement::region_code));
        codes
    }
}

/// All communes, in the order of their INSEE codes.
#[must_use]
pub fn communes() -> &'static [Commune] {
    &COMMUNES
}

/// The commune of an INSEE code.
#[must_use]
pub fn commune(insee: &str) -> Option<&'static Commune> {
    let at = COMMUNES.binary_search_by(|commune| commune.insee.cmp(insee)).ok()?;
    COMMUNES.get(at)
}

/// Every code of a territory that contains the commune of an INSEE code, smallest first:
/// `23096`, `200034825`, `23`, `R75`. Nothing when the code is unknown.
#[must_use]
pub fn territory_codes(insee: &str) -> Vec<String> {
    commune(insee).map(Commune::territory_codes).unwrap_or_default()
}

fn read(line: &'static str) -> Option<Commune> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    let insee = next()?;
    Some(Commune {
        insee,
        name: next()?,
        departement: departement_code_of(insee)?,
        epci: next().filter(|siren| !siren.is_empty()),
        population: number(next()?)?,
        postcodes: next()?,
        centre: Point::new(number(next()?).unwrap_or(i32::MAX), number(next()?).unwrap_or(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_in_order() {
        assert_eq!(communes().len(), 34_969);
        assert!(communes().is_sorted_by_key(|commune| commune.insee));
        let counted: u32 = crate::place::departements().iter().map(|one| one.communes).sum();
        let placed = communes().iter().filter(|one| one.departement().is_some()).count();
        assert_eq!(usize::try_from(counted).unwrap(), placed);
        let adrift = |one: &&Commune| one.centre.is_none() && one.departement().is_some();
        assert_eq!(communes().iter().filter(adrift).count(), 8);
    }

    #[test]
    fn a_commune_knows_the_territories_that_contain_it() {
        assert_eq!(territory_codes("23096"), ["23096", "200034825", "23", "R75"]);
        assert_eq!(territory_codes("97411"), ["97411", "249740119", "974", "R04"]);
        assert_eq!(territory_codes("98735"), ["98735", "987"]);
        assert!(territory_codes("00000").is_empty());
    }

    #[test]
    fn a_commune_keeps_all_its_postcodes() {
        let saint_etienne = commune("42218").unwrap();
        assert_eq!(saint_etienne.postcodes().collect::<Vec<_>>(), ["42000", "42100", "42230"]);
        assert_eq!(saint_etienne.population, 173_136);
        assert_eq!(saint_etienne.departement().unwrap().name, "Loire");
    }
}
