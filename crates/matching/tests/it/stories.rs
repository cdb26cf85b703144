//! Cases worked by hand: what each one fixes is in its name.

use serde_json::{Value, json};

use crate::town::{answer, time};

/// A ledger with one pot `p` of one tranche, one rule and campaigns `c` and `z`.
struct Story {
    input: Value,
    clock: i64,
}

impl Story {
    fn new(tranche: &Value, rule: &Value) -> Self {
        let campaign = |id: &str| {
            json!({"id": id, "holder": format!("h_{id}"), "territory": "23", "rural": true,
                   "priority_territory": false, "publics": [], "category": "urgence",
                   "stage": "amorcage", "goal": 10_000, "budget": 100_000,
                   "all_or_nothing": false})
        };
        let donor = |id: &str| json!({"id": id, "kind": "citizen"});
        let mut story = Self {
            input: json!({
                "settings": {},
                "holders": [{"id": "h_c", "type": "association"},
                            {"id": "h_z", "type": "association"}],
                "donors": [donor("a"), donor("b"), donor("e")],
                "campaigns": [campaign("c"), campaign("z")],
                "pots": [{"id": "p", "order": 1, "tranches": [
                    {"id": "t", "at": "2026-01-01T00:00:00Z", "origin": "state", "earmark": {}}]}],
                "rule_sets": [{"id": "r", "version": 1, "pot": "p", "mode": "first_come",
                    "effective_from": "2026-01-01T00:00:00Z", "rate_bps": 10_000}],
                "events": [],
            }),
            clock: 0,
        };
        story.set("/pots/0/tranches/0", tranche);
        story.set("/rule_sets/0", rule);
        story
    }

    /// Puts keys into the object at a place.
    fn set(&mut self, at: &str, keys: &Value) {
        let object = self.input.pointer_mut(at).unwrap().as_object_mut().unwrap();
        object.extend(keys.as_object().unwrap().clone());
    }

    /// The next event, one minute later.
    fn then(&mut self, kind: &str, keys: &Value) {
        self.clock += 60;
        let mut event = keys.clone();
        event["type"] = json!(kind);
        event["at"] = json!(time(self.clock));
        event["id"] = json!(format!("e{}", self.clock));
        self.input["events"].as_array_mut().unwrap().push(event);
    }

    fn gives(&mut self, donation: &str, donor: &str, amount: i64) {
        let gift = json!({"donation": donation, "donor": donor, "campaign": "c", "amount": amount});
        self.then("give", &gift);
    }

    fn end(&self) -> Value {
        answer("ledger", &self.input)
    }
}

fn line(answer: &Value, gift: usize) -> (i64, &str) {
    let line = &answer["donations"][gift]["lines"][0];
    (line["granted"].as_i64().unwrap(), line["binding"].as_str().unwrap())
}

#[test]
fn a_lump_sum_is_drawn_once_when_the_threshold_is_met() {
    let rule = json!({"mode": "threshold", "threshold": {"amount": 6_000, "min_donors": 2,
        "award": "lump_sum", "award_amount": 5_000}});
    let mut story = Story::new(&json!({"amount": 4_500}), &rule);
    story.gives("d1", "a", 3_000);
    story.gives("d2", "b", 4_000);
    story.then("close", &json!({"campaign": "c"}));
    story.then("close", &json!({"campaign": "z"}));
    story.then("close", &json!({"campaign": "c"}));
    let end = story.end();
    let award = json!({"pot": "p", "rule_set": "r@1", "granted": 4_500, "binding": "pot",
        "sources": [{"tranche": "t", "amount": 4_500}]});
    assert_eq!(end["campaigns"][0]["awards"], json!([award]));
    assert_eq!(end["campaigns"][1]["awards"], json!([]));
    assert_eq!(end["donations"][0]["lines"], json!([]));
    assert_eq!(end["rejected"], json!([{"event": "e300", "reason": "campaign_closed"}]));
}

#[test]
fn a_line_that_found_too_little_draws_again_at_the_close() {
    let mut story = Story::new(&json!({"amount": 1_000}), &json!({"rematch_at_close": true}));
    story.gives("d1", "a", 800);
    story.gives("d2", "b", 500);
    story.then("refund", &json!({"donation": "d1", "amount": 800}));
    assert_eq!(line(&story.end(), 1), (200, "pot"));
    story.then("close", &json!({"campaign": "c"}));
    let end = story.end();
    assert_eq!(line(&end, 1), (500, "none"));
    let sources = json!([{"tranche": "t", "amount": 500}]);
    assert_eq!(end["donations"][1]["lines"][0]["sources"], sources);
}

