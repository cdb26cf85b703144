//! The input of a ledger case, and the checks a reader makes before the first event.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::{BasisPoints, Cents, ids::CampaignId, ids::PotId};
use serde::Deserialize;

use super::events::{Event, What};
use crate::{
    case::{Campaign, Donor, Holder, Settings},
    evaluate::{FormatError, misplaced, parse},
    exact::sum,
    read,
    rules::RuleSet,
    tranche::Tranche,
};

/// The bound of one tranche, in cents.
pub(super) const LARGEST_TRANCHE: Cents = Cents::new(1_000_000_000_000);

/// The bound of one pot, the largest amount of all, in cents.
const LARGEST_POT: Cents = Cents::new(10_000_000_000_000);

/// A pot before the first event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PotInput {
    /// Its name.
    pub id: PotId,
    /// Its place in the waterfall.
    pub order: i64,
    /// Its money.
    pub tranches: Vec<Tranche>,
    /// Cents by territory; a territory that is not named has none.
    #[serde(default, deserialize_with = "read::unique_or_none")]
    pub envelopes: Option<BTreeMap<String, Cents>>,
}

/// A ledger case: everything declared, then every event in order of arrival.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// What holds for all gifts.
    #[serde(default, deserialize_with = "read::or_default")]
    pub settings: Settings,
    /// Who carries campaigns.
    #[serde(default, deserialize_with = "read::or_default")]
    pub holders: Vec<Holder>,
    /// Who gives.
    #[serde(default, deserialize_with = "read::or_default")]
    pub donors: Vec<Donor>,
    /// What they give to.
    #[serde(default, deserialize_with = "read::or_default")]
    pub campaigns: Vec<Campaign>,
    /// The pots.
    #[serde(default, deserialize_with = "read::or_default")]
    pub pots: Vec<PotInput>,
    /// All versions of all rules.
    #[serde(default, deserialize_with = "read::or_default")]
    pub rule_sets: Vec<RuleSet>,
    /// What happened.
    #[serde(default, deserialize_with = "read::or_default")]
    pub events: Vec<Event>,
}

/// What is wrong and where in the input.
pub(crate) type Problem = (String, String);

fn problem(at: String, what: impl Into<String>) -> Problem {
    (at, what.into())
}

/// True when two of these are equal.
pub(crate) fn has_twins<T: Ord>(names: impl IntoIterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    !names.into_iter().all(|name| seen.insert(name))
}

impl Ledger {
    /// True when something is declared twice.
    pub(crate) fn declares_twice(&self) -> bool {
        has_twins(self.holders.iter().map(|holder| &holder.id))
            || has_twins(self.donors.iter().map(|donor| &donor.id))
            || has_twins(self.campaigns.iter().map(|campaign| &campaign.id))
            || has_twins(self.pots.iter().map(|pot| &pot.id))
            || has_twins(self.rule_sets.iter().map(|rule| (&rule.id, rule.version)))
            || self.pots.iter().any(|pot| has_twins(pot.tranches.iter().map(|t| &t.id)))
    }

    /// Reads a case file of kind `ledger`, to be replayed.
    ///
    /// # Errors
    /// When the text does not follow the format or declares something twice.
    pub fn read(text: &str) -> Result<Self, FormatError> {
        let ledger: Self = parse(text)?.input;
        if ledger.declares_twice() {
            let at = ("".to_owned(), "a name is declared twice".to_owned());
            return Err(misplaced(at));
        }
        ledger.check().map_err(misplaced)?;
        Ok(ledger)
    }

    /// How many gifts may begin.
    pub(crate) fn gifts(&self) -> usize {
        self.events.iter().filter_map(Event::begins).count()
    }

    /// The first thing that does not follow the format.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        check_settings(&self.settings)?;
        for (place, holder) in self.holders.iter().enumerate() {
            for aid in &holder.de_minimis {
                amount(aid.amount, || format!("holders[{place}].de_minimis"))?;
            }
        }
        for (place, donor) in self.donors.iter().enumerate() {
            rate(Some(donor.trust_bps), || format!("donors[{place}].trust_bps"))?;
        }
        let holders: BTreeSet<&str> = self.holders.iter().map(|h| h.id.as_str()).collect();
        for (place, campaign) in self.campaigns.iter().enumerate() {
            let at = || format!("campaigns[{place}]");
            check_campaign(campaign, at)?;
            if !holders.contains(campaign.holder.as_str()) {
                return Err(problem(at(), "unknown holder"));
            }
        }
        check_pots(&self.pots)?;
        check_rules(&self.rule_sets, &self.pots)?;
        self.check_events()
    }

    fn check_events(&self) -> Result<(), Problem> {
        let donors: HashSet<&str> = self.donors.iter().map(|d| d.id.as_str()).collect();
        let campaigns: HashSet<&CampaignId> = self.campaigns.iter().map(|c| &c.id).collect();
        let pots: HashSet<&PotId> = self.pots.iter().map(|pot| &pot.id).collect();
        for (place, event) in self.events.iter().enumerate() {
            let unknown =
                |what: &str| problem(format!("events[{place}]"), format!("unknown {what}"));
            let named = event.what.names();
            if named.donor.is_some_and(|donor| !donors.contains(donor)) {
                return Err(unknown("donor"));
            }
            if named.campaign.is_some_and(|campaign| !campaigns.contains(campaign)) {
                return Err(unknown("campaign"));
            }
            if named.pots.iter().any(|pot| !pots.contains(pot)) {
                return Err(unknown("pot"));
            }
            if let What::Checkpoint { weights, use_threshold_bps, release_bps, .. } = &event.what {
                let at = || format!("events[{place}]");
                rate(Some(*use_threshold_bps), at)?;
                rate(Some(*release_bps), at)?;
                if weights.values().any(|weight| *weight < 0) || release_bps.get() > 10_000 {
                    return Err(problem(at(), "weight or share out of range"));
                }
            }
        }
        Ok(())
    }
}

