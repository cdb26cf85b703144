//! What the ledger holds between two events.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Cents, UtcSeconds, ids::CampaignId, ids::PotId, pot::Origin};
use serde_json::Value;

use super::{
    Reason, Stop,
    counters::{Counters, Money, Owner, Sign},
    events::{Event, What},
    input::Ledger,
};
use crate::{
    case::{Campaign, Donor, GiftKind, Holder, Settings},
    exact::Overflow,
    line::{Binding, Line, RuleRef, Source},
    rules::{RuleSet, Subject},
    tranche::Tranche,
};

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

#[derive(Clone, Debug)]
pub(super) struct Gift {
    pub donor: String,
    pub campaign: CampaignId,
    pub kind: GiftKind,
    /// Cents, refunds aside.
    pub amount: Cents,
    pub net: Cents,
    pub status: Status,
    /// When the rules that answer were in force.
    pub rules_at: UtcSeconds,
    pub expires_at: UtcSeconds,
    /// Place in the order of gifts.
    pub order: u64,
    pub lines: Vec<Line>,
    /// By line: what the holder owes, in the order in which it was clawed back.
    pub owed: Vec<Vec<Source>>,
    /// Refunds that came before their payment, by event.
    pub parked: Vec<(String, Cents)>,
}

/// A lump sum, or the match of a quadratic round.
#[derive(Clone, Debug)]
pub(super) struct Award {
    pub pot: PotId,
    pub rule_set: RuleRef,
    pub granted: Cents,
    pub binding: Binding,
    pub sources: Vec<Source>,
    /// Quadratic rounds: what each group brought.
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(super) struct Part {
    pub attributed: Cents,
    pub gifts: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Open,
    Succeeded,
    Failed,
}

pub(super) struct Project {
    pub campaign: Campaign,
    pub stage: Stage,
    pub awards: Vec<Award>,
}

pub(super) struct Pot {
    pub order: i64,
    pub tranches: Vec<Tranche>,
    pub envelopes: Option<BTreeMap<String, Cents>>,
    pub rules: Vec<RuleSet>,
    /// Rounds that have closed.
    pub closed: BTreeSet<RuleRef>,
}

impl Pot {
    pub(super) fn tranche(&self, id: &str) -> Option<&Tranche> {
        self.tranches.iter().find(|tranche| tranche.id == id)
    }
}

pub(super) struct State {
    pub settings: Settings,
    pub holders: BTreeMap<String, Holder>,
    pub donors: BTreeMap<String, Donor>,
    pub projects: BTreeMap<CampaignId, Project>,
    pub pots: BTreeMap<PotId, Pot>,
    pub gifts: BTreeMap<String, Gift>,
    pub counters: Counters,
    pub quotes: Vec<Value>,
    pub rounds: Vec<Value>,
    pub rejected: Vec<(String, Reason)>,
    /// When a line of each pot first found it empty.
    pub dry: BTreeMap<PotId, UtcSeconds>,
    /// Open reservations by their end.
    pub ends: BTreeSet<(UtcSeconds, String)>,
    pub next_order: u64,
    seen: BTreeMap<String, What>,
}

/// A name that was checked before the first event, or that this module made.
const DECLARED: &str = "every name was checked when the ledger was read";

impl State {
    pub(super) fn new(ledger: &Ledger) -> Self {
        let mut pots: BTreeMap<PotId, Pot> = ledger
            .pots
            .iter()
            .map(|pot| {
                let (tranches, envelopes) = (pot.tranches.clone(), pot.envelopes.clone());
                let (order, rules, closed) = (pot.order, Vec::new(), BTreeSet::new());
                (pot.id.clone(), Pot { order, tranches, envelopes, rules, closed })
            })
            .collect();
        for rule in &ledger.rule_sets {
            if let Some(pot) = pots.get_mut(&rule.pot) {
                pot.rules.push(rule.clone());
            }
        }
        let project = |campaign: &Campaign| {
            let project =
                Project { campaign: campaign.clone(), stage: Stage::Open, awards: Vec::new() };
            (campaign.id.clone(), project)
        };
        Self {
            settings: ledger.settings.clone(),
            holders: ledger.holders.iter().map(|h| (h.id.clone(), h.clone())).collect(),
            donors: ledger.donors.iter().map(|d| (d.id.clone(), d.clone())).collect(),
            projects: ledger.campaigns.iter().map(project).collect(),
            pots,
            gifts: BTreeMap::new(),
            counters: Counters::default(),
            quotes: Vec::new(),
            rounds: Vec::new(),
            rejected: Vec::new(),
            dry: BTreeMap::new(),
            ends: BTreeSet::new(),
            next_order: 0,
            seen: BTreeMap::new(),
        }
    }

