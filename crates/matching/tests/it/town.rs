//! Random ledgers: a small town with crossing earmarks, several rules and an eventful life.

use proptest::{collection::vec, option, prelude::*, sample::subsequence};
use serde_json::{Map, Value, json};

/// What becomes an event, in small numbers that shrink well.
#[derive(Clone, Debug)]
pub struct Step {
    kind: u8,
    gift: usize,
    donor: usize,
    place: usize,
    amount: i64,
    wait: i64,
}

pub const DONORS: [&str; 5] = ["ana", "ben", "cam", "firm", "town"];
pub const CAMPAIGNS: [&str; 3] = ["c0", "c1", "c2"];

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![4 => 1..600_i64, 1 => 600..4_000_i64];
    (0..24_u8, 0..8_usize, 0..5_usize, 0..6_usize, 1..40_000_i64, wait).prop_map(
        |(kind, gift, donor, place, amount, wait)| Step { kind, gift, donor, place, amount, wait },
    )
}

fn earmark() -> impl Strategy<Value = Value> {
    let some = |all: Vec<&'static str>| option::weighted(0.3, subsequence(all, 1..=2));
    (
        some(vec!["c0", "c1", "c2"]),
        some(vec!["23", "48"]),
        some(vec!["seniors", "jeunes"]),
        some(vec!["inclusion", "urgence"]),
    )
        .prop_map(|(campaigns, territories, publics, categories)| {
            let mut keys = Map::new();
            for (key, list) in [
                ("campaigns", campaigns),
                ("territories", territories),
                ("publics", publics),
                ("categories", categories),
            ] {
                if let Some(list) = list {
                    keys.insert(key.to_owned(), json!(list));
                }
            }
            Value::Object(keys)
        })
}

fn tranche() -> impl Strategy<Value = Value> {
    let origin = prop_oneof![Just("eu"), Just("state"), Just("operator"), Just("company")];
    (origin, 0..60_000_i64, earmark(), option::weighted(0.2, Just("firm"))).prop_map(
        |(origin, amount, earmark, group)| {
            json!({
                "at": "2026-01-01T00:00:00Z", "amount": amount, "origin": origin,
                "earmark": earmark, "contributor": "k", "contributor_group": group,
            })
        },
    )
}

fn caps() -> impl Strategy<Value = Value> {
    let cents = |most: i64| option::weighted(0.3, 0..most);
    (cents(900), cents(20_000), cents(30_000), cents(40_000), cents(60_000), cents(10_001))
        .prop_map(|(least, gift, donor, donor_match, campaign, goal)| {
            json!({
                "min_donation": least, "per_donation_base_cap": gift,
                "per_donor_campaign_base_cap": donor, "per_donor_match_cap": donor_match,
                "per_campaign_match_cap": campaign, "per_campaign_goal_share_bps": goal,
            })
        })
}

/// Modes of the rules a town may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modes {
    /// Gifts are answered at once, and thresholds tested at the close.
    PerGift,
    /// Rounds as well.
    All,
}

fn rule(modes: Modes) -> impl Strategy<Value = Value> {
    let most = if modes == Modes::All { 4 } else { 2_u8 };
    (0..most, 0..30_000_i64, caps(), any::<bool>(), any::<bool>(), option::of(0..20_000_i64))
        .prop_map(|(mode, rate, caps, rural, rematch, bound)| {
            let name = ["first_come", "threshold", "pro_rata", "quadratic"][usize::from(mode)];
            let mut rule = json!({
                "version": 1, "mode": name, "effective_from": "2026-01-01T00:00:00Z",
                "rate_bps": rate, "caps": caps, "rematch_at_close": rematch,
            });
            if rural {
                rule["bonuses"] =
                    json!([{"id": "rural", "when": {"rural": true}, "multiplier_bps": 15000}]);
            }
            if name == "threshold" {
                rule["threshold"] = json!({"goal_share_bps": 3000, "award": "per_gift"});
            }
            if name == "quadratic" {
                rule["quadratic"] = json!({"pair_bound": bound.map(|bound| bound + 1)});
            }
            rule
        })
}

