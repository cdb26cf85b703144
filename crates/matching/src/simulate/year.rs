//! A year of gifts that never were: the marketplace of the past, as many times over as the gifts
//! ask for, so that a campaign and a donor have as many gifts as they had.

use std::collections::{BTreeMap, BTreeSet};

use domain::{UtcSeconds, ids::CampaignId};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use super::synthetic::{Drawn, Synthetic, below};
use crate::{
    case::{Campaign, Donor},
    replay::{Event, Ledger, NewGift, PotInput, Progress, What},
    rules::RuleSet,
};

/// Seconds of 365 days.
const YEAR: u64 = 31_536_000;

/// More copies of the past than these are not made.
const MOST: usize = 1_000;

/// Which campaign each copy is of.
#[derive(Default)]
pub(super) struct Copies {
    of: BTreeMap<CampaignId, CampaignId>,
    by: BTreeMap<CampaignId, Vec<CampaignId>>,
}

impl Copies {
    /// The campaign of the past that a name stands for.
    pub(super) fn original<'a>(&'a self, campaign: &'a CampaignId) -> &'a CampaignId {
        self.of.get(campaign).unwrap_or(campaign)
    }

    /// Whoever names a campaign names its copies.
    fn name(&self, list: &mut Vec<CampaignId>) {
        let copies: Vec<CampaignId> =
            list.iter().filter_map(|id| self.by.get(id)).flatten().cloned().collect();
        list.extend(copies);
    }

    pub(super) fn rules(&self, rules: &[RuleSet]) -> Vec<RuleSet> {
        let mut rules = rules.to_vec();
        for rule in &mut rules {
            self.name(&mut rule.eligibility.campaigns);
            rule.bonuses.iter_mut().for_each(|bonus| self.name(&mut bonus.when.campaigns));
        }
        rules
    }

    fn pots(&self, pots: &mut [PotInput]) {
        for tranche in pots.iter_mut().flat_map(|pot| &mut pot.tranches) {
            self.name(&mut tranche.earmark.campaigns);
        }
    }
}

/// Turns a ledger into a year that begins at an instant: the pots as they were filled, every
/// campaign open, and drawn gifts only.
pub(super) fn play(
    (of, from): (&Synthetic, UtcSeconds),
    ledger: &mut Ledger,
    progress: &Progress,
) -> Copies {
    let events = std::mem::take(&mut ledger.events);
    let begun: Vec<NewGift> = events.iter().filter_map(Event::begins).cloned().collect();
    ledger.events = events.into_iter().filter(Event::fills_pots).collect();
    let gifts = usize::try_from(of.gifts).unwrap_or(usize::MAX);
    let copies = gifts.div_ceil(begun.len().max(1)).clamp(1, MOST);
    let made = copy(ledger, &begun, copies);
    let mut rng = ChaCha8Rng::seed_from_u64(of.seed);
    let mut times: Vec<u64> = (0..gifts).map(|_| below(&mut rng, YEAR)).collect();
    times.sort_unstable();
    ledger.events.reserve_exact(gifts);
    for (number, later) in times.into_iter().enumerate() {
        if progress.ends_at(number) {
            break;
        }
        let Some(Drawn { like, amount }) = of.drawn(&mut rng, &begun) else { break };
        let copy = below(&mut rng, u64::try_from(copies).unwrap_or(1));
        let name = format!("~{number}");
        let gift = NewGift {
            name: name.clone(),
            donor: copied(&like.donor, copy),
            campaign: CampaignId::new(copied(like.campaign.as_str(), copy)),
            amount,
            kind: like.kind,
        };
        let at = from.plus_seconds(i64::try_from(later).unwrap_or(0));
        ledger.events.push(Event { id: name, at, what: What::Give(gift) });
    }
    made
}

/// The name of a copy; the first is the original.
fn copied(name: &str, copy: u64) -> String {
    if copy == 0 { name.to_owned() } else { format!("{name}~{copy}") }
}

/// Makes the donors and campaigns of the copies, and has rules and pots know them.
fn copy(ledger: &mut Ledger, begun: &[NewGift], copies: usize) -> Copies {
    let giving: BTreeSet<&str> = begun.iter().map(|gift| gift.donor.as_str()).collect();
    let given: BTreeSet<&CampaignId> = begun.iter().map(|gift| &gift.campaign).collect();
    let of_past = |donor: &&Donor| giving.contains(donor.id.as_str());
    let donors: Vec<Donor> = ledger.donors.iter().filter(of_past).cloned().collect();
    let of_past = |campaign: &&Campaign| given.contains(&campaign.id);
    let campaigns: Vec<Campaign> = ledger.campaigns.iter().filter(of_past).cloned().collect();
    let mut made = Copies::default();
    for number in 1..u64::try_from(copies).unwrap_or(1) {
        for donor in &donors {
            ledger.donors.push(Donor {
                id: copied(&donor.id, number),
                group: donor.group.as_ref().map(|group| copied(group, number)),
                ..donor.clone()
            });
        }
        for campaign in &campaigns {
            let id = CampaignId::new(copied(campaign.id.as_str(), number));
            made.of.insert(id.clone(), campaign.id.clone());
            made.by.entry(campaign.id.clone()).or_default().push(id.clone());
            ledger.campaigns.push(Campaign { id, ..campaign.clone() });
        }
    }
    ledger.rule_sets = made.rules(&ledger.rule_sets);
    made.pots(&mut ledger.pots);
    for event in &mut ledger.events {
        if let What::Contribute { tranche, .. } = &mut event.what {
            made.name(&mut tranche.earmark.campaigns);
        }
    }
    made
}
