//! What is found before a rule set is published.

use matching::{
    Finding, RuleSet,
    check::{Code, Context, check},
    tranche::{Tranche, is_territory_code},
};
use serde_json::{Value, json};

fn rule(change: &Value) -> RuleSet {
    let mut rule = json!({
        "id": "r", "version": 2, "pot": "p", "mode": "first_come", "rate_bps": 5000,
        "published_at": "2026-02-01T00:00:00Z", "effective_from": "2026-03-01T00:00:00Z",
        "effective_to": null,
    });
    let changes = change.as_object().unwrap().clone();
    rule.as_object_mut().unwrap().extend(changes);
    serde_json::from_value(rule).unwrap()
}

fn findings(change: &Value, tranches: &[Tranche], rehearsed: bool) -> Vec<Finding> {
    let campaign = serde_json::from_value(json!({
        "id": "c", "holder": "h", "territory": "23", "rural": true, "priority_territory": false,
        "publics": [], "category": "urgence", "stage": "amorcage", "goal": 1, "budget": 1,
        "all_or_nothing": false,
    }));
    let holder = serde_json::from_value(json!({"id": "h", "type": "association"}));
    let first = json!({"version": 1, "effective_to": "2026-03-01T00:00:00Z",
        "effective_from": "2026-01-01T00:00:00Z"});
    let context = Context {
        published: &[rule(&first)],
        tranches,
        has_envelopes: false,
        campaigns: &[(campaign.unwrap(), holder.unwrap())],
        knows: &|kind, code| kind == Code::Territory && code == "23",
        rehearsed,
    };
    check(&rule(change), &context)
}

#[test]
fn a_sound_rule_has_no_finding() {
    assert_eq!(findings(&json!({"eligibility": {"territories": ["23"]}}), &[], true), []);
}

#[test]
fn each_contradiction_is_named() {
    let of = |change: Value| findings(&change, &[], true);
    assert_eq!(of(json!({"published_at": "2026-03-01T00:00:01Z"})), [Finding::Retroactive]);
    assert_eq!(of(json!({"published_at": null})), [Finding::NotPublished]);
    let early = json!({"effective_from": "2026-02-28T23:59:59Z"});
    assert_eq!(of(early), [Finding::Overlap { version: 1 }]);
    assert_eq!(of(json!({"version": 1})), [Finding::VersionTaken]);
    assert_eq!(of(json!({"pot": "q"})), [Finding::OtherPot]);
    let lump = json!({"mode": "threshold", "threshold": {"award": "lump_sum"}});
    assert!(
        matches!(of(lump).as_slice(), [Finding::Shape { problem }] if problem.contains("award"))
    );
    let round = json!({"mode": "pro_rata",
        "bonuses": [{"id": "b", "when": {"donor_kinds": ["citizen"]}, "multiplier_bps": 1}]});
    assert_eq!(of(round), [Finding::DonorKeyInRound { bonus: "b".to_owned() }]);
    let unknown = Finding::UnknownCode { kind: Code::Territory, code: "99".to_owned() };
    let nobody = of(json!({"eligibility": {"territories": ["99"]}}));
    assert_eq!(nobody, [unknown, Finding::NobodyEligible]);
    assert_eq!(nobody.iter().map(Finding::refuses).collect::<Vec<_>>(), [true, false]);
    assert_eq!(findings(&json!({}), &[], false), [Finding::NotRehearsed]);
}

#[test]
fn a_quadratic_pot_has_one_earmark() {
    let tranche = |earmark: Value| -> Tranche {
        serde_json::from_value(json!({"id": "t", "at": "2026-01-01T00:00:00Z", "amount": 1,
            "origin": "citizen", "earmark": earmark}))
        .unwrap()
    };
    let round = json!({"mode": "quadratic", "quadratic": {}});
    let one = [tranche(json!({})), tranche(json!({}))];
    assert_eq!(findings(&round, &one, true), []);
    let two = [tranche(json!({})), tranche(json!({"stages": ["amorcage"]}))];
    assert_eq!(findings(&round, &two, true), [Finding::PotNotHomogeneous]);
}

#[test]
fn territories_have_four_spellings() {
    for code in ["23096", "2A004", "97302", "200034825", "23", "2B", "973", "R75"] {
        assert!(is_territory_code(code), "{code}");
    }
    for code in ["", "1", "R7", "R755", "123", "2C", "23 96", "Creuse", "é3", "20003482"] {
        assert!(!is_territory_code(code), "{code}");
    }
}
