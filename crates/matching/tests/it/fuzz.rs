//! Files and streams of events that nobody would write: an answer or a refusal, never a panic.
//!
//! Mutated on stable Rust for a bounded number of inputs; `FUZZ_CASES` asks for more. `fuzz/` has
//! the same questions for libFuzzer.

#[path = "../../../../fuzz/src/lib.rs"]
mod bodies;

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};

use crate::town::{Modes, ledger};

const CASES: [&str; 5] = [
    include_str!("../../cases/M01-apportion-equal-weights-one-cent-over.json"),
    include_str!("../../cases/M09-equalisation-envelopes-with-floor-ceiling-and-ch.json"),
    include_str!("../../cases/M12-batch-flow-where-greedy-by-specificity-fails.json"),
    include_str!("../../cases/M11-quadratic-round-with-identity-group-and-pair-bou.json"),
    include_str!("../../cases/M16-final-cost-correction-clawback-and-recovery.json"),
];

/// Pieces that tend to break readers.
const PIECES: [&str; 16] = [
    "null",
    "-1",
    "0",
    "9223372036854775807",
    "1e9",
    "1.5",
    "\"\"",
    "[]",
    "{}",
    "[[[[",
    "true",
    "\"2026-02-30T00:00:00Z\"",
    "170141183460469231731687303715884105727",
    "\u{0}",
    ",",
    "\"id\":",
];

fn cases() -> u32 {
    std::env::var("FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

/// Every place of a value that holds something.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, inside)| places(inside, format!("{at}/{key}"), found));
        }
        Value::Array(list) => {
            let each = list.iter().enumerate();
            each.for_each(|(place, inside)| places(inside, format!("{at}/{place}"), found));
        }
        _ => {}
    }
    found.push(at);
}

fn strange() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(|number| json!(number)),
        (-3..20_000_i64).prop_map(|number| json!(number)),
        any::<bool>().prop_map(|truth| json!(truth)),
        "[a-z0-9]{0,3}".prop_map(|text| json!(text)),
        Just(json!([])),
        Just(json!({})),
    ]
}

/// An event stream is taken apart and put together again: order, times and names change.
fn shuffled(input: &Value, moves: &[(Index, Index)], strange: &[(Index, Value)]) -> Value {
    let mut input = input.clone();
    if let Some(events) = input["events"].as_array_mut().filter(|events| !events.is_empty()) {
        for (from, to) in moves {
            let event = events[from.index(events.len())].clone();
            let place = to.index(events.len());
            events.insert(place, event);
        }
        for (place, value) in strange {
            let place = place.index(events.len());
            let keys: Vec<String> = events[place].as_object().unwrap().keys().cloned().collect();
            let key = &keys[value.to_string().len() % keys.len()];
            events[place][key] = value.clone();
        }
    }
    input
}

fn corpus(folder: &str, body: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty());
    files.iter().for_each(|file| body(&fs::read(file).unwrap()));
}

#[test]
fn the_corpus_of_each_target_holds() {
    corpus("cases", bodies::case_file);
    corpus("../../fuzz/corpus/event_stream", bodies::event_stream);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(), failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn a_torn_file_is_refused_or_answered(
        which in 0..CASES.len(),
        cuts in vec((any::<Index>(), 0..9_usize, any::<Index>()), 1..4),
    ) {
        let mut bytes = CASES[which].as_bytes().to_vec();
        for (at, gone, piece) in cuts {
            let at = at.index(bytes.len());
            let end = (at + gone).min(bytes.len());
            bytes.splice(at..end, PIECES[piece.index(PIECES.len())].bytes());
        }
        bodies::case_file(&bytes);
    }

    #[test]
    fn any_bytes_are_a_stream_that_keeps_the_pots(bytes in vec(any::<u8>(), 0..400)) {
        bodies::event_stream(&bytes);
    }

    #[test]
    fn a_strange_value_is_refused_or_answered(
        which in 0..CASES.len(), changes in vec((any::<Index>(), strange()), 1..4),
    ) {
        let mut case: Value = serde_json::from_str(CASES[which]).unwrap();
        for (place, value) in changes {
            let mut all = Vec::new();
            places(&case["input"], "/input".to_owned(), &mut all);
            if let Some(slot) = case.pointer_mut(&all[place.index(all.len())]) {
                *slot = value;
            }
        }
        bodies::case_file(case.to_string().as_bytes());
    }

    #[test]
    fn a_strange_stream_is_refused_or_answered(
        input in ledger(Modes::All),
        moves in vec((any::<Index>(), any::<Index>()), 0..6),
        strange in vec((any::<Index>(), strange()), 0..3),
    ) {
        let input = shuffled(&input, &moves, &strange);
        let case = json!({"format": "essaim-match-case/1", "kind": "ledger", "input": input});
        bodies::case_file(case.to_string().as_bytes());
    }
}
