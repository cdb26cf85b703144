//! People and organisations: addresses and identifiers that are valid once held.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An e-mail address, lower case in its domain, of a shape a letter can be sent to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address, as typed but for the case of its domain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key under which limits and duplicates are counted: all lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for EmailAddress {
    /// Never prints the address: logs carry no personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct NotAnEmailAddress;

impl FromStr for EmailAddress {
    type Err = NotAnEmailAddress;

    /// Accepts `local@domain.tld`: RFC 5321's dot-atom form, which every real address here has.
    fn from_str(text: &str) -> Result<Self, NotAnEmailAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmailAddress)?;
        let local_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(local_char)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label_ok = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let domain_ok =
            domain.contains('.') && domain.len() <= 190 && domain.split('.').all(label_ok);
        if local_ok && domain_ok {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(NotAnEmailAddress)
        }
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = NotAnEmailAddress;

    fn try_from(text: String) -> Result<Self, NotAnEmailAddress> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// A French postal address as printed on a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    /// Number and street.
    pub line: String,
    /// Five digits.
    pub postcode: String,
    /// Commune.
    pub city: String,
    /// ISO 3166-1 code, `FR`.
    pub country: String,
}

/// What a donor gives of their name. Both parts are empty when no receipt is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// First name.
    pub first: String,
    /// Family name.
    pub last: String,
}

impl PersonName {
    /// `Camille Lestrade`, or empty.
    #[must_use]
    pub fn full(&self) -> String {
        format!("{} {}", self.first, self.last).trim().to_owned()
    }

    /// `Camille L.`, the form shown in public to donors who agreed to it.
    #[must_use]
    pub fn public_form(&self) -> String {
        let initial = self.last.chars().next().map(|c| format!(" {}.", c.to_uppercase()));
        format!("{}{}", self.first, initial.unwrap_or_default()).trim().to_owned()
    }
}

/// A SIREN: nine digits with a valid Luhn key (INSEE).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siren(String);

/// The text is not a SIREN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a SIREN")]
pub struct NotASiren;

impl Siren {
    /// The nine digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Siren {
    type Err = NotASiren;

    fn from_str(text: &str) -> Result<Self, NotASiren> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() == 9 && luhn(&digits) { Ok(Self(digits)) } else { Err(NotASiren) }
    }
}

impl TryFrom<String> for Siren {
    type Error = NotASiren;

    fn try_from(text: String) -> Result<Self, NotASiren> {
        text.parse()
    }
}

impl From<Siren> for String {
    fn from(siren: Siren) -> Self {
        siren.0
    }
}

/// A SIRET: an establishment of a SIREN, fourteen digits with a valid Luhn key; those of La Poste
/// have a sum of digits that five divides instead (INSEE).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siret(String);

/// The text is not a SIRET.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a SIRET")]
pub struct NotASiret;

/// La Poste, whose establishments outgrew the key of Luhn.
const LA_POSTE: &str = "356000000";

impl Siret {
    /// The fourteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nine digits of the SIREN whose establishment it is.
    #[must_use]
    pub fn siren(&self) -> &str {
        self.0.get(..9).unwrap_or_default()
    }
}

impl FromStr for Siret {
    type Err = NotASiret;

    fn from_str(text: &str) -> Result<Self, NotASiret> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 14 || !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(NotASiret);
        }
        let sum: u32 = digits.chars().filter_map(|c| c.to_digit(10)).sum();
        let post = digits.starts_with(LA_POSTE) && sum.checked_rem(5) == Some(0);
        if luhn(&digits) || post { Ok(Self(digits)) } else { Err(NotASiret) }
    }
}

impl TryFrom<String> for Siret {
    type Error = NotASiret;

    fn try_from(text: String) -> Result<Self, NotASiret> {
        text.parse()
    }
}

impl From<Siret> for String {
    fn from(siret: Siret) -> Self {
        siret.0
    }
}

fn luhn(digits: &str) -> bool {
    let mut sum = 0_u32;
    for (place, c) in digits.chars().rev().enumerate() {
        let Some(digit) = c.to_digit(10) else { return false };
        let odd = place.checked_rem(2) == Some(1);
        let doubled = if odd { digit.saturating_mul(2) } else { digit };
        let folded = if doubled > 9 { doubled.saturating_sub(9) } else { doubled };
        sum = sum.saturating_add(folded);
    }
    sum.checked_rem(10) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_never_printed() {
        let address: EmailAddress = " Camille.L+don@Exemple.FR ".parse().unwrap();
        assert_eq!(address.as_str(), "Camille.L+don@exemple.fr");
        assert_eq!(address.key(), "camille.l+don@exemple.fr");
        assert_eq!(format!("{address:?}"), "EmailAddress(…)");
        for wrong in ["", "a@b", "a b@c.fr", "a@c..fr", "a@c.fr\r\nBcc: x@y.fr", "@c.fr", "a.@c.fr"]
        {
            assert!(wrong.parse::<EmailAddress>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_siren_has_a_key() {
        assert!("732 829 320".parse::<Siren>().is_ok());
        assert!("732829321".parse::<Siren>().is_err());
    }

    #[test]
    fn a_siret_has_a_key_and_a_siren() {
        let siret: Siret = "732 829 320 00074".parse().unwrap();
        assert_eq!(siret.as_str(), "73282932000074");
        assert_eq!(siret.siren(), "732829320");
        assert!("35600000049837".parse::<Siret>().is_ok(), "an office of La Poste");
        for wrong in ["73282932000079", "7328293200007", "7328293200007é", "35600000049838", ""] {
            assert_eq!(wrong.parse::<Siret>(), Err(NotASiret), "{wrong}");
        }
    }

    #[test]
    fn the_public_form_of_a_name_keeps_one_letter() {
        let name = PersonName { first: "Camille".into(), last: "lestrade".into() };
        assert_eq!(name.public_form(), "Camille L.");
        assert_eq!(PersonName::default().public_form(), "");
    }
}
