//! Weights of a quadratic round, pair by pair of donor groups, in millionths of a cent.

use std::collections::BTreeMap;

use domain::Cents;

use super::names::GroupNo;
use crate::exact::{Overflow, add, divide, less, times, wide};

/// Weights are counted in millionths of a cent.
pub(super) const MICRO: i128 = 1_000_000;

/// One donor group in one campaign.
pub(super) struct Voice {
    pub group: GroupNo,
    pub counted: Cents,
    /// The sum of the pair terms the group is in.
    pub weight: i128,
}

/// The weights of one campaign and of its groups, which are in ascending order.
pub(super) fn weigh(choirs: &mut [&mut [Voice]], bound: Option<Cents>) -> Result<(), Overflow> {
    match bound {
        Some(bound) => bounded(choirs, times(wide(bound), MICRO)?),
        None => choirs.iter_mut().try_for_each(|voices| unbounded(voices)),
    }
}

/// The weight of a campaign: each pair is in two voices.
pub(super) fn whole(voices: &[Voice]) -> Result<i128, Overflow> {
    divide(voices.iter().try_fold(0, |sum, voice| add(sum, voice.weight))?, 2)
}

/// Amounts below it have a fine root, and their products with the scale fit 128 bits.
const SMALL: i64 = 1 << 43;

/// A counted amount with its root in units of 2⁻⁴⁰: the root of a product is then one
/// multiplication, put right against the product itself.
#[derive(Clone, Copy)]
struct Counted {
    amount: Cents,
    fine: Option<u64>,
}

impl Counted {
    fn of(amount: Cents) -> Self {
        let small = u128::try_from(amount.get()).ok().filter(|_| amount.get() < SMALL);
        let fine = small.and_then(|small| u64::try_from((small << 80).isqrt()).ok());
        Self { amount, fine }
    }

    /// The root of the product of two counted amounts, in millionths of a cent, rounded down.
    fn root(self, other: Self) -> Result<u128, Overflow> {
        let (Some(a), Some(b)) = (self.fine, other.fine) else {
            let product = times(wide(self.amount), wide(other.amount))?;
            return Ok(times(product, times(MICRO, MICRO)?)?.unsigned_abs().isqrt());
        };
        // Below 2⁶², 2⁴³ and 2⁶³: nothing here passes 128 bits.
        let near = |a: u64, b: u64| u128::from(a).wrapping_mul(u128::from(b));
        let mut root = (near(a, b) >> 20).wrapping_mul(MICRO.unsigned_abs()) >> 60;
        let product = near(self.amount.get().unsigned_abs(), other.amount.get().unsigned_abs());
        let square = product.wrapping_mul(MICRO.unsigned_abs().pow(2));
        // Both roots were rounded down, so is this one: rarely by one, never above.
        loop {
            let next = root.wrapping_add(1);
            if next.wrapping_mul(next) > square {
                return Ok(root);
            }
            root = next;
        }
    }
}

/// A voice as a pair sees it: the group by its place among those of the round.
struct Seat {
    counted: Counted,
    group: usize,
}

/// Two voices of one campaign, and the root of their product.
struct Pair {
    choir: usize,
    first: usize,
    second: usize,
    group: usize,
    root: u128,
}

/// The voices of one group: campaign and place in it.
type Places = Vec<(usize, usize)>;

/// With a bound: group by group, first how much it overlaps with each later group over all
/// campaigns, then the terms.
fn bounded(choirs: &mut [&mut [Voice]], bound: i128) -> Result<(), Overflow> {
    let bound = bound.unsigned_abs();
    let mut groups: BTreeMap<GroupNo, Places> = BTreeMap::new();
    for (choir, voices) in choirs.iter().enumerate() {
        for (place, voice) in voices.iter().enumerate() {
            groups.entry(voice.group).or_default().push((choir, place));
        }
    }
    let mut seats: Vec<Vec<Seat>> = choirs
        .iter()
        .map(|voices| {
            voices
                .iter()
                .map(|voice| Seat { counted: Counted::of(voice.counted), group: 0 })
                .collect()
        })
        .collect();
    for (number, places) in groups.values().enumerate() {
        places.iter().for_each(|(choir, place)| seats[*choir][*place].group = number);
    }
    let mut overlaps = vec![0_u128; groups.len()];
    let mut pairs: Vec<Pair> = Vec::new();
    for places in groups.values() {
        for (choir, first) in places.iter().copied() {
            let counted = seats[choir][first].counted;
            for (second, seat) in seats[choir].iter().enumerate().skip(first.saturating_add(1)) {
                let root = counted.root(seat.counted)?;
                let overlap = &mut overlaps[seat.group];
                *overlap = overlap.checked_add(root).ok_or(Overflow)?;
                pairs.push(Pair { choir, first, second, group: seat.group, root });
            }
        }
        for pair in &pairs {
            let term = term(pair.root, overlaps[pair.group], bound)?;
            for place in [pair.first, pair.second] {
                let voice = &mut choirs[pair.choir][place];
                voice.weight = add(voice.weight, term)?;
            }
        }
        pairs.drain(..).for_each(|pair| overlaps[pair.group] = 0);
    }
    Ok(())
}

/// Twice the root, held under the bound.
fn term(root: u128, overlap: u128, bound: u128) -> Result<i128, Overflow> {
    let most = bound.checked_mul(2).and_then(|twice| twice.checked_mul(root)).ok_or(Overflow)?;
    let whole = bound.checked_add(overlap).ok_or(Overflow)?;
    i128::try_from(most.checked_div(whole).ok_or(Overflow)?).map_err(|_| Overflow)
}

/// Without a bound a term is twice the root: voices of one counted amount are alike, so that pairs
/// of amounts are enough.
fn unbounded(voices: &mut [Voice]) -> Result<(), Overflow> {
    let mut alike: BTreeMap<Cents, i128> = BTreeMap::new();
    for voice in voices.iter() {
        let count = alike.entry(voice.counted).or_default();
        *count = add(*count, 1)?;
    }
    let amounts: Vec<(Counted, i128)> =
        alike.into_iter().map(|(amount, count)| (Counted::of(amount), count)).collect();
    let mut weights: BTreeMap<Cents, i128> = BTreeMap::new();
    for (place, (amount, count)) in amounts.iter().enumerate() {
        let mut bump = |amount: &Counted, weight| -> Result<(), Overflow> {
            let sum = weights.entry(amount.amount).or_default();
            *sum = add(*sum, weight)?;
            Ok(())
        };
        let twice =
            |root: u128| i128::try_from(root).map_err(|_| Overflow).and_then(|r| times(2, r));
        // A voice makes no pair with itself.
        bump(amount, times(less(*count, 1)?, twice(amount.root(*amount)?)?)?)?;
        for (other, others) in amounts.iter().skip(place.saturating_add(1)) {
            let term = twice(amount.root(*other)?)?;
            bump(amount, times(*others, term)?)?;
            bump(other, times(*count, term)?)?;
        }
    }
    for voice in voices {
        voice.weight = weights.get(&voice.counted).copied().unwrap_or_default();
    }
    Ok(())
}
