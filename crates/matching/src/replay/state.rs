//! What the ledger holds between two events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Cents, UtcSeconds, ids::PotId, pot::Origin};
use serde_json::Value;

use super::{
    Reason,
    counters::{Counters, Owner, Sign},
    events::What,
    names::{
        CampaignNo, DonorNo, GiftNo, GroupNo, Names, PotNo, RuleIdNo, RuleNo, Table, TerritoryNo,
        TrancheNo, UndertakingNo,
    },
};
use crate::{
    case::{Aid, Campaign, Donor, GiftKind, Holder, Settings},
    exact::Overflow,
    line::{self, Binding},
    rules::{RuleSet, Subject},
    tranche::Tranche,
};

/// A line as the state keeps it, by number.
pub(super) type Line = line::Line<PotNo, RuleNo, TrancheNo>;

/// Cents drawn from one tranche, by number.
pub(super) type Source = line::Source<TrancheNo>;

pub(super) type Pots<'l> = Table<PotNo, Pot<'l>>;
pub(super) type Rules<'l> = Table<RuleNo, Rule<'l>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Reserved,
    Committed,
    Held,
    Refunded,
    Expired,
    Cancelled,
    RefundDue,
}

impl Status {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Committed => "committed",
            Self::Held => "held",
            Self::Refunded => "refunded",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::RefundDue => "refund_due",
        }
    }
}

pub(super) struct Gift<'l> {
    pub name: &'l str,
    pub donor: DonorNo,
    pub campaign: CampaignNo,
    pub kind: GiftKind,
    pub status: Status,
    /// Cents, refunds aside.
    pub amount: Cents,
    pub net: Cents,
    /// When the rules that answer were in force.
    pub rules_at: UtcSeconds,
    pub expires_at: UtcSeconds,
    /// Place in the order of gifts.
    pub order: u64,
    pub lines: Vec<Line>,
    /// What the holder owes, by the place of the line, in the order in which it was clawed back.
    pub owed: Vec<(usize, Source)>,
}

/// What a gift would have got.
pub(super) struct Quote<'l> {
    pub name: &'l str,
    pub granted: Cents,
    pub lines: Vec<Line>,
}

/// A lump sum, or the match of a quadratic round.
#[derive(Clone)]
pub(super) struct Award {
    pub pot: PotNo,
    pub rule_set: RuleNo,
    pub granted: Cents,
    pub binding: Binding,
    pub sources: Vec<Source>,
    /// Quadratic rounds: what each group brought.
    pub parts: Vec<Part>,
}

#[derive(Clone)]
pub(super) struct Part {
    pub group: GroupNo,
    pub attributed: Cents,
    pub gifts: Vec<GiftNo>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Open,
    Succeeded,
    Failed,
}

pub(super) struct Project<'l> {
    pub campaign: Campaign,
    pub holder: &'l Holder,
    pub owner: Owner,
    /// Whether the conditions of each rule hold, those on the donor aside.
    pub eligible: Table<RuleNo, bool>,
    pub stage: Stage,
    pub awards: Vec<Award>,
    /// All gifts it was ever given.
    pub gifts: Vec<GiftNo>,
}

pub(super) struct Giver<'l> {
    pub donor: &'l Donor,
    pub group: GroupNo,
}

pub(super) struct Pot<'l> {
    pub id: &'l PotId,
    pub tranches: Table<TrancheNo, Tranche>,
    /// The tranches in sourcing order.
    pub sourcing: Vec<TrancheNo>,
    pub envelopes: Option<BTreeMap<TerritoryNo, Cents>>,
    pub rules: Vec<RuleNo>,
    /// The rules that answer gifts, at the times for which they were looked up.
    pub answering: Answering,
    /// Rounds that have closed.
    pub closed: BTreeSet<RuleNo>,
}

/// The rules of a pot that answer gifts between two instants, the second not included.
pub(super) struct Answering {
    pub from: UtcSeconds,
    pub until: UtcSeconds,
    pub rules: Vec<RuleNo>,
}

pub(super) struct Rule<'l> {
    pub set: &'l RuleSet,
    pub id: RuleIdNo,
    /// A version of it caps what one donor gives to one campaign.
    pub caps_donor_base: bool,
    /// A version of it caps the match of one donor.
    pub caps_donor_match: bool,
}

