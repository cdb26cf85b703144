//! The close of a campaign: thresholds are tested, then lines that found too little draw again.

use std::collections::BTreeSet;

use domain::{Cents, UtcSeconds};

use super::{
    Reason, Stop,
    names::{CampaignNo, GiftNo, PotNo, RuleNo},
    state::{Award, Gift, Line, Stage, State, Status},
};
use crate::{
    case::GiftKind,
    decide::{binding, campaign_limits, leverage_room, limits, within},
    draw::{Drawer, Drawn, draw},
    exact::{Overflow, base_used, plus, share},
    explain::Limit,
    line::{Binding, LineState},
    rematch::{target, top_up},
    rules::{Mode, Threshold},
};

impl State<'_> {
    pub(super) fn close(&mut self, campaign: CampaignNo, at: UtcSeconds) -> Result<(), Stop> {
        if self.projects[campaign].stage != Stage::Open {
            return Err(Reason::CampaignClosed.into());
        }
        for gift in self.of_campaign(campaign, |gift| gift.status == Status::Reserved) {
            self.end_reservation(gift, Status::Cancelled)?;
        }
        if self.misses_its_goal(campaign)? {
            return self.fail(campaign);
        }
        self.projects[campaign].stage = Stage::Succeeded;
        for pot in self.waterfall.clone() {
            let set = |rule: RuleNo| self.rules[rule].set;
            let rules = self.pots[pot].rules.iter().copied();
            let mut rules: Vec<RuleNo> =
                rules.filter(|rule| set(*rule).mode == Mode::Threshold).collect();
            rules.sort_by_key(|rule| (set(*rule).rank, &set(*rule).id, set(*rule).version));
            for rule in rules {
                self.test_threshold(campaign, pot, rule, at)?;
            }
        }
        self.catch_up(campaign, at)
    }

    /// True for committed cash.
    pub(super) fn is_raised(gift: &Gift<'_>) -> bool {
        gift.status == Status::Committed && gift.kind == GiftKind::Cash
    }

    fn misses_its_goal(&self, campaign: CampaignNo) -> Result<bool, Overflow> {
        let project = &self.projects[campaign];
        let wanted = &project.campaign;
        let mut raised = Cents::ZERO;
        for gift in project.gifts.iter().map(|gift| &self.gifts[*gift]) {
            if Self::is_raised(gift) {
                raised = plus(raised, gift.net)?;
            }
            if wanted.goal_counts_match && gift.status == Status::Committed {
                raised = plus(raised, Self::sure_match(gift)?)?;
            }
        }
        Ok(wanted.all_or_nothing && raised < wanted.goal)
    }

    fn captured(&self, campaign: CampaignNo) -> Vec<GiftNo> {
        self.of_campaign(campaign, |gift| matches!(gift.status, Status::Committed | Status::Held))
    }

    /// All or nothing, and nothing it is: every gift goes back, with its match.
    fn fail(&mut self, campaign: CampaignNo) -> Result<(), Stop> {
        self.projects[campaign].stage = Stage::Failed;
        for gift in self.captured(campaign) {
            self.reduce(gift, self.gifts[gift].net)?;
            self.gifts[gift].status = Status::RefundDue;
        }
        Ok(())
    }

    fn test_threshold(
        &mut self,
        campaign: CampaignNo,
        pot: PotNo,
        rule: RuleNo,
        at: UtcSeconds,
    ) -> Result<(), Stop> {
        let Some(threshold) = &self.rules[rule].set.threshold else { return Ok(()) };
        let eligible = self.of_campaign(campaign, |gift| {
            gift.status == Status::Committed && self.is_eligible(rule, gift)
        });
        let met = self.is_met(campaign, threshold, &eligible)?;
        if self.rules[rule].set.answers_gifts() {
            return self.firm_up(campaign, rule, met);
        }
        if met && self.projects[campaign].eligible[rule] && self.in_force(pot, at).contains(&rule) {
            let want = threshold.award_amount.unwrap_or_default();
            self.lump_sum(campaign, (pot, rule), &eligible, (want, at))?;
        }
        Ok(())
    }

    fn is_met(
        &self,
        campaign: CampaignNo,
        threshold: &Threshold,
        gifts: &[GiftNo],
    ) -> Result<bool, Stop> {
        let mut raised = Cents::ZERO;
        let mut groups = BTreeSet::new();
        for gift in gifts.iter().map(|gift| &self.gifts[*gift]) {
            raised = plus(raised, gift.net)?;
            groups.insert(self.group_of(gift));
        }
        let goal = self.projects[campaign].campaign.goal;
        let of_goal = threshold.goal_share_bps.map(|bps| share(goal, bps)).transpose()?;
        let donors = i64::try_from(groups.len()).map_err(|_| Overflow)?;
        Ok(threshold.amount.is_none_or(|amount| raised >= amount)
            && of_goal.is_none_or(|amount| raised >= amount)
            && threshold.min_donors.is_none_or(|least| donors >= least))
    }

    /// The lines this version drew become firm, or are released; those of held gifts as well.
    fn firm_up(&mut self, campaign: CampaignNo, rule: RuleNo, met: bool) -> Result<(), Stop> {
        for gift in self.captured(campaign) {
            self.change(gift, |gift| {
                for line in &mut gift.lines {
                    if line.rule_set != rule || line.state != LineState::Conditional {
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
    pub(super) fn leverage_of(
        &self,
        gifts: impl IntoIterator<Item = GiftNo>,
    ) -> Result<Cents, Overflow> {
        let mut total = Cents::ZERO;
        for gift in gifts {
            let gift = &self.gifts[gift];
            let cap = self.settings.leverage_cap_bps;
            total = plus(total, leverage_room(gift.net, cap, Self::whole_match(gift)?)?)?;
        }
        Ok(total)
    }

    fn lump_sum(
        &mut self,
        campaign: CampaignNo,
        (pot, rule_set): (PotNo, RuleNo),
        gifts: &[GiftNo],
        (want, at): (Cents, UtcSeconds),
    ) -> Result<(), Stop> {
        let rule = &self.rules[rule_set];
        let used = self.counters.campaign_match(rule.id, campaign);
        let project = &self.projects[campaign];
        let leverage = self.leverage_of(gifts.iter().copied())?;
        let [cap, goal] = campaign_limits(rule.set, project.campaign.goal, used)?;
        let envelope = self.envelope_left(pot, project.owner.territory)?;
        let limits = [
            Some(Limit { name: Binding::Leverage, left: leverage }),
            cap,
            goal,
            envelope.map(|left| Limit { name: Binding::Envelope, left: left.floored() }),
        ];
        let need = within(want, &limits);
        let mut rooms = self.rooms(campaign, at)?;
        let drawer = Drawer { campaign: &project.campaign, group: None, at };
        let drawn = draw(need, &self.stocks(pot)?, &drawer, &mut rooms, None)?;
        let binding = binding(want, need, &drawn, &limits, None);
        let Drawn { granted, sources, .. } = drawn;
        self.note_dry(pot, binding, at);
        let award = Award { pot, rule_set, granted, binding, sources, parts: Vec::new() };
        Ok(self.award(campaign, award)?)
    }

    fn catch_up(&mut self, campaign: CampaignNo, at: UtcSeconds) -> Result<(), Stop> {
        for gift in self.of_campaign(campaign, |gift| gift.status == Status::Committed) {
            for place in 0..self.gifts[gift].lines.len() {
                if let Some(line) = self.draw_again((gift, place), at)? {
                    self.note_dry(line.pot, line.binding, at);
                    self.change(gift, |gift| {
                        if let Some(slot) = gift.lines.get_mut(place) {
                            *slot = line;
                        }
                        Ok(())
                    })?;
                }
            }
        }
        Ok(())
    }

    /// A line after it drew again, or nothing when it asks for nothing more.
    fn draw_again(
        &self,
        (gift, place): (GiftNo, usize),
        at: UtcSeconds,
    ) -> Result<Option<Line>, Overflow> {
        let gift = &self.gifts[gift];
        let Some(line) = gift.lines.get(place).filter(|line| line.granted < line.want) else {
            return Ok(None);
        };
        let (campaign, view) = (gift.campaign, self.view(gift.campaign, gift.donor, at));
        let rule = self.rules[line.rule_set].set;
        let more = target(&view, gift.net, rule, (&gift.lines, place))?;
        if !more.is_positive() {
            return Ok(None);
        }
        let usage = self.usage(line.rule_set, self.group_of(gift), campaign);
        let territory = self.projects[campaign].owner.territory;
        let envelope = self.envelope_left(line.pot, territory)?;
        let held = (gift.net, Self::whole_match(gift)?);
        let limits = limits(&view, held, (rule, &usage), envelope)?;
        let mut line = line.clone();
        let stocks = self.stocks(line.pot)?;
        let rooms = self.rooms(campaign, at)?;
        top_up(&mut line, more, &limits, &stocks, (&view.drawer(), rooms))?;
        Ok(Some(line))
    }
}
