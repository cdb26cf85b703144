//! Money is an integer number of euro cents; a rate is an integer number of basis points.

use std::{fmt, iter::Sum};

use serde::{Deserialize, Serialize};

/// An amount in euro cents. Negative only where a shortfall or a correction is meant.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Cents(i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From a number of cents.
    #[must_use]
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The number of cents.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, or nothing when it does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing when it does not fit.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The opposite amount, or nothing when it does not fit.
    #[must_use]
    pub fn negated(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// This amount, or zero when it is negative.
    #[must_use]
    pub fn floored(self) -> Self {
        self.max(Self::ZERO)
    }

    /// True for an amount above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Reads what a person types in France: `20`, `20,5`, `1 234,56 €`, `12.50`.
    ///
    /// # Errors
    /// Says what is wrong: empty, not a number, more than two decimals, too large.
    pub fn parse_euros(typed: &str) -> Result<Self, NotAnAmount> {
        let cleaned: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '\u{202f}' | '\u{a0}' | '€'))
            .map(|c| if c == ',' { '.' } else { c })
            .collect();
        if cleaned.is_empty() {
            return Err(NotAnAmount::Empty);
        }
        let (negative, digits) = match cleaned.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, cleaned.as_str()),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        if decimals.len() > 2 && decimals.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnAmount::TooPrecise);
        }
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) {
            return Err(NotAnAmount::NotANumber);
        }
        let text = format!("{whole}{decimals:0<2}");
        let cents: i64 = text.parse().map_err(|_| NotAnAmount::TooLarge)?;
        Ok(Self(if negative { cents.checked_neg().unwrap_or(i64::MIN) } else { cents }))
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} c", self.0)
    }
}

impl Sum for Cents {
    /// # Panics
    /// When the sum does not fit: no sum of real money does, so it is a mistake of ours.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |total, next| {
            total.plus(next).expect("a sum of euros fits 63 bits of cents")
        })
    }
}

/// Why a typed amount was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    /// Nothing was typed.
    #[error("empty")]
    Empty,
    /// Something else than digits, one separator and at most two decimals.
    #[error("not a number")]
    NotANumber,
    /// A fraction of a cent.
    #[error("more than two decimals")]
    TooPrecise,
    /// More cents than we count.
    #[error("too large")]
    TooLarge,
}

/// A rate or share: 10 000 is the whole.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct BasisPoints(i64);

impl BasisPoints {
    /// The whole, 100 %.
    pub const WHOLE: Self = Self(10_000);

    /// From a number of basis points.
    #[must_use]
    pub const fn new(basis_points: i64) -> Self {
        Self(basis_points)
    }

    /// The number of basis points.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// This share of an amount, rounded down (the one rounding of a product).
    #[must_use]
    pub fn of(self, amount: Cents) -> Option<Cents> {
        let product = i128::from(amount.0).checked_mul(i128::from(self.0))?;
        i64::try_from(product.div_euclid(10_000)).ok().map(Cents)
    }

    /// This share of an amount, rounded half up: tax only.
    #[must_use]
    pub fn of_half_up(self, amount: Cents) -> Option<Cents> {
        let product = i128::from(amount.0).checked_mul(i128::from(self.0))?;
        let rounded = product.checked_add(5_000)?.div_euclid(10_000);
        i64::try_from(rounded).ok().map(Cents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_amounts_are_read_as_french_people_write_them() {
        let read = |text| Cents::parse_euros(text).map(Cents::get);
        assert_eq!(read("20"), Ok(2_000));
        assert_eq!(read("37,5"), Ok(3_750));
        assert_eq!(read("1 234,56 €"), Ok(123_456));
        assert_eq!(read("12.50"), Ok(1_250));
        assert_eq!(read("-5"), Ok(-500));
        assert_eq!(read("0,001"), Err(NotAnAmount::TooPrecise));
        assert_eq!(read("abc"), Err(NotAnAmount::NotANumber));
        assert_eq!(read("1e9"), Err(NotAnAmount::NotANumber));
        assert_eq!(read("  "), Err(NotAnAmount::Empty));
        assert_eq!(read("99999999999999999999"), Err(NotAnAmount::TooLarge));
    }

    #[test]
    fn a_share_rounds_down_and_tax_rounds_half_up() {
        assert_eq!(BasisPoints::new(3_333).of(Cents::new(100)), Some(Cents::new(33)));
        assert_eq!(BasisPoints::new(6_600).of_half_up(Cents::new(12_345)), Some(Cents::new(8_148)));
        assert_eq!(BasisPoints::new(5_000).of_half_up(Cents::new(1)), Some(Cents::new(1)));
    }
}