pub(super) fn check_pots(pots: &[PotInput]) -> Result<(), Problem> {
    for (place, pot) in pots.iter().enumerate() {
        let at = || format!("pots[{place}]");
        check_tranches(&pot.tranches, at)?;
        check_pot(&pot.tranches, at)?;
        for left in pot.envelopes.iter().flat_map(BTreeMap::values) {
            amount(*left, at)?;
        }
    }
    Ok(())
}

pub(super) fn check_rules(rule_sets: &[RuleSet], pots: &[PotInput]) -> Result<(), Problem> {
    let mut pot_of: BTreeMap<&str, &PotId> = BTreeMap::new();
    for (place, rule) in rule_sets.iter().enumerate() {
        let at = || format!("rule_sets[{place}]");
        crate::check::shape(rule).map_err(|what| problem(at(), what))?;
        if !pots.iter().any(|pot| pot.id == rule.pot) {
            return Err(problem(at(), "unknown pot"));
        }
        if *pot_of.entry(&rule.id).or_insert(&rule.pot) != &rule.pot {
            return Err(problem(at(), "all versions of a rule belong to one pot"));
        }
    }
    Ok(())
}

/// What an event says exists already.
#[derive(Default)]
struct Names<'a> {
    donor: Option<&'a str>,
    campaign: Option<&'a CampaignId>,
    pots: Vec<&'a PotId>,
}

impl What {
    fn names(&self) -> Names<'_> {
        match self {
            Self::Quote(gift) | Self::Reserve(gift) | Self::Give(gift) => {
                Names { donor: Some(&gift.donor), campaign: Some(&gift.campaign), pots: Vec::new() }
            }
            Self::Close(campaign) | Self::FinalCost { campaign, .. } => {
                Names { campaign: Some(campaign), ..Names::default() }
            }
            Self::Contribute { pot, .. }
            | Self::RoundClose { pot, .. }
            | Self::Checkpoint { pot, .. }
            | Self::Settle(pot)
            | Self::Resource(pot) => Names { pots: vec![pot], ..Names::default() },
            Self::Withdraw { from, .. } => Names { pots: vec![&from.pot], ..Names::default() },
            Self::Transfer { from, to, .. } => {
                Names { pots: vec![&from.pot, &to.pot], ..Names::default() }
            }
            Self::Pay { .. }
            | Self::Cancel(_)
            | Self::DisputeOpen(_)
            | Self::DisputeWon(_)
            | Self::DisputeLost(_)
            | Self::Refund { .. }
            | Self::Recover { .. }
            | Self::Extend { .. } => Names::default(),
        }
    }
}

fn amount(cents: Cents, at: impl Fn() -> String) -> Result<(), Problem> {
    if cents < Cents::ZERO || cents > LARGEST_POT {
        return Err(problem(at(), format!("amount out of range: {}", cents.get())));
    }
    Ok(())
}

fn rate(bps: Option<BasisPoints>, at: impl Fn() -> String) -> Result<(), Problem> {
    match bps {
        Some(bps) if !(0..=1_000_000).contains(&bps.get()) => {
            Err(problem(at(), format!("rate out of range: {}", bps.get())))
        }
        _ => Ok(()),
    }
}

pub(crate) fn check_settings(settings: &Settings) -> Result<(), Problem> {
    let at = || "settings".to_owned();
    rate(Some(settings.leverage_cap_bps), at)?;
    rate(settings.public_share_max_bps, at)?;
    rate(settings.eu_share_max_bps, at)?;
    rate(settings.min_own_share_bps, at)?;
    if settings.min_own_share_bps.is_some_and(|share| share.get() > 10_000) {
        return Err(problem(at(), "the own share is at most the whole"));
    }
    amount(settings.de_minimis_limit.unwrap_or_default(), at)?;
    let seconds = 0..=4_000_000_000_i64;
    if !seconds.contains(&settings.reservation_ttl_s)
        || !seconds.contains(&settings.reservation_grace_s)
        || !(0..=100).contains(&settings.de_minimis_years)
    {
        return Err(problem(at(), "duration out of range"));
    }
    Ok(())
}

pub(crate) fn check_campaign(
    campaign: &Campaign,
    at: impl Fn() -> String + Copy,
) -> Result<(), Problem> {
    let amounts = [
        campaign.goal,
        campaign.budget,
        campaign.other_public_funding,
        campaign.other_eu_funding,
        campaign.own_contribution,
    ];
    for cents in amounts {
        amount(cents, at)?;
    }
    rate(campaign.public_share_max_bps, at)?;
    rate(campaign.eu_share_max_bps, at)
}

pub(crate) fn check_tranches(
    tranches: &[Tranche],
    at: impl Fn() -> String + Copy,
) -> Result<(), Problem> {
    tranches.iter().try_for_each(|tranche| {
        amount(tranche.amount, at)?;
        if tranche.amount > LARGEST_TRANCHE {
            return Err(problem(at(), format!("tranche `{}` is too large", tranche.id)));
        }
        Ok(())
    })
}

fn check_pot(tranches: &[Tranche], at: impl Fn() -> String) -> Result<(), Problem> {
    if holds_too_much(tranches) {
        return Err(problem(at(), "the pot is too large"));
    }
    Ok(())
}

/// True when a pot is above its bound.
pub(super) fn holds_too_much(tranches: &[Tranche]) -> bool {
    sum(tranches.iter().map(|tranche| tranche.amount)).is_ok_and(|held| held > LARGEST_POT)
}
