//! A quadratic round: many small gifts weigh more than one large gift.

use std::collections::{BTreeMap, HashMap};

use domain::{BasisPoints, Cents, UtcSeconds, ids::CampaignId, pot::Origin};
use serde_json::{Value, json};

use super::{
    Stop,
    rounds::Unit,
    state::{Award, Part, State},
};
use crate::{
    apportion::{Item, spread},
    decide::campaign_limits,
    draw::{Drawer, Rooms, draw},
    exact::{Overflow, add, cents, divide, less, plus, share, sum, times, wide},
    explain::Limit,
    line::Binding,
    rules::{Quadratic, RuleSet},
    tranche::Tranche,
};

/// Weights are counted in millionths of a cent.
const MICRO: i128 = 1_000_000;

/// One donor group in one campaign.
struct Voice {
    unit: Unit,
    counted: Cents,
    /// The sum of the pair terms the group is in.
    weight: i128,
}

/// A campaign in the round.
struct Choir {
    campaign: CampaignId,
    voices: Vec<Voice>,
    weight: i128,
}

impl State {
    pub(super) fn quadratic(&mut self, rule: &RuleSet, at: UtcSeconds) -> Result<(), Stop> {
        let pot = self.pot(&rule.pot);
        let one_earmark = pot.tranches.windows(2).all(|pair| match pair {
            [a, b] => a.earmark.is_same(&b.earmark),
            _ => true,
        });
        if !one_earmark || pot.envelopes.is_some() {
            return Err(Stop::Case("quadratic_pot_not_homogeneous"));
        }
        let mut open = self.tranches(&rule.pot)?;
        open.retain(|(tranche, _)| tranche.is_open(at));
        let available = sum(open.iter().map(|(_, left)| left.floored()))?;
        let mut choirs = self.choirs(rule)?;
        let round = rule.quadratic.clone().unwrap_or_default();
        weigh(&mut choirs, &round)?;
        let limits = self.ceilings(rule, &choirs, &open, at)?;
        let total = choirs.iter().try_fold(0, |sum, choir| add(sum, choir.weight))?;
        let saturated = total >= times(wide(available), MICRO)?;
        let shares = if saturated || round.scale_up {
            shared(available, &choirs, &limits)?
        } else {
            floors(&choirs, &limits)?
        };
        let mut rows = Vec::new();
        let mut granted = Cents::ZERO;
        for ((choir, match_cents), limits) in choirs.iter().zip(shares).zip(&limits) {
            let (drawn, row) = self.sing(rule, choir, (match_cents, at), limits)?;
            granted = plus(granted, drawn)?;
            rows.push(row);
        }
        self.rounds.push(json!({
            "type": "quadratic",
            "pot": rule.pot,
            "rule_set": rule.reference(),
            "available": available,
            "saturated": saturated,
            "campaigns": rows,
            "granted": granted,
        }));
        Ok(())
    }

    /// The campaigns that fit the pot, by name, each with its groups, by name.
    fn choirs(&self, rule: &RuleSet) -> Result<Vec<Choir>, Stop> {
        let mut choirs: BTreeMap<CampaignId, Vec<Voice>> = BTreeMap::new();
        let trust = self.trust();
        for unit in self.units(rule)? {
            let campaign = &self.project(&unit.campaign).campaign;
            let earmark = self.pot(&rule.pot).tranches.first().map(|tranche| &tranche.earmark);
            if earmark.is_some_and(|earmark| !earmark.fits(campaign)) {
                continue;
            }
            let mut amount = unit.amount;
            if let Some(cap) = rule.caps.per_donor_campaign_base_cap {
                amount = amount.min(cap);
            }
            let counted =
                share(amount, trust.get(&*unit.group).copied().unwrap_or(BasisPoints::WHOLE))?;
            let voices = choirs.entry(unit.campaign.clone()).or_default();
            voices.push(Voice { unit, counted, weight: 0 });
        }
        let choir = |(campaign, voices)| Choir { campaign, voices, weight: 0 };
        Ok(choirs.into_iter().map(choir).collect())
    }

    /// The lowest trust in each group.
    fn trust(&self) -> BTreeMap<&str, BasisPoints> {
        let mut lowest = BTreeMap::new();
        for donor in self.donors.values() {
            let trust = lowest.entry(donor.group()).or_insert(donor.trust_bps);
            *trust = donor.trust_bps.min(*trust);
        }
        lowest
    }

