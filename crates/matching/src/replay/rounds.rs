//! Rounds: who gave in the window, and the checkpoint of envelopes.

use std::collections::BTreeMap;

use domain::{Cents, UtcSeconds, ids::CampaignId, ids::PotId};
use serde_json::{Value, json};

use super::{
    Reason, Stop,
    state::{Stage, State, Status},
};
use crate::{
    envelopes::{Checkpoint, Share},
    exact::plus,
    line::RuleRef,
    rules::{Mode, RuleSet},
};

/// All gifts of one donor group to one campaign.
pub(super) struct Unit {
    pub campaign: CampaignId,
    pub group: String,
    /// Gifts and their capped net cents, by name.
    pub gifts: Vec<(String, Cents)>,
    /// The sum of the capped amounts.
    pub amount: Cents,
    /// What the match of these gifts may still be.
    pub leverage: Cents,
}

impl Unit {
    /// The name under which it takes its share.
    pub(super) fn id(&self) -> String {
        format!("{}|{}", self.campaign, self.group)
    }
}

impl State {
    pub(super) fn round_close(
        &mut self,
        pot: &PotId,
        rule_set: &RuleRef,
        at: UtcSeconds,
    ) -> Result<(), Stop> {
        let held = self.pot(pot);
        let rule = held.rules.iter().find(|rule| rule.reference() == *rule_set).cloned();
        let open = rule.filter(|_| !held.closed.contains(rule_set));
        let Some(rule) = open else { return Err(Reason::UnknownRound.into()) };
        match rule.mode {
            Mode::ProRata => self.pro_rata(&rule, at)?,
            Mode::Quadratic => self.quadratic(&rule, at)?,
            Mode::FirstCome | Mode::Threshold => return Err(Reason::UnknownRound.into()),
        }
        self.pot_mut(pot).closed.insert(rule_set.clone());
        Ok(())
    }

    /// The units of a round, by campaign and group.
    pub(super) fn units(&self, rule: &RuleSet) -> Result<Vec<Unit>, Stop> {
        let mut units: BTreeMap<(&CampaignId, &str), Vec<(String, Cents)>> = BTreeMap::new();
        for (id, gift) in &self.gifts {
            let takes_part = gift.status == Status::Committed
                && rule.is_in_force(gift.rules_at)
                && self.project(&gift.campaign).stage != Stage::Failed
                && rule.bar(&self.subject(gift), gift.net).is_none();
            if takes_part {
                let cap = rule.caps.per_donation_base_cap;
                let capped = cap.map_or(gift.net, |cap| gift.net.min(cap));
                let group = self.donor(&gift.donor).group();
                units.entry((&gift.campaign, group)).or_default().push((id.clone(), capped));
            }
        }
        let mut found = Vec::new();
        for ((campaign, group), gifts) in units {
            let amount = gifts.iter().try_fold(Cents::ZERO, |sum, (_, net)| plus(sum, *net))?;
            let names: Vec<String> = gifts.iter().map(|(id, _)| id.clone()).collect();
            let leverage = self.leverage_of(&names)?;
            let (campaign, group) = (campaign.clone(), group.to_owned());
            found.push(Unit { campaign, group, gifts, amount, leverage });
        }
        Ok(found)
    }

    pub(super) fn checkpoint(
        &mut self,
        pot: &PotId,
        weights: &BTreeMap<String, i64>,
        checkpoint: Checkpoint,
    ) -> Result<(), Stop> {
        let mut shares = Vec::new();
        for (code, envelope) in self.pot(pot).envelopes.iter().flatten() {
            shares.push(Share {
                code: code.clone(),
                weight: i128::from(weights.get(code).copied().unwrap_or_default()),
                envelope: *envelope,
                used: self.counters.envelope_used(pot, code),
            });
        }
        let (moved, shifted) = checkpoint.pass(&shares)?;
        if let Some(envelopes) = &mut self.pot_mut(pot).envelopes {
            for territory in &shifted {
                envelopes.insert(territory.code.clone(), territory.envelope);
            }
        }
        let territories: Vec<Value> =
            shifted.iter().map(crate::evaluate::shifted_territory).collect();
        self.rounds.push(json!({
            "type": "checkpoint",
            "pot": pot,
            "moved": moved,
            "territories": territories,
        }));
        Ok(())
    }
}
