//! Rounds: who gave in the window, and the checkpoint of envelopes.

use std::collections::BTreeMap;

use domain::{Cents, UtcSeconds};
use serde_json::{Value, json};

use super::{
    Reason, Stop,
    names::{CampaignNo, GiftNo, GroupNo, PotNo, RuleNo},
    state::{Stage, State, Status},
};
use crate::{
    envelopes::{Checkpoint, Share},
    exact::{Overflow, sum},
    rules::Mode,
};

/// The rule of a round and its pot.
#[derive(Clone, Copy)]
pub(super) struct Round {
    pub pot: PotNo,
    pub rule: RuleNo,
    pub at: UtcSeconds,
}

/// All gifts of one donor group to one campaign.
pub(super) struct Unit {
    pub campaign: CampaignNo,
    pub group: GroupNo,
    /// Gifts and their capped net cents, by name.
    pub gifts: Vec<(GiftNo, Cents)>,
    /// The sum of the capped amounts.
    pub amount: Cents,
    /// What the match of these gifts may still be.
    pub leverage: Cents,
}

impl State<'_> {
    pub(super) fn round_close(
        &mut self,
        pot: PotNo,
        (id, version): (&str, i64),
        at: UtcSeconds,
    ) -> Result<(), Stop> {
        let open = self.open_round(pot, (id, version));
        let Some(rule) = open else { return Err(Reason::UnknownRound.into()) };
        let round = Round { pot, rule, at };
        match self.rules[rule].set.mode {
            Mode::ProRata => self.pro_rata(round)?,
            Mode::Quadratic => self.quadratic(round)?,
            Mode::FirstCome | Mode::Threshold => return Err(Reason::UnknownRound.into()),
        }
        self.pots[pot].closed.insert(rule);
        Ok(())
    }

    /// A rule of a pot whose round has not closed.
    pub(super) fn open_round(&self, pot: PotNo, (id, version): (&str, i64)) -> Option<RuleNo> {
        let is_it = |rule: &RuleNo| {
            let set = self.rules[*rule].set;
            set.id == id && set.version == version
        };
        let found = self.pots[pot].rules.iter().copied().find(is_it);
        found.filter(|rule| !self.pots[pot].closed.contains(rule))
    }

    /// The units of a round, by campaign and group.
    pub(super) fn units(&self, rule: RuleNo) -> Result<Vec<Unit>, Overflow> {
        let set = self.rules[rule].set;
        let mut units = Vec::new();
        for (campaign, project) in self.projects.iter() {
            let mut gifts: Vec<(GroupNo, &str, GiftNo)> = project
                .gifts
                .iter()
                .map(|number| (*number, &self.gifts[*number]))
                .filter(|(_, gift)| {
                    project.stage != Stage::Failed
                        && gift.status == Status::Committed
                        && set.is_in_force(gift.rules_at)
                        && self.is_eligible(rule, gift)
                })
                .map(|(number, gift)| (self.group_of(gift), gift.name, number))
                .collect();
            gifts.sort_unstable();
            for of_group in gifts.chunk_by(|a, b| a.0 == b.0) {
                units.extend(self.unit(campaign, set.caps.per_donation_base_cap, of_group)?);
            }
        }
        Ok(units)
    }

    fn unit(
        &self,
        campaign: CampaignNo,
        cap: Option<Cents>,
        gifts: &[(GroupNo, &str, GiftNo)],
    ) -> Result<Option<Unit>, Overflow> {
        let Some((group, _, _)) = gifts.first().copied() else { return Ok(None) };
        let capped = |number: GiftNo| {
            let net = self.gifts[number].net;
            (number, cap.map_or(net, |cap| net.min(cap)))
        };
        let gifts: Vec<(GiftNo, Cents)> =
            gifts.iter().map(|(_, _, number)| capped(*number)).collect();
        let amount = sum(gifts.iter().map(|(_, net)| *net))?;
        let leverage = self.leverage_of(gifts.iter().map(|(number, _)| *number))?;
        Ok(Some(Unit { campaign, group, gifts, amount, leverage }))
    }

    /// The name under which a unit takes its share.
    pub(super) fn unit_name(&self, unit: &Unit) -> String {
        format!("{}|{}", self.campaigns.name(unit.campaign), self.groups.name(unit.group))
    }

    pub(super) fn checkpoint(
        &mut self,
        pot: PotNo,
        weights: &BTreeMap<String, i64>,
        checkpoint: Checkpoint,
    ) -> Result<(), Stop> {
        let mut shares = Vec::new();
        for (territory, envelope) in self.pots[pot].envelopes.iter().flatten() {
            let code = self.territories.name(*territory);
            shares.push(Share {
                code: code.to_owned(),
                weight: i128::from(weights.get(code).copied().unwrap_or_default()),
                envelope: *envelope,
                used: self.counters.envelope_used(pot, *territory),
            });
        }
        let (moved, shifted) = checkpoint.pass(&shares)?;
        if let Some(envelopes) = &mut self.pots[pot].envelopes {
            // Both are in the order of the codes.
            for (envelope, shifted) in envelopes.values_mut().zip(&shifted) {
                *envelope = shifted.envelope;
            }
        }
        let territories: Vec<Value> =
            shifted.iter().map(crate::evaluate::shifted_territory).collect();
        self.rounds.push(json!({
            "type": "checkpoint",
            "pot": self.pots[pot].id,
            "moved": moved,
            "territories": territories,
        }));
        Ok(())
    }
}
