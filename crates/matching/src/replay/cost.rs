//! The final cost of a campaign: what passes the ceilings is released, latest first.

use domain::{Cents, pot::Origin};
use serde_json::{Value, json};

use super::{
    Reason, Stop,
    names::{CampaignNo, GiftNo, PotNo, RuleNo, TrancheNo},
    state::{Source, State},
};
use crate::{
    draw::Rooms,
    exact::{base_used, minus, plus},
    line::{Binding, LineState},
    refund::take_last,
};

/// One row per line touched.
struct Correction {
    gift: Option<GiftNo>,
    place: usize,
    pot: PotNo,
    rule_set: RuleNo,
    amount: Cents,
}

impl State<'_> {
    pub(super) fn final_cost(&mut self, campaign: CampaignNo, budget: Cents) -> Result<(), Stop> {
        if budget < Cents::ZERO {
            return Err(Reason::BadAmount.into());
        }
        let project = &mut self.projects[campaign];
        project.campaign.budget = budget;
        let rooms = Rooms::by_cost(self.settings, &project.campaign, Some(project.holder))?;
        let public = [rooms.public, rooms.own_share].into_iter().flatten().min();
        let mut corrections = Vec::new();
        if let Some(room) = rooms.eu {
            let excess = minus(self.counters.eu(campaign), room.floored())?;
            self.release(campaign, excess, |origin| origin == Origin::Eu, &mut corrections)?;
        }
        if let Some(room) = public {
            let excess = minus(self.counters.public(campaign), room.floored())?;
            self.release(campaign, excess, Origin::is_public, &mut corrections)?;
        }
        let rows: Vec<Value> = corrections
            .into_iter()
            .map(|row| {
                json!({
                    "donation": row.gift.map(|gift| self.gifts[gift].name),
                    "pot": self.pots[row.pot].id,
                    "rule_set": self.rules[row.rule_set].set.reference(),
                    "amount": row.amount,
                })
            })
            .collect();
        self.rounds.push(json!({
            "type": "final_cost",
            "campaign": self.campaigns.name(campaign),
            "budget": budget,
            "corrections": rows,
        }));
        Ok(())
    }

    /// Awards first, the latest first; then gifts, the latest first, in a gift the last pot first.
    fn release(
        &mut self,
        campaign: CampaignNo,
        excess: Cents,
        class: fn(Origin) -> bool,
        corrections: &mut Vec<Correction>,
    ) -> Result<(), Stop> {
        let mut excess = excess;
        for place in (0..self.projects[campaign].awards.len()).rev() {
            excess = self.release_award((campaign, place), excess, class, corrections)?;
        }
        let gifts = self.of_campaign(campaign, |_| true);
        for id in gifts.into_iter().rev() {
            if !excess.is_positive() {
                break;
            }
            for place in self.last_pot_first(id) {
                excess = self.release_line((id, place), excess, class, corrections)?;
            }
        }
        Ok(())
    }

    fn last_pot_first(&self, gift: GiftNo) -> Vec<usize> {
        let turn = |pot: PotNo| self.waterfall.iter().position(|other| *other == pot);
        let lines = self.gifts[gift].lines.iter().enumerate();
        let mut places: Vec<_> = lines.map(|(place, line)| (turn(line.pot), place)).collect();
        places.sort_unstable();
        places.into_iter().rev().map(|(_, place)| place).collect()
    }

    fn of_class(
        &self,
        pot: PotNo,
        sources: &[Source],
        class: fn(Origin) -> bool,
    ) -> Vec<TrancheNo> {
        let counts = |tranche: &TrancheNo| class(self.origin(pot, *tranche));
        sources.iter().map(|source| source.tranche).filter(counts).collect()
    }

    fn release_award(
        &mut self,
        (campaign, place): (CampaignNo, usize),
        excess: Cents,
        class: fn(Origin) -> bool,
        corrections: &mut Vec<Correction>,
    ) -> Result<Cents, Stop> {
        let Some(award) = self.projects[campaign].awards.get(place) else { return Ok(excess) };
        let (pot, rule_set) = (award.pot, award.rule_set);
        let counted = self.of_class(pot, &award.sources, class);
        if !excess.is_positive() || counted.is_empty() {
            return Ok(excess);
        }
        let gone = self.change_award(campaign, place, |award| {
            let counts = |tranche: &TrancheNo| counted.contains(tranche);
            let gone = total(&take_last(&mut award.sources, excess, counts)?)?;
            award.granted = minus(award.granted, gone)?;
            award.binding = Binding::FinalCost;
            Ok(gone)
        })?;
        let amount = gone.unwrap_or_default();
        note(corrections, Correction { gift: None, place, pot, rule_set, amount })?;
        Ok(minus(excess, amount)?)
    }

    fn release_line(
        &mut self,
        (id, place): (GiftNo, usize),
        excess: Cents,
        class: fn(Origin) -> bool,
        corrections: &mut Vec<Correction>,
    ) -> Result<Cents, Stop> {
        let Some(line) = self.gifts[id].lines.get(place) else { return Ok(excess) };
        let (pot, rule_set) = (line.pot, line.rule_set);
        let counted = self.of_class(pot, &line.sources, class);
        if !excess.is_positive() || counted.is_empty() {
            return Ok(excess);
        }
        let amount = self.change(id, |gift| {
            let Some(line) = gift.lines.get_mut(place) else { return Ok(Cents::ZERO) };
            let counts = |tranche: &TrancheNo| counted.contains(tranche);
            let gone = take_last(&mut line.sources, excess, counts)?;
            let amount = total(&gone)?;
            line.granted = minus(line.granted, amount)?;
            line.binding = Binding::FinalCost;
            line.base_used = base_used(line.base, line.want, line.granted, line.rate_bps)?;
            if line.state == LineState::Settled {
                gift.owed.extend(gone.into_iter().map(|source| (place, source)));
            }
            Ok(amount)
        })?;
        note(corrections, Correction { gift: Some(id), place, pot, rule_set, amount })?;
        Ok(minus(excess, amount)?)
    }
}

fn total(sources: &[Source]) -> Result<Cents, crate::Overflow> {
    sources.iter().try_fold(Cents::ZERO, |sum, source| plus(sum, source.amount))
}

/// A line touched twice, for EU money then for public money, is one row.
fn note(corrections: &mut Vec<Correction>, new: Correction) -> Result<(), crate::Overflow> {
    let same = |row: &&mut Correction| row.gift == new.gift && row.place == new.place;
    match corrections.iter_mut().find(same) {
        Some(row) => row.amount = plus(row.amount, new.amount)?,
        None => corrections.push(new),
    }
    Ok(())
}
