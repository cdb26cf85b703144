//! The life of a gift: quote, reservation, payment, dispute, refund.

use domain::{Cents, UtcSeconds};

use super::{
    Reason, Stop,
    events::NewGift,
    names::{CampaignNo, DonorNo, GiftNo},
    state::{DECLARED, Gift, Line, Quote, Stage, State, Status},
    view::Terms,
};
use crate::{
    exact::{Overflow, minus, sum},
    line::LineState,
    refund::{shrink, shrink_award},
    snapshot::GiftFacts,
};

/// The bound of one gift, in cents.
const LARGEST_GIFT: Cents = Cents::new(1_000_000_000);

impl<'l> State<'l> {
    /// Releases every reservation whose end and grace have passed, in (end, name) order.
    pub(super) fn expire(&mut self, now: UtcSeconds) -> Result<(), Stop> {
        let grace = self.settings.reservation_grace_s;
        while let Some((end, _, gift)) = self.ends.first().copied() {
            if end.plus_seconds(grace) > now {
                break;
            }
            self.end_reservation(gift, Status::Expired)?;
        }
        Ok(())
    }

    /// The lines keep their rules for the record and for a late payment; their money returns.
    pub(super) fn end_reservation(&mut self, gift: GiftNo, status: Status) -> Result<(), Stop> {
        let settings = self.settings;
        self.change(gift, |gift| {
            shrink(&mut gift.lines, Cents::ZERO, settings)?;
            gift.net = Cents::ZERO;
            gift.status = status;
            Ok(())
        })?;
        self.forget_end(gift);
        Ok(())
    }

    fn forget_end(&mut self, number: GiftNo) {
        let gift = &self.gifts[number];
        self.ends.remove(&(gift.expires_at, gift.name, number));
    }

    fn check_new(&self, gift: &NewGift) -> Result<(CampaignNo, DonorNo), Reason> {
        let campaign = self.campaign_no(gift.campaign.as_str());
        if self.projects[campaign].stage != Stage::Open {
            return Err(Reason::CampaignClosed);
        }
        if !gift.amount.is_positive() || gift.amount > LARGEST_GIFT {
            return Err(Reason::BadAmount);
        }
        Ok((campaign, self.donors.number(&gift.donor).expect(DECLARED)))
    }

    pub(super) fn quote(&mut self, gift: &'l NewGift, at: UtcSeconds) -> Result<(), Stop> {
        let parties = self.check_new(gift)?;
        let facts = GiftFacts { amount: gift.amount, kind: gift.kind };
        let lines = self.decide(parties, facts, at, &Terms::InForce(at))?;
        let granted = sum(lines.iter().map(|line| line.granted))?;
        self.quotes.push(Quote { name: &gift.name, granted, lines });
        Ok(())
    }

    /// Reserved and captured at once.
    pub(super) fn give(&mut self, new: &'l NewGift, at: UtcSeconds) -> Result<(), Stop> {
        let number = self.begin(new, at)?;
        self.gifts[number].status = Status::Committed;
        Ok(())
    }

    pub(super) fn reserve(&mut self, new: &'l NewGift, at: UtcSeconds) -> Result<(), Stop> {
        let number = self.begin(new, at)?;
        self.ends.insert((self.gifts[number].expires_at, &new.name, number));
        Ok(())
    }

    fn begin(&mut self, new: &'l NewGift, at: UtcSeconds) -> Result<GiftNo, Stop> {
        if self.named.contains_key(new.name.as_str()) {
            return Err(Reason::DonationExists.into());
        }
        let (campaign, donor) = self.check_new(new)?;
        let facts = GiftFacts { amount: new.amount, kind: new.kind };
        let lines = self.decide((campaign, donor), facts, at, &Terms::InForce(at))?;
        let gift = Gift {
            name: &new.name,
            donor,
            campaign,
            kind: new.kind,
            status: Status::Reserved,
            amount: new.amount,
            net: new.amount,
            rules_at: at,
            expires_at: at.plus_seconds(self.settings.reservation_ttl_s),
            order: self.take_order(),
            lines: Vec::new(),
            owed: Vec::new(),
        };
        let number = self.gifts.push(gift);
        self.named.insert(&new.name, number);
        self.projects[campaign].gifts.push(number);
        self.take(number, lines, at)?;
        Ok(number)
    }

