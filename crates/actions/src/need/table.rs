//! A table of need as a file: who published it, its criteria, and a row for each territory.
//!
//! ```text
//! source;Insee, Filosofi
//! millésime;2021
//! échelle;département
//! critère;poids;sens;référence;repli;minimum;maximum;libellé
//! pauvrete;70;croissant;14,4;14,4;50;200;Taux de pauvreté (%)
//! ruralite;30;croissant;33,1;;50;200;Part d’habitants de communes rurales (%)
//! code;population;pauvrete;ruralite
//! 23;115000;18,9;84,5
//! ```

use std::collections::{BTreeMap, BTreeSet};

use domain::place::{departement, departement_code_of, folded};
use serde::{Deserialize, Serialize};
use templates::pages::need::{Fault, Wrong};

use super::{
    cells::{Cell, Row, rows},
    decimal,
};

/// Values are kept in ten-thousandths, so that a ratio loses nothing of what was typed.
pub(super) const DECIMALS: u32 = 4;
/// Ratios are held between half and twice the reference unless the file says otherwise.
const USUAL: (i64, i64) = (5_000, 20_000);
const HEAD: [&str; 8] =
    ["critere", "poids", "sens", "reference", "repli", "minimum", "maximum", "libelle"];
/// Criteria of one table.
const CRITERIA: usize = 20;
/// Inhabitants of one territory.
const PEOPLE: i64 = 100_000_000;
/// Letters of a text of the head.
const LETTERS: usize = 200;

/// What the rows are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// A row a département.
    Departement,
    /// A row a commune; they are put together by département, weighted by population.
    Commune,
}

/// One criterion of need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// The name of its column.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Its part of the index, in basis points.
    pub weight_bps: i64,
    /// The more, the more need.
    pub higher_is_need: bool,
    /// The national value, in ten-thousandths.
    pub reference: i64,
    /// What stands for a missing value, in ten-thousandths.
    pub fallback: Option<i64>,
    /// The ratio to the reference is at least this, in basis points.
    pub ratio_min_bps: i64,
    /// And at most this.
    pub ratio_max_bps: i64,
}

/// A territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its code.
    pub code: String,
    /// Inhabitants.
    pub population: i64,
    /// A value for each criterion, in their order, in ten-thousandths.
    pub values: Vec<i64>,
    /// How many of them are fallbacks.
    #[serde(default)]
    pub assumed: usize,
}

/// A table of need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedTable {
    /// Who published the figures.
    pub source: String,
    /// Which year they tell of.
    pub vintage: String,
    /// What the rows are about.
    pub scale: Scale,
    /// The criteria.
    pub criteria: Vec<Criterion>,
    /// The territories, by code.
    pub places: Vec<Place>,
}

impl NeedTable {
    /// Reads a file, whole or not at all.
    ///
    /// # Errors
    /// All that is wrong with it, each with its line and column.
    pub fn read(file: &[u8]) -> Result<Self, Vec<Fault>> {
        let rows = rows(file).map_err(|fault| vec![fault])?;
        let mut reader = Reader::default();
        let table = reader.table(&rows);
        match table {
            Some(table) if reader.faults.is_empty() => Ok(table),
            _ => Err(reader.faults),
        }
    }
}

