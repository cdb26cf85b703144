//! What a ledger comes to: the figures a rehearsal compares.

use std::collections::BTreeMap;

use domain::{Cents, UtcSeconds, ids::CampaignId, ids::PotId, place};
use serde::Serialize;

use super::{
    names::{CampaignNo, PotNo, Table, TrancheNo},
    state::{Pot, Source, State, Status},
};
use crate::{
    draw::Stock,
    exact::{Overflow, WHOLE, add, divide, less, times, wide},
    line::Binding,
    tranche::Earmark,
};

/// Sums by name; cents unless said otherwise.
type Sums = BTreeMap<String, i128>;

/// The outcome of one replay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Figures {
    /// Committed cash.
    pub raised: i128,
    /// The match held, awards included.
    #[serde(rename = "match")]
    pub matched: i128,
    /// Match over cash.
    pub leverage_bps: i128,
    /// Gifts matched in full, in part and not at all.
    pub gifts: Sums,
    /// The match by what its campaign is, and by where its money comes from. A campaign that
    /// serves several publics counts under each.
    pub by: BTreeMap<&'static str, Sums>,
    /// Lines and awards by what kept them from giving more.
    pub binding: Sums,
    /// Gini index of the match per inhabitant between départements.
    pub gini_bps: i128,
    /// When a line of a pot was first bound by its money.
    pub exhausted: BTreeMap<PotId, Option<UtcSeconds>>,
    /// What is left, with what it may be used for.
    pub unused: Vec<Unused>,
    /// Each campaign.
    pub campaigns: BTreeMap<CampaignId, Received>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Unused {
    pot: PotId,
    tranche: String,
    left: Cents,
    earmark: Earmark,
}

/// What one campaign received.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Received {
    #[serde(rename = "match")]
    pub matched: i128,
    /// Public match over eligible cost; 0 without a cost.
    pub public_share_bps: i128,
    pub eu_share_bps: i128,
    /// Public match, EU match and eligible cost, of which those are shares.
    #[serde(skip)]
    sums: [i128; 3],
}

impl Received {
    fn share(&mut self) -> Result<(), Overflow> {
        let [public, eu, cost] = self.sums;
        self.public_share_bps = ratio_bps(public, cost)?;
        self.eu_share_bps = ratio_bps(eu, cost)?;
        Ok(())
    }
}

fn bump(sums: &mut Sums, key: &str, amount: i128) -> Result<(), Overflow> {
    match sums.get_mut(key) {
        Some(sum) => *sum = add(*sum, amount)?,
        None => drop(sums.insert(key.to_owned(), amount)),
    }
    Ok(())
}

fn ratio_bps(part: i128, of: i128) -> Result<i128, Overflow> {
    if of > 0 { divide(times(part, WHOLE)?, of) } else { Ok(0) }
}

impl State<'_> {
    /// Notes the first line that a pot could not serve in full.
    pub(super) fn note_dry(&mut self, pot: PotNo, binding: Binding, at: UtcSeconds) {
        if binding == Binding::Pot {
            self.dry.entry(pot).or_insert(at);
        }
    }
}

/// What lines and awards hold: by number first, so that a million lines cost no look-up by name.
struct Held {
    by_campaign: Table<CampaignNo, i128>,
    by_tranche: Table<PotNo, Table<TrancheNo, i128>>,
    binding: BTreeMap<Binding, i128>,
}

impl Held {
    fn nothing(state: &State<'_>) -> Self {
        let tranches = |pot: &Pot<'_>| pot.tranches.numbers().map(|_| 0).collect();
        Self {
            by_campaign: state.projects.numbers().map(|_| 0).collect(),
            by_tranche: state.pots.rows().iter().map(tranches).collect(),
            binding: BTreeMap::new(),
        }
    }

    /// Counts a line or an award.
    fn add(
        &mut self,
        campaign: CampaignNo,
        binding: Binding,
        (pot, sources): (PotNo, &[Source]),
    ) -> Result<(), Overflow> {
        let count = self.binding.entry(binding).or_default();
        *count = add(*count, 1)?;
        for source in sources {
            let amount = wide(source.amount);
            let sum = &mut self.by_campaign[campaign];
            *sum = add(*sum, amount)?;
            let sum = &mut self.by_tranche[pot][source.tranche];
            *sum = add(*sum, amount)?;
        }
        Ok(())
    }
}

