//! One gift through the pots: the waterfall.

use std::collections::BTreeMap;

use domain::{BasisPoints, Cents, UtcSeconds, ids::PotId};

use crate::{
    case::Stacking,
    draw::{AidWindow, Drawer, Drawn, Held, Rooms, draw},
    exact::{self, Overflow, minus, plus, room, share},
    explain::{
        BaseName, BaseStep, Considered, Explanation, Limit, LineExplanation, PotExplanation,
        RateSteps, WhyNot,
    },
    line::{Binding, Decision, Line, LineState, RuleRef},
    rules::{Mode, RuleSet, Subject, in_force},
    snapshot::{GiftFacts, PotSnapshot, Snapshot, Usage},
};

/// Which rules answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terms {
    /// Those in force at an instant: the reservation, or the payment when it came too late.
    InForce(UtcSeconds),
    /// Those of an expired reservation that was paid in time: pot by pot, none for other pots.
    Pinned(BTreeMap<PotId, RuleRef>),
}

impl Terms {
    /// The rules of the lines of a reservation.
    #[must_use]
    pub fn of_lines(lines: &[Line]) -> Self {
        let pin = |line: &Line| (line.pot.clone(), line.rule_set.clone());
        Self::Pinned(lines.iter().map(pin).collect())
    }
}

/// Decides a gift by the rules in force at the time of the snapshot.
///
/// # Errors
/// When a number leaves its range; nothing is then decided.
pub fn decide(snapshot: &Snapshot, gift: &GiftFacts) -> Result<Decision, Overflow> {
    decide_under(snapshot, gift, &Terms::InForce(snapshot.at))
}

/// Decides a gift by given rules, with what the pots have now.
///
/// # Errors
/// When a number leaves its range; nothing is then decided.
pub fn decide_under(
    snapshot: &Snapshot,
    gift: &GiftFacts,
    terms: &Terms,
) -> Result<Decision, Overflow> {
    let mut pots: Vec<&PotSnapshot> = snapshot.pots.iter().collect();
    pots.sort_by_key(|pot| (pot.order, &pot.id));
    let mut fall = Waterfall::new(snapshot, gift)?;
    let mut lines = Vec::new();
    let mut told = Vec::new();
    for pot in pots {
        let (line, explanation) = fall.ask(pot, terms)?;
        lines.extend(line);
        told.push(explanation);
    }
    let explanation = Explanation {
        at: snapshot.at,
        campaign: snapshot.campaign.id.clone(),
        donor_group: snapshot.donor.group().to_owned(),
        amount: gift.amount,
        kind: gift.kind,
        pots: told,
    };
    Ok(Decision { lines, explanation })
}

/// What the pots before have already done to this gift.
struct Waterfall<'a> {
    snapshot: &'a Snapshot,
    gift: &'a GiftFacts,
    rooms: Rooms,
    granted: Cents,
    base_used: Cents,
}

impl<'a> Waterfall<'a> {
    fn new(snapshot: &'a Snapshot, gift: &'a GiftFacts) -> Result<Self, Overflow> {
        let rooms = rooms(snapshot)?;
        Ok(Self { snapshot, gift, rooms, granted: Cents::ZERO, base_used: Cents::ZERO })
    }

    fn ask(
        &mut self,
        pot: &PotSnapshot,
        terms: &Terms,
    ) -> Result<(Option<Line>, PotExplanation), Overflow> {
        let mut considered = Vec::new();
        let mut chosen = None;
        for rule in candidates(pot, terms) {
            let why_not = rule.bar(&self.subject(), self.gift.amount);
            considered.push(Considered { rule_set: rule.reference(), why_not });
            if why_not.is_none() {
                chosen = Some(rule);
                break;
            }
        }
        let mut told = PotExplanation { pot: pot.id.clone(), considered, line: None };
        let Some(rule) = chosen else { return Ok((None, told)) };
        let rate = rule.rate(&self.subject())?;
        if rate.rate_bps.get() == 0 {
            // An eligible rule of rate zero still keeps the next rule from deciding.
            if let Some(last) = told.considered.last_mut() {
                last.why_not = Some(WhyNot::RateZero);
            }
            return Ok((None, told));
        }
        let (line, explanation) = self.line(pot, rule, rate)?;
        told.line = Some(explanation);
        Ok((Some(line), told))
    }

