//! Sharing: apportionment, envelopes, flows and rounds do not depend on the order of their inputs.

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};

use crate::town::{answer, number, replay, rows, time};

fn items() -> impl Strategy<Value = (i64, Vec<Value>)> {
    let item = (0..50_i64, 0..200_i64, option::of(0..2_000_i64));
    (0..5_000_i64, vec(item, 0..8)).prop_map(|(total, items)| {
        let items = items.into_iter().enumerate().map(|(place, (weight, lo, more))| {
            let hi = more.map(|more| lo + more);
            json!({"id": format!("i{place}"), "weight": weight, "lo": lo, "hi": hi})
        });
        (total, items.collect())
    })
}

/// Each row under its name, whatever the order.
fn by_name(rows_of: &Value, key: &str) -> Vec<(String, Value)> {
    let mut named: Vec<(String, Value)> = rows(rows_of)
        .iter()
        .map(|row| (row[key].as_str().unwrap().to_owned(), row.clone()))
        .collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    named
}

/// A town of private tranches, each for a set of campaigns, and one demand per campaign.
#[derive(Clone, Debug)]
struct Crossing {
    tranches: Vec<(i64, Vec<bool>)>,
    demands: Vec<(i64, i64)>,
}

fn crossing() -> impl Strategy<Value = Crossing> {
    let tranche = (0..100_i64, vec(any::<bool>(), 4));
    (vec(tranche, 1..6), vec((0..100_i64, 1..4_i64), 4))
        .prop_map(|(tranches, demands)| Crossing { tranches, demands })
}

impl Crossing {
    fn input(&self) -> Value {
        let campaign = |place: usize| {
            json!({"id": format!("c{place}"), "holder": "h", "territory": "23", "rural": false,
                   "priority_territory": false, "publics": [], "category": "inclusion",
                   "stage": "amorcage", "goal": 1, "budget": 1, "all_or_nothing": false})
        };
        let tranche = |(place, (amount, fits)): (usize, &(i64, Vec<bool>))| {
            let list: Vec<String> = (0..4).filter(|c| fits[*c]).map(|c| format!("c{c}")).collect();
            let list = if list.is_empty() { vec!["nobody".to_owned()] } else { list };
            json!({"id": format!("t{place}"), "at": "2026-01-01T00:00:00Z", "amount": amount,
                   "origin": "company", "earmark": {"campaigns": list}})
        };
        let demand = |(place, (amount, class)): (usize, &(i64, i64))| {
            json!({"campaign": format!("c{place}"), "amount": amount, "class": class,
                   "at": "2026-03-01T00:00:00Z"})
        };
        json!({
            "settings": {},
            "campaigns": (0..4).map(campaign).collect::<Vec<_>>(),
            "tranches": self.tranches.iter().enumerate().map(tranche).collect::<Vec<_>>(),
            "demands": self.demands.iter().enumerate().map(demand).collect::<Vec<_>>(),
        })
    }

    /// The most that the demands of a set can get together: the least cut (Hall).
    fn most(&self, served: &[usize], amounts: &[i64]) -> i64 {
        let cut = |mask: u32| -> i64 {
            let inside = |place: &usize| mask & (1 << place) != 0;
            let outside: i64 = served.iter().filter(|d| !inside(d)).map(|d| amounts[*d]).sum();
            let reach = |fits: &[bool]| served.iter().any(|d| inside(d) && fits[*d]);
            let tranches = self.tranches.iter().filter(|(_, fits)| reach(fits));
            outside + tranches.map(|(amount, _)| amount).sum::<i64>()
        };
        (0..16).map(cut).min().unwrap()
    }

    /// The most that the first tranches can give to demands of these amounts.
    fn most_used(&self, tranches: &[(i64, Vec<bool>)], amounts: &[i64]) -> i64 {
        let cut = |mask: u32| -> i64 {
            let inside = |place: usize| mask & (1 << place) != 0;
            let mut total = 0;
            for (place, (amount, _)) in tranches.iter().enumerate() {
                total += if inside(place) { 0 } else { *amount };
            }
            for (demand, amount) in amounts.iter().enumerate() {
                let reached = tranches.iter().enumerate().any(|(t, of)| inside(t) && of.1[demand]);
                total += if reached { *amount } else { 0 };
            }
            total
        };
        (0..(1 << tranches.len())).map(cut).min().unwrap()
    }
}

