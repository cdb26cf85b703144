//! Which communes are rural and which hold priority neighbourhoods, from the table that the
//! Direction générale des collectivités locales publishes each year (« critères de répartition des
//! dotations »), or from any other with a row a commune.

use std::collections::BTreeSet;

use domain::place::{commune, departement_code_of, folded};
use templates::pages::need::{Fault, Wrong};

use super::{
    cells::{Cell, Row, each_row},
    decimal,
};

/// The columns that are read; an empty name stands for those of the published table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlagColumns {
    /// Rural: yes or no.
    pub rural: String,
    /// Priority: yes or no, or how many live in its priority neighbourhoods.
    pub priority: String,
}

/// Names of the published table, of 2019 to 2024; what stands before the last dash differs from
/// year to year.
const CODE: [&str; 2] = ["code insee de la commune", "code"];
const RURAL: [&str; 3] = ["commune situee en zrr", "commune situee en frr", "rural"];
const PRIORITY: [&str; 2] = ["population qpv", "prioritaire"];
/// Faults that are told.
const TOLD: usize = 20;
const LETTERS: usize = 60;

/// What was read.
pub(super) struct Flags {
    pub vintage: String,
    pub columns: FlagColumns,
    pub communes: usize,
    pub rural: Vec<String>,
    pub priority: Vec<String>,
}

struct Places {
    code: usize,
    rural: usize,
    priority: usize,
}

impl Flags {
    pub fn read(file: &[u8], vintage: &str, asked: &FlagColumns) -> Result<Self, Vec<Fault>> {
        let vintage = vintage.trim();
        if vintage.is_empty() || vintage.chars().count() > LETTERS {
            return Err(vec![Fault::of_file(Wrong::NoLine { name: "millésime".to_owned() })]);
        }
        let mut faults = Vec::new();
        let mut found: Option<(Places, FlagColumns)> = None;
        let mut seen = BTreeSet::new();
        let (mut rural, mut priority) = (Vec::new(), Vec::new());
        let walked = each_row(file, |row| {
            let Some((places, _)) = &found else {
                found = Some(head(&row, asked)?);
                return Ok(());
            };
            match flags(&row, places) {
                Ok((code, _, _)) if !seen.insert(code.clone()) => {
                    faults.push(row.cell(places.code).fault(Wrong::Twice));
                }
                Ok((code, is_rural, is_priority)) => {
                    // Codes of communes that have been merged since say nothing of any of today.
                    if commune(&code).is_some() {
                        rural.extend(is_rural.then(|| code.clone()));
                        priority.extend(is_priority.then_some(code));
                    }
                }
                Err(fault) => faults.push(fault),
            }
            if faults.len() < TOLD { Ok(()) } else { Err(Fault::of_file(Wrong::AndMore)) }
        });
        faults.extend(walked.err());
        let communes = seen.iter().filter(|code| commune(code).is_some()).count();
        match found {
            Some((_, columns)) if faults.is_empty() && communes > 0 => {
                Ok(Self { vintage: vintage.to_owned(), columns, communes, rural, priority })
            }
            _ if faults.is_empty() => Err(vec![Fault::of_file(Wrong::NoRow)]),
            _ => Err(faults),
        }
    }
}

fn head(row: &Row, asked: &FlagColumns) -> Result<(Places, FlagColumns), Fault> {
    let find = |asked: &str, usual: &[&str], name: &str| {
        let asked = folded(asked);
        let fits = |cell: &Cell<'_>| {
            if !asked.is_empty() {
                return folded(cell.text) == asked;
            }
            let last = cell.text.rsplit(" - ").next().unwrap_or_default();
            usual.contains(&folded(last).as_str())
        };
        let found = row.cells().find(fits);
        found.ok_or_else(|| row.cell(0).fault(Wrong::NoColumn { name: name.to_owned() }))
    };
    let code = find("", &CODE, "Code INSEE de la commune")?;
    let name = |asked: &str, usual: &str| {
        if asked.trim().is_empty() { usual.to_owned() } else { asked.trim().to_owned() }
    };
    let rural_name = name(&asked.rural, "Commune située en ZRR");
    let priority_name = name(&asked.priority, "Population QPV");
    let rural = find(&asked.rural, &RURAL, &rural_name)?;
    let priority = find(&asked.priority, &PRIORITY, &priority_name)?;
    let places = Places { code: code.column, rural: rural.column, priority: priority.column };
    let columns = FlagColumns { rural: rural.text.to_owned(), priority: priority.text.to_owned() };
    Ok((places, columns))
}

fn flags(row: &Row, places: &Places) -> Result<(String, bool, bool), Fault> {
    let code = row.cell(places.code);
    // Spreadsheets take the zero off « 01001 ».
    let whole = format!("{:0>5}", code.text);
    if departement_code_of(&whole).is_none() {
        return Err(code.fault(Wrong::Territory { commune: true }));
    }
    let (rural, priority) = (row.cell(places.rural), row.cell(places.priority));
    Ok((whole, holds(&rural)?, holds(&priority)?))
}

/// Yes or no, or a number; « nd » is what the published table says of what it does not know.
fn holds(cell: &Cell<'_>) -> Result<bool, Fault> {
    match folded(cell.text).as_str() {
        "oui" | "true" => Ok(true),
        "non" | "false" | "nd" | "" => Ok(false),
        _ => match decimal(cell.text, 4) {
            Some(number) => Ok(number > 0),
            None => Err(cell.fault(Wrong::YesOrNo)),
        },
    }
}