    /// The limits of each campaign, in the order in which they are named.
    fn ceilings(
        &self,
        rule: &RuleSet,
        choirs: &[Choir],
        open: &[(Tranche, Cents)],
        at: UtcSeconds,
    ) -> Result<Vec<Vec<Limit>>, Stop> {
        let available = sum(open.iter().map(|(_, left)| left.floored()))?;
        let round = rule.quadratic.clone().unwrap_or_default();
        let demands = choirs.iter().map(|choir| (choir.campaign.clone(), choir.weight)).collect();
        let rooms = self.split_rooms(&demands, at)?;
        let mut found = Vec::new();
        for choir in choirs {
            let leverage = sum(choir.voices.iter().map(|voice| voice.unit.leverage))?;
            let used = self.counters.campaign_match(&rule.id, &choir.campaign);
            let goal = self.project(&choir.campaign).campaign.goal;
            let mut limits = vec![Limit { name: Binding::Leverage, left: leverage }];
            limits.extend(campaign_limits(rule, goal, used)?);
            if let Some(bps) = round.pot_share_max_bps {
                limits.push(Limit { name: Binding::PotShare, left: share(available, bps)? });
            }
            let rooms = rooms.get(&choir.campaign).copied().unwrap_or_default();
            limits.extend(rooms_of(&rooms, open));
            found.push(limits);
        }
        Ok(found)
    }

    /// One campaign draws its match; each group is shown its part.
    fn sing(
        &mut self,
        rule: &RuleSet,
        choir: &Choir,
        (wanted, at): (Cents, UtcSeconds),
        limits: &[Limit],
    ) -> Result<(Cents, Value), Stop> {
        let project = &self.project(&choir.campaign).campaign;
        let drawer = Drawer { campaign: project, group: None, at };
        let mut rooms = self.rooms(&choir.campaign, at)?;
        let drawn = draw(wanted, &self.tranches(&rule.pot)?, &drawer, &mut rooms)?;
        let narrowest = limits.iter().min_by_key(|limit| limit.left);
        let bound = narrowest.filter(|limit| limit.left == wanted);
        let items: Vec<Item> = choir
            .voices
            .iter()
            .map(|voice| Item::by_weight(voice.unit.group.clone(), voice.weight))
            .collect();
        let attributed = spread(drawn.granted, &items)?.shares;
        let mut donors = Vec::new();
        let mut parts = Vec::new();
        for (voice, attributed) in choir.voices.iter().zip(attributed) {
            donors.push(json!({
                "group": voice.unit.group,
                "counted": voice.counted,
                "attributed": attributed,
            }));
            let gifts = voice.unit.gifts.iter().map(|(id, _)| id.clone()).collect();
            parts.push(Part { attributed, gifts });
        }
        let row = json!({
            "campaign": choir.campaign,
            "weight_micro": u64::try_from(choir.weight).map_err(|_| Overflow)?,
            "granted": drawn.granted,
            "donors": donors,
        });
        let granted = drawn.granted;
        let award = Award {
            pot: rule.pot.clone(),
            rule_set: rule.reference(),
            granted,
            binding: bound.map_or(Binding::None, |limit| limit.name),
            sources: drawn.sources,
            parts,
        };
        self.award(&choir.campaign, award)?;
        Ok((granted, row))
    }
}

/// The rooms that the open tranches of the pot must meet.
fn rooms_of(rooms: &Rooms, open: &[(Tranche, Cents)]) -> Vec<Limit> {
    let has = |test: fn(Origin) -> bool| open.iter().any(|(tranche, _)| test(tranche.origin));
    if has(|origin| origin == Origin::Eu) {
        rooms.of(Origin::Eu)
    } else if has(Origin::is_public) {
        rooms.of(Origin::State)
    } else {
        Vec::new()
    }
}

fn ceiling(limits: &[Limit]) -> Option<Cents> {
    limits.iter().map(|limit| limit.left).min()
}

/// The pot is shared in proportion to the weights.
fn shared(
    available: Cents,
    choirs: &[Choir],
    limits: &[Vec<Limit>],
) -> Result<Vec<Cents>, Overflow> {
    let item = |(choir, limits): (&Choir, &Vec<Limit>)| Item {
        id: choir.campaign.to_string(),
        weight: choir.weight,
        lo: Cents::ZERO,
        hi: ceiling(limits),
    };
    let items: Vec<Item> = choirs.iter().zip(limits).map(item).collect();
    Ok(spread(available, &items)?.shares)
}

/// Each campaign gets its weight, and the rest stays.
fn floors(choirs: &[Choir], limits: &[Vec<Limit>]) -> Result<Vec<Cents>, Overflow> {
    let one = |(choir, limits): (&Choir, &Vec<Limit>)| {
        let whole = cents(divide(choir.weight, MICRO)?)?;
        Ok(ceiling(limits).map_or(whole, |most| whole.min(most)))
    };
    choirs.iter().zip(limits).map(one).collect()
}

/// The root of the product of two counted amounts, in millionths of a cent.
fn root(a: Cents, b: Cents) -> Result<i128, Overflow> {
    if a == b {
        return times(wide(a), MICRO);
    }
    let square = times(times(wide(a), wide(b))?, times(MICRO, MICRO)?)?;
    Ok(square.isqrt())
}

/// Two groups, by number.
type Pair = (usize, usize);

/// The groups of the round by number, those who gave to several campaigns marked.
struct Groups<'a> {
    numbers: BTreeMap<&'a str, usize>,
    several: Vec<bool>,
}

