//! Equalisation: a yearly envelope per territory, from a need index, and its checkpoint.

use std::collections::BTreeMap;

use domain::{BasisPoints, Cents};
use serde::Deserialize;

use crate::{
    apportion::{CannotApportion, Item, apportion, spread},
    exact::{Overflow, WHOLE, add, cents, divide, minus, plus, share, sum, times, wide},
    read,
};

/// Which end of a criterion shows need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The more, the more need.
    HigherIsNeed,
    /// The less, the more need.
    LowerIsNeed,
}

/// One criterion of the index.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its name.
    pub id: String,
    /// Its part of the index; all together make 10 000.
    pub weight_bps: BasisPoints,
    /// Which end shows need.
    pub direction: Direction,
    /// The national value.
    pub reference: i64,
    /// The ratio is at least this.
    pub ratio_min_bps: BasisPoints,
    /// The ratio is at most this.
    pub ratio_max_bps: BasisPoints,
}

/// One territory.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Territory {
    /// Its code.
    pub code: String,
    /// Inhabitants.
    pub population: i64,
    /// Its value for each criterion.
    #[serde(deserialize_with = "read::unique")]
    pub values: BTreeMap<String, i64>,
    /// Cents of its envelope in use at the checkpoint.
    #[serde(default, deserialize_with = "read::or_default")]
    pub committed: Cents,
}

/// When unused money moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// A territory that used less of its envelope gives back.
    pub use_threshold_bps: BasisPoints,
    /// This share of what it did not use.
    pub release_bps: BasisPoints,
}

/// The whole question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelopes {
    /// Cents to share.
    pub total: Cents,
    /// The least per head, as a multiple of the equal share.
    pub floor_bps: BasisPoints,
    /// The most per head, as a multiple of the equal share.
    pub ceiling_bps: BasisPoints,
    /// The criteria.
    pub criteria: Vec<Criterion>,
    /// The territories.
    pub territories: Vec<Territory>,
    /// A checkpoint to compute as well.
    #[serde(default)]
    pub checkpoint: Option<Checkpoint>,
}

/// A territory's index and envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The ratio of each criterion.
    pub ratios: BTreeMap<String, i128>,
    /// The index; 10 000 is the mean.
    pub index_bps: i128,
    /// Population times index.
    pub weight: i128,
    /// The least, in cents.
    pub floor: Cents,
    /// The most, in cents.
    pub ceiling: Cents,
    /// What it gets, in cents.
    pub envelope: Cents,
}

/// Why no envelope was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEnvelopes {
    /// The weights of the criteria do not make the whole.
    #[error("the weights of the criteria must add up to 10000")]
    Weights,
    /// Bounds or values that leave nothing to compute.
    #[error(transparent)]
    Share(#[from] CannotApportion),
}

impl From<Overflow> for NoEnvelopes {
    fn from(overflow: Overflow) -> Self {
        Self::Share(overflow.into())
    }
}

/// Inhabitants of one territory.
const PEOPLE: std::ops::RangeInclusive<i64> = 0..=100_000_000;

/// Bounds of per-head shares need inhabitants, and ratios a reference above zero.
const BAD: NoEnvelopes = NoEnvelopes::Share(CannotApportion::BadInput);

impl Envelopes {
    /// The envelopes, in the order of the territories, and the cents nobody could take.
    ///
    /// # Errors
    /// When weights, names or values are not sound.
    pub fn compute(&self) -> Result<(Vec<Envelope>, Cents), NoEnvelopes> {
        let weights: Vec<i64> = self.criteria.iter().map(|c| c.weight_bps.get()).collect();
        let whole = weights.iter().try_fold(0_i64, |sum, weight| sum.checked_add(*weight));
        let ids: std::collections::BTreeSet<_> = self.criteria.iter().map(|c| &c.id).collect();
        if ids.len() != self.criteria.len() {
            return Err(NoEnvelopes::Share(CannotApportion::DuplicateId));
        }
        if whole != Some(10_000) || weights.iter().any(|weight| *weight < 0) {
            return Err(NoEnvelopes::Weights);
        }
        let people = self
            .territories
            .iter()
            .try_fold(0, |sum, territory| add(sum, i128::from(territory.population)))?;
        if people <= 0 || self.territories.iter().any(|t| !PEOPLE.contains(&t.population)) {
            return Err(BAD);
        }
        let mut found = Vec::new();
        for territory in &self.territories {
            found.push(self.envelope(territory, people)?);
        }
        let items: Vec<Item> = self.territories.iter().zip(&found).map(item).collect();
        let shares = apportion(self.total, &items)?;
        for (envelope, share) in found.iter_mut().zip(shares.shares) {
            envelope.envelope = share;
        }
        Ok((found, shares.residue))
    }

