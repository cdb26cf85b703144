//! Every worked case, to the cent.

use serde_json::Value;

/// Evaluates a case as the auditor does: without what is expected, and without the notes.
fn answer(text: &str) -> (Value, Value) {
    let mut case: Value = serde_json::from_str(text).unwrap();
    let object = case.as_object_mut().unwrap();
    let expected = object.remove("expected").unwrap();
    object.remove("notes");
    let answer = matching::evaluate(&case.to_string()).unwrap();
    let mut written = Vec::new();
    matching::evaluate_to(case.to_string(), &mut written).unwrap().unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), answer.to_string());
    (answer, expected)
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

/// The files of a folder, by their first three letters.
fn file(number: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
    let mut files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let starts =
        |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(number);
    std::fs::read_to_string(files.find(starts).unwrap()).unwrap()
}

macro_rules! worked {
    ($($name:ident: $number:literal,)+) => {
        $(
            #[test]
            fn $name() {
                let (got, want) = answer(&file($number));
                assert_eq!(first_difference(&want, &got, "$"), None);
            }
        )+

        #[test]
        fn every_case_file_is_a_test() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
            let mut found: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().file_name().to_str().unwrap()[..3].to_owned())
                .collect();
            found.sort();
            assert_eq!(found, [$($number),+]);
        }
    };
}

worked! {
    largest_remainder_gives_a_tie_to_the_smallest_id: "M01",
    a_rural_bonus_doubles_the_rate_under_caps: "M02",
    earmarked_money_stays_rather_than_leak: "M03",
    a_pot_may_run_out_inside_a_gift: "M04",
    pots_share_a_gift_without_matching_a_euro_twice: "M05",
    ceilings_on_public_money_let_private_money_in: "M06",
    a_threshold_is_met_or_missed: "M07",
    a_late_webhook_keeps_its_rules_and_takes_what_is_left: "M08",
    envelopes_follow_need_and_move_at_a_checkpoint: "M09",
    a_round_is_shared_in_proportion: "M10",
    a_quadratic_round_counts_groups_and_bounds_pairs: "M11",
    a_flow_serves_where_greed_fails: "M12",
    a_debit_under_way_keeps_its_match: "M13",
    the_rules_of_the_demonstration_add_up: "M14",
    a_tranche_may_be_short_and_money_may_move: "M15",
    a_final_cost_takes_back_what_passes_the_ceilings: "M16",
    sources_are_chosen_again_and_no_match_changes: "M17",
}
