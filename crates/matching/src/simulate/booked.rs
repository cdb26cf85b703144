//! The booked answer of a case beside that of its replay, row by row.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json, value::RawValue};

use super::NotSimulated;
use crate::{evaluate::FormatError, replay::Answer};

/// Stops at the first figure that is not found again.
pub(super) fn compare(booked: &RawValue, replayed: &Answer<'_>) -> Result<(), NotSimulated> {
    let Ok(lists) = serde_json::from_str::<BTreeMap<String, &RawValue>>(booked.get()) else {
        let lists: Value = Answer::LISTS.iter().map(|list| (*list, Value::Null)).collect();
        return Err(differs((String::new(), tree(booked)?, lists)));
    };
    let names: BTreeSet<&str> =
        lists.keys().map(String::as_str).chain(Answer::LISTS.iter().copied()).collect();
    for name in names {
        let at = format!("/{name}");
        match lists.get(name) {
            Some(list) => compare_list((name, at), list, replayed)?,
            None => {
                let list = if Answer::LISTS.contains(&name) { json!([]) } else { Value::Null };
                return Err(differs((at, Value::Null, list)));
            }
        }
    }
    Ok(())
}

fn compare_list(
    (name, at): (&str, String),
    list: &RawValue,
    replayed: &Answer<'_>,
) -> Result<(), NotSimulated> {
    let rows = serde_json::from_str::<Vec<&RawValue>>(list.get());
    let (true, Ok(rows)) = (Answer::LISTS.contains(&name), rows) else {
        return Err(differs((at, tree(list)?, Value::Null)));
    };
    for (place, row) in rows.iter().enumerate() {
        let (booked, replayed) = (tree(row)?, replayed.row(name, place).unwrap_or_default());
        if let Some(found) = first_difference(&format!("{at}/{place}"), &booked, &replayed) {
            return Err(differs(found));
        }
    }
    match replayed.row(name, rows.len()) {
        Some(more) => Err(differs((format!("{at}/{}", rows.len()), Value::Null, more))),
        None => Ok(()),
    }
}

fn tree(text: &RawValue) -> Result<Value, NotSimulated> {
    serde_json::from_str(text.get()).map_err(|error| {
        let path = "expected".to_owned();
        NotSimulated::Format(FormatError { path, line: None, problem: error.to_string() })
    })
}

fn differs((path, booked, replayed): (String, Value, Value)) -> NotSimulated {
    NotSimulated::Differs { path, booked, replayed }
}

/// The first place at which two values are not the same.
fn first_difference(at: &str, a: &Value, b: &Value) -> Option<(String, Value, Value)> {
    match (a, b) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<_> = left.keys().chain(right.keys()).collect();
            keys.into_iter().find_map(|key| {
                let of = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                first_difference(&format!("{at}/{key}"), &of(left), &of(right))
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(place, (a, b))| first_difference(&format!("{at}/{place}"), a, b))
        }
        _ if a == b => None,
        _ => Some((at.to_owned(), a.clone(), b.clone())),
    }
}
