//! The rate of a rule: what its bonuses make of it.

use domain::BasisPoints;

use crate::{
    case::{Campaign, Holder},
    exact::{Overflow, WHOLE, add, divide, less, times},
    explain::{BonusStep, RateSteps},
    rules::{Bonus, Combine, RuleSet, Subject, When},
};

impl RuleSet {
    /// The rate for a gift, each step named.
    ///
    /// # Errors
    /// When the product of many multipliers leaves the range of numbers.
    pub fn rate(&self, subject: &Subject<'_>) -> Result<RateSteps, Overflow> {
        self.rate_where(|when| when.bar(subject).is_none())
    }

    /// The same rate, its steps untold.
    pub(crate) fn rate_bps(&self, subject: &Subject<'_>) -> Result<BasisPoints, Overflow> {
        Ok(self.combined(|when| when.bar(subject).is_none())?.1)
    }

    /// The rate in a round, where only conditions on the campaign count.
    pub(crate) fn campaign_rate(
        &self,
        campaign: &Campaign,
        holder: &Holder,
    ) -> Result<BasisPoints, Overflow> {
        Ok(self.combined(|when| when.campaign_bar(campaign, holder).is_none())?.1)
    }

    fn rate_where(&self, holds: impl Fn(&When) -> bool) -> Result<RateSteps, Overflow> {
        let (combined_bps, rate_bps) = self.combined(&holds)?;
        let step = |bonus: &Bonus| BonusStep {
            id: bonus.id.clone(),
            multiplier_bps: bonus.multiplier_bps,
            holds: holds(&bonus.when),
        };
        Ok(RateSteps {
            base_bps: self.rate_bps,
            bonuses: self.bonuses.iter().map(step).collect(),
            combine: self.combine,
            combined_bps,
            cap_bps: self.rate_cap_bps,
            rate_bps,
        })
    }

    /// The rate with the bonuses that hold, before and after its cap.
    fn combined(
        &self,
        holds: impl Fn(&When) -> bool,
    ) -> Result<(BasisPoints, BasisPoints), Overflow> {
        let held = self.bonuses.iter().filter(|bonus| holds(&bonus.when));
        let mut held = held.map(|bonus| i128::from(bonus.multiplier_bps.get())).peekable();
        let base = i128::from(self.rate_bps.get());
        let combined = if held.peek().is_none() { base } else { self.combine.apply(base, held)? };
        let combined = i64::try_from(combined).map(BasisPoints::new).map_err(|_| Overflow)?;
        Ok((combined, self.rate_cap_bps.map_or(combined, |cap| combined.min(cap))))
    }
}

impl Combine {
    /// A rate under at least one multiplier.
    fn apply(self, base: i128, mut held: impl Iterator<Item = i128>) -> Result<i128, Overflow> {
        match self {
            Self::Max => divide(times(base, held.max().unwrap_or(WHOLE))?, WHOLE),
            Self::Sum => {
                let added = |factor, multiplier| add(factor, less(multiplier, WHOLE)?);
                let factor = held.try_fold(WHOLE, added)?;
                // Multipliers below the whole may take away more than the rate has.
                divide(times(base, factor.max(0))?, WHOLE)
            }
            Self::Product => {
                let (mut product, mut scale) = (base, 1);
                for multiplier in held {
                    product = times(product, multiplier)?;
                    scale = times(scale, WHOLE)?;
                }
                divide(product, scale)
            }
        }
    }
}