fn pot(modes: Modes) -> impl Strategy<Value = (Value, Vec<Value>)> {
    let envelopes = option::weighted(0.25, (0..50_000_i64, 0..50_000_i64));
    (vec(tranche(), 1..4), vec(rule(modes), 1..3), envelopes).prop_map(
        |(mut tranches, rules, envelopes)| {
            for (place, tranche) in tranches.iter_mut().enumerate() {
                tranche["id"] = json!(format!("t{place}"));
            }
            // A quadratic pot has one earmark and no envelopes.
            let quadratic = rules.iter().any(|rule| rule["mode"] == "quadratic");
            if quadratic {
                let earmark = tranches[0]["earmark"].clone();
                tranches.iter_mut().for_each(|tranche| tranche["earmark"] = earmark.clone());
            }
            let mut pot = json!({"tranches": tranches});
            if let Some((creuse, lozere)) = envelopes.filter(|_| !quadratic) {
                pot["envelopes"] = json!({"23": creuse, "48": lozere});
            }
            (pot, rules)
        },
    )
}

fn campaign(place: usize) -> impl Strategy<Value = Value> {
    let publics = subsequence(vec!["seniors", "jeunes"], 0..=2);
    let bps = || option::weighted(0.5, 2_000..9_000_i64);
    (publics, any::<[bool; 3]>(), bps(), bps(), 10_000..60_000_i64).prop_map(
        move |(publics, [rural, all_or_nothing, invests], public, eu, budget)| {
            json!({
                "id": CAMPAIGNS[place], "holder": (["h0", "h1", "h1"][place]),
                "territory": (["23", "48", "23"][place]), "rural": rural,
                "priority_territory": false, "publics": publics,
                "category": (["inclusion", "urgence", "autonomie"][place]), "stage": "prototypage",
                "goal": 20_000, "budget": budget, "all_or_nothing": all_or_nothing,
                "own_contribution": 6_000, "investment": invests, "goal_counts_match": rural,
                "public_share_max_bps": public, "eu_share_max_bps": eu,
            })
        },
    )
}

/// A ledger case, its input only.
pub fn ledger(modes: Modes) -> impl Strategy<Value = Value> {
    let settings = (any::<bool>(), 0..35_000_i64, option::weighted(0.4, 0..60_000_i64));
    let campaigns = (campaign(0), campaign(1), campaign(2));
    (settings, campaigns, vec(pot(modes), 1..4), vec(step(), 0..24)).prop_map(
        |((stack, leverage, aid), (c0, c1, c2), pots, steps)| {
            let (pots, rules) = name_pots(pots);
            let events = events(&steps, &pots, &rules);
            json!({
                "settings": {
                    "stacking": if stack { "stack" } else { "residual" },
                    "leverage_cap_bps": leverage, "min_own_share_bps": 2000,
                    "de_minimis_limit": aid,
                },
                "holders": [
                    {"id": "h0", "type": "local_authority"},
                    {"id": "h1", "type": "association", "economic_activity": true,
                     "de_minimis": [{"at": "2024-05-05T00:00:00Z", "amount": 500}]},
                ],
                "donors": [
                    {"id": "ana", "kind": "citizen"},
                    {"id": "ben", "kind": "citizen", "group": "home"},
                    {"id": "cam", "kind": "citizen", "group": "home", "trust_bps": 5000},
                    {"id": "firm", "kind": "company"},
                    {"id": "town", "kind": "public_body", "group": "h0"},
                ],
                "campaigns": [c0, c1, c2], "pots": pots, "rule_sets": rules, "events": events,
            })
        },
    )
}

fn name_pots(pots: Vec<(Value, Vec<Value>)>) -> (Vec<Value>, Vec<Value>) {
    let (mut named, mut rules) = (Vec::new(), Vec::new());
    for (place, (mut pot, of_pot)) in pots.into_iter().enumerate() {
        pot["id"] = json!(format!("p{place}"));
        pot["order"] = json!(place);
        for (number, mut rule) in of_pot.into_iter().enumerate() {
            rule["id"] = json!(format!("r{place}_{number}"));
            rule["pot"] = pot["id"].clone();
            rule["rank"] = json!(number);
            rules.push(rule);
        }
        named.push(pot);
    }
    (named, rules)
}

