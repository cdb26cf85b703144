//! One gift through the pots: the waterfall.

use std::collections::BTreeMap;

use domain::{BasisPoints, Cents, UtcSeconds, ids::PotId};

use crate::{
    case::{Campaign, Donor, GiftKind, Holder, Settings, Stacking},
    draw::{AidWindow, Drawer, Drawn, Held, Rooms, Stock, draw, in_sourcing_order},
    exact::{self, Overflow, plus, room, share},
    explain::{
        BaseName, BaseStep, Considered, Explanation, Limit, LineExplanation, PotExplanation,
        TrancheStep, WhyNot,
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
    let mut fall = Waterfall::new(snapshot.view(), *gift, rooms(snapshot)?);
    let mut lines = Vec::new();
    let mut told = Vec::new();
    for pot in pots {
        let (line, explanation) = ask(&mut fall, pot, terms)?;
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

/// One pot answers, and says why.
fn ask(
    fall: &mut Waterfall<'_>,
    pot: &PotSnapshot,
    terms: &Terms,
) -> Result<(Option<Line>, PotExplanation), Overflow> {
    let subject = fall.view.subject(fall.gift.kind);
    let mut considered = Vec::new();
    let mut chosen = None;
    for rule in candidates(pot, terms) {
        let why_not = rule.bar(&subject, fall.gift.amount);
        considered.push(Considered { rule_set: rule.reference(), why_not });
        if why_not.is_none() {
            chosen = Some(rule);
            break;
        }
    }
    let mut told = PotExplanation { pot: pot.id.clone(), considered, line: None };
    let Some(rule) = chosen else { return Ok((None, told)) };
    let rate = rule.rate(&subject)?;
    if rate.rate_bps.get() == 0 {
        // An eligible rule of rate zero still keeps the next rule from deciding.
        if let Some(last) = told.considered.last_mut() {
            last.why_not = Some(WhyNot::RateZero);
        }
        return Ok((None, told));
    }
    let answer = Answer {
        pot: pot.id.clone(),
        rule_set: rule.reference(),
        rule,
        rate_bps: rate.rate_bps,
        usage: pot.usage(rule),
        envelope_left: pot.envelope_left,
    };
    let mut tranches = Vec::new();
    let stocks = in_sourcing_order(&pot.tranches);
    let (line, steps) = fall.line(answer, &stocks, Some(&mut tranches))?;
    told.line = Some(LineExplanation {
        rule_set: rule.reference(),
        base: steps.base.into_iter().flatten().collect(),
        rate,
        want: line.want,
        limits: steps.limits.into_iter().flatten().collect(),
        need: steps.need,
        tranches,
        granted: line.granted,
        binding: line.binding,
    });
    Ok((Some(line), told))
}

/// What a decision looks at besides the pots, whoever keeps it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub at: UtcSeconds,
    pub settings: &'a Settings,
    pub campaign: &'a Campaign,
    pub holder: &'a Holder,
    pub donor: &'a Donor,
}

impl<'a> View<'a> {
    pub(crate) fn subject(&self, kind: GiftKind) -> Subject<'a> {
        let Self { campaign, holder, donor, .. } = *self;
        Subject { campaign, holder, donor, kind }
    }

    pub(crate) fn drawer(&self) -> Drawer<'a> {
        Drawer { campaign: self.campaign, group: Some(self.donor.group()), at: self.at }
    }
}

/// The rule that answers for a pot, and what its pot and its counters still allow.
pub(crate) struct Answer<'a, P, R> {
    pub pot: P,
    pub rule_set: R,
    pub rule: &'a RuleSet,
    pub rate_bps: BasisPoints,
    pub usage: Usage,
    pub envelope_left: Option<Cents>,
}

/// How a line came to be.
pub(crate) struct Steps {
    base: [Option<BaseStep>; 4],
    limits: Limits,
    need: Cents,
}

/// What the pots before have already done to a gift.
pub(crate) struct Waterfall<'a> {
    view: View<'a>,
    gift: GiftFacts,
    rooms: Rooms,
    granted: Cents,
    base_used: Cents,
}

impl<'a> Waterfall<'a> {
    pub(crate) fn new(view: View<'a>, gift: GiftFacts, rooms: Rooms) -> Self {
        Self { view, gift, rooms, granted: Cents::ZERO, base_used: Cents::ZERO }
    }

