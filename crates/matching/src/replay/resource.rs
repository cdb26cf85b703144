//! Re-sourcing: the sources of committed lines are chosen again, no match changes.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Cents, UtcSeconds, pot::Origin};
use serde_json::json;

use super::{
    Stop,
    names::{CampaignNo, GiftNo, Number, PotNo, TrancheNo},
    pro_rata::take_first,
    state::{Gift, Project, Source, State, Status},
};
use crate::{
    draw::{self, Rooms},
    exact::{Overflow, minus, plus, sum},
    flow::{Demand, Supply, serve},
    line::LineState,
    rematch::merge,
    tranche::Tranche,
};

/// What may move: by campaign, the lines in gift order with their cents.
struct Scope {
    lines: BTreeMap<CampaignNo, Vec<(GiftNo, usize, Cents)>>,
    /// Cents of the scope by campaign and tranche.
    held: BTreeMap<(CampaignNo, TrancheNo), Cents>,
    open: BTreeSet<TrancheNo>,
}

impl Scope {
    fn of_tranche(&self, tranche: TrancheNo) -> Result<Cents, Overflow> {
        let of = self.held.iter().filter(|((_, of), _)| *of == tranche);
        sum(of.map(|(_, amount)| *amount))
    }
}

/// A tranche as the flow sees it; the uncovered part of a shortfall is one of its own.
struct Stock<'a> {
    name: TrancheNo,
    tranche: &'a Tranche,
    amount: Cents,
}

impl State<'_> {
    pub(super) fn resource(&mut self, pot: PotNo, at: UtcSeconds) -> Result<(), Stop> {
        let mut open = self.stocks(pot)?;
        open.retain(|stock| stock.tranche.is_open(at));
        let scope = self.scope(pot, open.iter().map(|stock| stock.name).collect())?;
        let stocks = stocks(&scope, &open)?;
        let campaigns: Vec<CampaignNo> = scope.lines.keys().copied().collect();
        let mut demands = Vec::new();
        for campaign in campaigns.iter().copied() {
            demands.push(self.demand(pot, campaign, &scope)?);
        }
        let fits = |tranche: &Tranche| {
            let fits = |id: &CampaignNo| tranche.earmark.fits(&self.projects[*id].campaign);
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
        let names: Vec<TrancheNo> = stocks.iter().map(|stock| stock.name).collect();
        let mut new_use: BTreeMap<TrancheNo, Cents> = BTreeMap::new();
        for (campaign, row) in campaigns.into_iter().zip(cells) {
            let mut sources = Vec::new();
            for (tranche, amount) in names.iter().copied().zip(row) {
                if amount.is_positive() {
                    let used = new_use.entry(tranche).or_default();
                    *used = plus(*used, amount)?;
                    sources.push(Source { tranche, amount });
                }
            }
            self.hand_out(&scope, campaign, sources)?;
        }
        let mut moved = Cents::ZERO;
        for (tranche, used) in new_use {
            moved = plus(moved, minus(used, scope.of_tranche(tranche)?)?.floored())?;
        }
        self.rounds.push(json!({"type": "resource", "pot": self.pots[pot].id, "moved": moved}));
        Ok(())
    }

    fn scope(&self, pot: PotNo, open: BTreeSet<TrancheNo>) -> Result<Scope, Stop> {
        let mut scope = Scope { lines: BTreeMap::new(), held: BTreeMap::new(), open };
        let contributors: BTreeSet<&str> = self.pots[pot]
            .tranches
            .rows()
            .iter()
            .filter_map(|tranche| tranche.contributor_group.as_deref())
            .collect();
        let moves = |gift: &Gift<'_>| {
            let group = self.groups.name(self.group_of(gift));
            gift.status == Status::Committed && !contributors.contains(group)
        };
        for number in self.in_order(moves) {
            let gift = &self.gifts[number];
            for (place, line) in gift.lines.iter().enumerate() {
                if line.pot != pot || line.state != LineState::Firm {
                    continue;
                }
                let mut part = Cents::ZERO;
                for source in &line.sources {
                    if scope.open.contains(&source.tranche) {
                        part = plus(part, source.amount)?;
                        let key = (gift.campaign, source.tranche);
                        let held = scope.held.entry(key).or_default();
                        *held = plus(*held, source.amount)?;
                    }
                }
                if part.is_positive() {
                    let lines = scope.lines.entry(gift.campaign).or_default();
                    lines.push((number, place, part));
                }
            }
        }
        Ok(scope)
    }

    /// Rooms less what is drawn outside the scope, and never below what the scope holds now.
    fn demand(&self, pot: PotNo, campaign: CampaignNo, scope: &Scope) -> Result<Demand, Overflow> {
        let (mut amount, mut eu, mut public) = (Cents::ZERO, Cents::ZERO, Cents::ZERO);
        let first = (campaign, TrancheNo::new(0));
        for ((of, tranche), held) in scope.held.range(first..) {
            if *of != campaign {
                break;
            }
            amount = plus(amount, *held)?;
            let origin = self.origin(pot, *tranche);
            if origin == Origin::Eu {
                eu = plus(eu, *held)?;
            }
            if origin.is_public() {
                public = plus(public, *held)?;
            }
        }
        let Project { campaign: project, holder, .. } = &self.projects[campaign];
        let rooms = Rooms::by_cost(self.settings, project, Some(holder))?;
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
        campaign: CampaignNo,
        sources: Vec<Source>,
    ) -> Result<(), Stop> {
        let mut sources = sources;
        for (gift, place, amount) in scope.lines.get(&campaign).into_iter().flatten() {
            let taken = take_first(&mut sources, *amount)?;
            self.change(*gift, |gift| {
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
fn stocks<'a>(
    scope: &Scope,
    open: &[draw::Stock<'a, TrancheNo>],
) -> Result<Vec<Stock<'a>>, Overflow> {
    let mut covered = Vec::new();
    let mut uncovered = Vec::new();
    for draw::Stock { name, tranche, left } in open.iter().cloned() {
        let held = scope.of_tranche(name)?;
        covered.push(Stock { name, tranche, amount: plus(held, left)?.floored() });
        let missing = minus(Cents::ZERO, left)?.min(held);
        if missing.is_positive() {
            uncovered.push(Stock { name, tranche, amount: missing });
        }
    }
    covered.extend(uncovered);
    Ok(covered)
}