    /// A gift takes the lines that were decided.
    fn take(&mut self, gift: GiftNo, lines: Vec<Line>, at: UtcSeconds) -> Result<(), Overflow> {
        for line in &lines {
            self.note_dry(line.pot, line.binding, at);
        }
        self.change(gift, |gift| {
            gift.owed.clear();
            gift.lines = lines;
            Ok(())
        })
    }

    fn take_order(&mut self) -> u64 {
        let order = self.next_order;
        self.next_order = order.saturating_add(1);
        order
    }

    pub(super) fn extend(&mut self, name: &str, expires_at: UtcSeconds) -> Result<(), Stop> {
        let number = self.gift_no(name)?;
        if self.gifts[number].status != Status::Reserved {
            return Err(Reason::NotReserved.into());
        }
        self.forget_end(number);
        let gift = &mut self.gifts[number];
        gift.expires_at = gift.expires_at.max(expires_at);
        self.ends.insert((gift.expires_at, gift.name, number));
        Ok(())
    }

    pub(super) fn cancel(&mut self, name: &str) -> Result<(), Stop> {
        let number = self.gift_no(name)?;
        if self.gifts[number].status != Status::Reserved {
            return Err(Reason::NotReserved.into());
        }
        self.end_reservation(number, Status::Cancelled)
    }

    pub(super) fn pay(
        &mut self,
        name: &str,
        at: UtcSeconds,
        paid_at: Option<UtcSeconds>,
    ) -> Result<(), Stop> {
        let number = self.gift_no(name)?;
        let gift = &mut self.gifts[number];
        let late = match gift.status {
            Status::Reserved => false,
            Status::Expired | Status::Cancelled => true,
            Status::Committed | Status::Held | Status::Refunded | Status::RefundDue => {
                return Err(Reason::AlreadyPaid.into());
            }
        };
        if self.projects[gift.campaign].stage != Stage::Open {
            gift.status = Status::RefundDue;
            return Err(Reason::CampaignClosed.into());
        }
        if late {
            self.decide_late(number, at, paid_at.unwrap_or(at))?;
        }
        self.gifts[number].status = Status::Committed;
        self.forget_end(number);
        self.apply_parked(number)
    }

    /// The reservation is gone: the gift takes what the pots have now and goes to the end.
    fn decide_late(
        &mut self,
        number: GiftNo,
        at: UtcSeconds,
        paid_at: UtcSeconds,
    ) -> Result<(), Stop> {
        let gift = &self.gifts[number];
        let in_time = gift.status == Status::Expired && paid_at <= gift.expires_at;
        let rules = gift.lines.iter().map(|line| (line.pot, line.rule_set));
        let terms = if in_time { Terms::Pinned(rules.collect()) } else { Terms::InForce(paid_at) };
        let facts = GiftFacts { amount: gift.amount, kind: gift.kind };
        let lines = self.decide((gift.campaign, gift.donor), facts, at, &terms)?;
        let order = self.take_order();
        self.take(number, lines, at)?;
        let gift = &mut self.gifts[number];
        if !in_time {
            gift.rules_at = paid_at;
        }
        gift.order = order;
        gift.net = gift.amount;
        Ok(())
    }

    fn apply_parked(&mut self, number: GiftNo) -> Result<(), Stop> {
        for (event, amount) in self.parked.remove(&number).unwrap_or_default() {
            match self.give_back(number, amount) {
                Err(Stop::Refused(reason)) => self.reject(event, reason),
                other => other?,
            }
        }
        Ok(())
    }

    pub(super) fn refund(&mut self, event: &'l str, name: &str, amount: Cents) -> Result<(), Stop> {
        let number = self.gift_no(name)?;
        if !amount.is_positive() {
            return Err(Reason::BadAmount.into());
        }
        let gift = &mut self.gifts[number];
        match gift.status {
            Status::Reserved | Status::Expired | Status::Cancelled => {
                self.parked.entry(number).or_default().push((event, amount));
                Ok(())
            }
            Status::Committed | Status::Held => self.give_back(number, amount),
            Status::Refunded | Status::RefundDue => Err(Reason::NotRefundable.into()),
        }
    }

