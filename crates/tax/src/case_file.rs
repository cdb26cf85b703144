//! Reading a file of cases: integers only, no negative amount, every gift inside a period.

use std::collections::BTreeSet;

use domain::{BasisPoints, Cents};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use time::Date;

use crate::{
    OrganisationCategory,
    company::FiscalYear,
    gifts::{Claim, Form, Gift, Secondment},
    household::Year,
};

/// Largest amount accepted, in euro cents: a thousand billion euros, so that no sum overflows.
const LARGEST: i64 = 100_000_000_000_000;

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

/// The file breaks its contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{path}: {problem}", case.as_ref().map(|id| format!("case {id}: ")).unwrap_or_default())]
pub struct FormatError {
    /// Id of the case, when one is known.
    pub case: Option<String>,
    /// JSON path from the root of the file, `cases[0].gifts[1].amount`.
    pub path: String,
    /// What is wrong.
    pub problem: String,
}

/// One case, read and checked.
pub(crate) struct Case {
    pub(crate) id: String,
    place: usize,
    pub(crate) taxable_in_france: bool,
    pub(crate) donor: Donor,
    pub(crate) gifts: Vec<Gift>,
    pub(crate) expected: Option<Value>,
}

pub(crate) enum Donor {
    Household(Vec<Year>),
    Company(Vec<FiscalYear>),
}

#[derive(Deserialize)]
struct FileShape {
    format: String,
    #[serde(default = "euro")]
    currency: String,
    #[serde(default = "cent")]
    unit: String,
    cases: Vec<Value>,
}

#[derive(Deserialize)]
struct CaseShape {
    id: String,
    donor: DonorShape,
    #[serde(default)]
    years: Vec<YearShape>,
    #[serde(default)]
    fiscal_years: Vec<FiscalYearShape>,
    #[serde(default)]
    gifts: Vec<GiftShape>,
    expected: Option<Value>,
}

