//! A round shared in proportion when it closes.

use std::collections::BTreeMap;

use domain::{BasisPoints, Cents, UtcSeconds, ids::CampaignId};
use serde_json::{Value, json};

use super::{Stop, rounds::Unit, state::State};
use crate::{
    apportion::{Item, spread},
    decide::campaign_limits,
    draw::{Rooms, in_sourcing_order},
    exact::{Overflow, base_used, minus, plus, room, share, sum},
    line::{Binding, Line, LineState, Source},
    rules::RuleSet,
    tranche::Tranche,
};

/// A unit on its way to its share.
struct Claim {
    unit: Unit,
    rate_bps: BasisPoints,
    base: Cents,
    /// What it asks before any squeeze.
    first_want: Cents,
    want: Cents,
    got: Cents,
    sources: Vec<Source>,
}

impl Claim {
    fn open(&self) -> Result<Cents, Overflow> {
        minus(self.want, self.got)
    }
}

/// Lowers a group of claims to a limit, in proportion.
fn squeeze(claims: &mut [&mut Claim], limit: Cents) -> Result<(), Overflow> {
    if sum(claims.iter().map(|claim| claim.want))? <= limit {
        return Ok(());
    }
    let items: Vec<Item> =
        claims.iter().map(|claim| Item::demand(claim.unit.id(), claim.want)).collect();
    let shares = spread(limit, &items)?;
    for (claim, want) in claims.iter_mut().zip(shares.shares) {
        claim.want = want;
    }
    Ok(())
}

impl State {
    pub(super) fn pro_rata(&mut self, rule: &RuleSet, at: UtcSeconds) -> Result<(), Stop> {
        let mut claims = self.claims(rule)?;
        self.squeeze_all(rule, &mut claims)?;
        let mut rooms = self.round_rooms(&claims, at)?;
        let tranches = self.tranches(&rule.pot)?;
        for (tranche, left) in in_sourcing_order(&tranches) {
            if tranche.is_open(at) && left.is_positive() {
                self.share_tranche((tranche, *left), &mut claims, &mut rooms)?;
            }
        }
        let mut rows: Vec<Value> = Vec::new();
        for claim in &claims {
            self.book(rule, claim)?;
            rows.push(json!({
                "campaign": claim.unit.campaign,
                "donor": claim.unit.group,
                "base": claim.base,
                "want": claim.first_want,
                "granted": claim.got,
            }));
        }
        self.rounds.push(json!({
            "type": "pro_rata",
            "pot": rule.pot,
            "rule_set": rule.reference(),
            "units": rows,
            "granted": sum(claims.iter().map(|claim| claim.got))?,
        }));
        Ok(())
    }

    fn claims(&self, rule: &RuleSet) -> Result<Vec<Claim>, Stop> {
        let mut claims = Vec::new();
        for unit in self.units(rule)? {
            let campaign = &self.project(&unit.campaign).campaign;
            let rate_bps = rule.campaign_rate(campaign, self.holder_of(&unit.campaign))?.rate_bps;
            let mut base = unit.amount;
            if let Some(cap) = rule.caps.per_donor_campaign_base_cap {
                let used = self.counters.donor_base(&rule.id, &unit.group, &unit.campaign);
                base = base.min(room(cap, used)?);
            }
            let want = share(base, rate_bps)?.min(unit.leverage);
            let (first_want, got, sources) = (want, Cents::ZERO, Vec::new());
            claims.push(Claim { unit, rate_bps, base, first_want, want, got, sources });
        }
        Ok(claims)
    }

    /// By donor group, by campaign, then by territory.
    fn squeeze_all(&self, rule: &RuleSet, claims: &mut [Claim]) -> Result<(), Stop> {
        if let Some(cap) = rule.caps.per_donor_match_cap {
            for (group, mut claims) in by_key(claims, |claim| claim.unit.group.clone()) {
                let used = self.counters.donor_match(&rule.id, &group);
                squeeze(&mut claims, room(cap, used)?)?;
            }
        }
        for (campaign, mut claims) in by_key(claims, |claim| claim.unit.campaign.clone()) {
            let used = self.counters.campaign_match(&rule.id, &campaign);
            let goal = self.project(&campaign).campaign.goal;
            let limits = campaign_limits(rule, goal, used)?;
            if let Some(limit) = limits.into_iter().map(|limit| limit.left).min() {
                squeeze(&mut claims, limit)?;
            }
        }
        let territory =
            |claim: &Claim| self.project(&claim.unit.campaign).campaign.territory.clone();
        for (territory, mut claims) in by_key(claims, territory) {
            if let Some(left) = self.envelope_left(&rule.pot, &territory)? {
                squeeze(&mut claims, left.floored())?;
            }
        }
        Ok(())
    }

    /// The rooms of each campaign of the round.
    fn round_rooms(
        &self,
        claims: &[Claim],
        at: UtcSeconds,
    ) -> Result<BTreeMap<CampaignId, Rooms>, Stop> {
        let mut demands: BTreeMap<CampaignId, i128> = BTreeMap::new();
        for claim in claims {
            let demand = demands.entry(claim.unit.campaign.clone()).or_default();
            *demand = crate::exact::add(*demand, crate::exact::wide(claim.want))?;
        }
        Ok(self.split_rooms(&demands, at)?)
    }