    pub(super) fn reject(&mut self, event: &str, reason: Reason) {
        self.rejected.push((event.to_owned(), reason));
    }

    /// An event arrives: what has expired goes first, a known event has no effect.
    pub(super) fn arrive(&mut self, event: &Event) -> Result<(), Stop> {
        self.expire(event.at)?;
        if let Some(known) = self.seen.get(&event.id) {
            let same = *known == event.what;
            return Err(if same { Reason::Duplicate } else { Reason::Conflict }.into());
        }
        self.seen.insert(event.id.clone(), event.what.clone());
        let at = event.at;
        match &event.what {
            What::Quote(gift) => self.quote(gift, at),
            What::Reserve(gift) => self.reserve(gift, at),
            What::Give(gift) => {
                self.reserve(gift, at)?;
                self.pay(&gift.name, at, None)
            }
            What::Pay { donation, paid_at } => self.pay(donation, at, *paid_at),
            What::Cancel(donation) => self.cancel(donation),
            What::DisputeOpen(donation) => self.dispute_open(donation),
            What::DisputeWon(donation) => self.dispute_won(donation),
            What::DisputeLost(donation) => self.dispute_lost(donation),
            What::Refund { donation, amount } => self.refund(&event.id, donation, *amount),
            What::Recover { donation, amount } => self.recover(donation, *amount),
            What::Extend { donation, expires_at } => self.extend(donation, *expires_at),
            What::Contribute { pot, tranche } => self.contribute(pot, tranche.opened(at)),
            What::Withdraw { from, amount } => self.withdraw(from, *amount),
            What::Transfer { from, to, amount, signers } => {
                self.transfer(from, to, *amount, signers)
            }
            What::Close(campaign) => self.close(campaign, at),
            What::RoundClose { pot, rule_set, version } => {
                let rule_set = RuleRef { id: rule_set.clone(), version: *version };
                self.round_close(pot, &rule_set, at)
            }
            What::Checkpoint { pot, weights, use_threshold_bps, release_bps } => {
                let (use_threshold_bps, release_bps) = (*use_threshold_bps, *release_bps);
                let at = crate::envelopes::Checkpoint { use_threshold_bps, release_bps };
                self.checkpoint(pot, weights, at)
            }
            What::Settle(pot) => self.settle(pot),
            What::Resource(pot) => self.resource(pot, at),
            What::FinalCost { campaign, budget } => self.final_cost(campaign, *budget),
        }
    }

    pub(super) fn project(&self, campaign: &CampaignId) -> &Project {
        self.projects.get(campaign).expect(DECLARED)
    }

    pub(super) fn project_mut(&mut self, campaign: &CampaignId) -> &mut Project {
        self.projects.get_mut(campaign).expect(DECLARED)
    }

    pub(super) fn pot(&self, pot: &PotId) -> &Pot {
        self.pots.get(pot).expect(DECLARED)
    }

    pub(super) fn pot_mut(&mut self, pot: &PotId) -> &mut Pot {
        self.pots.get_mut(pot).expect(DECLARED)
    }

    pub(super) fn donor(&self, donor: &str) -> &Donor {
        self.donors.get(donor).expect(DECLARED)
    }

    pub(super) fn holder_of(&self, campaign: &CampaignId) -> &Holder {
        self.holders.get(&self.project(campaign).campaign.holder).expect(DECLARED)
    }

    pub(super) fn gift(&self, id: &str) -> Result<&Gift, Reason> {
        self.gifts.get(id).ok_or(Reason::UnknownDonation)
    }

    pub(super) fn subject<'a>(&'a self, gift: &'a Gift) -> Subject<'a> {
        Subject {
            campaign: &self.project(&gift.campaign).campaign,
            holder: self.holder_of(&gift.campaign),
            donor: self.donor(&gift.donor),
            kind: gift.kind,
        }
    }

