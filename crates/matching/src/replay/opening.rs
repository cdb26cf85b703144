//! The state before the first event: what a ledger declares, each name with its number.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Cents, UtcSeconds};

use super::{
    counters::{Counters, Owner},
    input::{Ledger, PotInput},
    names::{CampaignNo, DonorNo, GroupNo, Names, PotNo, RuleIdNo, Table, TerritoryNo, TrancheNo},
    state::{Answering, DECLARED, Giver, Pot, Pots, Project, Rule, Rules, Stage, State},
    under::Under,
};
use crate::{case::Aid, case::Holder, rules::RuleSet, tranche::Tranche};

impl<'l> State<'l> {
    pub(super) fn new(under: Under<'l>) -> Self {
        let ledger = under.past;
        let groups = Names::of(ledger.donors.iter().map(|donor| donor.group()));
        let territories = territories(under);
        let (projects, aid) = projects(under, &territories);
        let pot_names: Names<'_, PotNo> = Names::of(under.pots.iter().map(|pot| pot.id.as_str()));
        let rules = rules(under.rule_sets);
        let pots = pots(under.pots, &territories, &rules);
        let mut waterfall: Vec<(i64, PotNo)> = under
            .pots
            .iter()
            .map(|pot| (pot.order, pot_names.number(pot.id.as_str()).expect(DECLARED)))
            .collect();
        waterfall.sort_unstable();
        Self {
            settings: &ledger.settings,
            campaigns: Names::of(ledger.campaigns.iter().map(|campaign| campaign.id.as_str())),
            donors: Names::of(ledger.donors.iter().map(|donor| donor.id.as_str())),
            givers: givers(ledger, &groups),
            groups,
            territories,
            pot_names,
            projects,
            aid,
            rules,
            pots,
            waterfall: waterfall.into_iter().map(|(_, pot)| pot).collect(),
            gifts: Table::with_room(ledger.gifts()),
            named: HashMap::with_capacity(ledger.gifts()),
            parked: BTreeMap::new(),
            counters: Counters::default(),
            quotes: Vec::new(),
            rounds: Vec::new(),
            rejected: Vec::new(),
            dry: BTreeMap::new(),
            ends: BTreeSet::new(),
            next_order: 0,
            seen: HashMap::with_capacity(ledger.events.len()),
        }
    }
}

fn by_name<T>(rows: &[T], name: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut rows: Vec<&T> = rows.iter().collect();
    rows.sort_by(|a, b| name(a).cmp(name(b)));
    rows
}

fn territories(under: Under<'_>) -> Names<'_, TerritoryNo> {
    let of_campaigns = under.past.campaigns.iter().map(|campaign| campaign.territory.as_str());
    let of_pots = under.pots.iter().filter_map(|pot| pot.envelopes.as_ref());
    Names::of(of_campaigns.chain(of_pots.flat_map(BTreeMap::keys).map(String::as_str)))
}

fn givers<'l>(ledger: &'l Ledger, groups: &Names<'l, GroupNo>) -> Table<DonorNo, Giver<'l>> {
    let giver = |donor: &'l crate::case::Donor| Giver {
        donor,
        group: groups.number(donor.group()).expect(DECLARED),
    };
    by_name(&ledger.donors, |donor| donor.id.as_str()).into_iter().map(giver).collect()
}

type Projects<'l> = Table<CampaignNo, Project<'l>>;

fn projects<'l>(
    Under { past: ledger, rule_sets, .. }: Under<'l>,
    territories: &Names<'l, TerritoryNo>,
) -> (Projects<'l>, Table<super::names::UndertakingNo, Vec<Aid>>) {
    let holders: HashMap<&str, &Holder> =
        ledger.holders.iter().map(|holder| (holder.id.as_str(), holder)).collect();
    let undertakings = Names::of(ledger.holders.iter().map(Holder::undertaking));
    let projects =
        by_name(&ledger.campaigns, |campaign| campaign.id.as_str()).into_iter().enumerate();
    let project = |(place, campaign): (usize, &'l crate::case::Campaign)| {
        let holder: &Holder = holders.get(campaign.holder.as_str()).expect(DECLARED);
        let owner = Owner {
            campaign: super::names::Number::new(place),
            territory: territories.number(&campaign.territory).expect(DECLARED),
            undertaking: undertakings.number(holder.undertaking()).expect(DECLARED),
        };
        let holds = |rule: &RuleSet| rule.eligibility.campaign_bar(campaign, holder).is_none();
        Project {
            campaign: campaign.clone(),
            holder,
            owner,
            eligible: rule_sets.iter().map(holds).collect(),
            stage: Stage::Open,
            awards: Vec::new(),
            gifts: Vec::new(),
        }
    };
    let mut aid: Table<_, Vec<Aid>> = undertakings.numbers().map(|_| Vec::new()).collect();
    for holder in &ledger.holders {
        let undertaking = undertakings.number(holder.undertaking()).expect(DECLARED);
        aid[undertaking].extend(holder.de_minimis.iter().cloned());
    }
    (projects.map(project).collect(), aid)
}

/// Rules keep the order of the ledger.
fn rules<'l>(rule_sets: &'l [RuleSet]) -> Rules<'l> {
    let ids: Names<'_, RuleIdNo> = Names::of(rule_sets.iter().map(|rule| &*rule.id));
    let mut capped = BTreeMap::new();
    for rule in rule_sets {
        let (donor_base, donor_match) = capped.entry(&*rule.id).or_insert((false, false));
        *donor_base |= rule.caps.per_donor_campaign_base_cap.is_some();
        *donor_match |= rule.caps.per_donor_match_cap.is_some();
    }
    let rule = |set: &'l RuleSet| {
        let id = ids.number(&set.id).expect(DECLARED);
        let (caps_donor_base, caps_donor_match) = capped[&*set.id];
        Rule { set, id, caps_donor_base, caps_donor_match }
    };
    rule_sets.iter().map(rule).collect()
}

fn pots<'l>(
    declared: &'l [PotInput],
    territories: &Names<'l, TerritoryNo>,
    rules: &Rules<'l>,
) -> Pots<'l> {
    let pot = |pot: &'l PotInput| {
        let envelope = |(name, amount): (&String, &Cents)| {
            (territories.number(name).expect(DECLARED), *amount)
        };
        let envelopes = pot.envelopes.as_ref();
        let of_pot = rules.iter().filter(|(_, rule)| rule.set.pot == pot.id);
        let mut made = Pot {
            id: &pot.id,
            tranches: Table::from_iter([]),
            sourcing: Vec::new(),
            envelopes: envelopes.map(|of| of.iter().map(envelope).collect()),
            rules: of_pot.map(|(number, _)| number).collect(),
            answering: Answering {
                from: UtcSeconds::new(0),
                until: UtcSeconds::new(0),
                rules: Vec::new(),
            },
            closed: BTreeSet::new(),
        };
        for tranche in &pot.tranches {
            made.add(tranche.clone());
        }
        made
    };
    by_name(declared, |pot| pot.id.as_str()).into_iter().map(pot).collect()
}

impl Pot<'_> {
    /// A tranche takes its place in the sourcing order.
    pub(super) fn add(&mut self, tranche: Tranche) -> TrancheNo {
        let before =
            |other: &TrancheNo| self.tranches[*other].sourcing_key() <= tranche.sourcing_key();
        let place = self.sourcing.partition_point(before);
        let number = self.tranches.push(tranche);
        self.sourcing.insert(place, number);
        number
    }
}