    /// The rooms of some campaigns; what one undertaking may receive is split between its own by
    /// their demand.
    pub(super) fn split_rooms(
        &self,
        demands: &BTreeMap<CampaignId, i128>,
        at: UtcSeconds,
    ) -> Result<BTreeMap<CampaignId, Rooms>, Overflow> {
        let mut rooms = BTreeMap::new();
        let mut undertakings: BTreeMap<&str, (Cents, Vec<Item>)> = BTreeMap::new();
        for (campaign, demand) in demands {
            let of = self.rooms(campaign, at)?;
            if let Some(left) = of.de_minimis {
                let item = Item::by_weight(campaign.to_string(), *demand);
                let undertaking = self.holder_of(campaign).undertaking();
                let split = undertakings.entry(undertaking).or_insert((left, Vec::new()));
                split.1.push(item);
            }
            rooms.insert(campaign.clone(), of);
        }
        for (left, items) in undertakings.into_values() {
            let shares = spread(left.floored(), &items)?;
            for (item, share) in items.into_iter().zip(shares.shares) {
                if let Some(rooms) = rooms.get_mut(&CampaignId::new(item.id)) {
                    rooms.de_minimis = Some(share);
                }
            }
        }
        Ok(rooms)
    }

    /// One tranche is shared between the claims that fit it.
    fn share_tranche(
        &self,
        (tranche, left): (&Tranche, Cents),
        claims: &mut [Claim],
        rooms: &mut BTreeMap<CampaignId, Rooms>,
    ) -> Result<(), Overflow> {
        let mut asked: Vec<(usize, Cents)> = Vec::new();
        for (campaign, places) in places_by_campaign(claims) {
            if !tranche.earmark.fits(&self.project(&campaign).campaign) {
                continue;
            }
            let mut items = Vec::new();
            let mut takers = Vec::new();
            for place in places {
                let Some(claim) = claims.get(place) else { continue };
                if !tranche.is_own_money(&claim.unit.group) {
                    items.push(Item::demand(claim.unit.id(), claim.open()?));
                    takers.push(place);
                }
            }
            let whole = sum(items.iter().filter_map(|item| item.hi))?;
            let narrowest = rooms.get(&campaign).and_then(|r| r.narrowest(tranche.origin));
            let limit = narrowest.map_or(whole, |room| whole.min(room.left));
            asked.extend(takers.into_iter().zip(spread(limit, &items)?.shares));
        }
        let mut items = Vec::new();
        for (place, amount) in &asked {
            let id = claims.get(*place).map(|claim| claim.unit.id()).unwrap_or_default();
            items.push(Item::demand(id, *amount));
        }
        let whole = sum(asked.iter().map(|(_, amount)| *amount))?;
        let shares = spread(left.min(whole), &items)?;
        for ((place, _), amount) in asked.into_iter().zip(shares.shares) {
            let Some(claim) = claims.get_mut(place) else { continue };
            if amount.is_positive() {
                claim.got = plus(claim.got, amount)?;
                claim.sources.push(Self::source(&tranche.id, amount));
                if let Some(rooms) = rooms.get_mut(&claim.unit.campaign) {
                    rooms.draw(tranche.origin, amount)?;
                }
            }
        }
        Ok(())
    }

    /// A claim's share is split over its gifts, sources as drawn to gifts by name.
    fn book(&mut self, rule: &RuleSet, claim: &Claim) -> Result<(), Stop> {
        let by_net =
            |(id, net): &(String, Cents)| Item::by_weight(id.clone(), crate::exact::wide(*net));
        let items: Vec<Item> = claim.unit.gifts.iter().map(by_net).collect();
        let shares = spread(claim.got, &items)?.shares;
        let mut sources = claim.sources.clone();
        for ((id, net), granted) in claim.unit.gifts.iter().zip(shares) {
            let base = (*net).min(claim.base);
            let want = share(base, claim.rate_bps)?;
            let whole = claim.got == claim.first_want;
            let line = Line {
                pot: rule.pot.clone(),
                rule_set: rule.reference(),
                state: LineState::Firm,
                rate_bps: claim.rate_bps,
                base,
                want,
                granted,
                binding: if whole { Binding::None } else { Binding::ProRata },
                base_used: base_used(base, want, granted, claim.rate_bps)?,
                reducer: None,
                sources: take_first(&mut sources, granted)?,
            };
            self.change(id, |gift| {
                gift.lines.push(line);
                gift.owed.push(Vec::new());
                Ok(())
            })?;
        }
        Ok(())
    }
}

fn by_key<K: Ord>(claims: &mut [Claim], key: impl Fn(&Claim) -> K) -> BTreeMap<K, Vec<&mut Claim>> {
    let mut groups: BTreeMap<K, Vec<&mut Claim>> = BTreeMap::new();
    for claim in claims {
        groups.entry(key(claim)).or_default().push(claim);
    }
    groups
}

fn places_by_campaign(claims: &[Claim]) -> BTreeMap<CampaignId, Vec<usize>> {
    let mut places: BTreeMap<CampaignId, Vec<usize>> = BTreeMap::new();
    for (place, claim) in claims.iter().enumerate() {
        places.entry(claim.unit.campaign.clone()).or_default().push(place);
    }
    places
}

/// Takes cents from the front of a list of sources.
pub(super) fn take_first(
    sources: &mut Vec<Source>,
    amount: Cents,
) -> Result<Vec<Source>, Overflow> {
    let mut missing = amount;
    let mut taken = Vec::new();
    for source in sources.iter_mut() {
        let part = source.amount.min(missing);
        if part.is_positive() {
            source.amount = minus(source.amount, part)?;
            missing = minus(missing, part)?;
            taken.push(Source { tranche: source.tranche.clone(), amount: part });
        }
    }
    sources.retain(|source| source.amount.is_positive());
    Ok(taken)
}