/// Seconds after the first of March, as a time of the file.
pub fn time(seconds: i64) -> String {
    domain::UtcSeconds::new(1_772_323_200 + seconds).to_string()
}

fn events(steps: &[Step], pots: &[Value], rules: &[Value]) -> Vec<Value> {
    let mut now = 0;
    let mut events = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        now += step.wait;
        let mut event = body(step, number, pots, rules, now);
        event["id"] = json!(format!("e{number:02}"));
        event["at"] = json!(time(now));
        events.push(event);
    }
    events
}

fn body(step: &Step, number: usize, pots: &[Value], rules: &[Value], now: i64) -> Value {
    let gift = format!("d{}", step.gift);
    let campaign = CAMPAIGNS[step.place % 3];
    let pot = &pots[step.place % pots.len()]["id"];
    let tranche = format!("t{}", step.gift % 3);
    let new = |kind: &str| {
        json!({"type": kind, "donation": gift, "donor": DONORS[step.donor],
               "campaign": campaign, "amount": step.amount})
    };
    match step.kind {
        0..=4 => new("give"),
        5..=8 => new("reserve"),
        9 | 10 => {
            json!({"type": "pay", "donation": gift, "paid_at": time(now - step.amount % 3000)})
        }
        11 => json!({"type": "cancel", "donation": gift}),
        12 | 13 => json!({"type": "refund", "donation": gift, "amount": step.amount}),
        14 => json!({"type": "dispute_open", "donation": gift}),
        15 => {
            let end = if step.donor < 3 { "dispute_won" } else { "dispute_lost" };
            json!({"type": end, "donation": gift})
        }
        16 => json!({"type": "close", "campaign": campaign}),
        17 => json!({"type": "settle", "pot": pot}),
        18 => json!({"type": "resource", "pot": pot}),
        19 => json!({"type": "recover", "donation": gift, "amount": step.amount / 8 + 1}),
        20 => json!({"type": "final_cost", "campaign": campaign, "budget": step.amount}),
        21 => json!({"type": "extend", "donation": gift, "expires_at": time(now + step.amount)}),
        22 => json!({"type": "contribute", "pot": pot, "tranche": {
            "id": format!("n{number}"), "amount": step.amount, "origin": "foundation",
            "earmark": pots[step.place % pots.len()]["tranches"][0]["earmark"]}}),
        _ => {
            let rule = &rules[step.donor % rules.len()];
            match step.gift % 3 {
                0 => json!({"type": "round_close", "pot": rule["pot"], "rule_set": rule["id"],
                            "version": 1}),
                1 => json!({"type": "withdraw", "pot": pot, "tranche": tranche,
                            "amount": step.amount / 4 + 1}),
                _ => json!({"type": "checkpoint", "pot": pot, "weights": {"23": 3, "48": 2},
                            "use_threshold_bps": 5000, "release_bps": 5000}),
            }
        }
    }
}

/// The answer to an input of one kind: as a tree and as the text that is written row by row.
pub fn answer(kind: &str, input: &Value) -> Value {
    let case = json!({"format": "essaim-match-case/1", "kind": kind, "input": input});
    let answer = matching::evaluate(&case.to_string()).unwrap();
    let mut text = Vec::new();
    matching::evaluate_to(case.to_string(), &mut text).unwrap().unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), answer.to_string());
    answer
}

/// The answer of a ledger with other events.
pub fn replay(input: &Value, events: &[Value]) -> Value {
    let mut input = input.clone();
    input["events"] = json!(events);
    let answer = answer("ledger", &input);
    assert_eq!(answer.get("error"), None);
    answer
}

/// The rows of a list.
pub fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A number of a row.
pub fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// The gift money that a line consumed, as section 5 counts it.
pub fn base_used(line: &Value) -> i64 {
    let (granted, want) = (number(&line["granted"]), number(&line["want"]));
    if granted == want {
        return number(&line["base"]);
    }
    (granted * 10_000 + number(&line["rate_bps"]) - 1) / number(&line["rate_bps"])
}
