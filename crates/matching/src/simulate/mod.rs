//! A rehearsal: the past of a ledger replayed under other rules, everything else equal.
//!
//! It does not model how donors would react to the rules. The rules of the case itself come first;
//! when the case holds the booked outcome, they must give it again, to the cent.

mod booked;
mod candidate;
mod marginal;
mod synthetic;
mod threads;
mod year;

use std::fmt;

use domain::ids::CampaignId;
use serde_json::{Map, Value, json};

pub use crate::replay::Progress;
pub use candidate::{Candidate, PotChange};
pub use synthetic::{Amounts, Synthetic};
use year::Copies;

use crate::{
    evaluate::{FormatError, misplaced, parse},
    exact::{Overflow, less},
    replay::{Figures, Ledger, STOPPED, Under},
    rules::RuleSet,
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
    Past::read(case)?.rehearse(asked, &Progress::default())
}

/// A ledger that was read and found true: its text may go.
pub struct Past(Ledger);

impl Past {
    /// Reads a `ledger` case. Where it holds its booked outcome, that is found again.
    ///
    /// # Errors
    /// When the file does not follow the format, or the outcome is another.
    pub fn read(case: &str) -> Result<Self, NotSimulated> {
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
            let refused = |code: &str| NotSimulated::Refused(code.to_owned());
            let replayed = case.input.replay().map_err(refused)?;
            booked::compare(booked, &replayed.answer().map_err(refused)?)?;
        }
        Ok(Self(case.input))
    }

    /// Every version of every rule of the past.
    #[must_use]
    pub fn rules(&self) -> &[RuleSet] {
        &self.0.rule_sets
    }

    /// How many gifts were begun.
    #[must_use]
    pub fn gifts(&self) -> usize {
        self.0.gifts()
    }

    /// Plays the past under its own rules and under each candidate: the report, as JSON.
    ///
    /// # Errors
    /// When a candidate does not fit the past, a replay is refused, or it was stopped.
    pub fn rehearse(mut self, asked: &Asked, progress: &Progress) -> Result<Value, NotSimulated> {
        let copies = self.invent(asked.synthetic.as_ref(), progress);
        // A year that was broken off is not a year.
        if progress.ends_at(0) {
            return Err(NotSimulated::Refused(STOPPED.to_owned()));
        }
        if self.0.declares_twice() {
            return Err(NotSimulated::Refused("duplicate_id".to_owned()));
        }
        let past = &self.0;
        let mut scenes = Vec::new();
        for candidate in &asked.candidates {
            let named = |problem| NotSimulated::Candidate { name: candidate.name.clone(), problem };
            let pots = candidate.pots_of(past).map_err(named)?;
            scenes.push((candidate, pots, copies.rules(&candidate.rule_sets)));
        }
        let mut played = vec![("current", Under::its_own(past))];
        for (candidate, pots, rule_sets) in &scenes {
            let under = Under { pots, rule_sets, ..Under::its_own(past) };
            under.check().map_err(|problem| NotSimulated::Candidate {
                name: candidate.name.clone(),
                problem: misplaced(problem),
            })?;
            played.push((&candidate.name, under));
        }
        progress.expect(past.events.len().saturating_mul(played.len()));
        let figures = threads::each(&played, |(_, under)| {
            let mut figures = figures(*under, progress)?;
            let campaigns = past.campaigns.iter().map(|campaign| &campaign.id);
            figures.campaigns = figures.together(|id| copies.original(id), campaigns)?;
            Ok(figures)
        });
        let figures = figures.into_iter().collect::<Result<Vec<Figures>, NotSimulated>>()?;
        let mut rows = Vec::new();
        for ((name, under), these) in played.iter().zip(&figures) {
            let first = figures.first().unwrap_or(these);
            let mut row = row(name, first, these)?;
            if asked.marginal {
                row["marginal"] = marginal::values(*under, these.matched)?;
            }
            rows.push(row);
        }
        let invented = asked
            .synthetic
            .as_ref()
            .map(|of| json!({"gifts": of.gifts, "seed": of.seed, "year": of.year}));
        Ok(json!({
            "assumes": ASSUMES,
            "events": past.events.len(),
            "synthetic": invented,
            "candidates": rows,
        }))
    }

    fn invent(&mut self, synthetic: Option<&Synthetic>, progress: &Progress) -> Copies {
        let Some(synthetic) = synthetic else { return Copies::default() };
        if let Some(from) = synthetic.year {
            return year::play((synthetic, from), &mut self.0, progress);
        }
        let invented = synthetic.events(&self.0.events);
        self.0.events.extend(invented);
        self.0.events.sort_by_key(|event| event.at);
        Copies::default()
    }
}

/// The figures of one candidate, beside those of the first.
fn row(name: &str, first: &Figures, these: &Figures) -> Result<Value, NotSimulated> {
    let mut row = json!(these);
    let figures = difference(&json!(first), &row)?;
    row["name"] = json!(name);
    row["difference"] = json!({
        "figures": figures,
        "gain": moved(first, these, 1)?,
        "lose": moved(first, these, -1)?,
    });
    Ok(row)
}

fn figures(under: Under<'_>, progress: &Progress) -> Result<Figures, NotSimulated> {
    let replayed = under.replay(progress).and_then(|replayed| replayed.figures());
    replayed.map_err(|code| NotSimulated::Refused(code.to_owned()))
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
