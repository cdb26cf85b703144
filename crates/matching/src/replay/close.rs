//! The close of a campaign: thresholds are tested, then lines that found too little draw again.

use std::collections::BTreeSet;

use domain::{Cents, UtcSeconds, ids::CampaignId, ids::PotId};

use super::{
    Reason, Stop,
    state::{Award, Stage, State, Status},
};
use crate::{
    case::GiftKind,
    decide::{binding, campaign_limits, leverage_room},
    draw::{Drawer, draw},
    exact::{Overflow, base_used, plus, share, sum},
    explain::Limit,
    line::{Binding, LineState, Source},
    rematch::rematch,
    rules::{self, Mode, RuleSet, Threshold},
    snapshot::GiftFacts,
};

impl State {
    pub(super) fn close(&mut self, campaign: &CampaignId, at: UtcSeconds) -> Result<(), Stop> {
        if self.project(campaign).stage != Stage::Open {
            return Err(Reason::CampaignClosed.into());
        }
        let of = |status| {
            move |gift: &super::state::Gift| gift.campaign == *campaign && gift.status == status
        };
        for id in self.in_order(of(Status::Reserved)) {
            self.end_reservation(&id, Status::Cancelled)?;
        }
        if self.misses_its_goal(campaign)? {
            return self.fail(campaign);
        }
        self.project_mut(campaign).stage = Stage::Succeeded;
        for pot in self.waterfall() {
            let mut rules = self.pot(&pot).rules.clone();
            rules.sort_by(|a, b| (a.rank, &a.id, a.version).cmp(&(b.rank, &b.id, b.version)));
            for rule in rules.iter().filter(|rule| rule.mode == Mode::Threshold) {
                self.test_threshold(campaign, &pot, rule, at)?;
            }
        }
        self.catch_up(campaign, at)
    }

    /// Committed cash of a campaign.
    pub(super) fn raised(&self, campaign: &CampaignId) -> Result<Cents, Overflow> {
        let counts =
            |gift: &&super::state::Gift| gift.campaign == *campaign && Self::is_raised(gift);
        sum(self.gifts.values().filter(counts).map(|gift| gift.net))
    }

    /// True for committed cash.
    pub(super) fn is_raised(gift: &super::state::Gift) -> bool {
        gift.status == Status::Committed && gift.kind == GiftKind::Cash
    }

    fn misses_its_goal(&self, campaign: &CampaignId) -> Result<bool, Overflow> {
        let wanted = &self.project(campaign).campaign;
        let mut raised = self.raised(campaign)?;
        if wanted.goal_counts_match {
            for gift in self.gifts.values() {
                if gift.campaign == *campaign && gift.status == Status::Committed {
                    raised = plus(raised, Self::sure_match(gift)?)?;
                }
            }
        }
        Ok(wanted.all_or_nothing && raised < wanted.goal)
    }

    /// All or nothing, and nothing it is: every gift goes back, with its match.
    fn fail(&mut self, campaign: &CampaignId) -> Result<(), Stop> {
        self.project_mut(campaign).stage = Stage::Failed;
        let captured = self.in_order(|gift| {
            gift.campaign == *campaign && matches!(gift.status, Status::Committed | Status::Held)
        });
        for id in captured {
            let net = self.gift(&id)?.net;
            self.reduce(&id, net)?;
            self.change(&id, |gift| {
                gift.status = Status::RefundDue;
                Ok(())
            })?;
        }
        Ok(())
    }

    fn test_threshold(
        &mut self,
        campaign: &CampaignId,
        pot: &PotId,
        rule: &RuleSet,
        at: UtcSeconds,
    ) -> Result<(), Stop> {
        let Some(threshold) = &rule.threshold else { return Ok(()) };
        let eligible = self.in_order(|gift| {
            gift.campaign == *campaign
                && gift.status == Status::Committed
                && rule.bar(&self.subject(gift), gift.net).is_none()
        });
        let met = self.is_met(campaign, threshold, &eligible)?;
        if rule.answers_gifts() {
            return self.firm_up(campaign, rule, met);
        }
        let in_force = rules::in_force(&self.pot(pot).rules, at)
            .iter()
            .any(|other| other.reference() == rule.reference());
        let project = &self.project(campaign).campaign;
        let fits = rule.eligibility.campaign_bar(project, self.holder_of(campaign)).is_none();
        if met && in_force && fits {
            let want = threshold.award_amount.unwrap_or_default();
            self.lump_sum(campaign, rule, &eligible, (want, at))?;
        }
        Ok(())
    }