#[derive(Default)]
struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, cell: &Cell<'_>, wrong: Wrong) {
        self.faults.push(cell.fault(wrong));
    }

    fn table(&mut self, rows: &[Row]) -> Option<NeedTable> {
        let begins = |row: &&Row, word: &str| folded(row.cell(0).text) == word;
        let of = |word: &str| rows.iter().find(|row| begins(row, word));
        let source = self.text(of("source"), "source");
        let vintage = self.text(of("millesime"), "millésime");
        let scale = self.scale(of("echelle"));
        let criteria_at = rows.iter().position(|row| begins(&row, "critere"));
        let data_at = rows.iter().position(|row| begins(&row, "code"));
        let (Some(criteria_at), Some(data_at)) = (criteria_at, data_at) else {
            for (found, name) in [(criteria_at, "critère"), (data_at, "code")] {
                if found.is_none() {
                    self.faults.push(Fault::of_file(Wrong::NoLine { name: name.to_owned() }));
                }
            }
            return None;
        };
        let of_criteria = rows.get(criteria_at..data_at)?;
        let criteria = self.criteria(of_criteria);
        // The column of a criterion that cannot be read would be a fault of its own.
        if criteria.len().saturating_add(1) != of_criteria.len() {
            return None;
        }
        let (head, data) = rows.get(data_at..)?.split_first()?;
        let places = self.places((head, data), &criteria, scale?);
        Some(NeedTable { source: source?, vintage: vintage?, scale: scale?, criteria, places })
    }

    fn text(&mut self, row: Option<&Row>, name: &str) -> Option<String> {
        let Some(row) = row else {
            self.faults.push(Fault::of_file(Wrong::NoLine { name: name.to_owned() }));
            return None;
        };
        let cell = row.cell(1);
        let fits = !cell.text.is_empty() && cell.text.chars().count() <= LETTERS;
        if !fits {
            self.fault(&cell, Wrong::NoText);
        }
        fits.then(|| cell.text.to_owned())
    }

    fn scale(&mut self, row: Option<&Row>) -> Option<Scale> {
        let Some(row) = row else {
            self.faults.push(Fault::of_file(Wrong::NoLine { name: "échelle".to_owned() }));
            return None;
        };
        let cell = row.cell(1);
        match folded(cell.text).as_str() {
            "departement" => Some(Scale::Departement),
            "commune" => Some(Scale::Commune),
            _ => {
                self.fault(&cell, Wrong::Scale);
                None
            }
        }
    }

    fn criteria(&mut self, rows: &[Row]) -> Vec<Criterion> {
        let Some((head, rows)) = rows.split_first() else { return Vec::new() };
        let mut columns = BTreeMap::new();
        for cell in head.cells() {
            let name = folded(cell.text);
            if !HEAD.contains(&name.as_str()) || columns.insert(name, cell.column).is_some() {
                self.fault(&cell, Wrong::Column);
            }
        }
        for name in HEAD.iter().take(4) {
            if !columns.contains_key(*name) {
                self.fault(&head.cell(0), Wrong::NoColumn { name: (*name).to_owned() });
            }
        }
        let mut criteria: Vec<Criterion> = Vec::new();
        for row in rows.iter().take(CRITERIA) {
            let cell = |name: &str| columns.get(name).map(|column| row.cell(*column));
            if let Some(criterion) = self.criterion(row, &cell) {
                if criteria.iter().any(|one| folded(&one.id) == folded(&criterion.id)) {
                    self.fault(&row.cell(0), Wrong::Twice);
                }
                criteria.push(criterion);
            }
        }
        if let Some(more) = rows.get(CRITERIA) {
            self.fault(&more.cell(0), Wrong::TooMany { most: CRITERIA });
        }
        let whole: i64 = criteria.iter().map(|one| one.weight_bps).sum();
        if self.faults.is_empty() && whole != 10_000 {
            let column = columns.get("poids").copied().unwrap_or_default();
            self.fault(&head.cell(column), Wrong::Weights { bps: whole });
        }
        criteria
    }

    fn criterion<'a>(
        &mut self,
        row: &'a Row,
        cell: &impl Fn(&str) -> Option<Cell<'a>>,
    ) -> Option<Criterion> {
        let id = row.cell(0);
        if id.text.is_empty() {
            self.fault(&id, Wrong::NoText);
        }
        let weight_bps = self.number(cell("poids"), (2, 1..=10_000))?;
        let direction = cell("sens")?;
        let higher_is_need = match folded(direction.text).as_str() {
            "croissant" => true,
            "decroissant" => false,
            _ => {
                self.fault(&direction, Wrong::Direction);
                return None;
            }
        };
        let reference = self.number(cell("reference"), (DECIMALS, 1..=i64::MAX))?;
        let given = |name: &str| cell(name).filter(|cell| !cell.text.is_empty());
        let fallback = match given("repli") {
            Some(repli) => {
                let least = i64::from(!higher_is_need);
                Some(self.number(Some(repli), (DECIMALS, least..=i64::MAX))?)
            }
            None => None,
        };
        let mut bound = |name: &str, usual: i64| match given(name) {
            Some(bound) => self.number(Some(bound), (2, 0..=1_000_000)),
            None => Some(usual),
        };
        let (ratio_min_bps, ratio_max_bps) =
            (bound("minimum", USUAL.0)?, bound("maximum", USUAL.1)?);
        if ratio_min_bps > ratio_max_bps {
            self.fault(&given("maximum").unwrap_or(id), Wrong::Bounds);
        }
        let label = given("libelle").map_or(id.text, |label| label.text);
        let label = label.chars().take(LETTERS).collect();
        let id = id.text.to_owned();
        Some(Criterion {
            id,
            label,
            weight_bps,
            higher_is_need,
            reference,
            fallback,
            ratio_min_bps,
            ratio_max_bps,
        })
    }

    /// A number with so many decimals, within bounds.
    fn number(
        &mut self,
        cell: Option<Cell<'_>>,
        (decimals, within): (u32, std::ops::RangeInclusive<i64>),
    ) -> Option<i64> {
        let cell = cell?;
        match decimal(cell.text, decimals) {
            None => self.fault(&cell, Wrong::Number { decimals }),
            Some(number) if !within.contains(&number) => self.fault(&cell, Wrong::Range),
            Some(number) => return Some(number),
        }
        None
    }

    fn places(
        &mut self,
        (head, rows): (&Row, &[Row]),
        criteria: &[Criterion],
        scale: Scale,
    ) -> Vec<Place> {
        let Some(columns) = self.columns(head, criteria) else { return Vec::new() };
        let mut places = BTreeMap::new();
        for row in rows {
            if row.len() > head.len() {
                self.fault(&row.cell(head.len()), Wrong::Cells { expected: head.len() });
                continue;
            }
            let code = row.cell(0);
            let exists = match scale {
                Scale::Departement => departement(code.text).is_some(),
                Scale::Commune => {
                    departement_code_of(code.text).is_some_and(|code| departement(code).is_some())
                }
            };
            if !exists {
                self.fault(&code, Wrong::Territory { commune: scale == Scale::Commune });
            }
            let place = self.place(row, &columns, criteria);
            if let Some(place) = place
                && places.insert(code.text.to_owned(), place).is_some()
            {
                self.fault(&code, Wrong::Twice);
            }
        }
        if places.is_empty() && self.faults.is_empty() {
            self.fault(&head.cell(0), Wrong::NoRow);
        }
        places.into_values().collect()
    }

    /// The columns of the population and of each criterion.
    fn columns(&mut self, head: &Row, criteria: &[Criterion]) -> Option<(usize, Vec<usize>)> {
        let mut seen = BTreeSet::new();
        for cell in head.cells() {
            let known = cell.column == 0
                || folded(cell.text) == "population"
                || criteria.iter().any(|one| folded(&one.id) == folded(cell.text));
            if !known || !seen.insert(folded(cell.text)) {
                self.fault(&cell, Wrong::Column);
            }
        }
        let mut column = |name: &str| {
            let found = head.cells().find(|cell| folded(cell.text) == folded(name));
            if found.is_none() {
                self.fault(&head.cell(0), Wrong::NoColumn { name: name.to_owned() });
            }
            found.map(|cell| cell.column)
        };
        let population = column("population");
        let values: Vec<Option<usize>> = criteria.iter().map(|one| column(&one.id)).collect();
        Some((population?, values.into_iter().collect::<Option<_>>()?))
    }

    fn place(
        &mut self,
        row: &Row,
        (population, columns): &(usize, Vec<usize>),
        criteria: &[Criterion],
    ) -> Option<Place> {
        let population = self.number(Some(row.cell(*population)), (0, 1..=PEOPLE));
        let mut values = Vec::new();
        let mut assumed: usize = 0;
        for (column, criterion) in columns.iter().zip(criteria) {
            let cell = row.cell(*column);
            let value = match (cell.text.is_empty(), criterion.fallback) {
                (true, Some(fallback)) => {
                    assumed = assumed.saturating_add(1);
                    Some(fallback)
                }
                (true, None) => {
                    self.fault(&cell, Wrong::Missing);
                    None
                }
                (false, _) => {
                    let least = i64::from(!criterion.higher_is_need);
                    self.number(Some(cell), (DECIMALS, least..=i64::MAX))
                }
            };
            values.push(value);
        }
        let values = values.into_iter().collect::<Option<_>>()?;
        Some(Place { code: row.cell(0).text.to_owned(), population: population?, values, assumed })
    }
}
