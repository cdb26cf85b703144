//! Re-sourcing: the sources of committed lines are chosen again, no match changes.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Cents, UtcSeconds, ids::CampaignId, ids::PotId, pot::Origin};
use serde_json::json;

use super::{
    Stop,
    pro_rata::take_first,
    state::{Gift, State, Status},
};
use crate::{
    draw::{Rooms, in_sourcing_order},
    exact::{Overflow, minus, plus, sum},
    flow::{Demand, Supply, serve},
    line::{LineState, Source},
    rematch::merge,
    tranche::Tranche,
};

/// What may move: by campaign, the lines in gift order with their cents.
struct Scope {
    lines: BTreeMap<CampaignId, Vec<(String, usize, Cents)>>,
    /// Cents of the scope by campaign and tranche.
    held: BTreeMap<(CampaignId, String), Cents>,
    open: BTreeSet<String>,
}

impl Scope {
    fn of_tranche(&self, tranche: &str) -> Result<Cents, Overflow> {
        let of = self.held.iter().filter(|((_, name), _)| name == tranche);
        sum(of.map(|(_, amount)| *amount))
    }
}

/// A tranche as the flow sees it; the uncovered part of a shortfall is one of its own.
struct Stock<'a> {
    tranche: &'a Tranche,
    amount: Cents,
}

impl State {
    pub(super) fn resource(&mut self, pot: &PotId, at: UtcSeconds) -> Result<(), Stop> {
        let tranches = self.tranches(pot)?;
        let ordered: Vec<&(Tranche, Cents)> = in_sourcing_order(&tranches)
            .into_iter()
            .filter(|(tranche, _)| tranche.is_open(at))
            .collect();
        let scope = self.scope(pot, &ordered)?;
        let stocks = stocks(&scope, &ordered)?;
        let campaigns: Vec<&CampaignId> = scope.lines.keys().collect();
        let mut demands = Vec::new();
        for campaign in &campaigns {
            demands.push(self.demand(pot, campaign, &scope)?);
        }
        let fits = |tranche: &Tranche| {
            let fits = |id: &&CampaignId| tranche.earmark.fits(&self.project(id).campaign);
            campaigns.iter().map(fits).collect()
        };
        let supplies: Vec<Supply> = stocks
            .iter()
            .map(|stock| Supply {
                amount: stock.amount,
                origin: stock.tranche.origin,
                fits: fits(stock.tranche),
            })
            .collect();
        let cells = serve(&supplies, &demands)?;
        let mut new_use: BTreeMap<&str, Cents> = BTreeMap::new();
        for (campaign, row) in campaigns.iter().zip(cells) {
            let mut sources = Vec::new();
            for (stock, amount) in stocks.iter().zip(row) {
                if amount.is_positive() {
                    let used = new_use.entry(&stock.tranche.id).or_default();
                    *used = plus(*used, amount)?;
                    sources.push(Self::source(&stock.tranche.id, amount));
                }
            }
            self.hand_out(&scope, campaign, sources)?;
        }
        let mut moved = Cents::ZERO;
        for (tranche, used) in new_use {
            moved = plus(moved, minus(used, scope.of_tranche(tranche)?)?.floored())?;
        }
        self.rounds.push(json!({"type": "resource", "pot": pot, "moved": moved}));
        Ok(())
    }