pub(super) struct State<'l> {
    pub settings: &'l Settings,
    pub campaigns: Names<'l, CampaignNo>,
    pub donors: Names<'l, DonorNo>,
    pub groups: Names<'l, GroupNo>,
    pub territories: Names<'l, TerritoryNo>,
    pub pot_names: Names<'l, PotNo>,
    pub projects: Table<CampaignNo, Project<'l>>,
    pub givers: Table<DonorNo, Giver<'l>>,
    /// Declared aid by undertaking.
    pub aid: Table<UndertakingNo, Vec<Aid>>,
    pub rules: Rules<'l>,
    pub pots: Pots<'l>,
    /// The pots in waterfall order.
    pub waterfall: Vec<PotNo>,
    pub gifts: Table<GiftNo, Gift<'l>>,
    pub named: HashMap<&'l str, GiftNo>,
    /// Refunds that came before their payment, each with its event.
    pub parked: BTreeMap<GiftNo, Vec<(&'l str, Cents)>>,
    pub counters: Counters,
    pub quotes: Vec<Quote<'l>>,
    pub rounds: Vec<Value>,
    pub rejected: Vec<(&'l str, Reason)>,
    /// When a line of each pot first found it empty.
    pub dry: BTreeMap<PotNo, UtcSeconds>,
    /// Open reservations by their end, then by name.
    pub ends: BTreeSet<(UtcSeconds, &'l str, GiftNo)>,
    pub next_order: u64,
    pub seen: HashMap<&'l str, &'l What>,
}

/// A name that was checked before the first event.
pub(super) const DECLARED: &str = "every name was checked when the ledger was read";

impl<'l> State<'l> {
    pub(super) fn reject(&mut self, event: &'l str, reason: Reason) {
        self.rejected.push((event, reason));
    }

    pub(super) fn campaign_no(&self, campaign: &str) -> CampaignNo {
        self.campaigns.number(campaign).expect(DECLARED)
    }

    pub(super) fn pot_no(&self, pot: &PotId) -> PotNo {
        self.pot_names.number(pot.as_str()).expect(DECLARED)
    }

    pub(super) fn gift_no(&self, name: &str) -> Result<GiftNo, Reason> {
        self.named.get(name).copied().ok_or(Reason::UnknownDonation)
    }

    pub(super) fn group_of(&self, gift: &Gift<'_>) -> GroupNo {
        self.givers[gift.donor].group
    }

    pub(super) fn subject(&self, gift: &Gift<'_>) -> Subject<'_> {
        let project = &self.projects[gift.campaign];
        let (campaign, holder) = (&project.campaign, project.holder);
        Subject { campaign, holder, donor: self.givers[gift.donor].donor, kind: gift.kind }
    }

    /// True when a rule would match a gift at its net amount.
    pub(super) fn is_eligible(&self, rule: RuleNo, gift: &Gift<'_>) -> bool {
        let subject = self.subject(gift);
        self.projects[gift.campaign].eligible[rule]
            && subject.donor.group() != subject.holder.undertaking()
            && self.rules[rule].set.gift_bar(&subject, gift.net).is_none()
    }

    fn sorted(&self, picked: impl Iterator<Item = GiftNo>) -> Vec<GiftNo> {
        let mut picked: Vec<GiftNo> = picked.collect();
        picked.sort_by_key(|number| self.gifts[*number].order);
        picked
    }

    /// Gifts that a test picks, in the order of gifts.
    pub(super) fn in_order(&self, pick: impl Fn(&Gift<'l>) -> bool) -> Vec<GiftNo> {
        self.sorted(self.gifts.iter().filter(|(_, gift)| pick(gift)).map(|(number, _)| number))
    }

    /// Gifts of a campaign that a test picks, in the order of gifts.
    pub(super) fn of_campaign(
        &self,
        campaign: CampaignNo,
        pick: impl Fn(&Gift<'l>) -> bool,
    ) -> Vec<GiftNo> {
        let all = self.projects[campaign].gifts.iter().copied();
        self.sorted(all.filter(|number| pick(&self.gifts[*number])))
    }

    pub(super) fn origin(&self, pot: PotNo, tranche: TrancheNo) -> Origin {
        self.pots[pot].tranches[tranche].origin
    }

    /// Changes what a gift holds; every counter follows.
    pub(super) fn change<T>(
        &mut self,
        number: GiftNo,
        change: impl FnOnce(&mut Gift<'l>) -> Result<T, Overflow>,
    ) -> Result<T, Overflow> {
        let gift = &mut self.gifts[number];
        let owner = (self.projects[gift.campaign].owner, self.givers[gift.donor].group);
        let books = (&self.pots, &self.rules);
        self.counters.gift(gift, owner, books, Sign::Leave)?;
        let done = change(gift)?;
        self.counters.gift(gift, owner, books, Sign::Enter)?;
        Ok(done)
    }

    /// True when every counter is the sum of what gifts and awards hold.
    pub(super) fn adds_up(&self) -> bool {
        let rebuilt = self.rebuilt().map(Counters::without_zeros);
        rebuilt.is_ok_and(|sums| sums == self.counters.clone().without_zeros())
    }

    fn rebuilt(&self) -> Result<Counters, Overflow> {
        let mut sums = Counters::default();
        let books = (&self.pots, &self.rules);
        for gift in self.gifts.rows() {
            let owner = (self.projects[gift.campaign].owner, self.group_of(gift));
            sums.gift(gift, owner, books, Sign::Enter)?;
        }
        for project in self.projects.rows() {
            for award in &project.awards {
                sums.award(award, project.owner, books, Sign::Enter)?;
            }
        }
        Ok(sums)
    }

    /// Adds an award to a campaign.
    pub(super) fn award(&mut self, campaign: CampaignNo, award: Award) -> Result<(), Overflow> {
        let project = &mut self.projects[campaign];
        self.counters.award(&award, project.owner, (&self.pots, &self.rules), Sign::Enter)?;
        project.awards.push(award);
        Ok(())
    }

    /// Changes the award at a place; every counter follows.
    pub(super) fn change_award<T>(
        &mut self,
        campaign: CampaignNo,
        place: usize,
        change: impl FnOnce(&mut Award) -> Result<T, Overflow>,
    ) -> Result<Option<T>, Overflow> {
        let Project { owner, awards, .. } = &mut self.projects[campaign];
        let Some(award) = awards.get_mut(place) else { return Ok(None) };
        let books = (&self.pots, &self.rules);
        self.counters.award(award, *owner, books, Sign::Leave)?;
        let done = change(award)?;
        self.counters.award(award, *owner, books, Sign::Enter)?;
        Ok(Some(done))
    }
}
