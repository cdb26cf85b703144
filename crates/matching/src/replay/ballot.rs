//! An open quadratic round as a database counts it: what one more gift would add, without a
//! replay.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{Cents, ids::CampaignId};

use super::{
    Estimate,
    names::{CampaignNo, GroupNo, Number},
    pairs::{Voice, weigh, whole},
    quadratic,
};
use crate::{
    apportion::Item,
    case::{Campaign, Holder, Settings},
    decide::campaign_limits,
    draw::{AidWindow, Held, Rooms},
    exact::{Overflow, minus, plus, share, sum},
    rules::RuleSet,
    tranche::Tranche,
};

/// What a donor group gave to a campaign in the window of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The donor group.
    pub group: String,
    /// Cents of its gifts, each under the cap of one gift.
    pub amount: Cents,
    /// Cents that the match of these gifts may still be under the leverage cap.
    pub leverage: Cents,
}

/// A campaign in a round, with what it holds, in cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// As frozen.
    pub campaign: Campaign,
    /// Who carries it.
    pub holder: Holder,
    /// EU money, over all pots.
    pub eu_drawn: Cents,
    /// Public money, over all pots, EU included.
    pub public_drawn: Cents,
    /// Match by this rule, all versions together.
    pub used: Cents,
    /// One for each donor group.
    pub votes: Vec<Vote>,
}

/// A round that has not closed. Of the rooms of section 5.1 the limit of aid to an undertaking is
/// left out; every identity is trusted whole.
#[derive(Clone, Debug)]
pub struct Ballot {
    /// The rule of the round.
    pub rule: RuleSet,
    /// What holds for all gifts.
    pub settings: Settings,
    /// The open tranches of the pot, and the cents left in each.
    pub tranches: Vec<(Tranche, Cents)>,
    /// The campaigns that are eligible and fit the pot.
    pub contenders: Arc<[Contender]>,
}

impl Ballot {
    /// What a campaign would get more with a gift than without it, if the round closed now: with
    /// the whole pot, and with half of it. None when the campaign is not in the round.
    ///
    /// # Errors
    /// When a number leaves its range.
    pub fn estimate(
        &self,
        campaign: &CampaignId,
        vote: &Vote,
    ) -> Result<Option<Estimate>, Overflow> {
        let is_it = |one: &Contender| one.campaign.id == *campaign;
        if !self.contenders.iter().any(is_it) {
            return Ok(None);
        }
        let whole = sum(self.tranches.iter().map(|(_, left)| left.floored()))?;
        let half = Cents::new(whole.get() / 2);
        let gain = |available: Cents| {
            let with = self.would_get(campaign, available, Some(vote))?;
            Ok(minus(with, self.would_get(campaign, available, None)?)?.floored())
        };
        let (whole, half) = (gain(whole)?, gain(half)?);
        Ok(Some(Estimate { low: half.min(whole), high: half.max(whole) }))
    }

    fn would_get(
        &self,
        campaign: &CampaignId,
        available: Cents,
        more: Option<&Vote>,
    ) -> Result<Cents, Overflow> {
        let mut contenders: Vec<&Contender> = self.contenders.iter().collect();
        contenders.sort_by_key(|one| &one.campaign.id);
        let votes: Vec<Vec<Vote>> = contenders
            .iter()
            .map(|one| votes(one, more.filter(|_| one.campaign.id == *campaign)))
            .collect::<Result<_, Overflow>>()?;
        let mut voices = self.voices(&votes);
        let mut heard: Vec<&mut [Voice]> = voices.iter_mut().map(|of| &mut **of).collect();
        let settings = self.rule.quadratic.clone().unwrap_or_default();
        weigh(&mut heard, settings.pair_bound)?;
        let most = settings.pot_share_max_bps.map(|bps| share(available, bps)).transpose()?;
        let mut items = Vec::new();
        for (place, ((one, votes), voices)) in
            contenders.iter().zip(&votes).zip(&voices).enumerate()
        {
            items.push(Item {
                id: CampaignNo::new(place),
                weight: whole(voices)?,
                lo: Cents::ZERO,
                hi: Some(self.ceiling(one, votes, most)?),
            });
        }
        let (_, shares) = quadratic::split(&settings, available, &items)?;
        let place = contenders.iter().position(|one| one.campaign.id == *campaign);
        Ok(place.and_then(|place| shares.get(place).copied()).unwrap_or_default())
    }

    /// Each group has one number in the whole round, and is heard in its order.
    fn voices(&self, votes: &[Vec<Vote>]) -> Vec<Vec<Voice>> {
        let names: BTreeSet<&str> = votes.iter().flatten().map(|vote| &*vote.group).collect();
        let numbers: BTreeMap<&str, GroupNo> =
            names.into_iter().enumerate().map(|(at, name)| (name, GroupNo::new(at))).collect();
        let cap = self.rule.caps.per_donor_campaign_base_cap;
        let voice = |vote: &Vote| {
            let counted = cap.map_or(vote.amount, |cap| vote.amount.min(cap));
            Some(Voice { group: *numbers.get(&*vote.group)?, counted, weight: 0 })
        };
        let heard = |of: &Vec<Vote>| {
            let mut voices: Vec<Voice> = of.iter().filter_map(voice).collect();
            voices.sort_by_key(|voice| voice.group);
            voices
        };
        votes.iter().map(heard).collect()
    }

    fn ceiling(
        &self,
        one: &Contender,
        votes: &[Vote],
        most: Option<Cents>,
    ) -> Result<Cents, Overflow> {
        let leverage = sum(votes.iter().map(|vote| vote.leverage))?;
        let limits = campaign_limits(&self.rule, one.campaign.goal, one.used)?;
        let held = Held { eu: one.eu_drawn, public: one.public_drawn, undertaking: Cents::ZERO };
        let settings = Settings { de_minimis_limit: None, ..self.settings.clone() };
        let aid = AidWindow { declared: &[], at: self.rule.effective_from };
        let rooms = Rooms::left(&settings, &one.campaign, &one.holder, &held, &aid)?;
        let origins: Vec<_> = self.tranches.iter().map(|(tranche, _)| tranche.origin).collect();
        let limits = limits.into_iter().flatten().chain(quadratic::rooms_of(&rooms, &origins));
        let narrowest = limits.map(|limit| limit.left).chain(most);
        Ok(narrowest.fold(leverage, Cents::min))
    }
}

/// The votes of a campaign, and one gift more: a group has one vote.
fn votes(one: &Contender, more: Option<&Vote>) -> Result<Vec<Vote>, Overflow> {
    let mut votes = one.votes.clone();
    let Some(more) = more else { return Ok(votes) };
    match votes.iter_mut().find(|vote| vote.group == more.group) {
        Some(known) => {
            known.amount = plus(known.amount, more.amount)?;
            known.leverage = plus(known.leverage, more.leverage)?;
        }
        None => votes.push(more.clone()),
    }
    Ok(votes)
}