    /// A refund of a captured gift; in full, the gift is refunded.
    fn give_back(&mut self, number: GiftNo, amount: Cents) -> Result<(), Stop> {
        let gift = &self.gifts[number];
        if !matches!(gift.status, Status::Committed | Status::Held) {
            return Err(Reason::NotRefundable.into());
        }
        if amount > gift.net {
            return Err(Reason::RefundExceedsNet.into());
        }
        let whole = amount == gift.net;
        self.reduce(number, amount)?;
        if whole {
            self.gifts[number].status = Status::Refunded;
        }
        Ok(())
    }

    /// Takes cents off a captured gift: its lines shrink, and its part of quadratic awards.
    pub(super) fn reduce(&mut self, number: GiftNo, amount: Cents) -> Result<(), Stop> {
        self.reduce_awards(number, amount)?;
        let settings = self.settings;
        Ok(self.change(number, |gift| {
            gift.net = minus(gift.net, amount)?;
            let gone = shrink(&mut gift.lines, gift.net, settings)?;
            let lines = &gift.lines;
            let settled =
                |line: usize| lines.get(line).is_some_and(|line| line.state == LineState::Settled);
            gift.owed.extend(gone.into_iter().filter(|(line, _)| settled(*line)));
            Ok(())
        })?)
    }

    /// After a quadratic round nothing is computed again for others: a refund takes its part.
    fn reduce_awards(&mut self, number: GiftNo, amount: Cents) -> Result<(), Stop> {
        let campaign = self.gifts[number].campaign;
        for place in 0..self.projects[campaign].awards.len() {
            let Some((part, net)) = self.part_of(campaign, place, number)? else { continue };
            if !net.is_positive() {
                continue;
            }
            self.change_award(campaign, place, |award| {
                let Some(part) = award.parts.get_mut(part) else { return Ok(()) };
                let held = (&mut award.granted, &mut award.sources);
                shrink_award(&mut part.attributed, held, (amount, net))
            })?;
        }
        Ok(())
    }

    /// The part of an award that a gift belongs to, and the net cents of its gifts.
    fn part_of(
        &self,
        campaign: CampaignNo,
        award: usize,
        gift: GiftNo,
    ) -> Result<Option<(usize, Cents)>, Overflow> {
        let Some(award) = self.projects[campaign].awards.get(award) else { return Ok(None) };
        let group = self.group_of(&self.gifts[gift]);
        let of_group =
            |part: &super::state::Part| part.group == group && part.gifts.contains(&gift);
        let Some(place) = award.parts.iter().position(of_group) else { return Ok(None) };
        let gifts = award.parts.get(place).map_or(&[][..], |part| &part.gifts);
        Ok(Some((place, sum(gifts.iter().map(|gift| self.gifts[*gift].net))?)))
    }

    pub(super) fn dispute_open(&mut self, name: &str) -> Result<(), Stop> {
        self.turn(name, Status::Committed, Status::Held, Reason::NotCommitted)
    }

    pub(super) fn dispute_won(&mut self, name: &str) -> Result<(), Stop> {
        self.turn(name, Status::Held, Status::Committed, Reason::NotHeld)
    }

    pub(super) fn dispute_lost(&mut self, name: &str) -> Result<(), Stop> {
        let number = self.gift_no(name)?;
        let gift = &self.gifts[number];
        if gift.status != Status::Held {
            return Err(Reason::NotHeld.into());
        }
        self.give_back(number, gift.net)
    }

    fn turn(&mut self, name: &str, from: Status, to: Status, or: Reason) -> Result<(), Stop> {
        let number = self.gift_no(name)?;
        let gift = &mut self.gifts[number];
        if gift.status != from {
            return Err(or.into());
        }
        gift.status = to;
        Ok(())
    }

    /// Cents that the firm and settled lines of a gift hold.
    pub(super) fn sure_match(gift: &Gift<'_>) -> Result<Cents, Overflow> {
        let sure = gift.lines.iter().filter(|line| line.state != LineState::Conditional);
        sum(sure.map(|line| line.granted))
    }

    /// Cents that all lines of a gift hold.
    pub(super) fn whole_match(gift: &Gift<'_>) -> Result<Cents, Overflow> {
        sum(gift.lines.iter().map(|line| line.granted))
    }
}