    /// Gifts that a test picks, in the order of gifts.
    pub(super) fn in_order(&self, pick: impl Fn(&Gift) -> bool) -> Vec<String> {
        let mut picked: Vec<(u64, &String)> = self
            .gifts
            .iter()
            .filter(|(_, gift)| pick(gift))
            .map(|(id, gift)| (gift.order, id))
            .collect();
        picked.sort();
        picked.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// The pots in waterfall order.
    pub(super) fn waterfall(&self) -> Vec<PotId> {
        let mut pots: Vec<(i64, &PotId)> =
            self.pots.iter().map(|(id, pot)| (pot.order, id)).collect();
        pots.sort();
        pots.into_iter().map(|(_, id)| id.clone()).collect()
    }

    pub(super) fn origin(&self, pot: &PotId, tranche: &str) -> Option<Origin> {
        self.pots.get(pot)?.tranche(tranche).map(|tranche| tranche.origin)
    }

    /// Changes a gift; every counter follows.
    pub(super) fn change<T>(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut Gift) -> Result<T, Overflow>,
    ) -> Result<T, Stop> {
        let mut gift = self.gifts.remove(id).ok_or(Reason::UnknownDonation)?;
        self.count(&gift, Sign::Leave)?;
        let done = change(&mut gift)?;
        self.count(&gift, Sign::Enter)?;
        self.gifts.insert(id.to_owned(), gift);
        Ok(done)
    }

    fn count(&mut self, gift: &Gift, sign: Sign) -> Result<(), Overflow> {
        let project = self.projects.get(&gift.campaign).expect(DECLARED);
        let holder = self.holders.get(&project.campaign.holder).expect(DECLARED);
        let pots = &self.pots;
        let owner = Owner {
            campaign: &gift.campaign,
            territory: &project.campaign.territory,
            undertaking: holder.undertaking(),
            group: self.donors.get(&gift.donor).expect(DECLARED).group(),
            money: &|pot, tranche| money(pots, pot, tranche),
        };
        self.counters.gift(gift, &owner, sign)
    }

    /// True when every counter is the sum of what gifts and awards hold.
    pub(super) fn adds_up(&self) -> bool {
        let rebuilt = self.rebuilt().map(Counters::without_zeros);
        rebuilt.is_ok_and(|sums| sums == self.counters.clone().without_zeros())
    }

    fn rebuilt(&self) -> Result<Counters, Overflow> {
        let mut sums = Counters::default();
        let money = |pot: &PotId, tranche: &str| money(&self.pots, pot, tranche);
        for gift in self.gifts.values() {
            let owner = self.owner(&gift.campaign, self.donor(&gift.donor).group(), &money);
            sums.gift(gift, &owner, Sign::Enter)?;
        }
        for (campaign, project) in &self.projects {
            for award in &project.awards {
                sums.award(award, &self.owner(campaign, "", &money), Sign::Enter)?;
            }
        }
        Ok(sums)
    }

    fn owner<'a>(
        &'a self,
        campaign: &'a CampaignId,
        group: &'a str,
        money: &'a dyn Fn(&PotId, &str) -> Money,
    ) -> Owner<'a> {
        Owner {
            campaign,
            territory: &self.project(campaign).campaign.territory,
            undertaking: self.holder_of(campaign).undertaking(),
            group,
            money,
        }
    }

    /// Adds an award to a campaign.
    pub(super) fn award(&mut self, campaign: &CampaignId, award: Award) -> Result<(), Overflow> {
        self.count_award(campaign, &award, Sign::Enter)?;
        self.project_mut(campaign).awards.push(award);
        Ok(())
    }

    /// Changes the award at a place; every counter follows.
    pub(super) fn change_award<T>(
        &mut self,
        campaign: &CampaignId,
        place: usize,
        change: impl FnOnce(&mut Award) -> Result<T, Overflow>,
    ) -> Result<Option<T>, Overflow> {
        let Some(mut award) = self.project(campaign).awards.get(place).cloned() else {
            return Ok(None);
        };
        self.count_award(campaign, &award, Sign::Leave)?;
        let done = change(&mut award)?;
        self.count_award(campaign, &award, Sign::Enter)?;
        if let Some(slot) = self.project_mut(campaign).awards.get_mut(place) {
            *slot = award;
        }
        Ok(Some(done))
    }

    fn count_award(
        &mut self,
        campaign: &CampaignId,
        award: &Award,
        sign: Sign,
    ) -> Result<(), Overflow> {
        let project = self.projects.get(campaign).expect(DECLARED);
        let holder = self.holders.get(&project.campaign.holder).expect(DECLARED);
        let pots = &self.pots;
        let owner = Owner {
            campaign,
            territory: &project.campaign.territory,
            undertaking: holder.undertaking(),
            group: "",
            money: &|pot, tranche| money(pots, pot, tranche),
        };
        self.counters.award(award, &owner, sign)
    }
}

fn money(pots: &BTreeMap<PotId, Pot>, pot: &PotId, tranche: &str) -> Money {
    let tranche = pots.get(pot).and_then(|pot| pot.tranche(tranche));
    let origin = tranche.map(|tranche| tranche.origin);
    Money { eu: origin == Some(Origin::Eu), public: origin.is_some_and(Origin::is_public) }
}
