//! How territories are spelt: four lengths in one list, which cannot be taken for one another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{communes, departement, regions};

/// The code of a territory as earmarks and rules write it: a commune (`23096`, `2A004`), an EPCI
/// (nine digits), a département (`23`, `2A`, `973`) or a region (`R75`; without its letter
/// Nouvelle-Aquitaine would be Paris). Any other spelling is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TerritoryCode {
    /// Five characters.
    Commune(String),
    /// Nine digits.
    Epci(String),
    /// Two or three characters.
    Departement(String),
    /// The two digits after the `R`.
    Region(String),
}

/// The text is none of the four spellings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no commune (23096), EPCI (9 digits), département (23, 2A, 973) or region (R75)")]
pub struct NotATerritory(pub String);

impl TerritoryCode {
    /// True when the embedded tables know this territory; its spelling is right in any case.
    #[must_use]
    pub fn exists(&self) -> bool {
        match self {
            Self::Commune(code) => super::commune(code).is_some(),
            Self::Epci(code) => communes().iter().any(|one| one.epci == Some(code.as_str())),
            Self::Departement(code) => departement(code).is_some(),
            Self::Region(code) => regions().iter().any(|region| region.code == code),
        }
    }
}

impl FromStr for TerritoryCode {
    type Err = NotATerritory;

    fn from_str(text: &str) -> Result<Self, NotATerritory> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let owned = text.to_owned();
        match text.len() {
            9 if digits(text) => Ok(Self::Epci(owned)),
            5 if departement_code_of(text).is_some() => Ok(Self::Commune(owned)),
            3 => match text.strip_prefix('R') {
                Some(region) if digits(region) => Ok(Self::Region(region.to_owned())),
                None if digits(text) && is_overseas(text) => Ok(Self::Departement(owned)),
                _ => Err(NotATerritory(owned)),
            },
            2 if starts_like_a_departement(text) && !is_overseas(text) => {
                Ok(Self::Departement(owned))
            }
            _ => Err(NotATerritory(owned)),
        }
    }
}

impl fmt::Display for TerritoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commune(code) | Self::Epci(code) | Self::Departement(code) => f.write_str(code),
            Self::Region(code) => write!(f, "R{code}"),
        }
    }
}

impl From<TerritoryCode> for String {
    fn from(code: TerritoryCode) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for TerritoryCode {
    type Error = NotATerritory;

    fn try_from(text: String) -> Result<Self, NotATerritory> {
        text.parse()
    }
}

/// The code of the département (or collectivity) inside a commune's INSEE code: the first two
/// characters, three when they are `97` or `98`; `2A` and `2B` in Corsica. Nothing when it is not
/// the code of a commune.
#[must_use]
pub fn departement_code_of(insee: &str) -> Option<&str> {
    let rest = insee.get(2..).filter(|rest| rest.len() == 3)?;
    let well_spelt = rest.bytes().all(|byte| byte.is_ascii_digit());
    if !well_spelt || !starts_like_a_departement(insee) {
        return None;
    }
    insee.get(..if is_overseas(insee) { 3 } else { 2 })
}

fn starts_like_a_departement(code: &str) -> bool {
    matches!(code.as_bytes(), [b'2', b'A' | b'B', ..] | [b'0'..=b'9', b'0'..=b'9', ..])
}

fn is_overseas(code: &str) -> bool {
    code.starts_with("97") || code.starts_with("98")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_spellings_are_told_apart() {
        let read = |text: &str| text.parse::<TerritoryCode>();
        assert_eq!(read("23096"), Ok(TerritoryCode::Commune("23096".into())));
        assert_eq!(read("2A004"), Ok(TerritoryCode::Commune("2A004".into())));
        assert_eq!(read("200034825"), Ok(TerritoryCode::Epci("200034825".into())));
        assert_eq!(read("75"), Ok(TerritoryCode::Departement("75".into())));
        assert_eq!(read("2A"), Ok(TerritoryCode::Departement("2A".into())));
        assert_eq!(read("973"), Ok(TerritoryCode::Departement("973".into())));
        assert_eq!(read("R75"), Ok(TerritoryCode::Region("75".into())));
        assert_eq!(read("R75").unwrap().to_string(), "R75");
    }

    #[test]
    fn any_other_spelling_is_refused() {
        let wrong = [
            "",
            "7",
            "r75",
            "R7",
            "R755",
            "2C",
            "2C004",
            "2a",
            "97",
            "230",
            "R2A",
            "23 96",
            "2309é",
            "20003482",
            "20003482A",
            "Creuse",
            " 23",
            "é3",
            "97é",
            "Ré",
        ];
        for text in wrong {
            assert_eq!(text.parse::<TerritoryCode>(), Err(NotATerritory(text.into())), "{text}");
        }
    }

    #[test]
    fn a_well_spelt_territory_may_not_exist() {
        let exists = |text: &str| text.parse::<TerritoryCode>().unwrap().exists();
        assert!(exists("23096") && exists("200034825") && exists("2B") && exists("R06"));
        assert!(!exists("23999") && !exists("999999999") && !exists("20") && !exists("R99"));
    }

    #[test]
    fn the_departement_is_read_from_the_code_of_a_commune() {
        assert_eq!(departement_code_of("23096"), Some("23"));
        assert_eq!(departement_code_of("2B033"), Some("2B"));
        assert_eq!(departement_code_of("97411"), Some("974"));
        assert_eq!(departement_code_of("98735"), Some("987"));
        assert_eq!(departement_code_of("7511"), None);
        assert_eq!(departement_code_of("2C004"), None);
    }
}
