//! Every worked case, to the cent.

use serde_json::Value;

/// Evaluates a case as the auditor does: without what is expected, and without the notes.
fn answer(text: &str) -> (Value, Value) {
    let mut case: Value = serde_json::from_str(text).unwrap();
    let object = case.as_object_mut().unwrap();
    let expected = object.remove("expected").unwrap();
    object.remove("notes");
    (matching::evaluate(&case.to_string()).unwrap(), expected)
}

fn first_difference(want: &Value, got: &Value, at: &str) -> Option<String> {
    match (want, got) {
        (Value::Object(w), Value::Object(g)) => {
            let keys: std::collections::BTreeSet<&String> = w.keys().chain(g.keys()).collect();
            keys.into_iter().find_map(|key| match (w.get(key), g.get(key)) {
                (Some(w), Some(g)) => first_difference(w, g, &format!("{at}.{key}")),
                (Some(_), None) => Some(format!("{at}.{key}: missing")),
                _ => Some(format!("{at}.{key}: unexpected")),
            })
        }
        (Value::Array(w), Value::Array(g)) if w.len() == g.len() => w
            .iter()
            .zip(g)
            .enumerate()
            .find_map(|(place, (w, g))| first_difference(w, g, &format!("{at}[{place}]"))),
        _ if want == got => None,
        _ => Some(format!("{at}: want {want}, got {got}")),
    }
}

macro_rules! worked {
    ($($name:ident: $file:literal,)+) => {
        $(
            #[test]
            fn $name() {
                let (got, want) = answer(include_str!(concat!("../../cases/", $file, ".json")));
                assert_eq!(first_difference(&want, &got, "$"), None);
            }
        )+

        #[test]
        fn every_case_file_is_a_test() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
            let mut found: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            found.sort();
            assert_eq!(found, [$(concat!($file, ".json")),+]);
        }
    };
}

worked! {
    m01_apportion_equal_weights_one_cent_over: "M01-apportion-equal-weights-one-cent-over",
    m02_national_pot_1_1_with_rural_2_1_bonus_and_caps: "M02-national-pot-1-1-with-rural-2-1-bonus-and-caps",
    m03_operator_pot_earmarked_creuse_and_seniors_never: "M03-operator-pot-earmarked-creuse-and-seniors-never",
    m04_first_come_pot_runs_out_inside_a_gift: "M04-first-come-pot-runs-out-inside-a-gift",
    m05_two_pots_residual_stacking_and_leverage_cap: "M05-two-pots-residual-stacking-and-leverage-cap",
    m06_eu_and_public_ceilings_on_a_campaign: "M06-eu-and-public-ceilings-on-a-campaign",
    m07_threshold_match_and_failed_all_or_nothing_campai: "M07-threshold-match-and-failed-all-or-nothing-campai",
    m08_reservation_expiry_late_webhook_duplicate_and_ea: "M08-reservation-expiry-late-webhook-duplicate-and-ea",
    m09_equalisation_envelopes_with_floor_ceiling_and_ch: "M09-equalisation-envelopes-with-floor-ceiling-and-ch",
    m10_pro_rata_at_closing_with_campaign_cap: "M10-pro-rata-at-closing-with-campaign-cap",
    m11_quadratic_round_with_identity_group_and_pair_bou: "M11-quadratic-round-with-identity-group-and-pair-bou",
    m12_batch_flow_where_greedy_by_specificity_fails: "M12-batch-flow-where-greedy-by-specificity-fails",
    m13_extend_a_direct_debit_keeps_its_reservation: "M13-extend-a-direct-debit-keeps-its-reservation",
    m14_additive_rules_of_the_demonstration_stack_twice: "M14-additive-rules-of-the-demonstration-stack-twice",
    m15_withdraw_and_transfer_a_tranche_in_shortfall: "M15-withdraw-and-transfer-a-tranche-in-shortfall",
    m16_final_cost_correction_clawback_and_recovery: "M16-final-cost-correction-clawback-and-recovery",
    m17_re_sourcing_earmark_keys_services_and_rse_match: "M17-re-sourcing-earmark-keys-services-and-rse-match",
}