    fn is_met(
        &self,
        campaign: &CampaignId,
        threshold: &Threshold,
        gifts: &[String],
    ) -> Result<bool, Stop> {
        let mut raised = Cents::ZERO;
        let mut groups = BTreeSet::new();
        for id in gifts {
            let gift = self.gift(id)?;
            raised = plus(raised, gift.net)?;
            groups.insert(self.donor(&gift.donor).group());
        }
        let goal = self.project(campaign).campaign.goal;
        let of_goal = threshold.goal_share_bps.map(|bps| share(goal, bps)).transpose()?;
        let donors = i64::try_from(groups.len()).map_err(|_| Overflow)?;
        Ok(threshold.amount.is_none_or(|amount| raised >= amount)
            && of_goal.is_none_or(|amount| raised >= amount)
            && threshold.min_donors.is_none_or(|least| donors >= least))
    }

    /// The lines this version drew become firm, or are released; those of held gifts as well.
    fn firm_up(&mut self, campaign: &CampaignId, rule: &RuleSet, met: bool) -> Result<(), Stop> {
        let captured = self.in_order(|gift| {
            gift.campaign == *campaign && matches!(gift.status, Status::Committed | Status::Held)
        });
        let version = rule.reference();
        for id in captured {
            self.change(&id, |gift| {
                for line in &mut gift.lines {
                    if line.rule_set != version || line.state != LineState::Conditional {
                        continue;
                    }
                    if met {
                        line.state = LineState::Firm;
                        continue;
                    }
                    // Base and want stay, for the record.
                    line.sources.clear();
                    line.granted = Cents::ZERO;
                    line.binding = Binding::Threshold;
                    line.base_used = base_used(line.base, line.want, line.granted, line.rate_bps)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// What the match of these gifts may still be under the leverage cap.
    pub(super) fn leverage_of(&self, gifts: &[String]) -> Result<Cents, Stop> {
        let mut total = Cents::ZERO;
        for id in gifts {
            let gift = self.gift(id)?;
            let cap = self.settings.leverage_cap_bps;
            total = plus(total, leverage_room(gift.net, cap, Self::whole_match(gift)?)?)?;
        }
        Ok(total)
    }

    fn lump_sum(
        &mut self,
        campaign: &CampaignId,
        rule: &RuleSet,
        gifts: &[String],
        (want, at): (Cents, UtcSeconds),
    ) -> Result<(), Stop> {
        let used = self.counters.campaign_match(&rule.id, campaign);
        let project = &self.project(campaign).campaign;
        let leverage = Limit { name: Binding::Leverage, left: self.leverage_of(gifts)? };
        let mut limits = vec![leverage];
        limits.extend(campaign_limits(rule, project.goal, used)?);
        if let Some(left) = self.envelope_left(&rule.pot, &project.territory)? {
            limits.push(Limit { name: Binding::Envelope, left: left.floored() });
        }
        let need = limits.iter().fold(want, |need, limit| need.min(limit.left));
        let mut rooms = self.rooms(campaign, at)?;
        let drawer = Drawer { campaign: project, group: None, at };
        let drawn = draw(need, &self.tranches(&rule.pot)?, &drawer, &mut rooms)?;
        let award = Award {
            pot: rule.pot.clone(),
            rule_set: rule.reference(),
            granted: drawn.granted,
            binding: binding(want, need, &drawn, &limits, None),
            sources: drawn.sources,
            parts: Vec::new(),
        };
        self.note_dry(&award.pot, award.binding, at);
        Ok(self.award(campaign, award)?)
    }

    fn catch_up(&mut self, campaign: &CampaignId, at: UtcSeconds) -> Result<(), Stop> {
        let committed =
            self.in_order(|gift| gift.campaign == *campaign && gift.status == Status::Committed);
        for id in committed {
            for index in 0..self.gift(&id)?.lines.len() {
                let gift = self.gift(&id)?;
                let wants = gift.lines.get(index).is_some_and(|line| line.granted < line.want);
                if !wants {
                    continue;
                }
                let snapshot = self.snapshot(campaign, &gift.donor, at)?;
                let facts = GiftFacts { amount: gift.net, kind: gift.kind };
                let Some(line) = rematch(&snapshot, &facts, &gift.lines, index)? else {
                    continue;
                };
                self.note_dry(&line.pot, line.binding, at);
                self.change(&id, |gift| {
                    if let Some(slot) = gift.lines.get_mut(index) {
                        *slot = line;
                    }
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    /// Cents drawn from one pot and tranche, as a source.
    pub(super) fn source(tranche: &str, amount: Cents) -> Source {
        Source { tranche: tranche.to_owned(), amount }
    }
}
