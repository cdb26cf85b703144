//! One gift through the functions the product calls.

use std::collections::BTreeMap;

use domain::{BasisPoints, Cents, UtcSeconds, ids::PotId, pot::Origin};
use matching::{
    Binding, GiftFacts, Line, PotSnapshot, Record, RefundRefused, RuleSet, Snapshot, Terms, Usage,
    case::{GiftKind, Settings, Stacking},
    decide, decide_under, outlook, refund,
    seal::{self, Digest},
    tranche::Tranche,
};
use proptest::{collection::vec, prelude::*};
use serde_json::json;

fn settings(stacking: Stacking, leverage: i64) -> Settings {
    let leverage_cap_bps = BasisPoints::new(leverage);
    Settings { stacking, leverage_cap_bps, ..Settings::default() }
}

fn rule(place: usize, version: i64, rate: i64) -> RuleSet {
    serde_json::from_value(json!({
        "id": format!("r{place}"), "version": version, "pot": format!("p{place}"),
        "mode": "first_come", "effective_from": "2026-01-01T00:00:00Z", "rate_bps": rate,
    }))
    .unwrap()
}

fn tranche(amount: i64) -> Tranche {
    serde_json::from_value(json!({
        "id": "t", "at": "2026-01-01T00:00:00Z", "amount": amount, "origin": "company",
        "earmark": {},
    }))
    .unwrap()
}

fn snapshot(settings: Settings, pots: &[(i64, i64)]) -> Snapshot {
    let pot = |(place, (rate, amount)): (usize, &(i64, i64))| PotSnapshot {
        id: PotId::new(format!("p{place}")),
        order: 1,
        tranches: vec![(tranche(*amount), Cents::new(*amount))],
        envelope_left: None,
        rule_sets: vec![rule(place, 1, *rate)],
        usage: BTreeMap::new(),
    };
    Snapshot {
        at: "2026-03-01T09:00:00Z".parse().unwrap(),
        settings,
        campaign: serde_json::from_value(json!({
            "id": "c", "holder": "h", "territory": "23", "rural": true,
            "priority_territory": false, "publics": [], "category": "urgence",
            "stage": "amorcage", "goal": 100_000, "budget": 100_000, "all_or_nothing": false,
        }))
        .unwrap(),
        holder: serde_json::from_value(json!({"id": "h", "type": "association"})).unwrap(),
        donor: serde_json::from_value(json!({"id": "a", "kind": "citizen"})).unwrap(),
        eu_drawn: Cents::ZERO,
        public_drawn: Cents::ZERO,
        undertaking_public_drawn: Cents::ZERO,
        undertaking_aid: Vec::new(),
        pots: pots.iter().enumerate().map(pot).collect(),
    }
}

const fn cash(amount: i64) -> GiftFacts {
    GiftFacts { amount: Cents::new(amount), kind: GiftKind::Cash }
}

fn total(lines: &[Line], of: fn(&Line) -> Cents) -> i64 {
    lines.iter().map(|line| of(line).get()).sum()
}

#[test]
fn a_decision_explains_itself_and_its_digest_is_stable() {
    let mut snapshot = snapshot(settings(Stacking::Stack, 20_000), &[(5_000, 10_000), (0, 1)]);
    snapshot.pots[1].rule_sets.push(rule(1, 2, 0));
    let decision = decide(&snapshot, &cash(2_000)).unwrap();
    assert_eq!(decision.granted(), Cents::new(1_000));
    let told = serde_json::to_value(&decision.explanation).unwrap();
    assert_eq!(told["pots"][0]["line"]["limits"][0], json!({"name": "leverage", "left": 4_000}));
    assert_eq!(told["pots"][0]["line"]["tranches"][0]["drawn"], 1_000);
    assert_eq!(
        told["pots"][1]["considered"],
        json!([{"rule_set": "r1@2", "why_not": "rate_zero"}])
    );
    let digest = |explanation: &matching::Explanation| explanation.digest().unwrap();
    assert_eq!(digest(&decision.explanation), digest(&decision.explanation.clone()));
    let record = Record::of_decision("e1".into(), "d1".into(), &snapshot, &decision).unwrap();
    let other = Record { event: "e2".into(), ..record.clone() };
    assert_ne!(record.digest().unwrap(), other.digest().unwrap());
    let text = serde_json::to_string(&decision).unwrap();
    let back: matching::Decision = serde_json::from_str(&text).unwrap();
    assert_eq!(back, decision);
    snapshot.at = UtcSeconds::new(0);
    let early = decide(&snapshot, &cash(2_000)).unwrap();
    assert!(early.lines.is_empty(), "no rule is in force in 1970");
    assert_ne!(digest(&early.explanation), digest(&decision.explanation));
}