    /// Steps 2 to 7: the line of one pot. The tranches are those of the pot in sourcing order.
    pub(crate) fn line<P, R, T: Clone>(
        &mut self,
        answer: Answer<'_, P, R>,
        stocks: &[Stock<'_, T>],
        told: Option<&mut Vec<TrancheStep>>,
    ) -> Result<(Line<P, R, T>, Steps), Overflow> {
        let Answer { pot, rule_set, rule, rate_bps, usage, envelope_left } = answer;
        let base = self.base(rule, &usage)?;
        let want = share(base.amount, rate_bps)?;
        let limits =
            limits(&self.view, (self.gift.amount, self.granted), (rule, &usage), envelope_left)?;
        let need = within(want, &limits);
        let drawn = draw(need, stocks, &self.view.drawer(), &mut self.rooms, told)?;
        let binding = binding(want, need, &drawn, &limits, base.reducer);
        let granted = drawn.granted;
        let base_used = exact::base_used(base.amount, want, granted, rate_bps)?;
        self.granted = plus(self.granted, granted)?;
        self.base_used = plus(self.base_used, base_used)?;
        let conditional = rule.mode == Mode::Threshold;
        let line = Line {
            pot,
            rule_set,
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
        Ok((line, Steps { base: base.steps, limits, need }))
    }

    fn base(&self, rule: &RuleSet, usage: &Usage) -> Result<Base, Overflow> {
        let mut base = Base::of(self.gift.amount);
        if self.view.settings.stacking == Stacking::Residual {
            base.set(1, BaseName::Residual, room(self.gift.amount, self.base_used)?);
        }
        if let Some(cap) = rule.caps.per_donation_base_cap {
            base.cap(2, BaseName::DonationBase, Binding::DonationBase, cap);
        }
        if let Some(cap) = rule.caps.per_donor_campaign_base_cap {
            let left = room(cap, usage.donor_campaign_base_used)?;
            base.cap(3, BaseName::DonorBase, Binding::DonorBase, left);
        }
        Ok(base)
    }
}

/// The base on its way through the caps.
struct Base {
    amount: Cents,
    reducer: Option<Binding>,
    steps: [Option<BaseStep>; 4],
}

impl Base {
    fn of(amount: Cents) -> Self {
        let first = Some(BaseStep { step: BaseName::Gift, base: amount });
        Self { amount, reducer: None, steps: [first, None, None, None] }
    }

    fn set(&mut self, place: usize, step: BaseName, amount: Cents) {
        self.amount = amount;
        self.steps[place] = Some(BaseStep { step, base: amount });
    }

    fn cap(&mut self, place: usize, step: BaseName, name: Binding, cap: Cents) {
        if cap < self.amount {
            self.reducer = Some(name);
        }
        self.set(place, step, self.amount.min(cap));
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

/// What is left of a whole match under the leverage cap.
pub(crate) fn leverage_room(
    net: Cents,
    cap: BasisPoints,
    granted: Cents,
) -> Result<Cents, Overflow> {
    room(share(net, cap)?, granted)
}

/// The limits of step 4, in order, each at least 0.
pub(crate) type Limits = [Option<Limit>; 5];

/// An amount held under its limits.
pub(crate) fn within(want: Cents, limits: &[Option<Limit>]) -> Cents {
    limits.iter().flatten().fold(want, |need, limit| need.min(limit.left))
}

/// The limits of a gift of `net` cents that already has `granted`.
pub(crate) fn limits(
    view: &View<'_>,
    (net, granted): (Cents, Cents),
    (rule, usage): (&RuleSet, &Usage),
    envelope_left: Option<Cents>,
) -> Result<Limits, Overflow> {
    let leverage = leverage_room(net, view.settings.leverage_cap_bps, granted)?;
    let donor = rule.caps.per_donor_match_cap;
    let donor = donor.map(|cap| room(cap, usage.donor_match)).transpose()?;
    let [campaign, goal] = campaign_limits(rule, view.campaign.goal, usage.campaign_match)?;
    Ok([
        Some(Limit { name: Binding::Leverage, left: leverage }),
        donor.map(|left| Limit { name: Binding::DonorCap, left }),
        campaign,
        goal,
        envelope_left.map(|left| Limit { name: Binding::Envelope, left: left.floored() }),
    ])
}

/// The limits of a rule on one campaign.
pub(crate) fn campaign_limits(
    rule: &RuleSet,
    goal: Cents,
    used: Cents,
) -> Result<[Option<Limit>; 2], Overflow> {
    let cap = rule.caps.per_campaign_match_cap.map(|cap| room(cap, used)).transpose()?;
    let bps = rule.caps.per_campaign_goal_share_bps;
    let of_goal = bps.map(|bps| room(share(goal, bps)?, used)).transpose()?;
    Ok([
        cap.map(|left| Limit { name: Binding::CampaignCap, left }),
        of_goal.map(|left| Limit { name: Binding::GoalShare, left }),
    ])
}

/// Step 6: what kept the grant from being more.
pub(crate) fn binding<T>(
    want: Cents,
    need: Cents,
    drawn: &Drawn<T>,
    limits: &[Option<Limit>],
    reducer: Option<Binding>,
) -> Binding {
    if drawn.granted < need {
        return drawn.stopped.unwrap_or(Binding::Pot);
    }
    let limit = limits.iter().flatten().find(|limit| need < want && limit.left == need);
    limit.map(|limit| limit.name).or(reducer).unwrap_or(Binding::None)
}
