use time::macros::datetime;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-25 16:00 UTC);

fn rule(document: Value) -> Value {
    let mut whole = json!({
        "id": "national", "version": 2, "pot": "fonds", "mode": "first_come", "rate_bps": 5000,
        "label_fr": "Socle", "effective_from": "1970-01-01T00:00:00Z", "effective_to": null,
    });
    for (key, value) in document.as_object().unwrap() {
        whole[key] = value.clone();
    }
    let rule: matching::RuleSet = serde_json::from_value(whole).unwrap();
    json!(rule)
}

/// Shown and sent back, as the engine reads it.
fn again(rule: &Value) -> Value {
    let sent = read(&shown(rule, NOW), rule).unwrap();
    json!(serde_json::from_value::<matching::RuleSet>(sent).unwrap())
}

#[test]
fn a_rule_shown_and_sent_back_is_the_same_rule() {
    let rules = [
        rule(json!({})),
        rule(json!({
            "eligibility": { "rural": true, "categories": ["urgence"], "territories": ["23", "2A"],
                "publics_any": ["jeunes"], "donor_kinds": ["citizen"], "donation_kinds": ["cash"] },
            "bonuses": [
                { "id": "r", "when": { "rural": true }, "multiplier_bps": 20000 },
                { "id": "c", "when": { "rural": true, "stages": ["amorcage"] },
                  "multiplier_bps": 12500 },
                { "id": "t", "when": { "territories": ["23"] }, "multiplier_bps": 15001 },
            ],
            "caps": { "min_donation": 500, "per_donor_match_cap": 123456,
                "per_campaign_goal_share_bps": 1234 },
            "rate_cap_bps": 20000, "combine": "sum", "rank": 3, "rematch_at_close": true,
            "effective_from": "2026-12-31T23:00:00Z",
            "effective_to": "2027-01-31T23:00:00Z", "legal_basis": "CGCT",
        })),
        rule(json!({ "mode": "threshold", "threshold": { "award": "lump_sum", "award_amount": 100,
            "goal_share_bps": 10000, "min_donors": 10 } })),
        rule(json!({ "mode": "quadratic", "quadratic": { "pair_bound": 5000, "scale_up": true,
            "pot_share_max_bps": 1500 } })),
    ];
    for rule in rules {
        assert_eq!(again(&rule), rule);
    }
}

#[test]
fn each_field_that_cannot_be_read_is_named() {
    let rule = rule(json!({}));
    let mut fields = shown(&rule, NOW);
    for (field, typed) in
        [("taux", "beaucoup"), ("minimum", "-5"), ("du", "demain"), ("rang", "un")]
    {
        fields.insert(field.to_owned(), typed.to_owned());
    }
    fields.insert("bonus-0-quand".into(), "rural".into());
    let faults = read(&fields, &rule).unwrap_err();
    let named: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(named, ["minimum", "bonus-0-fois", "rang", "taux", "du"]);
}

#[test]
fn a_field_of_no_editor_is_refused() {
    let typed = |name: &str| Typed::try_from(Fields::from([(name.to_owned(), String::new())]));
    for known in ["taux", "bonus-7-ou", "public-jeunes", "stade-amorcage", "territoires"] {
        assert!(typed(known).is_ok(), "{known}");
    }
    for unknown in ["id", "pot", "bonus-8-ou", "bonus-0-id", "public-tous", "stade-", "version"] {
        assert!(typed(unknown).is_err(), "{unknown}");
    }
}

#[test]
fn doubling_rural_gifts_is_one_row() {
    let before = rule(json!({}));
    let mut fields = shown(&before, NOW);
    fields.insert("bonus-0-quand".into(), "rural".into());
    fields.insert("bonus-0-fois".into(), "2".into());
    assert_eq!(bonuses(&fields)[0].rate, Some(10_000));
    let after = read(&fields, &before).unwrap();
    let doubled = json!([{ "id": "rural", "when": { "rural": true }, "multiplier_bps": 20000 }]);
    assert_eq!(after["bonuses"], doubled);
}