    fn subject(&self) -> Subject<'a> {
        let Snapshot { campaign, holder, donor, .. } = self.snapshot;
        Subject { campaign, holder, donor, kind: self.gift.kind }
    }

    fn line(
        &mut self,
        pot: &PotSnapshot,
        rule: &RuleSet,
        rate: RateSteps,
    ) -> Result<(Line, LineExplanation), Overflow> {
        let usage = pot.usage.get(&rule.id).copied().unwrap_or_default();
        let base = self.base(rule, &usage)?;
        let rate_bps = rate.rate_bps;
        let want = share(base.amount, rate_bps)?;
        let limits = limits(self.snapshot, self.gift.amount, self.granted, pot, rule)?;
        let need = limits.iter().fold(want, |need, limit| need.min(limit.left));
        let drawer = drawer(self.snapshot);
        let drawn = draw(need, &pot.tranches, &drawer, &mut self.rooms)?;
        let binding = binding(want, need, &drawn, &limits, base.reducer);
        let granted = drawn.granted;
        let base_used = exact::base_used(base.amount, want, granted, rate_bps)?;
        self.granted = plus(self.granted, granted)?;
        self.base_used = plus(self.base_used, base_used)?;
        let conditional = rule.mode == Mode::Threshold;
        let line = Line {
            pot: pot.id.clone(),
            rule_set: rule.reference(),
            state: if conditional { LineState::Conditional } else { LineState::Firm },
            rate_bps,
            base: base.amount,
            want,
            granted,
            binding,
            base_used,
            reducer: base.reducer,
            sources: drawn.sources,
        };
        let explanation = LineExplanation {
            rule_set: rule.reference(),
            base: base.steps,
            rate,
            want,
            limits,
            need,
            tranches: drawn.steps,
            granted,
            binding,
        };
        Ok((line, explanation))
    }

    fn base(&self, rule: &RuleSet, usage: &Usage) -> Result<Base, Overflow> {
        let mut base = Base::of(self.gift.amount);
        if self.snapshot.settings.stacking == Stacking::Residual {
            base.set(BaseName::Residual, room(self.gift.amount, self.base_used)?);
        }
        if let Some(cap) = rule.caps.per_donation_base_cap {
            base.cap(BaseName::DonationBase, Binding::DonationBase, cap);
        }
        if let Some(cap) = rule.caps.per_donor_campaign_base_cap {
            let left = room(cap, usage.donor_campaign_base_used)?;
            base.cap(BaseName::DonorBase, Binding::DonorBase, left);
        }
        Ok(base)
    }
}

/// The base on its way through the caps.
struct Base {
    amount: Cents,
    reducer: Option<Binding>,
    steps: Vec<BaseStep>,
}

impl Base {
    fn of(amount: Cents) -> Self {
        let steps = vec![BaseStep { step: BaseName::Gift, base: amount }];
        Self { amount, reducer: None, steps }
    }

    fn set(&mut self, step: BaseName, amount: Cents) {
        self.amount = amount;
        self.steps.push(BaseStep { step, base: amount });
    }

    fn cap(&mut self, step: BaseName, name: Binding, cap: Cents) {
        if cap < self.amount {
            self.reducer = Some(name);
        }
        self.set(step, self.amount.min(cap));
    }
}

fn candidates<'p>(pot: &'p PotSnapshot, terms: &Terms) -> Vec<&'p RuleSet> {
    match terms {
        Terms::InForce(at) => {
            let rules = in_force(&pot.rule_sets, *at);
            rules.into_iter().filter(|rule| rule.answers_gifts()).collect()
        }
        Terms::Pinned(rules) => {
            let pinned = rules.get(&pot.id);
            pot.rule_sets.iter().filter(|rule| Some(&rule.reference()) == pinned).collect()
        }
    }
}

pub(crate) fn rooms(snapshot: &Snapshot) -> Result<Rooms, Overflow> {
    let held = Held {
        eu: snapshot.eu_drawn,
        public: snapshot.public_drawn,
        undertaking: snapshot.undertaking_public_drawn,
    };
    let aid = AidWindow { declared: &snapshot.undertaking_aid, at: snapshot.at };
    Rooms::left(&snapshot.settings, &snapshot.campaign, &snapshot.holder, &held, &aid)
}

pub(crate) fn drawer(snapshot: &Snapshot) -> Drawer<'_> {
    Drawer { campaign: &snapshot.campaign, group: Some(snapshot.donor.group()), at: snapshot.at }
}

/// What is left of a whole match under the leverage cap.
pub(crate) fn leverage_room(
    net: Cents,
    cap: BasisPoints,
    granted: Cents,
) -> Result<Cents, Overflow> {
    room(share(net, cap)?, granted)
}

/// The limits of step 4, in order, each at least 0. `granted` is what this gift already has.
pub(crate) fn limits(
    snapshot: &Snapshot,
    net: Cents,
    granted: Cents,
    pot: &PotSnapshot,
    rule: &RuleSet,
) -> Result<Vec<Limit>, Overflow> {
    let usage = pot.usage.get(&rule.id).copied().unwrap_or_default();
    let leverage = leverage_room(net, snapshot.settings.leverage_cap_bps, granted)?;
    let mut limits = vec![Limit { name: Binding::Leverage, left: leverage }];
    if let Some(cap) = rule.caps.per_donor_match_cap {
        limits.push(Limit { name: Binding::DonorCap, left: room(cap, usage.donor_match)? });
    }
    limits.extend(campaign_limits(rule, snapshot.campaign.goal, usage.campaign_match)?);
    if let Some(left) = pot.envelope_left {
        limits.push(Limit { name: Binding::Envelope, left: left.floored() });
    }
    Ok(limits)
}

/// The limits of a rule on one campaign.
pub(crate) fn campaign_limits(
    rule: &RuleSet,
    goal: Cents,
    used: Cents,
) -> Result<Vec<Limit>, Overflow> {
    let mut limits = Vec::new();
    if let Some(cap) = rule.caps.per_campaign_match_cap {
        limits.push(Limit { name: Binding::CampaignCap, left: room(cap, used)? });
    }
    if let Some(bps) = rule.caps.per_campaign_goal_share_bps {
        let left = minus(share(goal, bps)?, used)?.floored();
        limits.push(Limit { name: Binding::GoalShare, left });
    }
    Ok(limits)
}

/// Step 6: what kept the grant from being more.
pub(crate) fn binding(
    want: Cents,
    need: Cents,
    drawn: &Drawn,
    limits: &[Limit],
    reducer: Option<Binding>,
) -> Binding {
    if drawn.granted < need {
        return drawn.stopped.unwrap_or(Binding::Pot);
    }
    let limit = limits.iter().find(|limit| need < want && limit.left == need);
    limit.map(|limit| limit.name).or(reducer).unwrap_or(Binding::None)
}
