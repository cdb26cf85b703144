//! Sharing one total among many, by largest remainder, within bounds.

use domain::Cents;

use crate::exact::{Overflow, add, cents, divide, less, minus, plus, rest, sum, times, wide};

/// One share to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<K = String> {
    /// Its name, unique; ties go to the smallest, compared as bytes.
    pub id: K,
    /// Its weight, at least 0.
    pub weight: i128,
    /// The least it gets, in cents.
    pub lo: Cents,
    /// The most it gets, in cents.
    pub hi: Option<Cents>,
}

impl<K> Item<K> {
    /// A share in proportion, without bounds.
    pub(crate) fn by_weight(id: K, weight: i128) -> Self {
        Self { id, weight, lo: Cents::ZERO, hi: None }
    }

    /// A demand: a share in proportion to it, and never above it.
    pub(crate) fn demand(id: K, amount: Cents) -> Self {
        Self { id, weight: wide(amount), lo: Cents::ZERO, hi: Some(amount) }
    }
}

/// The shares found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Cents, in the order of the items.
    pub shares: Vec<Cents>,
    /// Cents that nobody could take.
    pub residue: Cents,
}

/// The bound of a weight and of all weights together: products with an amount then fit 128 bits.
const HEAVIEST: i128 = 10_i128.pow(25);

/// Why nothing was shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotApportion {
    /// A negative total, weight or bound, a ceiling below its floor, or weights above 10²⁵.
    #[error("a total, weight or bound is out of range")]
    BadInput,
    /// Two items of one name.
    #[error("two items have the same id")]
    DuplicateId,
    /// A number left its range.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// Shares `total` by weight between the bounds. The result does not depend on the order of items.
///
/// # Errors
/// When the input is out of range or names an item twice.
pub fn apportion(total: Cents, items: &[Item]) -> Result<Shares, CannotApportion> {
    check(total, items)?;
    Ok(spread(total, items)?)
}

fn check(total: Cents, items: &[Item]) -> Result<(), CannotApportion> {
    let ids: std::collections::BTreeSet<&str> = items.iter().map(|item| &*item.id).collect();
    if ids.len() != items.len() {
        return Err(CannotApportion::DuplicateId);
    }
    let sound = |item: &Item| {
        item.weight >= 0 && item.lo >= Cents::ZERO && item.hi.is_none_or(|hi| hi >= item.lo)
    };
    let heavy = items.iter().try_fold(0_i128, |sum, item| sum.checked_add(item.weight));
    if total < Cents::ZERO || !items.iter().all(sound) || heavy.is_none_or(|sum| sum > HEAVIEST) {
        return Err(CannotApportion::BadInput);
    }
    Ok(())
}

/// [`apportion`] for input known to be sound.
pub(crate) fn spread<K: Ord + Clone>(total: Cents, items: &[Item<K>]) -> Result<Shares, Overflow> {
    let floors = sum(items.iter().map(|item| item.lo))?;
    if floors > total {
        let by_floor: Vec<Item<K>> =
            items.iter().map(|item| Item::demand(item.id.clone(), item.lo)).collect();
        return spread(total, &by_floor);
    }
    let (weightless, weighty): (Vec<_>, Vec<_>) =
        items.iter().enumerate().partition(|(_, item)| item.weight == 0);
    let mut shares = vec![Cents::ZERO; items.len()];
    let mut left = total;
    for (place, item) in weightless {
        put(&mut shares, place, item.lo);
        left = minus(left, item.lo)?;
    }
    let ceilings: Option<Vec<Cents>> = weighty.iter().map(|(_, item)| item.hi).collect();
    if let Some(ceilings) = ceilings {
        let whole = sum(ceilings.iter().copied())?;
        if whole <= left {
            for ((place, _), hi) in weighty.iter().zip(ceilings) {
                put(&mut shares, *place, hi);
            }
            return Ok(Shares { shares, residue: minus(left, whole)? });
        }
    }
    level(left, &weighty, &mut shares)?;
    Ok(Shares { shares, residue: Cents::ZERO })
}

fn put(shares: &mut [Cents], place: usize, amount: Cents) {
    if let Some(share) = shares.get_mut(place) {
        *share = amount;
    }
}

/// A value λ·w at which an item leaves its floor or reaches its ceiling.
struct Breakpoint {
    bound: i128,
    weight: i128,
    at_ceiling: bool,
    item: usize,
}

