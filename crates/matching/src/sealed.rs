//! Seals as they are published, checked by anybody: the tree of each day, the chain of days, and
//! the path from one record to the root of its day.
//!
//! ```json
//! {"format": "essaim-seals/1", "previous": null,
//!  "days": [{"day": "2026-03-01", "root": "…", "seal": "…", "leaves": ["…"]}],
//!  "proofs": [{"day": "2026-03-01", "record": {}, "path": [["right", "…"]]}]}
//! ```
//!
//! `previous` is the seal before the first day, absent at the very first. `leaves` and `proofs`
//! may be left out; a proof gives its `record`, or only the `digest` of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, format_description::well_known::Iso8601};

use crate::{
    evaluate::{FormatError, json},
    seal::{Digest, Side, climb, leaf, root, seal},
};

/// The format this module reads.
pub const FORMAT: &str = "essaim-seals/1";

/// A file of seals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seals {
    /// Always [`FORMAT`].
    pub format: String,
    /// The seal before the first day of the file; none at the very first.
    #[serde(default)]
    pub previous: Option<Digest>,
    /// One entry for each civil day in Paris, none left out.
    pub days: Vec<Day>,
    /// Records and their paths.
    #[serde(default)]
    pub proofs: Vec<Proof>,
}

/// A sealed day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// The civil day, `2026-03-01`.
    pub day: String,
    /// The root of its tree.
    pub root: Digest,
    /// Its seal.
    pub seal: Digest,
    /// The digests of its records, in (`recorded_at`, event) order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Vec<Digest>>,
}

/// That a record is in the tree of its day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The day.
    pub day: String,
    /// The record, as explained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Value>,
    /// Its digest; counted again when the record is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The neighbours on the way up.
    pub path: Vec<(Side, Digest)>,
}

/// What does not hold in a file of seals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "breach", rename_all = "snake_case")]
pub enum Breach {
    /// The digests of a day do not make its root.
    #[error("{day}: the root is not that of the leaves")]
    Root {
        /// The day.
        day: String,
    },
    /// A seal does not follow from the one before, the root and the date.
    #[error("{day}: the seal does not follow from the day before")]
    Seal {
        /// The day.
        day: String,
    },
    /// A day is missing, doubled or out of order.
    #[error("{day}: is not the day after the one before")]
    Gap {
        /// The day.
        day: String,
    },
    /// A record is not the one of the digest.
    #[error("proof {proof}: the digest is not that of the record")]
    Record {
        /// Which proof, from 0.
        proof: usize,
    },
    /// A path does not lead to the root of the day.
    #[error("proof {proof}: does not lead to the root of {day}")]
    Path {
        /// Which proof, from 0.
        proof: usize,
        /// The day.
        day: String,
    },
    /// A proof is of a day that the file does not hold.
    #[error("proof {proof}: {day} is not in the file")]
    NoSuchDay {
        /// Which proof, from 0.
        proof: usize,
        /// The day.
        day: String,
    },
}

/// What a file of seals holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// How many days.
    pub days: usize,
    /// How many records were found in their day.
    pub proofs: usize,
    /// The seal of the last day: what stands in the next `previous`.
    pub last: Option<Digest>,
    /// All that does not hold; empty when everything does.
    pub breaches: Vec<Breach>,
}

fn wrong(path: String, problem: &str) -> FormatError {
    FormatError { path, line: None, problem: problem.to_owned() }
}

/// Reads and checks a file of seals.
///
/// # Errors
/// When the text does not follow the format.
pub fn check_seals(text: &str) -> Result<Checked, FormatError> {
    let file: Seals = json(text)?;
    if file.format != FORMAT {
        return Err(wrong("format".to_owned(), &format!("expected `{FORMAT}`")));
    }
    let mut breaches = Vec::new();
    let mut previous = file.previous.unwrap_or(Digest::ZERO);
    let mut expected: Option<Date> = None;
    for (place, of) in file.days.iter().enumerate() {
        let Some(date) = civil_day(&of.day) else {
            return Err(wrong(format!("days[{place}].day"), "expected a day like 2026-03-01"));
        };
        let day = of.day.clone();
        if expected.is_some_and(|expected| expected != date) {
            breaches.push(Breach::Gap { day: day.clone() });
        }
        if of.leaves.as_ref().is_some_and(|leaves| root(leaves) != of.root) {
            breaches.push(Breach::Root { day: day.clone() });
        }
        if seal(previous, of.root, date) != of.seal {
            breaches.push(Breach::Seal { day });
        }
        previous = of.seal;
        expected = date.next_day();
    }
    let mut proofs: usize = 0;
    for (proof, of) in file.proofs.iter().enumerate() {
        match climbs(proof, of, &file.days)? {
            None => proofs = proofs.saturating_add(1),
            Some(breach) => breaches.push(breach),
        }
    }
    let last = file.days.last().map(|day| day.seal);
    Ok(Checked { days: file.days.len(), proofs, last, breaches })
}

fn climbs(proof: usize, of: &Proof, days: &[Day]) -> Result<Option<Breach>, FormatError> {
    let counted =
        match &of.record {
            Some(record) => Some(leaf(record).map_err(|problem| {
                wrong(format!("proofs[{proof}].record"), &problem.to_string())
            })?),
            None => None,
        };
    let Some(digest) = counted.or(of.digest) else {
        return Err(wrong(format!("proofs[{proof}]"), "needs a `record` or its `digest`"));
    };
    if of.digest.is_some_and(|said| said != digest) {
        return Ok(Some(Breach::Record { proof }));
    }
    let day = of.day.clone();
    Ok(match days.iter().find(|one| one.day == day) {
        None => Some(Breach::NoSuchDay { proof, day }),
        Some(one) if climb(digest, &of.path) != one.root => Some(Breach::Path { proof, day }),
        Some(_) => None,
    })
}

fn civil_day(text: &str) -> Option<Date> {
    let date = Date::parse(text, &Iso8601::DATE).ok()?;
    (text.len() == 10 && text.as_bytes().get(4) == Some(&b'-')).then_some(date)
}
