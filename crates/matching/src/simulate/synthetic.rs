//! Gifts that never were, drawn from those that were.

use domain::{Cents, UtcSeconds};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use crate::replay::{Event, NewGift, What};

/// Amounts to draw from, each with a weight above zero.
pub type Amounts = Vec<(Cents, u32)>;

/// Gifts to invent: the same seed invents the same gifts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synthetic {
    /// How many.
    pub gifts: u32,
    /// The seed of ChaCha8.
    pub seed: u64,
    /// A table of amounts; those of the past when absent.
    pub amounts: Option<Amounts>,
    /// Instead of the past, a year that begins at this instant; beside the past when absent.
    pub year: Option<UtcSeconds>,
}

/// A gift that is drawn.
pub(super) struct Drawn<'a> {
    /// Who gives to what.
    pub like: &'a NewGift,
    pub amount: Cents,
}

/// A number below a bound, without bias.
pub(super) fn below(rng: &mut ChaCha8Rng, bound: u64) -> u64 {
    let Some(rest) = u64::MAX.checked_rem(bound) else { return 0 };
    loop {
        let drawn = rng.next_u64();
        // The last, incomplete run of numbers is drawn again.
        if drawn < u64::MAX.saturating_sub(rest) {
            return drawn.checked_rem(bound).unwrap_or(0);
        }
    }
}

fn pick<'a, T>(rng: &mut ChaCha8Rng, from: &'a [T]) -> Option<&'a T> {
    let bound = u64::try_from(from.len()).ok()?;
    from.get(usize::try_from(below(rng, bound)).ok()?)
}

fn of_table(rng: &mut ChaCha8Rng, table: &Amounts) -> Option<Cents> {
    let whole: u64 = table.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let mut drawn = below(rng, whole);
    for (amount, weight) in table {
        match drawn.checked_sub(u64::from(*weight)) {
            None => return Some(*amount),
            Some(left) => drawn = left,
        }
    }
    None
}

impl Synthetic {
    /// The events: who gives to what and when is one gift of the past, the amount another's or the
    /// table's, within an hour after the first.
    pub(super) fn events(&self, past: &[Event]) -> Vec<Event> {
        let begun: Vec<(UtcSeconds, &NewGift)> =
            past.iter().filter_map(|event| Some((event.at, event.begins()?))).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut events = Vec::new();
        for number in 0..self.gifts {
            let (Some((at, like)), Some((_, other))) =
                (pick(&mut rng, &begun), pick(&mut rng, &begun))
            else {
                break;
            };
            let drawn = self.amounts.as_ref().map(|table| of_table(&mut rng, table));
            let later = i64::try_from(below(&mut rng, 3_600)).unwrap_or(0);
            let name = format!("~{number}");
            let gift = NewGift {
                name: name.clone(),
                amount: drawn.unwrap_or(Some(other.amount)).unwrap_or(other.amount),
                ..(*like).clone()
            };
            events.push(Event { id: name, at: at.plus_seconds(later), what: What::Give(gift) });
        }
        events
    }

    /// Who gives to what is one gift of the past, the amount another's or the table's.
    pub(super) fn drawn<'a>(
        &self,
        rng: &mut ChaCha8Rng,
        begun: &'a [NewGift],
    ) -> Option<Drawn<'a>> {
        let (like, other) = (pick(rng, begun)?, pick(rng, begun)?);
        let drawn = self.amounts.as_ref().map(|table| of_table(rng, table));
        Some(Drawn { like, amount: drawn.unwrap_or(Some(other.amount)).unwrap_or(other.amount) })
    }
}
