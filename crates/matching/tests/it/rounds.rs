//! Rounds beside a naive count, and what a donor may expect of them.

use std::collections::BTreeMap;

use domain::{Cents, ids::CampaignId, ids::PotId};
use matching::{
    case::GiftKind,
    line::RuleRef,
    replay::{Ledger, NewGift},
};
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};

use crate::town::{number, replay, rows, time};

/// A gift: account, campaign, cents.
type Gift = (usize, usize, i64);

/// Accounts 0 to 5; 4 and 5 are one household with 3.
const GROUPS: [usize; 6] = [0, 1, 2, 3, 3, 3];
const TRUST: [i64; 6] = [10_000, 10_000, 5_000, 10_000, 8_000, 10_000];

fn gifts() -> impl Strategy<Value = Vec<Gift>> {
    vec((0..6_usize, 0..3_usize, 1..30_000_i64), 0..14)
}

/// A round of one pot with one tranche.
#[derive(Clone, Debug)]
struct Round {
    quadratic: bool,
    pot: i64,
    bound: Option<i64>,
    rate: i64,
    stack: bool,
}

fn round() -> impl Strategy<Value = Round> {
    let bound = option::of(1..20_000_i64);
    (any::<bool>(), 0..60_000_i64, bound, 0..30_000_i64, any::<bool>()).prop_map(
        |(quadratic, pot, bound, rate, stack)| Round { quadratic, pot, bound, rate, stack },
    )
}

impl Round {
    fn input(&self, group: fn(usize) -> Option<String>) -> Value {
        let campaign = |place: usize| {
            json!({"id": format!("c{place}"), "holder": "h", "territory": "23", "rural": false,
                "priority_territory": false, "publics": [], "category": "inclusion",
                "stage": "amorcage", "goal": 100_000, "budget": 1, "all_or_nothing": false})
        };
        let donor = |place: usize| {
            json!({"id": format!("a{place}"), "kind": "citizen", "group": group(place),
                "trust_bps": TRUST[place]})
        };
        json!({
            "settings": {"stacking": if self.stack { "stack" } else { "residual" }},
            "holders": [{"id": "h", "type": "association"}],
            "donors": (0..6).map(donor).collect::<Vec<_>>(),
            "campaigns": (0..3).map(campaign).collect::<Vec<_>>(),
            "pots": [{"id": "p", "order": 1, "tranches": [
                {"id": "t", "at": "2026-01-01T00:00:00Z", "amount": self.pot,
                 "origin": "company", "earmark": {}}]}],
            "rule_sets": [{"id": "r", "version": 1, "pot": "p", "rate_bps": self.rate,
                "mode": if self.quadratic { "quadratic" } else { "pro_rata" },
                "effective_from": "2026-01-01T00:00:00Z",
                "caps": {"per_donor_campaign_base_cap": 20_000},
                "quadratic": {"pair_bound": self.bound}}],
            "events": [],
        })
    }

    fn play(&self, gifts: &[Gift], after: &[Value]) -> Value {
        let mut events = given(gifts);
        events.push(json!({"id": "z", "type": "round_close", "at": time(60), "pot": "p",
            "rule_set": "r", "version": 1}));
        events.extend_from_slice(after);
        replay(&self.input(|place| Some(format!("g{}", GROUPS[place]))), &events)
    }
}

fn given(gifts: &[Gift]) -> Vec<Value> {
    let event = |(place, (account, campaign, amount)): (usize, &Gift)| {
        json!({"id": format!("e{place:02}"), "type": "give", "at": time(0),
            "donation": format!("d{place:02}"), "donor": format!("a{account}"),
            "campaign": format!("c{campaign}"), "amount": amount})
    };
    gifts.iter().enumerate().map(event).collect()
}

/// Section 6b, word for word: every pair of every campaign, and the overlap counted anew for each.
fn weights(gifts: &[Gift], bound: Option<i64>) -> BTreeMap<usize, u128> {
    let mut counted: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for (account, campaign, amount) in gifts {
        *counted.entry((*campaign, GROUPS[*account])).or_default() += amount;
    }
    for ((_, group), amount) in &mut counted {
        let members = (0..6).filter(|account| GROUPS[*account] == *group);
        let trust = members.map(|account| TRUST[account]).min().unwrap();
        *amount = (*amount).min(20_000) * trust / 10_000;
    }
    let root = |campaign: usize, a: usize, b: usize| {
        let of = |group| u128::try_from(*counted.get(&(campaign, group)).unwrap_or(&0)).unwrap();
        (of(a) * of(b) * 10_u128.pow(12)).isqrt()
    };
    let mut found = BTreeMap::new();
    for campaign in 0..3 {
        let mut weight = 0;
        for a in 0..6 {
            for b in a + 1..6 {
                let twice = 2 * root(campaign, a, b);
                let overlap: u128 = (0..3).map(|other| root(other, a, b)).sum();
                weight += match bound {
                    Some(bound) => {
                        let bound = u128::try_from(bound).unwrap() * 1_000_000;
                        twice * bound / (bound + overlap)
                    }
                    None => twice,
                };
            }
        }
        found.insert(campaign, weight);
    }
    found
}

