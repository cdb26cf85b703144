//! The file of worked cases: `essaim tax evaluate`, as a library. Contract: `cases/README.md`.

use serde_json::{Value, json};

use crate::{
    Parameters,
    case_file::{self, Case, Donor},
    company, household,
    parameters::NoParameter,
};

pub use crate::case_file::FormatError;

/// Computes every case of a file. `expected` is never read.
///
/// # Errors
/// When the file breaks its contract, or when no parameter covers a day that matters; the message
/// names the case and the place.
pub fn evaluate(json: &str, parameters: &Parameters) -> Result<Value, FormatError> {
    let mut results = Vec::new();
    for case in case_file::read(json)? {
        let result = reckon(&case, parameters)?;
        results.push(json!({ "id": case.id, "result": result }));
    }
    Ok(json!({ "format": "essaim-tax-results/1", "results": results }))
}

/// What a comparison with `expected` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many cases were compared.
    pub cases: usize,
    /// Every field that differs, in order.
    pub differences: Vec<Difference>,
}

impl Report {
    /// True when every case is equal, field by field.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }
}

/// One field that differs; a field that one side lacks is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Id of the case.
    pub case: String,
    /// Place in the result, `periods[0].used`.
    pub path: String,
    /// What the file expects.
    pub expected: Option<Value>,
    /// What was computed.
    pub found: Option<Value>,
}

/// Computes every case and compares it with its `expected`.
///
/// # Errors
/// As [`evaluate`]; also when a case has no `expected`.
pub fn check(json: &str, parameters: &Parameters) -> Result<Report, FormatError> {
    let cases = case_file::read(json)?;
    let mut differences = Vec::new();
    for case in &cases {
        let found = reckon(case, parameters)?;
        let expected = case
            .expected
            .as_ref()
            .ok_or_else(|| case.refuse("expected", "missing, there is nothing to compare with"))?;
        compare(case, "", (Some(expected), Some(&found)), &mut differences);
    }
    Ok(Report { cases: cases.len(), differences })
}

fn reckon(case: &Case, parameters: &Parameters) -> Result<Value, FormatError> {
    let outcome = match &case.donor {
        Donor::Household(years) => {
            household::reckon(years, &case.gifts, case.taxable_in_france, parameters)
        }
        Donor::Company(years) => {
            company::reckon(years, &case.gifts, case.taxable_in_france, parameters)
        }
    };
    let outcome = outcome.map_err(|missing: NoParameter| case.refuse("", &missing.to_string()))?;
    Ok(serde_json::to_value(outcome).expect("an outcome holds only texts, integers and lists"))
}

fn compare(
    case: &Case,
    path: &str,
    sides: (Option<&Value>, Option<&Value>),
    differences: &mut Vec<Difference>,
) {
    match sides {
        (Some(Value::Object(expected)), Some(Value::Object(found))) => {
            for (name, value) in expected {
                let deeper = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(case, &deeper, (Some(value), found.get(name)), differences);
            }
            for (name, value) in found.iter().filter(|(name, _)| !expected.contains_key(*name)) {
                let deeper = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(case, &deeper, (None, Some(value)), differences);
            }
        }
        (Some(Value::Array(expected)), Some(Value::Array(found))) => {
            for index in 0..expected.len().max(found.len()) {
                let deeper = format!("{path}[{index}]");
                compare(case, &deeper, (expected.get(index), found.get(index)), differences);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(Difference {
            case: case.id.clone(),
            path: path.to_owned(),
            expected: expected.cloned(),
            found: found.cloned(),
        }),
    }
}