#[test]
fn a_late_payment_keeps_the_rules_of_its_reservation() {
    let mut snapshot = snapshot(settings(Stacking::Stack, 20_000), &[(10_000, 700)]);
    let reserved = decide(&snapshot, &cash(500)).unwrap();
    let mut second = rule(0, 2, 2_000);
    second.effective_from = snapshot.at;
    snapshot.pots[0].rule_sets.push(second);
    snapshot.pots.push(PotSnapshot { id: PotId::new("new"), ..snapshot.pots[0].clone() });
    let terms = Terms::of_lines(&reserved.lines);
    let late = decide_under(&snapshot, &cash(500), &terms).unwrap();
    assert_eq!(late.lines, reserved.lines);
    let now = decide(&snapshot, &cash(500)).unwrap();
    assert_eq!(now.lines[0].rule_set.to_string(), "r0@2");
}

#[test]
fn the_outlook_is_what_no_donor_and_no_ceiling_could_pass() {
    let mut snapshot =
        snapshot(settings(Stacking::Stack, 20_000), &[(5_000, 70_000), (4_000, 9_000)]);
    snapshot.settings.public_share_max_bps = Some(BasisPoints::new(8_000));
    snapshot.campaign.other_public_funding = Cents::new(20_000);
    snapshot.public_drawn = Cents::new(26_001);
    snapshot.pots[0].tranches[0].0.origin = Origin::State;
    let seen = |snapshot: &Snapshot| {
        let decision = decide(snapshot, &cash(2_000)).unwrap();
        outlook(snapshot, &decision).unwrap()
    };
    let found = seen(&snapshot);
    // 80 % of 1,000 € less what is held, and the whole of the company's pot.
    assert_eq!(found.left, Cents::new(100_000 * 8 / 10 - 46_001 + 9_000));
    let public = found.public.unwrap();
    assert_eq!((public.now.get(), public.most.get()), (4_600, 8_000));
    let caps = &mut snapshot.pots[0].rule_sets[0].caps;
    caps.per_campaign_match_cap = Some(Cents::new(1_500));
    assert_eq!(seen(&snapshot).left, Cents::new(1_500 + 9_000));
    snapshot.pots[1].rule_sets.clear();
    assert_eq!(seen(&snapshot).left, Cents::new(1_500), "a pot without a rule answers nobody");
    snapshot.campaign.budget = Cents::ZERO;
    assert_eq!(seen(&snapshot).public, None);
}

#[test]
fn counters_lower_the_base_and_the_match() {
    let mut snapshot = snapshot(settings(Stacking::Stack, 20_000), &[(10_000, 90_000)]);
    let rule = &mut snapshot.pots[0].rule_sets[0];
    rule.caps.per_donor_campaign_base_cap = Some(Cents::new(1_000));
    rule.caps.per_donor_match_cap = Some(Cents::new(500));
    let usage = Usage {
        donor_campaign_base_used: Cents::new(300),
        donor_match: Cents::new(300),
        campaign_match: Cents::ZERO,
    };
    snapshot.pots[0].usage.insert("r0".to_owned(), usage);
    let line = &decide(&snapshot, &cash(2_000)).unwrap().lines[0];
    assert_eq!((line.base.get(), line.want.get(), line.granted.get()), (700, 700, 200));
    assert_eq!(line.binding, Binding::DonorCap);
    assert_eq!(line.base_used, Cents::new(200));
    assert_eq!(line.reducer, Some(Binding::DonorBase));
}

#[test]
fn a_refund_is_at_most_the_gift() {
    let settings = settings(Stacking::Stack, 20_000);
    let lines = decide(&snapshot(settings.clone(), &[(10_000, 900)]), &cash(500)).unwrap().lines;
    let refused = |amount| refund(&lines, Cents::new(500), Cents::new(amount), &settings);
    assert_eq!(refused(0), Err(RefundRefused::BadAmount));
    assert_eq!(refused(501), Err(RefundRefused::ExceedsNet));
    let whole = refused(500).unwrap();
    assert_eq!(whole.freed, [(PotId::new("p0"), lines[0].sources[0].clone())]);
    assert_eq!(whole.lines_after[0].binding, Binding::Released);
}

