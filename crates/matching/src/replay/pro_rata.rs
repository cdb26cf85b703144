//! A round shared in proportion when it closes.

use std::collections::BTreeMap;

use domain::{BasisPoints, Cents, UtcSeconds};
use serde_json::{Value, json};

use super::{
    Stop,
    names::{CampaignNo, GiftNo, TrancheNo, UndertakingNo},
    rounds::{Round, Unit},
    state::{Line, Source, State},
};
use crate::{
    apportion::{Item, spread},
    decide::campaign_limits,
    draw::{Rooms, Stock},
    exact::{Overflow, base_used, minus, plus, room, share, sum},
    line::{Binding, LineState},
};

/// A unit on its way to its share.
struct Claim {
    unit: Unit,
    /// The name under which it takes its share.
    name: String,
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
    let items: Vec<Item<&str>> =
        claims.iter().map(|claim| Item::demand(&*claim.name, claim.want)).collect();
    let shares = spread(limit, &items)?;
    for (claim, want) in claims.iter_mut().zip(shares.shares) {
        claim.want = want;
    }
    Ok(())
}

impl State<'_> {
    pub(super) fn pro_rata(&mut self, round: Round) -> Result<(), Stop> {
        let mut claims = self.claims(round)?;
        self.squeeze_all(round, &mut claims)?;
        let mut rooms = self.round_rooms(&claims, round.at)?;
        for stock in self.stocks(round.pot)? {
            if stock.tranche.is_open(round.at) && stock.left.is_positive() {
                self.share_tranche(&stock, &mut claims, &mut rooms)?;
            }
        }
        let mut rows: Vec<Value> = Vec::new();
        for claim in &claims {
            self.book(round, claim)?;
            rows.push(json!({
                "campaign": self.campaigns.name(claim.unit.campaign),
                "donor": self.groups.name(claim.unit.group),
                "base": claim.base,
                "want": claim.first_want,
                "granted": claim.got,
            }));
        }
        self.rounds.push(json!({
            "type": "pro_rata",
            "pot": self.pots[round.pot].id,
            "rule_set": self.rules[round.rule].set.reference(),
            "units": rows,
            "granted": sum(claims.iter().map(|claim| claim.got))?,
        }));
        Ok(())
    }

    fn claims(&self, round: Round) -> Result<Vec<Claim>, Stop> {
        let mut claims = Vec::new();
        let rule = &self.rules[round.rule];
        for unit in self.units(round.rule)? {
            let project = &self.projects[unit.campaign];
            let rate_bps = rule.set.campaign_rate(&project.campaign, project.holder)?;
            let mut base = unit.amount;
            if let Some(cap) = rule.set.caps.per_donor_campaign_base_cap {
                let used = self.counters.donor_base(rule.id, unit.group, unit.campaign);
                base = base.min(room(cap, used)?);
            }
            let want = share(base, rate_bps)?.min(unit.leverage);
            let (name, first_want, got) = (self.unit_name(&unit), want, Cents::ZERO);
            let sources = Vec::new();
            claims.push(Claim { unit, name, rate_bps, base, first_want, want, got, sources });
        }
        Ok(claims)
    }

    /// By donor group, by campaign, then by territory.
    fn squeeze_all(&self, round: Round, claims: &mut [Claim]) -> Result<(), Stop> {
        let rule = &self.rules[round.rule];
        if let Some(cap) = rule.set.caps.per_donor_match_cap {
            for (group, mut claims) in by_key(claims, |claim| claim.unit.group) {
                let used = self.counters.donor_match(rule.id, group);
                squeeze(&mut claims, room(cap, used)?)?;
            }
        }
        for (campaign, mut claims) in by_key(claims, |claim| claim.unit.campaign) {
            let used = self.counters.campaign_match(rule.id, campaign);
            let goal = self.projects[campaign].campaign.goal;
            let limits = campaign_limits(rule.set, goal, used)?;
            if let Some(limit) = limits.into_iter().flatten().map(|limit| limit.left).min() {
                squeeze(&mut claims, limit)?;
            }
        }
        let territory = |claim: &Claim| self.projects[claim.unit.campaign].owner.territory;
        for (territory, mut claims) in by_key(claims, territory) {
            if let Some(left) = self.envelope_left(round.pot, territory)? {
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
    ) -> Result<BTreeMap<CampaignNo, Rooms>, Stop> {
        let mut demands: BTreeMap<CampaignNo, i128> = BTreeMap::new();
        for claim in claims {
            let demand = demands.entry(claim.unit.campaign).or_default();
            *demand = crate::exact::add(*demand, crate::exact::wide(claim.want))?;
        }
        let demands: Vec<(CampaignNo, i128)> = demands.into_iter().collect();
        Ok(self.split_rooms(&demands, at)?)
    }

    /// The rooms of some campaigns; what one undertaking may receive is split between its own by
    /// their demand.
    pub(super) fn split_rooms(
        &self,
        demands: &[(CampaignNo, i128)],
        at: UtcSeconds,
    ) -> Result<BTreeMap<CampaignNo, Rooms>, Overflow> {
        let mut rooms = BTreeMap::new();
        let mut undertakings: BTreeMap<UndertakingNo, (Cents, Vec<Item<CampaignNo>>)> =
            BTreeMap::new();
        for (campaign, demand) in demands.iter().copied() {
            let of = self.rooms(campaign, at)?;
            if let Some(left) = of.de_minimis {
                let item = Item::by_weight(campaign, demand);
                let undertaking = self.projects[campaign].owner.undertaking;
                let split = undertakings.entry(undertaking).or_insert((left, Vec::new()));
                split.1.push(item);
            }
            rooms.insert(campaign, of);
        }
        for (left, items) in undertakings.into_values() {
            let shares = spread(left.floored(), &items)?;
            for (item, share) in items.into_iter().zip(shares.shares) {
                if let Some(rooms) = rooms.get_mut(&item.id) {
                    rooms.de_minimis = Some(share);
                }
            }
        }
        Ok(rooms)
    }

    /// One tranche is shared between the claims that fit it.
    fn share_tranche(
        &self,
        stock: &Stock<'_, TrancheNo>,
        claims: &mut [Claim],
        rooms: &mut BTreeMap<CampaignNo, Rooms>,
    ) -> Result<(), Overflow> {
        let tranche = stock.tranche;
        let mut asked: Vec<(usize, Cents)> = Vec::new();
        for (campaign, places) in places_by_campaign(claims) {
            if !tranche.earmark.fits(&self.projects[campaign].campaign) {
                continue;
            }
            let mut items = Vec::new();
            let mut takers = Vec::new();
            for place in places {
                let Some(claim) = claims.get(place) else { continue };
                if !tranche.is_own_money(self.groups.name(claim.unit.group)) {
                    items.push(Item::demand(&*claim.name, claim.open()?));
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
            let id = claims.get(*place).map(|claim| &*claim.name).unwrap_or_default();
            items.push(Item::demand(id, *amount));
        }
        let whole = sum(asked.iter().map(|(_, amount)| *amount))?;
        let shares = spread(stock.left.min(whole), &items)?;
        for ((place, _), amount) in asked.into_iter().zip(shares.shares) {
            let Some(claim) = claims.get_mut(place) else { continue };
            if amount.is_positive() {
                claim.got = plus(claim.got, amount)?;
                claim.sources.push(Source { tranche: stock.name, amount });
                if let Some(rooms) = rooms.get_mut(&claim.unit.campaign) {
                    rooms.draw(tranche.origin, amount)?;
                }
            }
        }
        Ok(())
    }

    /// A claim's share is split over its gifts, sources as drawn to gifts by name.
    fn book(&mut self, round: Round, claim: &Claim) -> Result<(), Stop> {
        let by_net = |(gift, net): &(GiftNo, Cents)| {
            Item::by_weight(self.gifts[*gift].name, crate::exact::wide(*net))
        };
        let items: Vec<Item<&str>> = claim.unit.gifts.iter().map(by_net).collect();
        let shares = spread(claim.got, &items)?.shares;
        let mut sources = claim.sources.clone();
        for ((gift, net), granted) in claim.unit.gifts.iter().zip(shares) {
            let base = (*net).min(claim.base);
            let want = share(base, claim.rate_bps)?;
            let whole = claim.got == claim.first_want;
            let line = Line {
                pot: round.pot,
                rule_set: round.rule,
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
            self.change(*gift, |gift| {
                gift.lines.push(line);
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

fn places_by_campaign(claims: &[Claim]) -> BTreeMap<CampaignNo, Vec<usize>> {
    let mut places: BTreeMap<CampaignNo, Vec<usize>> = BTreeMap::new();
    for (place, claim) in claims.iter().enumerate() {
        places.entry(claim.unit.campaign).or_default().push(place);
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
            taken.push(Source { tranche: source.tranche, amount: part });
        }
    }
    sources.retain(|source| source.amount.is_positive());
    Ok(taken)
}
