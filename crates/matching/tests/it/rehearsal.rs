//! Rehearsals, reviews of rules and published seals.

use matching::{
    check_seals, review,
    seal::{Digest, leaf, path, root, seal},
    simulate,
    simulate::{Asked, Candidate, NotSimulated, Past, Progress, Synthetic},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::town::{Modes, ledger};

const M02: &str =
    include_str!("../../cases/M02-national-pot-1-1-with-rural-2-1-bonus-and-caps.json");
const M16: &str = include_str!("../../cases/M16-final-cost-correction-clawback-and-recovery.json");

fn rules_of(case: &str) -> Vec<Value> {
    let case: Value = serde_json::from_str(case).unwrap();
    case["input"]["rule_sets"].as_array().unwrap().clone()
}

fn under(rules: &Value) -> Asked {
    let candidate = Candidate::read("other", &rules.to_string()).unwrap();
    Asked { candidates: vec![candidate], ..Asked::default() }
}

#[test]
fn the_same_rules_change_nothing() {
    let report = simulate(M02, &under(&json!(rules_of(M02)))).unwrap();
    let rows = report["candidates"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["difference"], json!({"figures": {}, "gain": {}, "lose": {}}));
    assert_eq!(rows[0]["match"], rows[1]["match"]);
    let booked: Value = serde_json::from_str(M02).unwrap();
    let sum = |key: &str| -> i64 {
        let rows = booked["expected"]["campaigns"].as_array().unwrap();
        rows.iter().map(|row| row[key].as_i64().unwrap()).sum()
    };
    assert_eq!(rows[0]["match"], sum("match"));
    assert_eq!(rows[0]["raised"], sum("raised"));
}

#[test]
fn no_rule_loses_every_match() {
    let report = simulate(M02, &under(&json!([]))).unwrap();
    let rows = report["candidates"].as_array().unwrap();
    assert_eq!(rows[1]["match"], 0);
    assert_eq!(rows[1]["gini_bps"], 0);
    let lost = rows[1]["difference"]["figures"]["match"].as_i64().unwrap();
    assert_eq!(-lost, rows[0]["match"].as_i64().unwrap());
    let losers = rows[1]["difference"]["lose"].as_object().unwrap();
    let each: i64 = losers.values().map(|cents| cents.as_i64().unwrap()).sum();
    assert_eq!(each, lost);
}

#[test]
fn a_booked_cent_that_is_not_found_again_stops_the_rehearsal() {
    let mut case: Value = serde_json::from_str(M16).unwrap();
    simulate(&case.to_string(), &under(&json!([]))).unwrap();
    let cents = case["expected"]["pots"][0]["used"].as_i64().unwrap();
    case["expected"]["pots"][0]["used"] = json!(cents + 1);
    let refused = simulate(&case.to_string(), &under(&json!([]))).unwrap_err();
    let NotSimulated::Differs { path, booked, replayed } = refused else { panic!("{refused}") };
    assert_eq!((path.as_str(), booked, replayed), ("/pots/0/used", json!(cents + 1), json!(cents)));
}

#[test]
fn a_booked_row_too_many_or_too_few_stops_the_rehearsal() {
    let place = |change: &dyn Fn(&mut Value)| {
        let mut case: Value = serde_json::from_str(M16).unwrap();
        change(&mut case["expected"]);
        match simulate(&case.to_string(), &under(&json!([]))).unwrap_err() {
            NotSimulated::Differs { path, .. } => path,
            other => panic!("{other}"),
        }
    };
    let gifts = |booked: &mut Value| booked["donations"].as_array().unwrap().len();
    let mut case: Value = serde_json::from_str(M16).unwrap();
    let last = gifts(&mut case["expected"]);
    let less = |booked: &mut Value| drop(booked["donations"].as_array_mut().unwrap().pop());
    assert_eq!(place(&less), format!("/donations/{}", last - 1));
    let more = |booked: &mut Value| booked["donations"].as_array_mut().unwrap().push(json!({}));
    assert!(place(&more).starts_with(&format!("/donations/{last}")));
    assert_eq!(place(&|booked| booked["rounds"] = json!({})), "/rounds");
    assert_eq!(place(&|booked| booked["wishes"] = json!([])), "/wishes");
    assert_eq!(place(&|booked| drop(booked.as_object_mut().unwrap().remove("pots"))), "/pots");
    assert_eq!(place(&|booked| *booked = json!({"error": "overflow"})), "/campaigns");
    assert_eq!(place(&|booked| *booked = json!([])), "");
}

#[test]
fn progress_is_told_in_hundredths_of_all_replays() {
    let progress = Progress::default();
    assert_eq!(progress.hundredths(), 0);
    let past = Past::read(M02).unwrap();
    assert_eq!(past.rules().len(), rules_of(M02).len());
    past.rehearse(&under(&json!([])), &progress).unwrap();
    assert_eq!(progress.hundredths(), 100);
}

#[test]
fn invented_gifts_follow_their_seed_and_margins_are_counted() {
    let synthetic = |seed| Some(Synthetic { gifts: 30, seed, ..Synthetic::default() });
    let run = |seed| {
        let asked = Asked { synthetic: synthetic(seed), marginal: true, ..under(&json!([])) };
        simulate(M02, &asked).unwrap()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7)["candidates"], run(8)["candidates"]);
    let current = &run(7)["candidates"][0];
    assert!(!current["marginal"]["parameters"].as_array().unwrap().is_empty());
    let plain = simulate(M02, &under(&json!([]))).unwrap();
    assert!(current["raised"].as_i64() > plain["candidates"][0]["raised"].as_i64());
}