    fn scope(&self, pot: &PotId, open: &[&(Tranche, Cents)]) -> Result<Scope, Stop> {
        let open: BTreeSet<String> = open.iter().map(|(tranche, _)| tranche.id.clone()).collect();
        let mut scope = Scope { lines: BTreeMap::new(), held: BTreeMap::new(), open };
        let contributors: BTreeSet<&String> = self
            .pot(pot)
            .tranches
            .iter()
            .filter_map(|tranche| tranche.contributor_group.as_ref())
            .collect();
        let moves = |gift: &Gift| {
            let group = self.donor(&gift.donor).group();
            gift.status == Status::Committed && !contributors.iter().any(|of| *of == group)
        };
        for id in self.in_order(moves) {
            let gift = self.gift(&id)?;
            for (place, line) in gift.lines.iter().enumerate() {
                if line.pot != *pot || line.state != LineState::Firm {
                    continue;
                }
                let mut part = Cents::ZERO;
                for source in &line.sources {
                    if scope.open.contains(&source.tranche) {
                        part = plus(part, source.amount)?;
                        let key = (gift.campaign.clone(), source.tranche.clone());
                        let held = scope.held.entry(key).or_default();
                        *held = plus(*held, source.amount)?;
                    }
                }
                if part.is_positive() {
                    let lines = scope.lines.entry(gift.campaign.clone()).or_default();
                    lines.push((id.clone(), place, part));
                }
            }
        }
        Ok(scope)
    }

    /// Rooms less what is drawn outside the scope, and never below what the scope holds now.
    fn demand(
        &self,
        pot: &PotId,
        campaign: &CampaignId,
        scope: &Scope,
    ) -> Result<Demand, Overflow> {
        let (mut amount, mut eu, mut public) = (Cents::ZERO, Cents::ZERO, Cents::ZERO);
        for ((of, tranche), held) in &scope.held {
            if of != campaign {
                continue;
            }
            amount = plus(amount, *held)?;
            let origin = self.origin(pot, tranche);
            if origin == Some(Origin::Eu) {
                eu = plus(eu, *held)?;
            }
            if origin.is_some_and(Origin::is_public) {
                public = plus(public, *held)?;
            }
        }
        let holder = self.holder_of(campaign);
        let project = &self.project(campaign).campaign;
        let rooms = Rooms::by_cost(&self.settings, project, Some(holder))?;
        let eu_outside = minus(self.counters.eu(campaign), eu)?;
        let public_outside = minus(self.counters.public(campaign), public)?;
        let left = |room: Option<Cents>, outside, held: Cents| {
            room.map(|room| Ok(minus(room, outside)?.max(held))).transpose()
        };
        let eu_room = left(rooms.eu, eu_outside, eu)?;
        let ceiling = [rooms.public, rooms.own_share].into_iter().flatten().min();
        let mut public_room = left(ceiling, public_outside, public)?;
        if self.settings.de_minimis_limit.is_some() && holder.economic_activity {
            public_room = Some(public_room.map_or(public, |room| room.min(public)));
        }
        Ok(Demand { amount, eu_room, public_room })
    }

    /// The new sources fill the lines in gift order; a line keeps first what did not move.
    fn hand_out(
        &mut self,
        scope: &Scope,
        campaign: &CampaignId,
        sources: Vec<Source>,
    ) -> Result<(), Stop> {
        let mut sources = sources;
        for (id, place, amount) in scope.lines.get(campaign).into_iter().flatten() {
            let taken = take_first(&mut sources, *amount)?;
            self.change(id, |gift| {
                let Some(line) = gift.lines.get_mut(*place) else { return Ok(()) };
                line.sources.retain(|source| !scope.open.contains(&source.tranche));
                taken.into_iter().try_for_each(|source| merge(&mut line.sources, source))
            })?;
        }
        Ok(())
    }
}

/// Open tranches in sourcing order, each with what the scope holds from it and what is left; the
/// uncovered part of a shortfall comes after all others, to be used as little as can be.
fn stocks<'a>(scope: &Scope, ordered: &[&'a (Tranche, Cents)]) -> Result<Vec<Stock<'a>>, Overflow> {
    let mut covered = Vec::new();
    let mut uncovered = Vec::new();
    for (tranche, left) in ordered.iter().copied() {
        let held = scope.of_tranche(&tranche.id)?;
        covered.push(Stock { tranche, amount: plus(held, *left)?.floored() });
        let missing = minus(Cents::ZERO, *left)?.min(held);
        if missing.is_positive() {
            uncovered.push(Stock { tranche, amount: missing });
        }
    }
    covered.extend(uncovered);
    Ok(covered)
}