/// What each campaign got of the round.
fn matches(answer: &Value) -> BTreeMap<String, i64> {
    let rows = rows(&answer["campaigns"]).iter();
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), number(&row["match"]))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn weights_are_those_of_the_formula(gifts in gifts(), round in round()) {
        let round = Round { quadratic: true, ..round };
        let answer = round.play(&gifts, &[]);
        let expected = weights(&gifts, round.bound);
        for row in rows(&answer["rounds"][0]["campaigns"]) {
            let place: usize = row["campaign"].as_str().unwrap()[1..].parse().unwrap();
            prop_assert_eq!(u128::from(row["weight_micro"].as_u64().unwrap()), expected[&place]);
        }
    }

    /// P6 in rounds: what a round matches is the unit, all gifts of a group to a campaign. A gift
    /// of a unit may hold the odd cent of another, so that gift by gift a cent more is allowed.
    #[test]
    fn a_round_matches_no_euro_twice(gifts in gifts(), round in round()) {
        let round = Round { quadratic: false, ..round };
        let answer = round.play(&gifts, &[]);
        let mut units: BTreeMap<(usize, usize), (i64, i64)> = BTreeMap::new();
        for ((account, campaign, _), gift) in gifts.iter().zip(rows(&answer["donations"])) {
            let unit = units.entry((*campaign, GROUPS[*account])).or_default();
            unit.0 += number(&gift["net"]);
            unit.1 += number(&gift["match"]);
            for line in rows(&gift["lines"]) {
                prop_assert!(number(&line["base"]) <= number(&gift["net"]));
                prop_assert!(number(&line["granted"]) <= number(&line["want"]) + 1);
            }
        }
        for (net, granted) in units.into_values() {
            prop_assert!(granted <= net * round.rate / 10_000, "{granted} for {net}");
        }
    }

    /// A refund takes the attributed part of a quadratic match, never more than there is.
    #[test]
    fn a_refund_after_a_round_takes_no_more_than_it_brought(
        gifts in gifts(), round in round(), backs in vec((0..14_usize, 1..9_000_i64), 0..6),
    ) {
        let refund = |(place, (gift, amount)): (usize, &(usize, i64))| {
            json!({"id": format!("f{place}"), "type": "refund", "at": time(70),
                "donation": format!("d{gift:02}"), "amount": amount})
        };
        let refunds: Vec<Value> = backs.iter().enumerate().map(refund).collect();
        let (before, after) = (round.play(&gifts, &[]), round.play(&gifts, &refunds));
        for (campaign, match_cents) in matches(&after) {
            prop_assert!((0..=matches(&before)[&campaign]).contains(&match_cents));
        }
        prop_assert_eq!(number(&after["pots"][0]["used"]), matches(&after).values().sum::<i64>());
    }

    /// P9: one more cent in the pot lowers no share by more than one cent: that of a campaign in
    /// a quadratic round, that of a unit in the other.
    #[test]
    fn a_cent_more_in_the_pot_takes_at_most_a_cent(gifts in gifts(), round in round()) {
        let before = round.play(&gifts, &[]);
        let after = Round { pot: round.pot + 1, ..round }.play(&gifts, &[]);
        let quadratic = ("campaigns", "campaign");
        let (list, share) = if round.quadratic { quadratic } else { ("units", "donor") };
        let shares = |answer: &Value| -> Vec<(Value, i64)> {
            let shares = rows(&answer["rounds"][0][list]).iter();
            shares.map(|row| (row[share].clone(), number(&row["granted"]))).collect()
        };
        for (before, after) in shares(&before).into_iter().zip(shares(&after)) {
            prop_assert_eq!(&before.0, &after.0);
            prop_assert!(after.1 >= before.1 - 1, "{before:?} became {after:?}");
        }
    }

    /// P10: who splits a gift among the accounts of one household gains nothing.
    #[test]
    fn accounts_of_one_household_count_as_one_donor(gifts in gifts(), round in round()) {
        let round = Round { quadratic: true, ..round };
        let of_group = |(account, place, amount): &Gift| (GROUPS[*account], *place, *amount);
        let joined: Vec<Gift> = gifts.iter().map(of_group).collect();
        let (apart, one) = (round.play(&gifts, &[]), round.play(&joined, &[]));
        prop_assert_eq!(&apart["rounds"], &one["rounds"]);
        prop_assert_eq!(matches(&apart), matches(&one));
    }

    /// Section 6.1: the figures shown before a gift are those of two rounds closed at once.
    #[test]
    fn an_estimate_is_the_difference_of_two_rounds(
        gifts in gifts(), round in round(), gift in (0..6_usize, 0..3_usize, 1..30_000_i64),
    ) {
        let round = Round { quadratic: true, ..round };
        let with = [gifts.as_slice(), &[gift]].concat();
        let campaign = format!("c{}", gift.1);
        let gain = |pot: i64| {
            let round = Round { pot, ..round.clone() };
            let of = |gifts| matches(&round.play(gifts, &[]))[&campaign];
            (of(&with) - of(&gifts)).max(0)
        };
        let (whole, half) = (gain(round.pot), gain(round.pot / 2));
        let mut input = round.input(|place| Some(format!("g{}", GROUPS[place])));
        input["events"] = json!(given(&gifts));
        let case = json!({"format": "essaim-match-case/1", "kind": "ledger", "input": input});
        let ledger = Ledger::read(&case.to_string()).unwrap();
        let new = NewGift {
            name: "new".to_owned(),
            donor: format!("a{}", gift.0),
            campaign: CampaignId::new(campaign),
            amount: Cents::new(gift.2),
            kind: GiftKind::Cash,
        };
        let of = |rule: &str| {
            let at = time(60).parse().unwrap();
            let rule: RuleRef = rule.parse().unwrap();
            ledger.replay().unwrap().estimate((&PotId::new("p"), &rule), &new, at).unwrap()
        };
        let estimate = of("r@1").unwrap();
        let expected = (half.min(whole), half.max(whole));
        prop_assert_eq!((estimate.low.get(), estimate.high.get()), expected);
        prop_assert_eq!(of("r@2"), None);
    }
}