#[test]
fn a_year_of_copies_adds_up_and_names_its_originals() {
    let past = Past::read(M02).unwrap();
    let (begun, rules) = (past.gifts(), past.rules().to_vec());
    let from = Some("2026-06-01T00:00:00Z".parse().unwrap());
    let synthetic = Synthetic { gifts: 200, seed: 3, amounts: None, year: from };
    let candidate = Candidate { name: "same".to_owned(), rule_sets: rules, pots: Vec::new() };
    let asked =
        Asked { candidates: vec![candidate], synthetic: Some(synthetic), ..Asked::default() };
    assert!(begun < 20, "there are copies");
    let report = past.rehearse(&asked, &Progress::default()).unwrap();
    assert_eq!(report["events"], 200);
    let [current, same] = report["candidates"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!(same["difference"], json!({"figures": {}, "gain": {}, "lose": {}}));
    let counted: i64 =
        current["gifts"].as_object().unwrap().values().filter_map(Value::as_i64).sum();
    assert_eq!(counted, 200);
    let named = current["campaigns"].as_object().unwrap();
    assert!(named.keys().all(|id| !id.contains('~')), "{named:?}");
    let each: i64 = named.values().map(|row| row["match"].as_i64().unwrap()).sum();
    assert_eq!(Some(each), current["match"].as_i64());
    let stopped = Progress::default();
    stopped.stop();
    let refused = Past::read(M02).unwrap().rehearse(&asked, &stopped).unwrap_err();
    assert_eq!(refused, NotSimulated::Refused("stopped".to_owned()));
}

#[test]
fn a_review_tells_what_keeps_rules_from_publication() {
    let good = json!({"id": "r", "version": 1, "pot": "p", "mode": "first_come",
        "published_at": "2025-12-01T00:00:00Z", "effective_from": "2026-01-01T00:00:00Z",
        "rate_bps": 10_000});
    assert!(!review(&good.to_string(), None).unwrap().refuses());
    let with = |key: &str, value: Value| {
        let mut rule = good.clone();
        rule[key] = value;
        rule
    };
    let late = with("published_at", json!("2026-06-01T00:00:00Z"));
    assert!(review(&late.to_string(), None).unwrap().refuses());
    let next = with("version", json!(2));
    assert!(review(&json!([good, next]).to_string(), None).unwrap().refuses());
    let nowhere = with("eligibility", json!({"territories": ["75000 Paris"]}));
    assert!(review(&nowhere.to_string(), None).unwrap().refuses());
    assert!(review(&good.to_string(), Some(M02)).unwrap().refuses(), "the pot is unknown");
    for bad in [with("id", json!("No")), with("wish", json!(1)), with("rate_bps", json!(-1))] {
        review(&bad.to_string(), None).unwrap_err();
    }
}

fn day(text: &str) -> time::Date {
    let format = &time::format_description::well_known::Iso8601::DATE;
    time::Date::parse(text, format).unwrap()
}

/// Two days; the second holds three records.
fn seals() -> Value {
    let records: Vec<Value> = (0..3).map(|number| json!({"event": number})).collect();
    let leaves: Vec<Digest> = records.iter().map(|record| leaf(record).unwrap()).collect();
    let first = seal(Digest::ZERO, root(&[]), day("2026-02-28"));
    let second = seal(first, root(&leaves), day("2026-03-01"));
    json!({"format": "essaim-seals/1", "days": [
        {"day": "2026-02-28", "root": root(&[]), "seal": first, "leaves": []},
        {"day": "2026-03-01", "root": root(&leaves), "seal": second, "leaves": leaves}],
        "proofs": [{"day": "2026-03-01", "record": records[2], "path": path(&leaves, 2)}]})
}

#[test]
fn published_seals_are_counted_again() {
    let checked = check_seals(&seals().to_string()).unwrap();
    assert_eq!((checked.days, checked.proofs, checked.breaches.len()), (2, 1, 0));
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut file = seals();
        change(&mut file);
        json!(check_seals(&file.to_string()).unwrap().breaches)
    };
    let zero = json!(Digest::ZERO);
    assert_eq!(broken(&|f| f["proofs"][0]["record"]["event"] = json!(9))[0]["breach"], "path");
    assert_eq!(broken(&|f| f["proofs"][0]["digest"] = zero.clone())[0]["breach"], "record");
    assert_eq!(broken(&|f| f["proofs"][0]["day"] = json!("x"))[0]["breach"], "no_such_day");
    assert_eq!(broken(&|f| f["days"][1]["leaves"] = json!([]))[0]["breach"], "root");
    assert_eq!(broken(&|f| f["previous"] = zero.clone()), json!([]));
    assert_eq!(broken(&|f| f["days"][0]["seal"] = zero.clone())[0]["breach"], "seal");
    let skipped = broken(&|f| f["days"][1]["day"] = json!("2026-03-02"));
    assert_eq!(skipped[0]["breach"], "gap");
    check_seals(r#"{"format":"essaim-seals/2","days":[]}"#).unwrap_err();
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48, failure_persistence: None, ..Default::default()
    })]

    /// P11: on the rules of the past, the simulator is the ledger.
    #[test]
    fn the_simulator_is_the_ledger(input in ledger(Modes::All)) {
        let case = json!({"format": "essaim-match-case/1", "kind": "ledger", "input": input});
        let answer = matching::evaluate(&case.to_string()).unwrap();
        let mut booked = case.clone();
        booked["expected"] = answer.clone();
        let report = simulate(&booked.to_string(), &under(&input["rule_sets"])).unwrap();
        let sum = |key: &str| -> i64 {
            let rows = answer["campaigns"].as_array().unwrap();
            rows.iter().map(|row| row[key].as_i64().unwrap()).sum()
        };
        for row in report["candidates"].as_array().unwrap() {
            prop_assert_eq!(&row["match"], sum("match"));
            prop_assert_eq!(&row["raised"], sum("raised"));
        }
    }
}