#[derive(Deserialize)]
struct DonorShape {
    kind: DonorKind,
    #[serde(default = "france")]
    residence: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DonorKind {
    Individual,
    MicroEntrepreneur,
    Company,
}

#[derive(Deserialize)]
struct YearShape {
    year: i32,
    taxable_income: Amount,
    tax_due: Option<Amount>,
}

#[derive(Deserialize)]
struct FiscalYearShape {
    id: String,
    #[serde(with = "day")]
    start: Date,
    #[serde(with = "day")]
    end: Date,
    turnover: Amount,
    tax_due: Option<Amount>,
    corporate_tax_rate_bp: Option<Rate>,
}

#[derive(Deserialize)]
struct GiftShape {
    id: String,
    #[serde(with = "day")]
    date: Date,
    amount: Amount,
    form: FormName,
    #[serde(default)]
    secondments: Vec<SecondmentShape>,
    organisation: OrganisationShape,
    #[serde(default)]
    counterpart: Amount,
    #[serde(default)]
    claim: ClaimName,
    ifi_year: Option<i32>,
    #[serde(default)]
    qualification: Qualification,
}

#[derive(Deserialize)]
struct OrganisationShape {
    category: OrganisationCategory,
}

#[derive(Deserialize)]
struct SecondmentShape {
    cost: Amount,
    months: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormName {
    Cash,
    InKind,
    Skills,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClaimName {
    #[default]
    Ir,
    Ifi,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Qualification {
    #[default]
    Gift,
    Sponsorship,
}

/// An amount of the file: an integer number of cents, neither negative nor absurd.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(try_from = "i64")]
struct Amount(Cents);

impl TryFrom<i64> for Amount {
    type Error = String;

    fn try_from(cents: i64) -> Result<Self, String> {
        match cents {
            ..0 => Err(format!("negative amount {cents}")),
            0..=LARGEST => Ok(Self(Cents::new(cents))),
            _ => Err(format!("amount {cents} is above {LARGEST} cents")),
        }
    }
}

/// A rate of the file, in basis points.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
struct Rate(BasisPoints);

impl TryFrom<i64> for Rate {
    type Error = String;

    fn try_from(basis_points: i64) -> Result<Self, String> {
        let known = (0..=BasisPoints::WHOLE.get()).contains(&basis_points);
        let rate = known.then(|| Self(BasisPoints::new(basis_points)));
        rate.ok_or_else(|| format!("rate {basis_points} is outside 0 to 10000 basis points"))
    }
}

fn euro() -> String {
    "EUR".to_owned()
}

fn cent() -> String {
    "cent".to_owned()
}

fn france() -> String {
    "FR".to_owned()
}

/// Reads and checks a whole file.
pub(crate) fn read(json: &str) -> Result<Vec<Case>, FormatError> {
    let value: Value = serde_json::from_str(json).map_err(|error| FormatError {
        case: None,
        path: "$".to_owned(),
        problem: error.to_string(),
    })?;
    let file: FileShape = shape(value, None, "")?;
    let root =
        |path: &str, problem: String| FormatError { case: None, path: path.to_owned(), problem };
    for (path, found, known) in [
        ("format", &file.format, "essaim-tax-cases/1"),
        ("currency", &file.currency, "EUR"),
        ("unit", &file.unit, "cent"),
    ] {
        if found != known {
            return Err(root(path, format!("unknown value {found:?}, expected {known:?}")));
        }
    }
    let mut ids = BTreeSet::new();
    let mut cases = Vec::new();
    for (place, value) in file.cases.into_iter().enumerate() {
        let case = Case::read(place, value)?;
        if !ids.insert(case.id.clone()) {
            return Err(case.refuse("id", "used twice"));
        }
        cases.push(case);
    }
    Ok(cases)
}

fn shape<T: DeserializeOwned>(
    value: Value,
    case: Option<String>,
    prefix: &str,
) -> Result<T, FormatError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = format!("{prefix}{}", error.path());
        FormatError { case, path, problem: error.into_inner().to_string() }
    })
}

impl Case {
    fn read(place: usize, value: Value) -> Result<Self, FormatError> {
        let id = value.get("id").and_then(Value::as_str).map(ToOwned::to_owned);
        let case: CaseShape = shape(value, id, &format!("cases[{place}]."))?;
        let refuse = |path: &str, problem: &str| refuse(&case.id, place, path, problem);
        let company = case.donor.kind == DonorKind::Company;
        let mut gifts = Vec::new();
        for (index, gift) in case.gifts.iter().enumerate() {
            let typed = gift
                .typed(company)
                .map_err(|(field, problem)| refuse(&format!("gifts[{index}].{field}"), problem))?;
            if !case.has_period(&typed) {
                let path = format!("gifts[{index}].date");
                return Err(refuse(&path, "the gift is outside every period"));
            }
            gifts.push(typed);
        }
        let donor = if company {
            Donor::Company(case.typed_fiscal_years().map_err(|(path, why)| refuse(&path, why))?)
        } else {
            Donor::Household(case.typed_years().map_err(|(path, why)| refuse(&path, why))?)
        };
        let taxable_in_france = case.donor.residence == france();
        Ok(Self { id: case.id, place, taxable_in_france, donor, gifts, expected: case.expected })
    }

    pub(crate) fn refuse(&self, path: &str, problem: &str) -> FormatError {
        refuse(&self.id, self.place, path, problem)
    }
}

fn refuse(id: &str, place: usize, path: &str, problem: &str) -> FormatError {
    let dot = if path.is_empty() { "" } else { "." };
    let path = format!("cases[{place}]{dot}{path}");
    FormatError { case: Some(id.to_owned()), path, problem: problem.to_owned() }
}

impl CaseShape {
    fn has_period(&self, gift: &Gift) -> bool {
        let fiscal = |year: &FiscalYearShape| year.start <= gift.date && gift.date <= year.end;
        match (self.donor.kind, gift.claim) {
            (DonorKind::Company, _) => self.fiscal_years.iter().any(fiscal),
            (_, Claim::Wealth(_)) => true,
            (_, Claim::Income | Claim::Sponsorship) => {
                self.years.iter().any(|year| year.year == gift.date.year())
            }
        }
    }