impl<'a> Groups<'a> {
    fn of(choirs: &'a [Choir]) -> Self {
        let mut groups = Self { numbers: BTreeMap::new(), several: Vec::new() };
        for voice in choirs.iter().flat_map(|choir| &choir.voices) {
            let next = groups.numbers.len();
            let number = *groups.numbers.entry(&voice.unit.group).or_insert(next);
            match groups.several.get_mut(number) {
                Some(several) => *several = true,
                None => groups.several.push(false),
            }
        }
        groups
    }

    /// The group of a voice when its overlaps must be known.
    fn number(&self, voice: &Voice) -> Option<usize> {
        let number = self.numbers.get(voice.unit.group.as_str()).copied()?;
        self.several.get(number).copied().unwrap_or(false).then_some(number)
    }
}

/// How much each pair of groups overlaps, over all campaigns.
fn overlaps(choirs: &[Choir], groups: &Groups<'_>) -> Result<HashMap<Pair, i128>, Overflow> {
    let mut overlaps = HashMap::new();
    for choir in choirs {
        let several: Vec<(usize, Cents)> = choir
            .voices
            .iter()
            .filter_map(|voice| Some((groups.number(voice)?, voice.counted)))
            .collect();
        for (place, (a, of_a)) in several.iter().enumerate() {
            for (b, of_b) in several.iter().skip(place.saturating_add(1)) {
                let overlap = overlaps.entry((*a.min(b), *a.max(b))).or_default();
                *overlap = add(*overlap, root(*of_a, *of_b)?)?;
            }
        }
    }
    Ok(overlaps)
}

/// Fills in the weights of campaigns and groups.
fn weigh(choirs: &mut [Choir], round: &Quadratic) -> Result<(), Overflow> {
    let bound = round.pair_bound.map(|bound| times(wide(bound), MICRO)).transpose()?;
    let weights = match bound {
        Some(bound) => {
            let groups = Groups::of(choirs);
            let overlaps = overlaps(choirs, &groups)?;
            choirs.iter().map(|choir| bounded(choir, bound, (&groups, &overlaps))).collect()
        }
        None => choirs.iter().map(unbounded).collect::<Result<Vec<_>, _>>(),
    }?;
    for (choir, voices) in choirs.iter_mut().zip(weights) {
        // Each pair is in two voices.
        let twice = voices.iter().try_fold(0, |sum, weight| add(sum, *weight))?;
        choir.weight = divide(twice, 2)?;
        for (voice, weight) in choir.voices.iter_mut().zip(voices) {
            voice.weight = weight;
        }
    }
    Ok(())
}

/// The weight of each voice, pair by pair.
fn bounded(
    choir: &Choir,
    bound: i128,
    (groups, overlaps): (&Groups<'_>, &HashMap<Pair, i128>),
) -> Result<Vec<i128>, Overflow> {
    let numbers: Vec<Option<usize>> =
        choir.voices.iter().map(|voice| groups.number(voice)).collect();
    let mut weights = vec![0; choir.voices.len()];
    for (place, (a, of_a)) in choir.voices.iter().zip(&numbers).enumerate() {
        let others = choir.voices.iter().zip(&numbers).enumerate();
        for (other, (b, of_b)) in others.skip(place.saturating_add(1)) {
            let root = root(a.counted, b.counted)?;
            let overlap = match (of_a, of_b) {
                (Some(a), Some(b)) => overlaps.get(&(*a.min(b), *a.max(b))).copied(),
                _ => None,
            };
            let term = term(root, overlap.unwrap_or(root), bound)?;
            for voice in [place, other] {
                if let Some(weight) = weights.get_mut(voice) {
                    *weight = add(*weight, term)?;
                }
            }
        }
    }
    Ok(weights)
}

/// Without a bound a term is twice the root: voices of one counted amount are alike, so that pairs
/// of amounts are enough.
fn unbounded(choir: &Choir) -> Result<Vec<i128>, Overflow> {
    let mut alike: BTreeMap<Cents, i128> = BTreeMap::new();
    for voice in &choir.voices {
        let count = alike.entry(voice.counted).or_default();
        *count = add(*count, 1)?;
    }
    let mut weights: BTreeMap<Cents, i128> = BTreeMap::new();
    for amount in alike.keys() {
        // A voice makes no pair with itself.
        let mut weight = less(0, times(2, root(*amount, *amount)?)?)?;
        for (other, count) in &alike {
            weight = add(weight, times(*count, times(2, root(*amount, *other)?)?)?)?;
        }
        weights.insert(*amount, weight);
    }
    let of = |voice: &Voice| weights.get(&voice.counted).copied().unwrap_or_default();
    Ok(choir.voices.iter().map(of).collect())
}

/// Twice the root, held under the bound.
fn term(root: i128, overlap: i128, bound: i128) -> Result<i128, Overflow> {
    divide(times(times(2, root)?, bound)?, add(bound, overlap)?)
}
