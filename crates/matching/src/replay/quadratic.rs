//! A quadratic round: many small gifts weigh more than one large gift.

use domain::{BasisPoints, Cents, UtcSeconds, pot::Origin};
use serde_json::{Value, json};

use super::{
    Stop,
    names::{CampaignNo, DonorNo, GroupNo, PotNo, Table},
    pairs::{MICRO, Voice, weigh, whole},
    rounds::{Round, Unit},
    state::{Award, Part, State},
};
use crate::{
    apportion::{Item, spread},
    decide::campaign_limits,
    draw::{Drawer, Rooms, draw},
    exact::{Overflow, add, cents, divide, plus, share, sum, times, wide},
    explain::Limit,
    line::Binding,
    rules::Quadratic,
};

/// A campaign in the round: its groups, in order.
struct Choir {
    campaign: CampaignNo,
    units: Vec<Unit>,
    voices: Vec<Voice>,
    weight: i128,
}

/// What each campaign of a round gets.
struct Shares {
    limits: Vec<Vec<Limit>>,
    saturated: bool,
    shares: Vec<Cents>,
}

impl State<'_> {
    pub(super) fn quadratic(&mut self, round: Round) -> Result<(), Stop> {
        let Round { pot, rule, at } = round;
        let one_earmark = self.pots[pot].tranches.rows().windows(2).all(|pair| match pair {
            [a, b] => a.earmark.is_same(&b.earmark),
            _ => true,
        });
        if !one_earmark || self.pots[pot].envelopes.is_some() {
            return Err(Stop::Case("quadratic_pot_not_homogeneous"));
        }
        let available = self.available(pot, at)?;
        let choirs = self.choirs(round)?;
        let Shares { limits, saturated, shares } = self.shares(round, &choirs, available)?;
        let mut rows = Vec::new();
        let mut granted = Cents::ZERO;
        for ((choir, match_cents), limits) in choirs.iter().zip(shares).zip(&limits) {
            let (drawn, row) = self.sing(round, choir, match_cents, limits)?;
            granted = plus(granted, drawn)?;
            rows.push(row);
        }
        self.rounds.push(json!({
            "type": "quadratic",
            "pot": self.pots[pot].id,
            "rule_set": self.rules[rule].set.reference(),
            "available": available,
            "saturated": saturated,
            "campaigns": rows,
            "granted": granted,
        }));
        Ok(())
    }

    /// Cents of the open tranches of a pot.
    pub(super) fn available(&self, pot: PotNo, at: UtcSeconds) -> Result<Cents, Overflow> {
        let open = self.stocks(pot)?.into_iter().filter(|stock| stock.tranche.is_open(at));
        sum(open.map(|stock| stock.left.floored()))
    }

    /// What a campaign would get from so much money if the round closed now.
    pub(super) fn would_get(
        &self,
        round: Round,
        campaign: CampaignNo,
        available: Cents,
    ) -> Result<Cents, Stop> {
        let choirs = self.choirs(round)?;
        let shares = self.shares(round, &choirs, available)?.shares;
        let place = choirs.iter().position(|choir| choir.campaign == campaign);
        Ok(place.and_then(|place| shares.get(place).copied()).unwrap_or_default())
    }

    fn shares(&self, round: Round, choirs: &[Choir], available: Cents) -> Result<Shares, Stop> {
        let settings = self.rules[round.rule].set.quadratic.clone().unwrap_or_default();
        let most = settings.pot_share_max_bps.map(|bps| share(available, bps)).transpose()?;
        let limits = self.ceilings(round, choirs, most)?;
        let item = |(choir, limits): (&Choir, &Vec<Limit>)| Item {
            id: choir.campaign,
            weight: choir.weight,
            lo: Cents::ZERO,
            hi: limits.iter().map(|limit| limit.left).min(),
        };
        let items: Vec<Item<CampaignNo>> = choirs.iter().zip(&limits).map(item).collect();
        let (saturated, shares) = split(&settings, available, &items)?;
        Ok(Shares { limits, saturated, shares })
    }

    /// The campaigns that fit the pot, by name, each with its groups, by name, and all weights.
    fn choirs(&self, round: Round) -> Result<Vec<Choir>, Stop> {
        let mut choirs: Vec<Choir> = Vec::new();
        let trust = self.trust();
        let earmark = self.pots[round.pot].tranches.rows().first().map(|of| &of.earmark);
        let cap = self.rules[round.rule].set.caps.per_donor_campaign_base_cap;
        for unit in self.units(round.rule)? {
            let campaign = unit.campaign;
            let project = &self.projects[campaign].campaign;
            if earmark.is_some_and(|earmark| !earmark.fits(project)) {
                continue;
            }
            let amount = cap.map_or(unit.amount, |cap| unit.amount.min(cap));
            let counted = share(amount, trust[unit.group])?;
            if choirs.last().is_none_or(|choir| choir.campaign != campaign) {
                choirs.push(Choir { campaign, units: Vec::new(), voices: Vec::new(), weight: 0 });
            }
            if let Some(choir) = choirs.last_mut() {
                choir.voices.push(Voice { group: unit.group, counted, weight: 0 });
                choir.units.push(unit);
            }
        }
        let mut voices: Vec<&mut [Voice]> =
            choirs.iter_mut().map(|choir| &mut *choir.voices).collect();
        let settings = self.rules[round.rule].set.quadratic.as_ref();
        weigh(&mut voices, settings.and_then(|settings| settings.pair_bound))?;
        for choir in &mut choirs {
            choir.weight = whole(&choir.voices)?;
        }
        Ok(choirs)
    }

    /// The lowest trust in each group.
    fn trust(&self) -> Table<GroupNo, BasisPoints> {
        let most = BasisPoints::new(i64::MAX);
        let mut lowest: Table<GroupNo, BasisPoints> = self.groups.numbers().map(|_| most).collect();
        for giver in Table::<DonorNo, _>::rows(&self.givers) {
            let trust = &mut lowest[giver.group];
            *trust = giver.donor.trust_bps.min(*trust);
        }
        lowest
    }

    /// The limits of each campaign, in the order in which they are named. `most` is the largest
    /// part of the pot for one campaign.
    fn ceilings(
        &self,
        round: Round,
        choirs: &[Choir],
        most: Option<Cents>,
    ) -> Result<Vec<Vec<Limit>>, Stop> {
        let open = self.stocks(round.pot)?.into_iter().filter(|of| of.tranche.is_open(round.at));
        let open: Vec<Origin> = open.map(|stock| stock.tranche.origin).collect();
        let demands: Vec<(CampaignNo, i128)> =
            choirs.iter().map(|choir| (choir.campaign, choir.weight)).collect();
        let rooms = self.split_rooms(&demands, round.at)?;
        let rule = &self.rules[round.rule];
        let mut found = Vec::new();
        for choir in choirs {
            let leverage = sum(choir.units.iter().map(|unit| unit.leverage))?;
            let used = self.counters.campaign_match(rule.id, choir.campaign);
            let goal = self.projects[choir.campaign].campaign.goal;
            let mut limits = vec![Limit { name: Binding::Leverage, left: leverage }];
            limits.extend(campaign_limits(rule.set, goal, used)?.into_iter().flatten());
            limits.extend(most.map(|left| Limit { name: Binding::PotShare, left }));
            let rooms = rooms.get(&choir.campaign).copied().unwrap_or_default();
            limits.extend(rooms_of(&rooms, &open));
            found.push(limits);
        }
        Ok(found)
    }

    /// One campaign draws its match; each group is shown its part.
    fn sing(
        &mut self,
        Round { pot, rule: rule_set, at }: Round,
        choir: &Choir,
        wanted: Cents,
        limits: &[Limit],
    ) -> Result<(Cents, Value), Stop> {
        let project = &self.projects[choir.campaign].campaign;
        let drawer = Drawer { campaign: project, group: None, at };
        let mut rooms = self.rooms(choir.campaign, at)?;
        let drawn = draw(wanted, &self.stocks(pot)?, &drawer, &mut rooms, None)?;
        let narrowest = limits.iter().min_by_key(|limit| limit.left);
        let bound = narrowest.filter(|limit| limit.left == wanted);
        let item = |voice: &Voice| Item::by_weight(voice.group, voice.weight);
        let items: Vec<Item<GroupNo>> = choir.voices.iter().map(item).collect();
        let attributed = spread(drawn.granted, &items)?.shares;
        let mut donors = Vec::new();
        let mut parts = Vec::new();
        for ((unit, voice), attributed) in choir.units.iter().zip(&choir.voices).zip(attributed) {
            donors.push(json!({
                "group": self.groups.name(voice.group),
                "counted": voice.counted,
                "attributed": attributed,
            }));
            let gifts = unit.gifts.iter().map(|(gift, _)| *gift).collect();
            parts.push(Part { group: voice.group, attributed, gifts });
        }
        let row = json!({
            "campaign": self.campaigns.name(choir.campaign),
            "weight_micro": u64::try_from(choir.weight).map_err(|_| Overflow)?,
            "granted": drawn.granted,
            "donors": donors,
        });
        let granted = drawn.granted;
        let binding = bound.map_or(Binding::None, |limit| limit.name);
        let award = Award { pot, rule_set, granted, binding, sources: drawn.sources, parts };
        self.award(choir.campaign, award)?;
        Ok((granted, row))
    }
}

/// The rooms that open tranches of these origins must meet.
pub(super) fn rooms_of(rooms: &Rooms, open: &[Origin]) -> Vec<Limit> {
    if open.contains(&Origin::Eu) {
        rooms.of(Origin::Eu).collect()
    } else if open.iter().any(|origin| origin.is_public()) {
        rooms.of(Origin::State).collect()
    } else {
        Vec::new()
    }
}

/// Shares what is available by weight when the weights fill it, or the rule says so; else each
/// campaign gets its weight, and the rest stays. True when they fill it.
pub(super) fn split(
    settings: &Quadratic,
    available: Cents,
    items: &[Item<CampaignNo>],
) -> Result<(bool, Vec<Cents>), Overflow> {
    let total = items.iter().try_fold(0, |sum, item| add(sum, item.weight))?;
    let saturated = total >= times(wide(available), MICRO)?;
    if saturated || settings.scale_up {
        return Ok((saturated, spread(available, items)?.shares));
    }
    let floor = |item: &Item<CampaignNo>| {
        let whole = cents(divide(item.weight, MICRO)?)?;
        Ok(item.hi.map_or(whole, |most| whole.min(most)))
    };
    Ok((saturated, items.iter().map(floor).collect::<Result<_, Overflow>>()?))
}
