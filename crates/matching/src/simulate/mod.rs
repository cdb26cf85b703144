//! A rehearsal: the past of a ledger replayed under other rules, everything else equal.
//!
//! It does not model how donors would react to the rules. The rules of the case itself come first;
//! when the case holds the booked outcome, they must give it again, to the cent.

mod candidate;
mod marginal;
mod synthetic;

use std::fmt;

use domain::ids::CampaignId;
use serde_json::{Map, Value, json};

pub use candidate::{Candidate, PotChange};
pub use synthetic::{Amounts, Synthetic};

use crate::{
    evaluate::{FormatError, misplaced, parse},
    exact::{Overflow, less},
    replay::{Figures, Ledger},
};

/// Said in every report.
const ASSUMES: &str = "Les dons sont ceux du passé : ce calcul ne dit pas comment les donateurs \
                       réagiraient à d’autres règles.";

/// What a rehearsal is asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The rules to rehearse, beside those of the case.
    pub candidates: Vec<Candidate>,
    /// Gifts to invent beside those of the past.
    pub synthetic: Option<Synthetic>,
    /// Also what one more tranche or another parameter would change: many replays.
    pub marginal: bool,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSimulated {
    /// The case does not follow the format.
    Format(FormatError),
    /// A candidate does not fit the case.
    Candidate {
        /// The candidate.
        name: String,
        /// What does not fit.
        problem: FormatError,
    },
    /// The rules of the case do not give its booked outcome.
    Differs {
        /// Where, in the outcome.
        path: String,
        /// What was booked.
        booked: Value,
        /// What the replay gives.
        replayed: Value,
    },
    /// A replay was refused as a whole.
    Refused(String),
}

impl fmt::Display for NotSimulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(problem) => problem.fmt(f),
            Self::Candidate { name, problem } => write!(f, "{name}: {problem}"),
            Self::Differs { path, booked, replayed } => {
                write!(f, "at `{path}`: booked {booked}, replayed {replayed}")
            }
            Self::Refused(code) => f.write_str(code),
        }
    }
}

impl std::error::Error for NotSimulated {}

impl From<Overflow> for NotSimulated {
    fn from(_: Overflow) -> Self {
        Self::Refused("overflow".to_owned())
    }
}

/// Rehearses a `ledger` case under its own rules and under each candidate: the report, as JSON.
///
/// # Errors
/// When a file does not follow its format, or the booked outcome is not found again.
pub fn simulate(case: &str, asked: &Asked) -> Result<Value, NotSimulated> {
    let mut past = read(case)?;
    if let Some(synthetic) = &asked.synthetic {
        let invented = synthetic.events(&past.events);
        past.events.extend(invented);
        past.events.sort_by_key(|event| event.at);
    }
    let mut ledgers = vec![("current".to_owned(), past.clone())];
    for candidate in &asked.candidates {
        let name = candidate.name.clone();
        let under = candidate.apply(&past).and_then(|under| {
            under.check().map_err(misplaced)?;
            Ok(under)
        });
        match under {
            Ok(under) => ledgers.push((name, under)),
            Err(problem) => return Err(NotSimulated::Candidate { name, problem }),
        }
    }
    let mut rows = Vec::new();
    let mut first: Option<(Value, Figures)> = None;
    for (name, ledger) in &ledgers {
        let figures = figures(ledger)?;
        let mut row = json!(figures);
        let of_first = first.get_or_insert_with(|| (row.clone(), figures.clone()));
        let change = json!({
            "figures": difference(&of_first.0, &row)?,
            "gain": moved(&of_first.1, &figures, 1)?,
            "lose": moved(&of_first.1, &figures, -1)?,
        });
        if let Some(object) = row.as_object_mut() {
            object.insert("name".to_owned(), json!(name));
            object.insert("difference".to_owned(), change);
            if asked.marginal {
                let value = marginal::values(ledger, figures.matched)?;
                object.insert("marginal".to_owned(), value);
            }
        }
        rows.push(row);
    }
    let invented = asked.synthetic.as_ref().map(|of| json!({"gifts": of.gifts, "seed": of.seed}));
    Ok(json!({
        "assumes": ASSUMES,
        "events": past.events.len(),
        "synthetic": invented,
        "candidates": rows,
    }))
}

fn read(case: &str) -> Result<Ledger, NotSimulated> {
    let case = parse::<Ledger>(case).map_err(NotSimulated::Format)?;
    if case.kind != "ledger" {
        let problem = "only a `ledger` can be rehearsed".to_owned();
        let path = "kind".to_owned();
        return Err(NotSimulated::Format(FormatError { path, line: None, problem }));
    }
    if case.input.declares_twice() {
        return Err(NotSimulated::Refused("duplicate_id".to_owned()));
    }
    case.input.check().map_err(|problem| NotSimulated::Format(misplaced(problem)))?;
    if let Some(booked) = case.expected {
        let replayed = case.input.replay().and_then(|replayed| replayed.answer());
        let replayed = replayed.map_err(|code| NotSimulated::Refused(code.to_owned()))?;
        if let Some((path, booked, replayed)) = first_difference("", &booked, &replayed) {
            return Err(NotSimulated::Differs { path, booked, replayed });
        }
    }
    Ok(case.input)
}

fn figures(ledger: &Ledger) -> Result<Figures, NotSimulated> {
    let replayed = ledger.replay().and_then(|replayed| replayed.figures());
    replayed.map_err(|code| NotSimulated::Refused(code.to_owned()))
}

/// The first place at which two values are not the same.
fn first_difference(at: &str, a: &Value, b: &Value) -> Option<(String, Value, Value)> {
    let unlike = || Some((at.to_owned(), a.clone(), b.clone()));
    match (a, b) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
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
        _ => unlike(),
    }
}

/// Number by number, `b` less `a`; what does not change is left out.
fn difference(a: &Value, b: &Value) -> Result<Value, Overflow> {
    let mut found = Map::new();
    let nothing = Map::new();
    let (left, right) = (a.as_object().unwrap_or(&nothing), b.as_object().unwrap_or(&nothing));
    let keys: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
    for key in keys.into_iter().filter(|key| *key != "campaigns") {
        let (of_a, of_b) = (left.get(key), right.get(key));
        if [of_a, of_b].into_iter().flatten().any(Value::is_object) {
            let null = Value::Null;
            let inside = difference(of_a.unwrap_or(&null), of_b.unwrap_or(&null))?;
            if inside.as_object().is_some_and(|object| !object.is_empty()) {
                found.insert(key.clone(), inside);
            }
            continue;
        }
        let number = |of: Option<&Value>| of.and_then(Value::as_i64).map(i128::from);
        let (of_a, of_b) = (number(of_a), number(of_b));
        if of_a.is_some() || of_b.is_some() {
            let change = less(of_b.unwrap_or(0), of_a.unwrap_or(0))?;
            if change != 0 {
                found.insert(key.clone(), json!(change));
            }
        }
    }
    Ok(Value::Object(found))
}

/// Campaigns whose match moved in one direction, with the cents.
fn moved(
    first: &Figures,
    now: &Figures,
    sign: i128,
) -> Result<std::collections::BTreeMap<CampaignId, i128>, Overflow> {
    let mut found = std::collections::BTreeMap::new();
    for (id, received) in &now.campaigns {
        let before = first.campaigns.get(id).map_or(0, |received| received.matched);
        let change = less(received.matched, before)?;
        if change.signum() == sign {
            found.insert(id.clone(), change);
        }
    }
    Ok(found)
}