    fn typed_years(&self) -> Result<Vec<Year>, (String, &'static str)> {
        let mut typed: Vec<Year> = Vec::new();
        for (index, year) in self.years.iter().enumerate() {
            if typed.last().is_some_and(|before| before.year >= year.year) {
                return Err((format!("years[{index}].year"), "years must ascend"));
            }
            typed.push(Year {
                year: year.year,
                taxable_income: year.taxable_income.0,
                tax_due: year.tax_due.map(|due| due.0),
            });
        }
        Ok(typed)
    }

    fn typed_fiscal_years(&self) -> Result<Vec<FiscalYear>, (String, &'static str)> {
        let mut typed: Vec<FiscalYear> = Vec::new();
        for (index, year) in self.fiscal_years.iter().enumerate() {
            if year.end < year.start {
                return Err((format!("fiscal_years[{index}].end"), "ends before it starts"));
            }
            if typed.last().is_some_and(|before| before.end >= year.start) {
                let path = format!("fiscal_years[{index}].start");
                return Err((path, "fiscal years must ascend and not overlap"));
            }
            typed.push(FiscalYear {
                id: year.id.clone(),
                start: year.start,
                end: year.end,
                turnover: year.turnover.0,
                tax_due: year.tax_due.map(|due| due.0),
                corporate_tax_rate: year.corporate_tax_rate_bp.map(|rate| rate.0),
            });
        }
        Ok(typed)
    }
}

impl GiftShape {
    fn typed(&self, company: bool) -> Result<Gift, (String, &'static str)> {
        let field = |name: &str| name.to_owned();
        let claim = match (self.claim, self.qualification, self.ifi_year) {
            (ClaimName::Ir, Qualification::Gift, _) => Claim::Income,
            (ClaimName::Ir, Qualification::Sponsorship, _) if company => Claim::Sponsorship,
            (_, Qualification::Sponsorship, _) => {
                return Err((field("qualification"), "only a company may sponsor"));
            }
            (ClaimName::Ifi, Qualification::Gift, _) if company => {
                return Err((field("claim"), "only a household may claim the wealth tax"));
            }
            (ClaimName::Ifi, Qualification::Gift, Some(year)) => Claim::Wealth(year),
            (ClaimName::Ifi, Qualification::Gift, None) => {
                return Err((field("ifi_year"), "missing, the wealth tax is claimed"));
            }
        };
        Ok(Gift {
            id: self.id.clone(),
            date: self.date,
            amount: self.amount.0,
            form: self.typed_form(company)?,
            category: self.organisation.category,
            counterpart: self.counterpart.0,
            claim,
        })
    }

    fn typed_form(&self, company: bool) -> Result<Form, (String, &'static str)> {
        match self.form {
            FormName::Cash => Ok(Form::Cash),
            FormName::InKind => Ok(Form::InKind),
            FormName::Skills if !company => {
                Err(("form".to_owned(), "only a company gives the work of employees"))
            }
            FormName::Skills if self.secondments.is_empty() => {
                Err(("secondments".to_owned(), "missing, skills are given"))
            }
            FormName::Skills => {
                let months_wrong = |lent: &SecondmentShape| !(1..=12).contains(&lent.months);
                if let Some(index) = self.secondments.iter().position(months_wrong) {
                    return Err((format!("secondments[{index}].months"), "must be 1 to 12"));
                }
                let typed =
                    |lent: &SecondmentShape| Secondment { cost: lent.cost.0, months: lent.months };
                Ok(Form::Skills(self.secondments.iter().map(typed).collect()))
            }
        }
    }
}