#[test]
fn a_record_is_found_in_the_tree_of_its_day() {
    let leaves: Vec<Digest> = (0..13).map(|n| seal::leaf(&json!({"n": n})).unwrap()).collect();
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(seal::root(&[]).to_string(), empty);
    for count in 1..=leaves.len() {
        let root = seal::root(&leaves[..count]);
        for (index, leaf) in leaves[..count].iter().enumerate() {
            let path = seal::path(&leaves[..count], index).unwrap();
            assert_eq!(seal::climb(*leaf, &path), root);
        }
        assert!(seal::path(&leaves[..count], count).is_none());
    }
    let day = time::macros::date!(2026 - 03 - 01);
    let first = seal::seal(Digest::ZERO, seal::root(&leaves), day);
    assert_ne!(seal::seal(first, seal::root(&leaves), day), first);
}

#[test]
fn canonical_json_sorts_keys_as_utf16_and_refuses_fractions() {
    let value = json!({"\u{e9}": 1, "a\n": [true, null], "\u{1f600}": "\u{1}\"", "\u{ffff}": -5});
    let text = seal::canonical(&value).unwrap();
    assert_eq!(text, "{\"a\\n\":[true,null],\"é\":1,\"😀\":\"\\u0001\\\"\",\"\u{ffff}\":-5}");
    assert!(seal::canonical(&json!(0.5)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn under_residual_no_euro_is_matched_twice(
        pots in vec((0..40_000_i64, 0..30_000_i64), 1..6),
        amount in 1..20_000_i64, back in 1..20_000_i64, leverage in 0..40_000_i64,
    ) {
        let settings = settings(Stacking::Residual, leverage);
        let lines = decide(&snapshot(settings.clone(), &pots), &cash(amount)).unwrap().lines;
        prop_assert!(total(&lines, |line| line.base_used) <= amount);
        let net = Cents::new(amount);
        if let Ok(after) = refund(&lines, net, Cents::new(back), &settings) {
            prop_assert!(total(&after.lines_after, |line| line.base_used) <= after.net.get());
        }
    }

    #[test]
    fn a_refund_never_raises_a_line_and_frees_what_it_takes(
        pots in vec((0..40_000_i64, 0..30_000_i64), 1..6), stack in any::<bool>(),
        amount in 1..20_000_i64, back in 1..20_000_i64, leverage in 0..40_000_i64,
    ) {
        let stacking = if stack { Stacking::Stack } else { Stacking::Residual };
        let settings = settings(stacking, leverage);
        let lines = decide(&snapshot(settings.clone(), &pots), &cash(amount)).unwrap().lines;
        let back = Cents::new(back.min(amount));
        let after = refund(&lines, Cents::new(amount), back, &settings).unwrap();
        for (before, after) in lines.iter().zip(&after.lines_after) {
            prop_assert!(after.granted <= before.granted);
        }
        let freed: i64 = after.freed.iter().map(|(_, source)| source.amount.get()).sum();
        let kept = total(&after.lines_after, |line| line.granted);
        prop_assert_eq!(kept + freed, total(&lines, |line| line.granted));
        prop_assert!(kept <= settings.leverage_cap_bps.of(after.net).unwrap().get());
    }

    #[test]
    fn a_larger_gift_never_gets_less(
        pots in vec((0..40_000_i64, 0..30_000_i64), 1..2), stack in any::<bool>(),
        amount in 1..20_000_i64, more in 0..5_000_i64,
    ) {
        let stacking = if stack { Stacking::Stack } else { Stacking::Residual };
        let snapshot = snapshot(settings(stacking, 20_000), &pots);
        let small = decide(&snapshot, &cash(amount)).unwrap().granted();
        prop_assert!(decide(&snapshot, &cash(amount + more)).unwrap().granted() >= small);
    }

    #[test]
    fn splitting_a_gift_gains_nothing(
        rate in 1..30_000_i64, pot in 0..50_000_i64, parts in vec(1..5_000_i64, 1..6),
    ) {
        let mut whole = snapshot(settings(Stacking::Stack, 100_000), &[(rate, pot)]);
        let at_once = decide(&whole, &cash(parts.iter().sum())).unwrap().granted().get();
        let mut apart = 0;
        for part in &parts {
            let granted = decide(&whole, &cash(*part)).unwrap().granted();
            let left = &mut whole.pots[0].tranches[0].1;
            *left = left.minus(granted).unwrap();
            apart += granted.get();
        }
        prop_assert!(apart <= at_once);
        prop_assert!(at_once - apart < i64::try_from(parts.len()).unwrap());
    }
}
