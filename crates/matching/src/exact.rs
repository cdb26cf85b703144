//! Arithmetic that is right or refuses: nothing wraps, saturates or is clipped silently.

use domain::{BasisPoints, Cents};

/// A computation left the range of its numbers. Under the bounds of the edge (a gift up to
/// 10⁹ cents, a tranche up to 10¹²) it cannot; the event is refused and an operator alerted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a computation left the range of its numbers")]
pub struct Overflow;

/// The whole, in basis points.
pub(crate) const WHOLE: i128 = 10_000;

pub(crate) fn plus(a: Cents, b: Cents) -> Result<Cents, Overflow> {
    a.plus(b).ok_or(Overflow)
}

pub(crate) fn minus(a: Cents, b: Cents) -> Result<Cents, Overflow> {
    a.minus(b).ok_or(Overflow)
}

pub(crate) fn sum(amounts: impl IntoIterator<Item = Cents>) -> Result<Cents, Overflow> {
    amounts.into_iter().try_fold(Cents::ZERO, plus)
}

/// What is left of a limit, never below zero.
pub(crate) fn room(limit: Cents, used: Cents) -> Result<Cents, Overflow> {
    minus(limit, used).map(Cents::floored)
}

/// An amount times a rate, rounded down: the pot never pays above the rate.
pub(crate) fn share(amount: Cents, rate: BasisPoints) -> Result<Cents, Overflow> {
    rate.of(amount).ok_or(Overflow)
}

/// The gift money a grant consumes, rounded up; the whole base when the grant is whole.
pub(crate) fn base_used(
    base: Cents,
    want: Cents,
    granted: Cents,
    rate: BasisPoints,
) -> Result<Cents, Overflow> {
    if granted == want {
        return Ok(base);
    }
    let product = times(wide(granted), WHOLE)?;
    cents(divide_up(product, i128::from(rate.get()))?)
}

pub(crate) fn wide(amount: Cents) -> i128 {
    i128::from(amount.get())
}

pub(crate) fn cents(number: i128) -> Result<Cents, Overflow> {
    i64::try_from(number).map(Cents::new).map_err(|_| Overflow)
}

pub(crate) fn add(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_add(b).ok_or(Overflow)
}

pub(crate) fn less(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_sub(b).ok_or(Overflow)
}

pub(crate) fn times(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_mul(b).ok_or(Overflow)
}

/// Rounded down; `b` above zero.
pub(crate) fn divide(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_div_euclid(b).ok_or(Overflow)
}

/// What the division leaves; `b` above zero.
pub(crate) fn rest(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_rem_euclid(b).ok_or(Overflow)
}

/// Rounded up; `b` above zero.
pub(crate) fn divide_up(a: i128, b: i128) -> Result<i128, Overflow> {
    let down = divide(a, b)?;
    if rest(a, b)? == 0 { Ok(down) } else { add(down, 1) }
}
