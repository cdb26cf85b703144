//! Letters are stored: an old row must parse as long as the house stands.

use std::{collections::BTreeSet, fs, path::PathBuf};

use mail::{Letter, samples};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Set `ESSAIM_WRITE_GOLDEN` to write the files of new letters; an existing one is never rewritten.
#[test]
fn each_sample_is_written_as_its_golden_file() {
    for (name, letter) in samples::all() {
        let path = folder().join(format!("{name}.json"));
        if !path.exists() && std::env::var_os("ESSAIM_WRITE_GOLDEN").is_some() {
            fs::write(&path, serde_json::to_string_pretty(&letter).unwrap() + "\n").unwrap();
        }
        let stored: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(serde_json::to_value(&letter).unwrap(), stored, "{name}");
        assert_eq!(stored["kind"], letter.kind(), "{name}");
    }
}

#[test]
fn each_golden_file_still_parses() {
    let mut kinds = BTreeSet::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let letter: Letter = serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!("{}: {error}", path.display());
        });
        kinds.insert(letter.kind());
    }
    assert_eq!(kinds.len(), 19, "a kind of letter has no golden file: {kinds:?}");
}

/// Rows written before a field existed: the fields with a default may be absent.
#[test]
fn a_row_without_the_optional_fields_parses() {
    let old = r#"{"kind":"thanks","gift":{"amount":2000,"given_at":"2026-11-22T13:36:00Z",
        "method":"carte","reference":"r","project":{"title":"t","url":"u","holder":"h"},
        "gift_url":"g"},"matched":0,"received":2000,"lines":[]}"#;
    let letter: Letter = serde_json::from_str(old).unwrap();
    assert_eq!(letter.kind(), "thanks");
}

#[test]
fn only_news_can_be_refused() {
    let refusable: Vec<_> = samples::all()
        .into_iter()
        .filter(|(_, letter)| !letter.is_service())
        .map(|(name, _)| name)
        .collect();
    let expected = [
        "progress-25",
        "progress-50",
        "progress-75",
        "progress-minimum-follower",
        "progress-optimum",
        "update",
    ];
    assert_eq!(refusable, expected);
}
