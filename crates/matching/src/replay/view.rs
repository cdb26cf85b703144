//! What the state shows to a decision: nothing is copied but numbers.

use std::collections::BTreeSet;

use domain::{Cents, UtcSeconds};

use super::{
    names::{CampaignNo, DonorNo, GroupNo, PotNo, RuleNo, TerritoryNo, TrancheNo},
    state::{Answering, Line, State},
};
use crate::{
    decide::{Answer, View, Waterfall},
    draw::{AidWindow, Held, Rooms, Stock},
    exact::{Overflow, minus},
    rules::{RuleSet, in_force},
    snapshot::{GiftFacts, Usage},
};

/// Which rules answer a gift.
pub(super) enum Terms {
    /// Those in force at an instant.
    InForce(UtcSeconds),
    /// Those of an expired reservation that was paid in time.
    Pinned(Vec<(PotNo, RuleNo)>),
}

impl<'l> State<'l> {
    /// Cents left in a tranche; negative in a shortfall.
    pub(super) fn left(&self, pot: PotNo, tranche: TrancheNo) -> Result<Cents, Overflow> {
        let amount = self.pots[pot].tranches[tranche].amount;
        minus(amount, self.counters.tranche_used(pot, tranche))
    }

    /// The tranches of a pot in sourcing order, with what is left in each.
    pub(super) fn stocks(&self, pot: PotNo) -> Result<Vec<Stock<'_, TrancheNo>>, Overflow> {
        let of = &self.pots[pot];
        let stock = |name: &TrancheNo| {
            let left = self.left(pot, *name)?;
            Ok(Stock { name: *name, tranche: &of.tranches[*name], left })
        };
        of.sourcing.iter().map(stock).collect()
    }

    /// Cents left in the envelope of a territory; none when the pot has no envelopes.
    pub(super) fn envelope_left(
        &self,
        pot: PotNo,
        territory: TerritoryNo,
    ) -> Result<Option<Cents>, Overflow> {
        let Some(envelopes) = &self.pots[pot].envelopes else { return Ok(None) };
        let envelope = envelopes.get(&territory).copied().unwrap_or_default();
        minus(envelope, self.counters.envelope_used(pot, territory)).map(Some)
    }

    /// What is left of the co-funding rooms of a campaign.
    pub(super) fn rooms(&self, campaign: CampaignNo, at: UtcSeconds) -> Result<Rooms, Overflow> {
        let project = &self.projects[campaign];
        let undertaking = project.owner.undertaking;
        let held = Held {
            eu: self.counters.eu(campaign),
            public: self.counters.public(campaign),
            undertaking: self.counters.undertaking(undertaking),
        };
        let aid = AidWindow { declared: &self.aid[undertaking], at };
        Rooms::left(self.settings, &project.campaign, project.holder, &held, &aid)
    }

    pub(super) fn view(&self, campaign: CampaignNo, donor: DonorNo, at: UtcSeconds) -> View<'_> {
        let project = &self.projects[campaign];
        let (settings, donor) = (self.settings, self.givers[donor].donor);
        View { at, settings, campaign: &project.campaign, holder: project.holder, donor }
    }

    /// What a rule has given, as far as one of its caps asks.
    pub(super) fn usage(&self, rule: RuleNo, group: GroupNo, campaign: CampaignNo) -> Usage {
        let id = self.rules[rule].id;
        Usage {
            donor_campaign_base_used: self.counters.donor_base(id, group, campaign),
            donor_match: self.counters.donor_match(id, group),
            campaign_match: self.counters.campaign_match(id, campaign),
        }
    }

    /// The lines of a gift.
    pub(super) fn decide(
        &mut self,
        (campaign, donor): (CampaignNo, DonorNo),
        gift: GiftFacts,
        at: UtcSeconds,
        terms: &Terms,
    ) -> Result<Vec<Line>, Overflow> {
        if let Terms::InForce(at) = terms {
            self.look_up(*at);
        }
        let (group, territory) =
            (self.givers[donor].group, self.projects[campaign].owner.territory);
        let view = self.view(campaign, donor, at);
        let subject = view.subject(gift.kind);
        let own_money = subject.donor.group() == subject.holder.undertaking();
        let eligible = &self.projects[campaign].eligible;
        let bars = |rule: RuleNo| {
            own_money
                || !eligible[rule]
                || self.rules[rule].set.gift_bar(&subject, gift.amount).is_some()
        };
        let mut fall = Waterfall::new(view, gift, self.rooms(campaign, at)?);
        let mut lines = Vec::new();
        for pot in self.waterfall.iter().copied() {
            let Some(number) = self.candidates(pot, terms).find(|rule| !bars(*rule)) else {
                continue;
            };
            let rule = self.rules[number].set;
            let rate_bps = rule.rate_bps(&subject)?;
            if rate_bps.get() == 0 {
                continue;
            }
            let answer = Answer {
                pot,
                rule_set: number,
                rule,
                rate_bps,
                usage: self.usage(number, group, campaign),
                envelope_left: self.envelope_left(pot, territory)?,
            };
            // Kept for ever, and seldom more than one or two: no spare room.
            lines.reserve_exact(1);
            lines.push(fall.line(answer, &self.stocks(pot)?, None)?.0);
        }
        Ok(lines)
    }

    fn candidates(&self, pot: PotNo, terms: &Terms) -> impl Iterator<Item = RuleNo> {
        let (in_force, pinned): (&[RuleNo], &[(PotNo, RuleNo)]) = match terms {
            Terms::InForce(_) => (&self.pots[pot].answering.rules, &[]),
            Terms::Pinned(rules) => (&[], rules),
        };
        let pinned = pinned.iter().filter(move |(of, _)| *of == pot).map(|(_, rule)| *rule);
        in_force.iter().copied().chain(pinned)
    }

    /// The rules of a pot in force at an instant, in the order in which they are asked.
    pub(super) fn in_force(&self, pot: PotNo, at: UtcSeconds) -> Vec<RuleNo> {
        let rules = &self.pots[pot].rules;
        let sets = in_force(rules.iter().map(|rule| self.rules[*rule].set), at);
        let number = |set: &&RuleSet| {
            rules.iter().copied().find(|rule| std::ptr::eq(self.rules[*rule].set, *set))
        };
        sets.iter().filter_map(number).collect()
    }

    /// Looks up the rules that answer gifts at an instant, where it has not been done.
    fn look_up(&mut self, at: UtcSeconds) {
        for pot in self.pots.numbers() {
            let answering = &self.pots[pot].answering;
            if answering.from <= at && at < answering.until {
                continue;
            }
            let sets = self.pots[pot].rules.iter().map(|rule| self.rules[*rule].set);
            let edges: BTreeSet<UtcSeconds> = sets
                .flat_map(|set| [Some(set.effective_from), set.effective_to])
                .flatten()
                .collect();
            let from = edges.range(..=at).next_back().copied();
            let until = edges.range(at..).find(|edge| **edge > at).copied();
            let answers = |rule: &RuleNo| self.rules[*rule].set.answers_gifts();
            let rules = self.in_force(pot, at).into_iter().filter(answers).collect();
            self.pots[pot].answering = Answering {
                from: from.unwrap_or(UtcSeconds::new(i64::MIN)),
                until: until.unwrap_or(UtcSeconds::new(i64::MAX)),
                rules,
            };
        }
    }
}