#[test]
fn a_local_authority_that_invests_keeps_its_own_share() {
    // At 20 % of own share, others give at most four times 2000; 1000 came from elsewhere.
    let mut story = Story::new(&json!({"amount": 50_000}), &json!({}));
    story.set("/settings", &json!({"min_own_share_bps": 2_000}));
    story.set("/holders/0", &json!({"type": "local_authority"}));
    let plan =
        json!({"investment": true, "own_contribution": 2_000, "other_public_funding": 1_000});
    story.set("/campaigns/0", &plan);
    story.gives("d1", "a", 10_000);
    assert_eq!(line(&story.end(), 0), (7_000, "own_share"));
}

#[test]
fn aid_counts_from_the_same_date_three_years_before() {
    // The gift is of 1 March 2026: the first of March 2023 counts whole, the day before does not.
    let mut story = Story::new(&json!({"amount": 50_000}), &json!({}));
    story.set("/settings", &json!({"de_minimis_limit": 10_000}));
    let shop = json!({"undertaking": "u", "economic_activity": true,
        "de_minimis": [{"at": "2023-02-28T23:59:59Z", "amount": 5_000}]});
    story.set("/holders/0", &shop);
    let sister = json!({"undertaking": "u",
        "de_minimis": [{"at": "2023-03-01T00:00:00Z", "amount": 4_000}]});
    story.set("/holders/1", &sister);
    let gift = json!({"donation": "d0", "donor": "a", "campaign": "z", "amount": 1_000});
    story.then("give", &gift);
    story.gives("d1", "a", 9_000);
    assert_eq!(line(&story.end(), 1), (5_000, "de_minimis"));
}

#[test]
fn a_parked_refund_above_the_gift_leaves_the_payment() {
    let mut story = Story::new(&json!({"amount": 5_000}), &json!({}));
    let gift = json!({"donation": "d1", "donor": "a", "campaign": "c", "amount": 1_000});
    story.then("reserve", &gift);
    story.then("refund", &json!({"donation": "d1", "amount": 2_000}));
    story.then("refund", &json!({"donation": "d1", "amount": 400}));
    story.then("pay", &json!({"donation": "d1"}));
    story.then("pay", &json!({"donation": "d1"}));
    let end = story.end();
    assert_eq!(end["donations"][0]["status"], "committed");
    assert_eq!((end["donations"][0]["net"].as_i64(), line(&end, 0).0), (Some(600), 600));
    let rejected = json!([{"event": "e120", "reason": "refund_exceeds_net"},
        {"event": "e300", "reason": "already_paid"}]);
    assert_eq!(end["rejected"], rejected);
}

#[test]
fn a_debit_that_clears_after_the_close_is_due_back() {
    let mut story = Story::new(&json!({"amount": 5_000}), &json!({}));
    let gift = json!({"donation": "d1", "donor": "a", "campaign": "c", "amount": 1_000});
    story.then("reserve", &gift);
    story.then("close", &json!({"campaign": "c"}));
    assert_eq!(story.end()["donations"][0]["status"], "cancelled");
    story.then("pay", &json!({"donation": "d1"}));
    story.then("refund", &json!({"donation": "d1", "amount": 1}));
    let end = story.end();
    assert_eq!(end["donations"][0]["status"], "refund_due");
    assert_eq!(line(&end, 0), (0, "released"));
    let rejected = json!([{"event": "e180", "reason": "campaign_closed"},
        {"event": "e240", "reason": "not_refundable"}]);
    assert_eq!(end["rejected"], rejected);
}

#[test]
fn envelopes_bind_and_move_at_a_checkpoint() {
    let mut story = Story::new(&json!({"amount": 90_000}), &json!({}));
    story.set("/pots/0", &json!({"envelopes": {"23": 3_000, "48": 5_000, "75": 1_000}}));
    story.gives("d1", "a", 4_000);
    // 23 used it all; 48 and 75 used nothing and give back half.
    story.then(
        "checkpoint",
        &json!({"pot": "p", "weights": {"23": 1, "48": 9},
        "use_threshold_bps": 5_000, "release_bps": 5_000}),
    );
    story.gives("d2", "b", 9_000);
    let end = story.end();
    assert_eq!(line(&end, 0), (3_000, "envelope"));
    assert_eq!(line(&end, 1), (3_000, "envelope"));
    assert_eq!(end["rounds"][0]["moved"], 3_000);
    let row = json!({"territory": "23", "amount": 6_000, "used": 6_000});
    assert_eq!(end["pots"][0]["envelopes"][0], row);
    assert_eq!(end["pots"][0]["envelopes"][1]["amount"], 2_500);
}

