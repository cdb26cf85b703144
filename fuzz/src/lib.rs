#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

use serde_json::{Value, json};

/// A file: an answer or a refusal, and the same written row by row.
///
/// # Panics
/// When it breaks something.
pub fn case_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    answered(&text);
    let _ = matching::review(&text, None).map_err(|problem| problem.to_string());
    let _ = matching::check_seals(&text).map_err(|problem| problem.to_string());
}

/// A stream of events, four bytes each, to a small town: what is answered keeps the pots.
///
/// # Panics
/// When it breaks something.
pub fn event_stream(bytes: &[u8]) {
    let events: Vec<Value> = bytes.chunks_exact(4).take(MOST).enumerate().map(event).collect();
    let case =
        json!({"format": matching::evaluate::FORMAT, "kind": "ledger", "input": town(&events)});
    let Some(answer) = answered(&case.to_string()) else { panic!("the town follows the format") };
    let withdrawn = events.iter().any(|event| event["type"] == "withdraw");
    for pot in answer["pots"].as_array().into_iter().flatten() {
        for tranche in pot["tranches"].as_array().into_iter().flatten() {
            assert!(tranche["used"].as_i64() >= Some(0), "{tranche}");
            assert!(withdrawn || tranche["left"].as_i64() >= Some(0), "{tranche}");
        }
    }
}

/// Events of one stream.
const MOST: usize = 200;

fn answered(text: &str) -> Option<Value> {
    let answer = matching::evaluate(text);
    let mut written = Vec::new();
    match (&answer, matching::evaluate_to(text.to_owned(), &mut written)) {
        (Ok(tree), Ok(Ok(()))) => assert_eq!(tree.to_string().as_bytes(), written),
        (Err(one), Err(other)) => assert_eq!((one, written.len()), (&other, 0)),
        (one, other) => panic!("{one:?} and {other:?}"),
    }
    answer.ok()
}

fn event((place, bytes): (usize, &[u8])) -> Value {
    let [kind, who, what, much] = <[u8; 4]>::try_from(bytes).unwrap_or_default();
    let place = i64::try_from(place).unwrap_or(0);
    // Most events come in order; a few come back, or bear the name of another.
    let at = time(place * 400 - i64::from(who >> 5) * 100);
    let id = if kind >= 250 { place / 2 } else { place };
    let (gift, campaign) = (format!("d{}", what % 16), format!("c{}", what % 3));
    let (pot, other) = (format!("p{}", who % 2), format!("p{}", who / 2 % 2));
    let amount = i64::from(much) * i64::from(much);
    let rule = format!("r{}", what % 4);
    let mut event = match kind % 18 {
        0..=2 => json!({"type": "give", "donation": gift, "donor": format!("g{}", who % 4),
            "campaign": campaign, "amount": amount}),
        3 => json!({"type": "reserve", "donation": gift, "donor": format!("g{}", who % 4),
            "campaign": campaign, "amount": amount}),
        4 => json!({"type": "pay", "donation": gift}),
        5 => json!({"type": "refund", "donation": gift, "amount": amount}),
        6 => json!({"type": "cancel", "donation": gift}),
        7 => json!({"type": "dispute_open", "donation": gift}),
        8 => json!({"type": "dispute_lost", "donation": gift}),
        9 => json!({"type": "dispute_won", "donation": gift}),
        10 => json!({"type": "close", "campaign": campaign}),
        11 => json!({"type": "settle", "pot": pot}),
        12 => json!({"type": "final_cost", "campaign": campaign, "budget": amount * 10}),
        13 => json!({"type": "recover", "donation": gift, "amount": amount}),
        14 => json!({"type": "round_close", "pot": "p1", "rule_set": rule, "version": 1}),
        15 => json!({"type": "transfer", "from": {"pot": pot, "tranche": "t"},
            "to": {"pot": other, "tranche": "t"}, "amount": amount, "signers": ["a", "b"]}),
        16 => json!({"type": "resource", "pot": pot}),
        _ => json!({"type": "withdraw", "pot": pot, "tranche": "t", "amount": amount}),
    };
    event["id"] = json!(format!("e{id}"));
    event["at"] = json!(at);
    event
}

/// An instant of March 2026, after so many seconds.
fn time(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (day, rest) = (seconds / 86_400 % 28 + 1, seconds % 86_400);
    format!("2026-03-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

fn town(events: &[Value]) -> Value {
    let campaign = |number: u8| {
        json!({"id": format!("c{number}"), "holder": "h", "territory": "23", "rural": number == 0,
            "priority_territory": false, "publics": ["seniors"], "category": "urgence",
            "stage": "prototypage", "goal": 40_000, "budget": 90_000,
            "all_or_nothing": number == 1})
    };
    let rule = |number: u8, mode: &str, more: Value| {
        let mut rule = json!({"id": format!("r{number}"), "version": 1,
            "pot": format!("p{}", number / 2), "rank": number, "mode": mode, "rate_bps": 7_000,
            "effective_from": "2026-01-01T00:00:00Z"});
        for (key, value) in more.as_object().into_iter().flatten() {
            rule[key] = value.clone();
        }
        rule
    };
    let tranche = |origin: &str| {
        json!({"id": "t", "at": "2026-01-01T00:00:00Z", "amount": 150_000, "origin": origin,
            "earmark": {}, "contributor": "a"})
    };
    json!({
        "settings": {"stacking": "stack", "leverage_cap_bps": 15_000,
            "public_share_max_bps": 8_000},
        "holders": [{"id": "h", "type": "association"}],
        "donors": [{"id": "g0", "kind": "citizen"}, {"id": "g1", "kind": "citizen", "group": "x"},
            {"id": "g2", "kind": "citizen", "group": "x"}, {"id": "g3", "kind": "company"}],
        "campaigns": [campaign(0), campaign(1), campaign(2)],
        "pots": [{"id": "p0", "order": 0, "tranches": [tranche("state")]},
            {"id": "p1", "order": 1, "tranches": [tranche("company")]}],
        "rule_sets": [
            rule(0, "first_come", json!({"eligibility": {"rural": true},
                "caps": {"per_donor_campaign_base_cap": 20_000}, "rematch_at_close": true})),
            rule(1, "threshold", json!({"threshold": {"goal_share_bps": 5_000,
                "award": "per_gift"}})),
            rule(2, "pro_rata", json!({"eligibility": {"donor_kinds": ["company"]}})),
            rule(3, "quadratic", json!({"rate_bps": 0, "quadratic": {"pair_bound": 5_000}})),
        ],
        "events": events,
    })
}
