//! Dated parameters of the law, as data: a figure has a first day, a source and a status.
//!
//! A row is valid from its first day to its last, both included. Two rows of one key may both
//! cover a day: the later start wins. What no row covers is refused, never guessed.

use std::sync::LazyLock;

use domain::{BasisPoints, Cents};
use serde::Deserialize;
use time::Date;

use crate::OrganisationCategory;

static FRENCH: LazyLock<Parameters> = LazyLock::new(|| {
    Parameters::parse(include_str!("../parameters/fr.json"))
        .expect("the built-in parameters are read by a test")
});

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

/// How sure a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Read in the law or in an official page.
    Confirmed,
    /// The best figure we have.
    Unconfirmed,
    /// Voted or promised, not yet in force.
    Announced,
}

/// One dated parameter. Amounts in euro cents, rates in basis points.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is, `ir.rate`.
    pub key: String,
    /// First day, by date of payment or by closing date of the fiscal year.
    #[serde(alias = "closing_from", with = "day")]
    pub from: Date,
    /// Last day, none while open.
    #[serde(default, with = "day::option")]
    pub to: Option<Date>,
    /// Where it was read.
    pub src: String,
    /// How sure it is.
    pub status: Status,
    /// A rate, in basis points.
    pub bp: Option<BasisPoints>,
    /// An amount, in euro cents.
    pub cents: Option<Cents>,
    /// A number of years.
    pub n: Option<i32>,
    /// A list of categories of organisations.
    pub categories: Option<Vec<OrganisationCategory>>,
    /// A share of turnover, per thousand.
    pub permille_of_turnover: Option<i64>,
    /// The smallest ceiling, in euro cents.
    pub floor_cents: Option<Cents>,
    /// The amount above which a rate applies, in euro cents.
    pub threshold_cents: Option<Cents>,
    /// Categories that do not count towards a threshold.
    pub excluded: Option<Vec<OrganisationCategory>>,
    /// A multiple of the monthly social security ceiling.
    pub times_pmss: Option<i64>,
}

/// A set of dated parameters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    set: String,
    version: String,
    items: Vec<Row>,
}

/// The text is not a set of parameters; says where and why.
#[derive(Debug, thiserror::Error)]
#[error("parameters: {path}: {problem}")]
pub struct NotParameters {
    path: String,
    problem: String,
}

/// No row covers the day, or the row holds another kind of value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no usable parameter {key} on {on}")]
pub struct NoParameter {
    /// What was looked for.
    pub key: &'static str,
    /// On which day.
    pub on: Date,
}

impl Parameters {
    /// The built-in French set.
    #[must_use]
    pub fn french() -> &'static Self {
        &FRENCH
    }

    /// Reads a set from JSON.
    ///
    /// # Errors
    /// When the text is not JSON, when a field is unknown, or when a row has no value or ends
    /// before it begins.
    pub fn parse(json: &str) -> Result<Self, NotParameters> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let set: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            NotParameters { path, problem: error.into_inner().to_string() }
        })?;
        reader.end().map_err(|error| refuse(".", &error.to_string()))?;
        for (index, row) in set.items.iter().enumerate() {
            let path = format!("items[{index}] ({})", row.key);
            if !row.has_value() {
                return Err(refuse(&path, "no value"));
            }
            if row.to.is_some_and(|to| to < row.from) {
                return Err(refuse(&path, "ends before it begins"));
            }
        }
        Ok(set)
    }

    /// Name and version of the set: kept beside a result, so that it can be computed again.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{}/{}", self.set, self.version)
    }

    /// Every row, for a page that shows figures with their sources.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.items
    }

    /// The row of a key in force on a day, if any.
    pub(crate) fn row(&self, key: &str, on: Date) -> Option<&Row> {
        let covers =
            |row: &&Row| row.key == key && row.from <= on && row.to.is_none_or(|to| on <= to);
        self.items.iter().filter(covers).max_by_key(|row| row.from)
    }

    pub(crate) fn rate(&self, key: &'static str, on: Date) -> Result<BasisPoints, NoParameter> {
        self.row(key, on).and_then(|row| row.bp).ok_or(NoParameter { key, on })
    }

    pub(crate) fn cents(&self, key: &'static str, on: Date) -> Result<Cents, NoParameter> {
        self.row(key, on).and_then(|row| row.cents).ok_or(NoParameter { key, on })
    }

    pub(crate) fn years(&self, key: &'static str, on: Date) -> Result<i32, NoParameter> {
        self.row(key, on).and_then(|row| row.n).ok_or(NoParameter { key, on })
    }

    pub(crate) fn categories(
        &self,
        key: &'static str,
        on: Date,
    ) -> Result<&[OrganisationCategory], NoParameter> {
        let row = self.row(key, on);
        row.and_then(|row| row.categories.as_deref()).ok_or(NoParameter { key, on })
    }
}

impl Row {
    const fn has_value(&self) -> bool {
        self.bp.is_some()
            || self.cents.is_some()
            || self.n.is_some()
            || self.categories.is_some()
            || self.permille_of_turnover.is_some()
            || self.times_pmss.is_some()
    }
}

fn refuse(path: &str, problem: &str) -> NotParameters {
    NotParameters { path: path.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_built_in_set_is_read_and_dated() {
        let set = Parameters::french();
        assert_eq!(set.version(), "fr/2026-11-22");
        let envelope = |on| set.cents("ir.env.coluche.limit", on).map(Cents::get);
        assert_eq!(envelope(date!(2019 - 12 - 31)), Ok(54_600));
        assert_eq!(envelope(date!(2025 - 10 - 13)), Ok(100_000));
        assert_eq!(envelope(date!(2025 - 10 - 14)), Ok(200_000));
        assert!(envelope(date!(2004 - 12 - 31)).is_err());
        assert!(set.cents("pmss", date!(2027 - 01 - 01)).is_err(), "no ceiling is guessed");
    }

    #[test]
    fn every_row_says_where_it_comes_from() {
        for row in Parameters::french().rows() {
            assert!(row.src.len() > 5, "{}", row.key);
        }
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        let read = |row: &str| {
            let json = format!(r#"{{"set":"x","version":"1","items":[{row}]}}"#);
            Parameters::parse(&json).unwrap_err().to_string()
        };
        let valid = r#""from":"2026-01-01","src":"law","status":"confirmed""#;
        assert!(read(&format!(r#"{{"key":"ir.rate",{valid}}}"#)).contains("no value"));
        assert!(read(&format!(r#"{{"key":"k",{valid},"bq":1}}"#)).contains("items[0]"));
        assert!(read(&format!(r#"{{"key":"k",{valid},"n":1.5}}"#)).contains("items[0].n"));
        let ends = format!(r#"{{"key":"k",{valid},"n":1,"to":"2025-01-01"}}"#);
        assert!(read(&ends).contains("ends before"));
    }
}
