//! What a gift would add under a quadratic round: an estimate, for later gifts change it.

use domain::{Cents, UtcSeconds, ids::PotId};

use super::{NewGift, Replayed, Stop, rounds::Round};
use crate::{exact::minus, line::RuleRef, rules::Mode};

/// Between how many cents the match of a campaign would grow with a gift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The smaller figure, as a rule that of half the pot.
    pub low: Cents,
    /// The larger one, as a rule that of the whole pot.
    pub high: Cents,
}

impl<'l> Replayed<'l> {
    /// What the campaign of a gift would get more with it than without it, if the round closed
    /// now: with the whole pot, and with half of it. Where a cap binds, half the pot may show
    /// more than the whole. None when there is no such round, or it has closed.
    ///
    /// # Errors
    /// The code for which the gift would be refused.
    pub fn estimate(
        mut self,
        (pot, rule_set): (&PotId, &RuleRef),
        gift: &'l NewGift,
        at: UtcSeconds,
    ) -> Result<Option<Estimate>, &'static str> {
        let state = &mut self.0;
        let Some(pot) = state.pot_names.number(pot.as_str()) else { return Ok(None) };
        let open = state.open_round(pot, (&rule_set.id, rule_set.version));
        let quadratic = open.filter(|rule| state.rules[*rule].set.mode == Mode::Quadratic);
        let Some(rule) = quadratic else { return Ok(None) };
        let Some(campaign) = state.campaigns.number(gift.campaign.as_str()) else {
            return Err("unknown_campaign");
        };
        if state.donors.number(&gift.donor).is_none() {
            return Err("unknown_donor");
        }
        let round = Round { pot, rule, at };
        let mut figures = || -> Result<[Cents; 2], Stop> {
            state.expire(at)?;
            let whole = state.available(pot, at)?;
            let half = Cents::new(whole.get() / 2);
            let of = |state: &super::State<'_>| {
                Ok::<_, Stop>([whole, half].map(|money| state.would_get(round, campaign, money)))
            };
            let without = of(state)?;
            state.give(gift, at)?;
            let [with_whole, with_half] = of(state)?;
            let [without_whole, without_half] = without;
            Ok([
                minus(with_whole?, without_whole?)?.floored(),
                minus(with_half?, without_half?)?.floored(),
            ])
        };
        let [whole, half] = figures().map_err(|stop| match stop {
            Stop::Refused(reason) => reason.code(),
            Stop::Overflow => "overflow",
            Stop::Case(code) => code,
        })?;
        Ok(Some(Estimate { low: half.min(whole), high: half.max(whole) }))
    }
}
