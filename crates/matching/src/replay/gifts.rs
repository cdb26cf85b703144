//! The life of a gift: quote, reservation, payment, dispute, refund.

use domain::{Cents, UtcSeconds};

use super::{
    Reason, Stop,
    events::NewGift,
    output,
    state::{Gift, Stage, State, Status},
};
use crate::{
    decide::{Terms, decide, decide_under},
    exact::{Overflow, cents, divide, minus, plus, sum, times, wide},
    line::LineState,
    refund::{shrink, take_last},
    snapshot::GiftFacts,
};

/// The bound of one gift, in cents.
const LARGEST_GIFT: Cents = Cents::new(1_000_000_000);

impl State {
    /// Releases every reservation whose end and grace have passed, in (end, name) order.
    pub(super) fn expire(&mut self, now: UtcSeconds) -> Result<(), Stop> {
        let grace = self.settings.reservation_grace_s;
        while let Some((end, id)) = self.ends.first().cloned() {
            if end.plus_seconds(grace) > now {
                break;
            }
            self.end_reservation(&id, Status::Expired)?;
        }
        Ok(())
    }

    /// The lines keep their rules for the record and for a late payment; their money returns.
    pub(super) fn end_reservation(&mut self, id: &str, status: Status) -> Result<(), Stop> {
        let settings = self.settings.clone();
        let end = self.change(id, |gift| {
            let released = shrink(&gift.lines, Cents::ZERO, &settings)?;
            gift.lines = released.lines_after;
            gift.net = Cents::ZERO;
            gift.status = status;
            Ok(gift.expires_at)
        })?;
        self.ends.remove(&(end, id.to_owned()));
        Ok(())
    }

    fn check_new(&self, gift: &NewGift) -> Result<(), Reason> {
        if self.project(&gift.campaign).stage != Stage::Open {
            return Err(Reason::CampaignClosed);
        }
        if !gift.amount.is_positive() || gift.amount > LARGEST_GIFT {
            return Err(Reason::BadAmount);
        }
        Ok(())
    }

    pub(super) fn quote(&mut self, gift: &NewGift, at: UtcSeconds) -> Result<(), Stop> {
        self.check_new(gift)?;
        let snapshot = self.snapshot(&gift.campaign, &gift.donor, at)?;
        let decision = decide(&snapshot, &GiftFacts { amount: gift.amount, kind: gift.kind })?;
        self.quotes.push(output::quote(&gift.name, &decision.lines)?);
        Ok(())
    }

    pub(super) fn reserve(&mut self, new: &NewGift, at: UtcSeconds) -> Result<(), Stop> {
        if self.gifts.contains_key(&new.name) {
            return Err(Reason::DonationExists.into());
        }
        self.check_new(new)?;
        let snapshot = self.snapshot(&new.campaign, &new.donor, at)?;
        let decision = decide(&snapshot, &GiftFacts { amount: new.amount, kind: new.kind })?;
        let expires_at = at.plus_seconds(self.settings.reservation_ttl_s);
        let gift = Gift {
            donor: new.donor.clone(),
            campaign: new.campaign.clone(),
            kind: new.kind,
            amount: new.amount,
            net: new.amount,
            status: Status::Reserved,
            rules_at: at,
            expires_at,
            order: self.take_order(),
            lines: Vec::new(),
            owed: Vec::new(),
            parked: Vec::new(),
        };
        for line in &decision.lines {
            self.note_dry(&line.pot, line.binding, at);
        }
        self.gifts.insert(new.name.clone(), gift);
        self.ends.insert((expires_at, new.name.clone()));
        self.change(&new.name, |gift| {
            gift.owed = vec![Vec::new(); decision.lines.len()];
            gift.lines = decision.lines;
            Ok(())
        })
    }

    fn take_order(&mut self) -> u64 {
        let order = self.next_order;
        self.next_order = order.saturating_add(1);
        order
    }

