//! Shares and widths in whole numbers, rounded down: a bar never shows more than there is.

use domain::{BasisPoints, Cents};

/// A part of a whole in basis points, 0 when the whole is nothing.
#[must_use]
pub fn share(part: Cents, whole: Cents) -> BasisPoints {
    let (part, whole) = (i128::from(part.get()), i128::from(whole.get()));
    let points = if whole > 0 { part.max(0) * 10_000 / whole } else { 0 };
    BasisPoints::new(i64::try_from(points).unwrap_or(i64::MAX))
}

/// A part of a whole on a scale, in tenths of its unit, held within the scale.
#[must_use]
pub fn tenths(part: i64, whole: i64, scale: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let wide = i128::from(part.max(0)) * i128::from(scale) * 10 / i128::from(whole);
    i64::try_from(wide).unwrap_or(i64::MAX).min(scale.saturating_mul(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_and_survives_nothing() {
        assert_eq!(share(Cents::new(1_883_200), Cents::new(1_800_000)).get(), 10_462);
        assert_eq!(share(Cents::new(999), Cents::new(1_000)).get(), 9_990);
        assert_eq!(share(Cents::new(5), Cents::ZERO).get(), 0);
        assert_eq!(share(Cents::new(-5), Cents::new(10)).get(), 0);
    }

    #[test]
    fn a_bar_stays_within_its_scale() {
        assert_eq!(tenths(1_018_000, 3_200_000, 480), 1_527);
        assert_eq!(tenths(9, 3, 480), 4_800);
        assert_eq!((tenths(-1, 3, 480), tenths(1, 0, 480)), (0, 0));
    }
}