pub(super) fn figures(state: &State<'_>) -> Result<Figures, Overflow> {
    let mut found = Figures::default();
    for key in ["territory", "public", "category", "stage", "origin"] {
        found.by.insert(key, Sums::new());
    }
    for of_gifts in state.by_campaign()?.rows() {
        found.raised = add(found.raised, wide(of_gifts.raised))?;
    }
    let mut held = Held::nothing(state);
    let (mut full, mut part, mut none) = (0, 0, 0);
    for gift in state.gifts.rows() {
        let mut wanted = 0;
        let mut granted = 0;
        for line in &gift.lines {
            wanted = add(wanted, wide(line.want))?;
            granted = add(granted, wide(line.granted))?;
            held.add(gift.campaign, line.binding, (line.pot, &line.sources))?;
        }
        if matches!(gift.status, Status::Committed | Status::Held) {
            let how = if granted == 0 {
                &mut none
            } else if granted == wanted {
                &mut full
            } else {
                &mut part
            };
            *how = add(*how, 1)?;
        }
    }
    let counts = [("full", full), ("part", part), ("none", none)];
    found.gifts = counts.map(|(how, count)| (how.to_owned(), count)).into();
    for (number, project) in state.projects.iter() {
        for award in &project.awards {
            held.add(number, award.binding, (award.pot, &award.sources))?;
        }
    }
    found.hold(state, &held)?;
    found.leverage_bps = ratio_bps(found.matched, found.raised)?;
    found.gini_bps = gini(state, &found.campaigns)?;
    found.look_at_pots(state)?;
    Ok(found)
}

impl Figures {
    /// Adds up campaigns that stand for the same one.
    pub(crate) fn together<'a>(
        &self,
        original: impl Fn(&'a CampaignId) -> &'a CampaignId,
        campaigns: impl Iterator<Item = &'a CampaignId>,
    ) -> Result<BTreeMap<CampaignId, Received>, Overflow> {
        let mut found: BTreeMap<CampaignId, Received> = BTreeMap::new();
        for id in campaigns {
            let Some(of_copy) = self.campaigns.get(id) else { continue };
            let sum = found.entry(original(id).clone()).or_default();
            sum.matched = add(sum.matched, of_copy.matched)?;
            for (sum, part) in sum.sums.iter_mut().zip(of_copy.sums) {
                *sum = add(*sum, part)?;
            }
            sum.share()?;
        }
        Ok(found)
    }

    /// Tells what is held by name: under what each campaign is, and where the money comes from.
    fn hold(&mut self, state: &State<'_>, held: &Held) -> Result<(), Overflow> {
        for (binding, count) in &held.binding {
            bump(&mut self.binding, binding.code(), *count)?;
        }
        for (number, project) in state.projects.iter() {
            let campaign = &project.campaign;
            let whole = held.by_campaign[number];
            let counters = &state.counters;
            let sums = [counters.public(number), counters.eu(number), campaign.budget];
            let mut received =
                Received { matched: whole, sums: sums.map(wide), ..Received::default() };
            received.share()?;
            self.campaigns.insert(campaign.id.clone(), received);
            if whole == 0 {
                continue;
            }
            self.matched = add(self.matched, whole)?;
            self.count("territory", &campaign.territory, whole)?;
            self.count("category", campaign.category.code(), whole)?;
            self.count("stage", campaign.stage.code(), whole)?;
            for public in &campaign.publics {
                self.count("public", public, whole)?;
            }
        }
        for (pot, of_pot) in held.by_tranche.iter() {
            for (tranche, whole) in of_pot.iter().filter(|(_, whole)| **whole != 0) {
                self.count("origin", state.origin(pot, tranche).code(), *whole)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, by: &'static str, name: &str, amount: i128) -> Result<(), Overflow> {
        bump(self.by.entry(by).or_default(), name, amount)
    }

    fn look_at_pots(&mut self, state: &State<'_>) -> Result<(), Overflow> {
        for number in state.waterfall.iter().copied() {
            let pot = state.pots[number].id;
            self.exhausted.insert(pot.clone(), state.dry.get(&number).copied());
            for Stock { tranche, left, .. } in state.stocks(number)? {
                if left.is_positive() {
                    let (tranche, earmark) = (tranche.id.clone(), tranche.earmark.clone());
                    self.unused.push(Unused { pot: pot.clone(), tranche, left, earmark });
                }
            }
        }
        Ok(())
    }
}

/// Σᵢ Σⱼ |mᵢ pⱼ − mⱼ pᵢ| / (2·P·M) over all départements, those without match included.
fn gini(state: &State<'_>, campaigns: &BTreeMap<CampaignId, Received>) -> Result<i128, Overflow> {
    let mut matched: BTreeMap<&str, i128> = BTreeMap::new();
    for (project, received) in state.projects.rows().iter().zip(campaigns.values()) {
        let campaign = &project.campaign;
        let codes = std::iter::once(&campaign.territory).chain(campaign.codes());
        let found = codes.filter_map(|code| place::departement(code)).next();
        if let Some(departement) = found {
            let sum = matched.entry(departement.code).or_default();
            *sum = add(*sum, received.matched)?;
        }
    }
    let all: Vec<(i128, i128)> = place::departements()
        .iter()
        .map(|one| (matched.get(one.code).copied().unwrap_or(0), i128::from(one.population)))
        .collect();
    let (mut apart, mut people, mut total) = (0, 0, 0);
    for (match_a, people_a) in &all {
        people = add(people, *people_a)?;
        total = add(total, *match_a)?;
        for (match_b, people_b) in &all {
            let gap = less(times(*match_a, *people_b)?, times(*match_b, *people_a)?)?;
            apart = add(apart, gap.abs())?;
        }
    }
    let whole = times(2, times(people, total)?)?;
    ratio_bps(apart, whole)
}