    pub(super) fn extend(&mut self, id: &str, expires_at: UtcSeconds) -> Result<(), Stop> {
        if self.gift(id)?.status != Status::Reserved {
            return Err(Reason::NotReserved.into());
        }
        let (before, after) = self.change(id, |gift| {
            let before = gift.expires_at;
            gift.expires_at = before.max(expires_at);
            Ok((before, gift.expires_at))
        })?;
        self.ends.remove(&(before, id.to_owned()));
        self.ends.insert((after, id.to_owned()));
        Ok(())
    }

    pub(super) fn cancel(&mut self, id: &str) -> Result<(), Stop> {
        if self.gift(id)?.status != Status::Reserved {
            return Err(Reason::NotReserved.into());
        }
        self.end_reservation(id, Status::Cancelled)
    }

    pub(super) fn pay(
        &mut self,
        id: &str,
        at: UtcSeconds,
        paid_at: Option<UtcSeconds>,
    ) -> Result<(), Stop> {
        let gift = self.gift(id)?;
        let late = match gift.status {
            Status::Reserved => false,
            Status::Expired | Status::Cancelled => true,
            Status::Committed | Status::Held | Status::Refunded | Status::RefundDue => {
                return Err(Reason::AlreadyPaid.into());
            }
        };
        if self.project(&gift.campaign).stage != Stage::Open {
            self.change(id, |gift| {
                gift.status = Status::RefundDue;
                Ok(())
            })?;
            return Err(Reason::CampaignClosed.into());
        }
        if late {
            self.decide_late(id, at, paid_at.unwrap_or(at))?;
        }
        let end = self.change(id, |gift| {
            gift.status = Status::Committed;
            Ok(gift.expires_at)
        })?;
        self.ends.remove(&(end, id.to_owned()));
        self.apply_parked(id)
    }

    /// The reservation is gone: the gift takes what the pots have now and goes to the end.
    fn decide_late(&mut self, id: &str, at: UtcSeconds, paid_at: UtcSeconds) -> Result<(), Stop> {
        let gift = self.gift(id)?;
        let in_time = gift.status == Status::Expired && paid_at <= gift.expires_at;
        let terms = if in_time { Terms::of_lines(&gift.lines) } else { Terms::InForce(paid_at) };
        let facts = GiftFacts { amount: gift.amount, kind: gift.kind };
        let snapshot = self.snapshot(&gift.campaign, &gift.donor, at)?;
        let decision = decide_under(&snapshot, &facts, &terms)?;
        for line in &decision.lines {
            self.note_dry(&line.pot, line.binding, at);
        }
        let order = self.take_order();
        self.change(id, |gift| {
            if !in_time {
                gift.rules_at = paid_at;
            }
            gift.order = order;
            gift.net = gift.amount;
            gift.owed = vec![Vec::new(); decision.lines.len()];
            gift.lines = decision.lines;
            Ok(())
        })
    }

    fn apply_parked(&mut self, id: &str) -> Result<(), Stop> {
        let parked = self.change(id, |gift| Ok(std::mem::take(&mut gift.parked)))?;
        for (event, amount) in parked {
            match self.give_back(id, amount) {
                Err(Stop::Refused(reason)) => self.reject(&event, reason),
                other => other?,
            }
        }
        Ok(())
    }

    pub(super) fn refund(&mut self, event: &str, id: &str, amount: Cents) -> Result<(), Stop> {
        let status = self.gift(id)?.status;
        if !amount.is_positive() {
            return Err(Reason::BadAmount.into());
        }
        match status {
            Status::Reserved | Status::Expired | Status::Cancelled => self.change(id, |gift| {
                gift.parked.push((event.to_owned(), amount));
                Ok(())
            }),
            Status::Committed | Status::Held => self.give_back(id, amount),
            Status::Refunded | Status::RefundDue => Err(Reason::NotRefundable.into()),
        }
    }

