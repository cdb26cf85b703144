//! One case file, one answer: what `essaim match evaluate` prints.

use std::{fmt, io};

use domain::Cents;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json, value::RawValue};

use crate::{
    apportion::{CannotApportion, Item, apportion},
    envelopes::{Envelopes, NoEnvelopes, Share, Shifted},
    exact::{Overflow, minus},
    flow, read,
    replay::{Ledger, has_twins},
};

/// The format this module reads.
pub const FORMAT: &str = "essaim-match-case/1";

/// A file that cannot be read or does not follow the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// Where in the file, as a path of keys.
    pub path: String,
    /// Line, from 1; none when the problem is not at one place.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        write!(f, "at `{}`: {}", self.path, self.problem)
    }
}

impl std::error::Error for FormatError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "keys for people are read only to be allowed")]
pub(crate) struct Case<'a, T> {
    format: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    notes: Option<IgnoredAny>,
    pub(crate) kind: String,
    pub(crate) input: T,
    /// Kept as it is written: an answer may be far larger than its case.
    #[serde(default, borrow)]
    pub(crate) expected: Option<&'a RawValue>,
}

/// Reads JSON; what is wrong is told with its place.
pub(crate) fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, FormatError> {
    // Keeping track of the place costs more than reading: it is done when there is one to tell.
    serde_json::from_str(text).or_else(|_| tracked(text))
}

fn tracked<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, FormatError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let line = Some(error.inner().line()).filter(|line| *line > 0);
        FormatError { path, line, problem: error.inner().to_string() }
    })?;
    json.end().map_err(|error| FormatError {
        path: ".".to_owned(),
        line: Some(error.line()),
        problem: error.to_string(),
    })?;
    Ok(read)
}

pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<Case<'a, T>, FormatError> {
    let case: Case<'a, T> = json(text)?;
    if case.format != FORMAT {
        let problem = format!("expected `{FORMAT}`");
        return Err(FormatError { path: "format".to_owned(), line: None, problem });
    }
    Ok(case)
}

pub(crate) fn refused(code: &str) -> Value {
    json!({"error": code})
}

pub(crate) fn misplaced((path, problem): (String, String)) -> FormatError {
    FormatError { path: format!("input.{path}"), line: None, problem }
}

/// A case that was read and checked, and its answer where that is small.
enum Asked {
    Answered(Value),
    Ledger(Box<Ledger>),
}

fn read(text: &str) -> Result<Asked, FormatError> {
    let answer = match parse::<IgnoredAny>(text)?.kind.as_str() {
        "apportion" => parse(text).map(|case| shares(&case.input))?,
        "envelopes" => envelopes(&parse(text)?.input)?,
        "flow" => flow::answer(&parse(text)?.input)?,
        "ledger" => {
            let ledger: Box<Ledger> = parse(text)?.input;
            if !ledger.declares_twice() {
                ledger.check().map_err(misplaced)?;
                return Ok(Asked::Ledger(ledger));
            }
            refused("duplicate_id")
        }
        _ => refused("unknown_kind"),
    };
    Ok(Asked::Answered(answer))
}

/// Answers a case: only `kind` and `input` count. The answer to a case that the rules refuse is
/// `{"error": CODE}`.
///
/// # Errors
/// When the text does not follow the format.
pub fn evaluate(text: &str) -> Result<Value, FormatError> {
    Ok(match read(text)? {
        Asked::Answered(answer) => answer,
        Asked::Ledger(ledger) => {
            let replayed = ledger.replay();
            let answer = replayed.as_ref().map_err(|code| *code).and_then(|it| it.answer());
            let tree = answer.map(|answer| serde_json::to_value(answer).map_err(|_| "overflow"));
            tree.flatten().unwrap_or_else(refused)
        }
    })
}

/// The same answer as text, written row by row: no tree of it is ever held, and the case is gone
/// before the replay.
///
/// # Errors
/// When the text does not follow the format: nothing was written then. Inside, when the writer
/// fails.
pub fn evaluate_to(text: String, out: impl io::Write) -> Result<io::Result<()>, FormatError> {
    let asked = read(&text)?;
    drop(text);
    let ledger = match asked {
        Asked::Answered(answer) => return Ok(written(out, &answer)),
        Asked::Ledger(ledger) => ledger,
    };
    Ok(match ledger.replay() {
        Ok(replayed) => match replayed.answer() {
            Ok(answer) => written(out, &answer),
            Err(code) => written(out, &refused(code)),
        },
        Err(code) => written(out, &refused(code)),
    })
}