#[test]
fn a_refund_after_a_quadratic_round_releases_its_part() {
    // Two groups of 10000: the pair weighs 2 × 10000, each is shown half.
    let rule = json!({"mode": "quadratic", "quadratic": {}});
    let mut story = Story::new(&json!({"amount": 30_000}), &rule);
    story.gives("d1", "a", 10_000);
    story.gives("d2", "b", 10_000);
    story.then("round_close", &json!({"pot": "p", "rule_set": "r", "version": 1}));
    let granted = |story: &Story| story.end()["campaigns"][0]["awards"][0]["granted"].clone();
    assert_eq!(granted(&story), 20_000);
    story.then("refund", &json!({"donation": "d1", "amount": 5_000}));
    assert_eq!(granted(&story), 15_000);
    story.then("refund", &json!({"donation": "d1", "amount": 5_000}));
    assert_eq!(granted(&story), 10_000);
    assert_eq!(story.end()["pots"][0]["used"], 10_000);
}

#[test]
fn nobody_is_matched_by_their_own_money() {
    let mut story = Story::new(&json!({"amount": 9_000, "contributor_group": "g"}), &json!({}));
    story.set("/donors/0", &json!({"group": "g"}));
    story.set("/donors/1", &json!({"group": "firm"}));
    story.set("/holders/0", &json!({"undertaking": "firm"}));
    story.gives("d1", "a", 1_000);
    story.gives("d2", "b", 1_000);
    story.gives("d3", "e", 1_000);
    let end = story.end();
    assert_eq!(line(&end, 0), (0, "pot"));
    assert_eq!(end["donations"][1]["lines"], json!([]));
    assert_eq!(line(&end, 2), (1_000, "none"));
}

#[test]
fn skills_are_matched_only_when_named_and_never_raise_cash() {
    let mut story = Story::new(&json!({"amount": 9_000}), &json!({}));
    let hours = |name: &str| {
        json!({"donation": name, "donor": "a", "campaign": "c",
        "amount": 1_000, "kind": "skills"})
    };
    story.then("give", &hours("d1"));
    assert_eq!(story.end()["donations"][0]["lines"], json!([]));
    story.set("/rule_sets/0", &json!({"eligibility": {"donation_kinds": ["cash", "skills"]}}));
    let end = story.end();
    assert_eq!(line(&end, 0), (1_000, "none"));
    assert_eq!(end["campaigns"][0]["raised"], 0);
}

#[test]
fn bonuses_combine_as_the_rule_says() {
    let bonuses = json!([{"id": "rural", "when": {"rural": true}, "multiplier_bps": 15_000},
        {"id": "urgent", "when": {"categories": ["urgence"]}, "multiplier_bps": 12_000},
        {"id": "no", "when": {"stages": ["essaimage"]}, "multiplier_bps": 90_000}]);
    for (combine, cap, rate) in [
        ("max", Value::Null, 4_999),
        ("sum", Value::Null, 5_666),
        ("product", Value::Null, 5_999),
        ("product", json!(5_000), 5_000),
    ] {
        let rule = json!({"rate_bps": 3_333, "combine": combine, "bonuses": bonuses,
            "rate_cap_bps": cap});
        let mut story = Story::new(&json!({"amount": 9_000}), &rule);
        story.gives("d1", "a", 1_000);
        assert_eq!(story.end()["donations"][0]["lines"][0]["rate_bps"], rate, "{combine}");
    }
}

#[test]
fn a_failed_campaign_gives_its_match_back_even_when_it_was_paid_out() {
    let mut story = Story::new(&json!({"amount": 9_000}), &json!({}));
    story.set("/campaigns/0", &json!({"all_or_nothing": true}));
    story.gives("d1", "a", 1_000);
    story.then("settle", &json!({"pot": "p"}));
    story.gives("d2", "b", 2_000);
    story.then("dispute_open", &json!({"donation": "d2"}));
    story.then("close", &json!({"campaign": "c"}));
    let end = story.end();
    assert_eq!(end["campaigns"][0]["status"], "failed");
    for gift in 0..2 {
        assert_eq!(end["donations"][gift]["status"], "refund_due");
        assert_eq!(line(&end, gift), (0, "released"));
    }
    let pot = &end["pots"][0];
    assert_eq!((&pot["used"], &pot["receivable"]), (&json!(1_000), &json!(1_000)));
}