fn round_input(mode: &str, rate: i64, pot: i64) -> Value {
    let campaign = |id: &str, territory: &str| {
        json!({"id": id, "holder": "h", "territory": territory, "rural": false,
               "priority_territory": false, "publics": [], "category": "inclusion",
               "stage": "amorcage", "goal": 100_000, "budget": 1, "all_or_nothing": false})
    };
    json!({
        "settings": {}, "holders": [{"id": "h", "type": "association"}],
        "donors": [{"id": "a", "kind": "citizen"}, {"id": "b", "kind": "citizen"},
                   {"id": "c", "kind": "citizen", "group": "b"}, {"id": "d", "kind": "citizen"}],
        "campaigns": [campaign("x", "23"), campaign("y", "48")],
        "pots": [{"id": "p", "order": 1, "tranches": [
            {"id": "t", "at": "2026-01-01T00:00:00Z", "amount": pot, "origin": "company",
             "earmark": {}}]}],
        "rule_sets": [{"id": "r", "version": 1, "pot": "p", "mode": mode, "rate_bps": rate,
            "effective_from": "2026-01-01T00:00:00Z", "caps": {"per_campaign_match_cap": 9_000},
            "quadratic": {"pair_bound": 5_000}}],
        "events": [],
    })
}

fn close(minute: i64) -> Value {
    json!({"id": "z", "type": "round_close", "at": time(minute * 60), "pot": "p",
           "rule_set": "r", "version": 1})
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn shares_add_up_keep_their_bounds_and_ignore_order(
        ((total, items), turn) in (items(), 0..8_usize),
    ) {
        let found = answer("apportion", &json!({"total": total, "items": items}));
        let shares: i64 = rows(&found["shares"]).iter().map(|row| number(&row["amount"])).sum();
        prop_assert_eq!(shares + number(&found["residue"]), total);
        let floors: i64 = items.iter().map(|item| number(&item["lo"])).sum();
        for (item, row) in items.iter().zip(rows(&found["shares"])) {
            let amount = number(&row["amount"]);
            prop_assert!(floors > total || amount >= number(&item["lo"]));
            prop_assert!(item["hi"].as_i64().is_none_or(|hi| amount <= hi));
        }
        let mut turned = items.clone();
        turned.rotate_left(turn.min(items.len()));
        let other = answer("apportion", &json!({"total": total, "items": turned}));
        prop_assert_eq!(by_name(&found["shares"], "id"), by_name(&other["shares"], "id"));
    }

    #[test]
    fn a_flow_serves_as_much_as_any_plan_could(crossing in crossing()) {
        let found = answer("flow", &crossing.input());
        let mut served = Vec::new();
        let mut amounts = vec![0; 4];
        let asked: Vec<i64> = crossing.demands.iter().map(|(amount, _)| *amount).collect();
        let mut before = 0;
        for row in rows(&found["demands"]) {
            let place: usize = row["campaign"].as_str().unwrap()[1..].parse().unwrap();
            served.push(place);
            let together = crossing.most(&served, &asked);
            prop_assert_eq!(number(&row["matched"]), together - before);
            before = together;
            amounts[place] = number(&row["matched"]);
        }
        prop_assert_eq!(number(&found["total"]), before);
        let mut first = Vec::new();
        let mut used = 0;
        for row in rows(&found["tranches"]) {
            let place: usize = row["id"].as_str().unwrap()[1..].parse().unwrap();
            first.push(crossing.tranches[place].clone());
            let together = crossing.most_used(&first, &amounts);
            prop_assert_eq!(number(&row["used"]), together - used);
            used = together;
        }
        for cell in rows(&found["assignment"]) {
            let tranche: usize = cell["tranche"].as_str().unwrap()[1..].parse().unwrap();
            let campaign: usize = cell["campaign"].as_str().unwrap()[1..].parse().unwrap();
            prop_assert!(crossing.tranches[tranche].1[campaign]);
        }
    }

    #[test]
    fn a_flow_ignores_the_order_of_its_input(crossing in crossing(), turn in 0..4_usize) {
        let mut input = crossing.input();
        let found = answer("flow", &input);
        for key in ["campaigns", "tranches", "demands"] {
            let list = input[key].as_array_mut().unwrap();
            let places = turn.min(list.len());
            list.rotate_left(places);
        }
        prop_assert_eq!(found, answer("flow", &input));
    }

    #[test]
    fn a_round_ignores_the_order_of_gifts(
        gifts in vec((0..4_usize, any::<bool>(), 1..9_000_i64), 0..7),
        turn in 0..7_usize, quadratic in any::<bool>(), rate in 0..30_000_i64, pot in 0..30_000_i64,
    ) {
        let mode = if quadratic { "quadratic" } else { "pro_rata" };
        let input = round_input(mode, rate, pot);
        let mut gifts: Vec<Value> = gifts.into_iter().enumerate().map(|(n, (donor, x, amount))| {
            json!({"id": format!("e{n}"), "type": "give", "at": time(0),
                   "donation": format!("d{n}"), "donor": (["a", "b", "c", "d"][donor]),
                   "campaign": if x { "x" } else { "y" }, "amount": amount})
        }).collect();
        let found = replay(&input, &[gifts.as_slice(), &[close(9)]].concat());
        let places = turn.min(gifts.len());
        gifts.rotate_left(places);
        prop_assert_eq!(found, replay(&input, &[gifts.as_slice(), &[close(9)]].concat()));
    }

    #[test]
    fn a_round_shares_no_more_than_it_has(
        gifts in vec((0..4_usize, any::<bool>(), 1..9_000_i64), 0..7),
        quadratic in any::<bool>(), rate in 0..30_000_i64, pot in 0..30_000_i64,
    ) {
        let mode = if quadratic { "quadratic" } else { "pro_rata" };
        let input = round_input(mode, rate, pot);
        let gifts: Vec<Value> = gifts.into_iter().enumerate().map(|(n, (donor, x, amount))| {
            json!({"id": format!("e{n}"), "type": "give", "at": time(0),
                   "donation": format!("d{n}"), "donor": (["a", "b", "c", "d"][donor]),
                   "campaign": if x { "x" } else { "y" }, "amount": amount})
        }).collect();
        let found = replay(&input, &[gifts.as_slice(), &[close(9)]].concat());
        let again = replay(&input, &[gifts.as_slice(), &[close(9), {
            let mut second = close(10);
            second["id"] = json!("zz");
            second
        }]].concat());
        prop_assert_eq!(&again["rejected"][0]["reason"], "unknown_round");
        prop_assert!(number(&found["pots"][0]["used"]) <= pot);
        for campaign in rows(&found["campaigns"]) {
            let granted = number(&campaign["match"]);
            prop_assert!(granted <= 9_000);
            prop_assert!(granted <= number(&campaign["raised"]) * 3);
        }
    }

    /// P8: envelopes do not depend on the order in which territories and criteria are listed.
    #[test]
    fn envelopes_ignore_the_order_of_territories(
        total in 0..900_000_i64, floor in 0..10_000_i64,
        needs in vec((1..9_000_i64, 1..500_i64, 1..500_i64), 1..6), turn in 0..6_usize,
    ) {
        let territory = |(place, (population, income, age)): (usize, &(i64, i64, i64))| {
            json!({"code": format!("{place:02}"), "population": population,
                "values": {"income": income, "age": age}})
        };
        let mut input = json!({
            "total": total, "floor_bps": floor, "ceiling_bps": 10_000 + floor,
            "criteria": [
                {"id": "income", "weight_bps": 6_000, "reference": 200,
                 "direction": "lower_is_need", "ratio_min_bps": 5_000, "ratio_max_bps": 20_000},
                {"id": "age", "weight_bps": 4_000, "reference": 100, "direction": "higher_is_need",
                 "ratio_min_bps": 5_000, "ratio_max_bps": 20_000}],
            "territories": needs.iter().enumerate().map(territory).collect::<Vec<_>>(),
        });
        let found = answer("envelopes", &input);
        prop_assert_eq!(found.get("error"), None);
        for key in ["territories", "criteria"] {
            let list = input[key].as_array_mut().unwrap();
            let places = turn.min(list.len());
            list.rotate_left(places);
        }
        let turned = answer("envelopes", &input);
        let named = |answer: &Value| by_name(&answer["territories"], "code");
        prop_assert_eq!(named(&found), named(&turned));
    }

    /// P8: first come depends on order, but gifts to pots and campaigns that share no limit do not
    /// see one another.
    #[test]
    fn gifts_that_share_no_limit_commute(
        gifts in vec((any::<bool>(), 1..9_000_i64), 0..9), pot in 0..30_000_i64,
        rate in 0..30_000_i64,
    ) {
        let mut input = round_input("first_come", rate, pot);
        let mut second = input["pots"][0].clone();
        second["id"] = json!("q");
        input["pots"][0]["tranches"][0]["earmark"] = json!({"campaigns": ["x"]});
        second["tranches"][0]["earmark"] = json!({"campaigns": ["y"]});
        input["pots"].as_array_mut().unwrap().push(second);
        let mut rule = input["rule_sets"][0].clone();
        (rule["id"], rule["pot"]) = (json!("s"), json!("q"));
        input["rule_sets"].as_array_mut().unwrap().push(rule);
        let give = |(place, (to_x, amount)): (usize, &(bool, i64))| {
            let (donor, campaign) = if *to_x { ("a", "x") } else { ("d", "y") };
            json!({"id": format!("e{place}"), "type": "give", "at": time(0),
                "donation": format!("d{place}"), "donor": donor, "campaign": campaign,
                "amount": amount})
        };
        let mut events: Vec<Value> = gifts.iter().enumerate().map(give).collect();
        let found = replay(&input, &events);
        events.sort_by_key(|event| event["campaign"].as_str().unwrap().to_owned());
        prop_assert_eq!(found, replay(&input, &events));
    }
}