    /// A refund of a captured gift; in full, the gift is refunded.
    fn give_back(&mut self, id: &str, amount: Cents) -> Result<(), Stop> {
        let gift = self.gift(id)?;
        if !matches!(gift.status, Status::Committed | Status::Held) {
            return Err(Reason::NotRefundable.into());
        }
        if amount > gift.net {
            return Err(Reason::RefundExceedsNet.into());
        }
        let whole = amount == gift.net;
        self.reduce(id, amount)?;
        if whole {
            self.change(id, |gift| {
                gift.status = Status::Refunded;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Takes cents off a captured gift: its lines shrink, and its part of quadratic awards.
    pub(super) fn reduce(&mut self, id: &str, amount: Cents) -> Result<(), Stop> {
        self.reduce_awards(id, amount)?;
        let settings = self.settings.clone();
        self.change(id, |gift| {
            let net = minus(gift.net, amount)?;
            let after = shrink(&gift.lines, net, &settings)?;
            gift.net = after.net;
            gift.lines = after.lines_after;
            for (line, source) in after.owed {
                if let Some(owed) = gift.owed.get_mut(line) {
                    owed.push(source);
                }
            }
            Ok(())
        })
    }

    /// After a quadratic round nothing is computed again for others: a refund takes its part.
    fn reduce_awards(&mut self, id: &str, amount: Cents) -> Result<(), Stop> {
        let campaign = self.gift(id)?.campaign.clone();
        for place in 0..self.project(&campaign).awards.len() {
            let Some((part, net)) = self.part_of(&campaign, place, id)? else { continue };
            if !net.is_positive() {
                continue;
            }
            self.change_award(&campaign, place, |award| {
                let Some(part) = award.parts.get_mut(part) else { return Ok(()) };
                let product = times(wide(part.attributed), wide(amount))?;
                let released = cents(divide(product, wide(net))?)?;
                part.attributed = minus(part.attributed, released)?;
                let released = released.min(award.granted);
                take_last(&mut award.sources, released, |_| true)?;
                award.granted = minus(award.granted, released)?;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The part of an award that a gift belongs to, and the net cents of its gifts.
    fn part_of(
        &self,
        campaign: &domain::ids::CampaignId,
        award: usize,
        id: &str,
    ) -> Result<Option<(usize, Cents)>, Overflow> {
        let Some(award) = self.project(campaign).awards.get(award) else { return Ok(None) };
        for (place, part) in award.parts.iter().enumerate() {
            if part.gifts.iter().any(|gift| gift == id) {
                let gifts = part.gifts.iter().filter_map(|gift| self.gifts.get(gift));
                return Ok(Some((place, sum(gifts.map(|gift| gift.net))?)));
            }
        }
        Ok(None)
    }

    pub(super) fn dispute_open(&mut self, id: &str) -> Result<(), Stop> {
        self.turn(id, Status::Committed, Status::Held, Reason::NotCommitted)
    }

    pub(super) fn dispute_won(&mut self, id: &str) -> Result<(), Stop> {
        self.turn(id, Status::Held, Status::Committed, Reason::NotHeld)
    }

    pub(super) fn dispute_lost(&mut self, id: &str) -> Result<(), Stop> {
        let gift = self.gift(id)?;
        if gift.status != Status::Held {
            return Err(Reason::NotHeld.into());
        }
        let net = gift.net;
        self.give_back(id, net)
    }

    fn turn(&mut self, id: &str, from: Status, to: Status, or: Reason) -> Result<(), Stop> {
        if self.gift(id)?.status != from {
            return Err(or.into());
        }
        self.change(id, |gift| {
            gift.status = to;
            Ok(())
        })
    }

    /// Cents that the firm and settled lines of a gift hold.
    pub(super) fn sure_match(gift: &Gift) -> Result<Cents, Overflow> {
        let sure = gift.lines.iter().filter(|line| line.state != LineState::Conditional);
        sum(sure.map(|line| line.granted))
    }

    /// Cents that all lines of a gift hold.
    pub(super) fn whole_match(gift: &Gift) -> Result<Cents, Overflow> {
        gift.lines.iter().try_fold(Cents::ZERO, |total, line| plus(total, line.granted))
    }
}
