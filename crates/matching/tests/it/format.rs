//! What a file may hold, and how it is refused.

use matching::evaluate;
use serde_json::{Value, json};

fn case(kind: &str, input: &Value) -> String {
    json!({"format": "essaim-match-case/1", "kind": kind, "input": input}).to_string()
}

fn refusal(kind: &str, input: &Value) -> Value {
    evaluate(&case(kind, input)).unwrap()["error"].clone()
}

#[test]
fn a_refused_case_names_its_code() {
    let item = |id: &str, weight: i64| json!({"id": id, "weight": weight});
    let apportion = |items: &Value| refusal("apportion", &json!({"total": 5, "items": items}));
    assert_eq!(apportion(&json!([item("a", -1)])), "bad_apportion_input");
    assert_eq!(apportion(&json!([item("a", 1), item("a", 1)])), "duplicate_id");
    assert_eq!(refusal("carrots", &json!({})), "unknown_kind");
    let twin = json!({"id": "h", "type": "association"});
    assert_eq!(refusal("ledger", &json!({"holders": [twin, twin]})), "duplicate_id");
}

#[test]
fn criteria_make_the_whole() {
    let envelopes = |weight: i64, value: i64| {
        json!({"total": 100, "floor_bps": 0, "ceiling_bps": 20000,
            "criteria": [{"id": "r", "weight_bps": weight, "direction": "lower_is_need",
                "reference": 10, "ratio_min_bps": 0, "ratio_max_bps": 20000}],
            "territories": [{"code": "23", "population": 10, "values": {"r": value}}]})
    };
    let weights = "criteria_weights_must_sum_to_10000";
    assert_eq!(refusal("envelopes", &envelopes(9_999, 5)), weights);
    assert_eq!(refusal("envelopes", &envelopes(10_000, 0)), "bad_apportion_input");
    let answer = evaluate(&case("envelopes", &envelopes(10_000, 5))).unwrap();
    assert_eq!(answer["territories"][0]["envelope"], 100);
}

#[test]
fn one_demand_per_campaign() {
    let demand = json!({"campaign": "c", "amount": 1, "class": 1, "at": "2026-01-01T00:00:00Z"});
    let input =
        json!({"settings": {}, "campaigns": [], "tranches": [], "demands": [demand, demand]});
    assert_eq!(refusal("flow", &input), "one_demand_per_campaign");
}

#[test]
fn large_weights_are_read_whole() {
    let text = r#"{"format":"essaim-match-case/1","kind":"apportion","input":{"total":3,
        "items":[{"id":"a","weight":9000000000000000000000001},{"id":"b","weight":1}]}}"#;
    assert_eq!(evaluate(text).unwrap()["shares"][0]["amount"], 3);
}

#[test]
fn a_file_that_breaks_the_format_is_named_where_it_does() {
    let problem = |text: &str| evaluate(text).unwrap_err().to_string();
    assert!(problem("{").contains("line 1"));
    assert!(problem(r#"{"kind":"ledger","input":{}}"#).contains("format"));
    let ledger = |input: &Value| problem(&case("ledger", input));
    assert!(ledger(&json!({"wishes": 1})).contains("wishes"));
    let event = json!({"id": "e", "type": "cancel", "at": "2026-01-01T00:00:00Z",
        "donation": "d", "amount": 5});
    let told = ledger(&json!({"events": [event]}));
    assert!(told.contains("events[0]") && told.contains("`amount`"), "{told}");
    let settle = json!({"id": "e", "type": "settle", "at": "2026-01-01T00:00:00Z", "pot": "p"});
    assert!(ledger(&json!({"events": [settle]})).contains("unknown pot"));
    let dance = json!({"id": "e", "type": "dance", "at": "2026-01-01T00:00:00Z"});
    assert!(ledger(&json!({"events": [dance]})).contains("dance"));
    let late = json!({"id": "e", "type": "settle", "at": "2026-01-01 00:00", "pot": "p"});
    assert!(ledger(&json!({"events": [late]})).contains("UTC time"));
}

#[test]
fn an_absent_key_equals_null() {
    let plain = evaluate(&case("ledger", &json!({}))).unwrap();
    let settings = json!({"stacking": null, "leverage_cap_bps": null, "reservation_ttl_s": null,
        "reservation_grace_s": null, "de_minimis_years": null, "eu_share_max_bps": null});
    let spelled = json!({"settings": settings, "holders": null, "events": null});
    assert_eq!(evaluate(&case("ledger", &spelled)).unwrap(), plain);
}