fn written(out: impl io::Write, answer: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(out, answer).map_err(io::Error::from)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Apportionment {
    total: Cents,
    items: Vec<Portion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Portion {
    id: String,
    weight: i128,
    #[serde(default, deserialize_with = "read::or_default")]
    lo: Cents,
    #[serde(default)]
    hi: Option<Cents>,
}

const fn code(error: CannotApportion) -> &'static str {
    match error {
        CannotApportion::BadInput => "bad_apportion_input",
        CannotApportion::DuplicateId => "duplicate_id",
        CannotApportion::Overflow(_) => "overflow",
    }
}

fn shares(input: &Apportionment) -> Value {
    let item = |portion: &Portion| Item {
        id: portion.id.clone(),
        weight: portion.weight,
        lo: portion.lo,
        hi: portion.hi,
    };
    let items: Vec<Item> = input.items.iter().map(item).collect();
    let found = match apportion(input.total, &items) {
        Ok(found) => found,
        Err(error) => return refused(code(error)),
    };
    let rows = items.iter().zip(&found.shares);
    let rows: Vec<Value> =
        rows.map(|(item, amount)| json!({"id": item.id, "amount": amount})).collect();
    match minus(input.total, found.residue) {
        Ok(allocated) => {
            json!({"shares": rows, "allocated": allocated, "residue": found.residue})
        }
        Err(Overflow) => refused("overflow"),
    }
}

pub(crate) fn shifted_territory(territory: &Shifted) -> Value {
    json!({
        "code": territory.code,
        "released": territory.released,
        "received": territory.received,
        "envelope": territory.envelope,
    })
}

fn envelopes(input: &Envelopes) -> Result<Value, FormatError> {
    if has_twins(input.territories.iter().map(|territory| &territory.code))
        || has_twins(input.criteria.iter().map(|criterion| &criterion.id))
    {
        return Ok(refused("duplicate_id"));
    }
    for (place, territory) in input.territories.iter().enumerate() {
        let known = |id: &&String| input.criteria.iter().any(|criterion| criterion.id == **id);
        let complete = input.criteria.iter().all(|c| territory.values.contains_key(&c.id));
        if !complete || !territory.values.keys().all(|id| known(&id)) {
            let problem = "one value for each criterion, and no other";
            return Err(misplaced((format!("territories[{place}].values"), problem.to_owned())));
        }
    }
    let rates = input.checkpoint.iter().flat_map(|c| [c.use_threshold_bps, c.release_bps]);
    if rates.into_iter().any(|bps| !(0..=10_000).contains(&bps.get())) {
        let problem = "a share is between 0 and 10000";
        return Err(misplaced(("checkpoint".to_owned(), problem.to_owned())));
    }
    if let Some(place) = input.territories.iter().position(|t| t.committed < Cents::ZERO) {
        let problem = "amount below 0";
        return Err(misplaced((format!("territories[{place}].committed"), problem.to_owned())));
    }
    Ok(computed(input).unwrap_or_else(refused))
}

fn computed(input: &Envelopes) -> Result<Value, &'static str> {
    let (found, residue) = input.compute().map_err(|error| match error {
        NoEnvelopes::Weights => "criteria_weights_must_sum_to_10000",
        NoEnvelopes::Share(error) => code(error),
    })?;
    let narrow = |number: i128| u64::try_from(number).map_err(|_| "overflow");
    let mut rows = Vec::new();
    let mut shares = Vec::new();
    for (territory, envelope) in input.territories.iter().zip(found) {
        let mut ratios = serde_json::Map::new();
        for (criterion, ratio) in envelope.ratios {
            ratios.insert(criterion, json!(narrow(ratio)?));
        }
        rows.push(json!({
            "code": territory.code,
            "ratios": ratios,
            "index_bps": narrow(envelope.index_bps)?,
            "weight": narrow(envelope.weight)?,
            "floor": envelope.floor,
            "ceiling": envelope.ceiling,
            "envelope": envelope.envelope,
        }));
        shares.push(Share {
            code: territory.code.clone(),
            weight: envelope.weight,
            envelope: envelope.envelope,
            used: territory.committed,
        });
    }
    let allocated = minus(input.total, residue).map_err(|_| "overflow")?;
    let mut answer = json!({"territories": rows, "allocated": allocated, "residue": residue});
    if let (Some(checkpoint), Some(object)) = (input.checkpoint, answer.as_object_mut()) {
        let (moved, shifted) = checkpoint.pass(&shares).map_err(|_| "overflow")?;
        let rows: Vec<Value> = shifted.iter().map(shifted_territory).collect();
        object.insert("checkpoint".to_owned(), json!({"moved": moved, "territories": rows}));
    }
    Ok(answer)
}
