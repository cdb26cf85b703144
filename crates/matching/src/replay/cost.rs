//! The final cost of a campaign: what passes the ceilings is released, latest first.

use domain::{Cents, ids::CampaignId, ids::PotId, pot::Origin};
use serde_json::{Value, json};

use super::{Reason, Stop, state::State};
use crate::{
    draw::Rooms,
    exact::{base_used, minus, plus},
    line::{Binding, LineState, RuleRef, Source},
    refund::take_last,
};

/// One row per line touched.
struct Correction {
    gift: Option<String>,
    place: usize,
    pot: PotId,
    rule_set: RuleRef,
    amount: Cents,
}

impl State {
    pub(super) fn final_cost(&mut self, campaign: &CampaignId, budget: Cents) -> Result<(), Stop> {
        if budget < Cents::ZERO {
            return Err(Reason::BadAmount.into());
        }
        self.project_mut(campaign).campaign.budget = budget;
        let project = &self.project(campaign).campaign;
        let rooms = Rooms::by_cost(&self.settings, project, Some(self.holder_of(campaign)))?;
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
                    "donation": row.gift,
                    "pot": row.pot,
                    "rule_set": row.rule_set,
                    "amount": row.amount,
                })
            })
            .collect();
        self.rounds.push(json!({
            "type": "final_cost",
            "campaign": campaign,
            "budget": budget,
            "corrections": rows,
        }));
        Ok(())
    }

    /// Awards first, the latest first; then gifts, the latest first, in a gift the last pot first.
    fn release(
        &mut self,
        campaign: &CampaignId,
        excess: Cents,
        class: fn(Origin) -> bool,
        corrections: &mut Vec<Correction>,
    ) -> Result<(), Stop> {
        let mut excess = excess;
        for place in (0..self.project(campaign).awards.len()).rev() {
            excess = self.release_award((campaign, place), excess, class, corrections)?;
        }
        let gifts = self.in_order(|gift| gift.campaign == *campaign);
        for id in gifts.into_iter().rev() {
            if !excess.is_positive() {
                break;
            }
            for place in self.last_pot_first(&id)? {
                excess = self.release_line((&id, place), excess, class, corrections)?;
            }
        }
        Ok(())
    }

    fn last_pot_first(&self, id: &str) -> Result<Vec<usize>, Reason> {
        let lines = self.gift(id)?.lines.iter().enumerate();
        let mut places: Vec<(i64, &PotId, usize)> =
            lines.map(|(place, line)| (self.pot(&line.pot).order, &line.pot, place)).collect();
        places.sort();
        Ok(places.into_iter().rev().map(|(_, _, place)| place).collect())
    }

    fn of_class<'a>(
        &'a self,
        pot: &'a PotId,
        sources: &'a [Source],
        class: fn(Origin) -> bool,
    ) -> Vec<String> {
        let counts = |source: &&Source| self.origin(pot, &source.tranche).is_some_and(class);
        sources.iter().filter(counts).map(|source| source.tranche.clone()).collect()
    }

    fn release_award(
        &mut self,
        (campaign, place): (&CampaignId, usize),
        excess: Cents,
        class: fn(Origin) -> bool,
        corrections: &mut Vec<Correction>,
    ) -> Result<Cents, Stop> {
        let Some(award) = self.project(campaign).awards.get(place) else { return Ok(excess) };
        let (pot, rule_set) = (award.pot.clone(), award.rule_set.clone());
        let counted = self.of_class(&pot, &award.sources, class);
        if !excess.is_positive() || counted.is_empty() {
            return Ok(excess);
        }
        let gone = self.change_award(campaign, place, |award| {
            let counts = |tranche: &str| counted.iter().any(|counted| counted == tranche);
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
        (id, place): (&str, usize),
        excess: Cents,
        class: fn(Origin) -> bool,
        corrections: &mut Vec<Correction>,
    ) -> Result<Cents, Stop> {
        let Some(line) = self.gift(id)?.lines.get(place) else { return Ok(excess) };
        let (pot, rule_set) = (line.pot.clone(), line.rule_set.clone());
        let counted = self.of_class(&pot, &line.sources, class);
        if !excess.is_positive() || counted.is_empty() {
            return Ok(excess);
        }
        let amount = self.change(id, |gift| {
            let Some(line) = gift.lines.get_mut(place) else { return Ok(Cents::ZERO) };
            let counts = |tranche: &str| counted.iter().any(|counted| counted == tranche);
            let gone = take_last(&mut line.sources, excess, counts)?;
            let amount = total(&gone)?;
            line.granted = minus(line.granted, amount)?;
            line.binding = Binding::FinalCost;
            line.base_used = base_used(line.base, line.want, line.granted, line.rate_bps)?;
            if line.state == LineState::Settled
                && let Some(owed) = gift.owed.get_mut(place)
            {
                owed.extend(gone);
            }
            Ok(amount)
        })?;
        let gift = Some(id.to_owned());
        note(corrections, Correction { gift, place, pot, rule_set, amount })?;
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