    fn envelope(&self, territory: &Territory, people: i128) -> Result<Envelope, NoEnvelopes> {
        let mut ratios = BTreeMap::new();
        let mut index = 0;
        for criterion in &self.criteria {
            let ratio = criterion.ratio(territory.values.get(&criterion.id).copied())?;
            index = add(index, times(ratio, i128::from(criterion.weight_bps.get()))?)?;
            ratios.insert(criterion.id.clone(), ratio);
        }
        let index_bps = divide(index, WHOLE)?;
        let population = i128::from(territory.population);
        let per_head = |bps: BasisPoints| -> Result<Cents, Overflow> {
            let product = times(times(wide(self.total), population)?, i128::from(bps.get()))?;
            cents(divide(product, times(WHOLE, people)?)?)
        };
        Ok(Envelope {
            ratios,
            index_bps,
            weight: times(population, index_bps)?,
            floor: per_head(self.floor_bps)?,
            ceiling: per_head(self.ceiling_bps)?,
            envelope: Cents::ZERO,
        })
    }
}

fn item((territory, envelope): (&Territory, &Envelope)) -> Item {
    let (lo, hi) = (envelope.floor, Some(envelope.ceiling));
    Item { id: territory.code.clone(), weight: envelope.weight, lo, hi }
}

impl Criterion {
    fn ratio(&self, value: Option<i64>) -> Result<i128, NoEnvelopes> {
        let (value, reference) = (i128::from(value.ok_or(BAD)?), i128::from(self.reference));
        let (up, down) = match self.direction {
            Direction::HigherIsNeed => (value, reference),
            Direction::LowerIsNeed => (reference, value),
        };
        let (least, most) =
            (i128::from(self.ratio_min_bps.get()), i128::from(self.ratio_max_bps.get()));
        if down <= 0 || up < 0 || least > most || least < 0 {
            return Err(BAD);
        }
        Ok(divide(times(WHOLE, up)?, down)?.clamp(least, most))
    }
}

/// One territory at a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its code.
    pub code: String,
    /// Its weight in what is shared again.
    pub weight: i128,
    /// Its envelope, in cents.
    pub envelope: Cents,
    /// Cents in use, reserved included; they never move.
    pub used: Cents,
}

/// A territory after a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shifted {
    /// Its code.
    pub code: String,
    /// Cents given back.
    pub released: Cents,
    /// Cents received.
    pub received: Cents,
    /// The envelope now, in cents.
    pub envelope: Cents,
}

impl Checkpoint {
    /// Moves unused money to the others; the territories come back by code, with what moved.
    /// With nobody to take it, nothing moves.
    ///
    /// # Errors
    /// When a number leaves its range.
    pub fn pass(&self, shares: &[Share]) -> Result<(Cents, Vec<Shifted>), Overflow> {
        let mut shares: Vec<&Share> = shares.iter().collect();
        shares.sort_by(|a, b| a.code.cmp(&b.code));
        let mut takers = Vec::new();
        let mut shifted = Vec::new();
        for of in shares {
            let mut released = Cents::ZERO;
            if self.gives_back(of)? {
                released = share(minus(of.envelope, of.used)?.floored(), self.release_bps)?;
            } else {
                takers.push(Item::by_weight(of.code.clone(), of.weight));
            }
            let envelope = minus(of.envelope, released)?;
            let received = Cents::ZERO;
            shifted.push(Shifted { code: of.code.clone(), released, received, envelope });
        }
        let pool = sum(shifted.iter().map(|territory| territory.released))?;
        if !takers.iter().any(|taker| taker.weight > 0) {
            for territory in &mut shifted {
                territory.envelope = plus(territory.envelope, territory.released)?;
                territory.released = Cents::ZERO;
            }
            return Ok((Cents::ZERO, shifted));
        }
        let received = spread(pool, &takers)?;
        for (taker, amount) in takers.iter().zip(received.shares) {
            if let Some(territory) = shifted.iter_mut().find(|of| of.code == taker.id) {
                territory.received = amount;
                territory.envelope = plus(territory.envelope, amount)?;
            }
        }
        Ok((pool, shifted))
    }

    fn gives_back(&self, of: &Share) -> Result<bool, Overflow> {
        let used = times(wide(of.used), WHOLE)?;
        Ok(used < times(wide(of.envelope), i128::from(self.use_threshold_bps.get()))?)
    }
}