/// A ceiling above the total is never reached, and would only make numbers large.
fn breakpoints<K>(total: Cents, items: &[(usize, &Item<K>)]) -> Result<Vec<Breakpoint>, Overflow> {
    let mut points = Vec::new();
    for (item, (_, of)) in items.iter().enumerate() {
        let weight = of.weight;
        points.push(Breakpoint { bound: wide(of.lo), weight, at_ceiling: false, item });
        if let Some(hi) = of.hi.filter(|hi| *hi <= total) {
            points.push(Breakpoint { bound: wide(hi), weight, at_ceiling: true, item });
        }
    }
    let mut failed = false;
    points.sort_by(|a, b| {
        let (left, right) = (times(a.bound, b.weight), times(b.bound, a.weight));
        failed |= left.is_err() || right.is_err();
        left.unwrap_or(0).cmp(&right.unwrap_or(0)).then(a.at_ceiling.cmp(&b.at_ceiling))
    });
    if failed { Err(Overflow) } else { Ok(points) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Floor,
    Free,
    Ceiling,
}

/// Finds the level λ at which the clamped shares add up to `total`, and hands out the odd cents.
fn level<K: Ord>(
    total: Cents,
    items: &[(usize, &Item<K>)],
    shares: &mut [Cents],
) -> Result<(), Overflow> {
    let target = wide(total);
    let mut places = vec![Place::Floor; items.len()];
    let mut fixed = wide(sum(items.iter().map(|(_, item)| item.lo))?);
    let mut weights = 0;
    for point in breakpoints(total, items)? {
        let reached = add(times(fixed, point.weight)?, times(point.bound, weights)?)?;
        if reached > times(target, point.weight)? {
            break;
        }
        if point.at_ceiling {
            fixed = add(fixed, point.bound)?;
            weights = less(weights, point.weight)?;
        } else {
            fixed = less(fixed, point.bound)?;
            weights = add(weights, point.weight)?;
        }
        if let Some(place) = places.get_mut(point.item) {
            *place = if point.at_ceiling { Place::Ceiling } else { Place::Free };
        }
    }
    let mut free = Vec::new();
    for ((place, item), stands) in items.iter().zip(places) {
        match stands {
            Place::Floor => put(shares, *place, item.lo),
            Place::Ceiling => put(shares, *place, item.hi.unwrap_or_default()),
            Place::Free => free.push((*place, *item)),
        }
    }
    largest_remainder(less(target, fixed)?, weights, &free, shares)
}

fn largest_remainder<K: Ord>(
    total: i128,
    weights: i128,
    free: &[(usize, &Item<K>)],
    shares: &mut [Cents],
) -> Result<(), Overflow> {
    let mut remainders = Vec::new();
    let mut left = total;
    for (place, item) in free {
        let product = times(total, item.weight)?;
        let quota = divide(product, weights)?;
        put(shares, *place, cents(quota)?);
        left = less(left, quota)?;
        remainders.push((std::cmp::Reverse(rest(product, weights)?), &item.id, *place));
    }
    remainders.sort();
    for (_, _, place) in remainders {
        if left == 0 {
            break;
        }
        if let Some(share) = shares.get_mut(place) {
            *share = plus(*share, Cents::new(1))?;
        }
        left = less(left, 1)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(total: i64, items: &[(&str, i128, i64, Option<i64>)]) -> (Vec<i64>, i64) {
        let items: Vec<Item> = items
            .iter()
            .map(|(id, weight, lo, hi)| Item {
                id: (*id).to_owned(),
                weight: *weight,
                lo: Cents::new(*lo),
                hi: hi.map(Cents::new),
            })
            .collect();
        let found = apportion(Cents::new(total), &items).unwrap();
        (found.shares.into_iter().map(Cents::get).collect(), found.residue.get())
    }

    #[test]
    fn floors_that_do_not_fit_are_shared_in_their_own_proportion() {
        let items = [("a", 1, 30, None), ("b", 9, 60, None), ("c", 5, 0, None)];
        assert_eq!(share(45, &items), (vec![15, 30, 0], 0));
    }

    #[test]
    fn what_nobody_can_take_is_left() {
        let items = [("a", 1, 0, Some(10)), ("b", 0, 5, Some(9)), ("c", 3, 0, Some(20))];
        assert_eq!(share(50, &items), (vec![10, 5, 20], 15));
    }

    #[test]
    fn bounds_hold_and_the_rest_goes_by_weight() {
        let items = [("a", 1, 40, None), ("b", 1, 0, Some(10)), ("c", 1, 0, None)];
        assert_eq!(share(100, &items), (vec![45, 10, 45], 0));
        assert_eq!(share(60, &items), (vec![40, 10, 10], 0));
    }

    #[test]
    fn the_alabama_paradox_is_known() {
        let items = [("a", 3, 0, None), ("b", 7, 0, None), ("c", 90, 0, None)];
        assert_eq!(share(49, &items).0, [2, 3, 44]);
        assert_eq!(share(51, &items).0, [1, 4, 46]);
    }

    #[test]
    fn bad_input_is_refused() {
        let item = |id: &str, lo, hi| Item {
            id: id.into(),
            weight: 1,
            lo: Cents::new(lo),
            hi: Some(Cents::new(hi)),
        };
        let refused = |total, items: &[Item]| apportion(Cents::new(total), items).unwrap_err();
        assert_eq!(refused(-1, &[]), CannotApportion::BadInput);
        assert_eq!(refused(1, &[item("a", 2, 1)]), CannotApportion::BadInput);
        let twice = [item("a", 0, 1), item("a", 0, 1)];
        assert_eq!(refused(1, &twice), CannotApportion::DuplicateId);
    }
}
