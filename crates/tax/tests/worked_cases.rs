//! The worked cases, to the cent, and a second look at what they leave out.

use serde_json::{Value, json};
use tax::{Parameters, cases};

const WORKED: &str = include_str!("../cases/cases.json");

fn file(cases: &Value) -> String {
    json!({ "format": "essaim-tax-cases/1", "currency": "EUR", "unit": "cent", "cases": cases })
        .to_string()
}

fn result(case: &Value) -> Value {
    let results =
        cases::evaluate(&file(&json!([case])), Parameters::french()).expect("a readable case");
    results["results"][0]["result"].clone()
}

fn refusal(case: &Value) -> String {
    cases::evaluate(&file(&json!([case])), Parameters::french())
        .expect_err("a case that must be refused")
        .to_string()
}

fn gift(id: &str, date: &str, amount: i64, category: &str) -> Value {
    json!({
        "id": id, "date": date, "amount": amount, "form": "cash",
        "organisation": { "id": "o1", "category": category },
    })
}

fn fiscal_year(year: i32, turnover: i64, tax_due: Option<i64>) -> Value {
    json!({
        "id": format!("FY{year}"), "start": format!("{year}-01-01"), "end": format!("{year}-12-31"),
        "turnover": turnover, "tax_due": tax_due,
    })
}

fn household(years: &Value, gifts: &Value) -> Value {
    json!({ "id": "x", "donor": { "kind": "individual" }, "years": years, "gifts": gifts })
}

fn company(fiscal_years: &Value, gifts: &Value) -> Value {
    json!({
        "id": "x", "donor": { "kind": "company" }, "fiscal_years": fiscal_years, "gifts": gifts,
    })
}

#[test]
fn every_worked_case_is_equal_to_the_cent() {
    let report = cases::check(WORKED, Parameters::french()).unwrap();
    assert_eq!(report.cases, 20);
    assert!(report.is_equal(), "{:#?}", report.differences);
}

#[test]
fn the_answer_is_not_read_from_the_question() {
    let mut without: Value = serde_json::from_str(WORKED).unwrap();
    for case in without["cases"].as_array_mut().unwrap() {
        case.as_object_mut().unwrap().remove("expected");
    }
    let french = Parameters::french();
    let bare = cases::evaluate(&without.to_string(), french).unwrap().to_string();
    assert_eq!(bare, cases::evaluate(WORKED, french).unwrap().to_string());
    let missing = cases::check(&without.to_string(), french).unwrap_err();
    assert_eq!(missing.path, "cases[0].expected");
}

#[test]
fn a_difference_is_named_with_its_place() {
    let mut wrong: Value = serde_json::from_str(WORKED).unwrap();
    wrong["cases"][3]["expected"]["periods"][0]["bands"][1]["base"] = json!(50_001);
    wrong["cases"][3]["expected"]["carry_forward"] = json!([{ "from": "2024" }]);
    let report = cases::check(&wrong.to_string(), Parameters::french()).unwrap();
    let places: Vec<&str> = report.differences.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(places, ["carry_forward[0]", "periods[0].bands[1].base"]);
    assert_eq!(report.differences[1].case, "v04");
    assert_eq!(report.differences[1].found, Some(json!(50_000)));
}

#[test]
fn other_parameters_give_other_answers() {
    let rows = include_str!("../parameters/fr.json");
    let other = Parameters::parse(&rows.replace(r#""bp": 6600"#, r#""bp": 5000"#)).unwrap();
    let report = cases::check(WORKED, &other).unwrap();
    assert!(report.differences.iter().any(|d| d.case == "v01"));
}

#[test]
fn the_tax_due_bounds_a_household_and_the_rest_is_lost() {
    let years = json!([{ "year": 2026, "taxable_income": 2_500_000, "tax_due": 1_000 }]);
    let found = result(&household(&years, &json!([gift("g", "2026-01-01", 5_000, "public_body")])));
    let period = &found["periods"][0];
    assert_eq!(period["used"], 1_000);
    assert_eq!(period["lost"], 2_300);
    assert_eq!(period["after_tax_cost"], 4_000);
}

#[test]
fn an_excess_of_a_household_is_usable_five_years_then_disappears() {
    let year = |year: i32, income: i64| json!({ "year": year, "taxable_income": income });
    let gifts = json!([gift("g", "2019-06-01", 100_000, "general_interest")]);
    let years: Vec<Value> = (2019..=2024).map(|y| year(y, 5_000)).collect();
    let found = result(&household(&json!(years), &gifts));
    assert_eq!(found["periods"][5]["bands"][0]["base"], 1_000, "the fifth year still uses it");
    assert_eq!(found["carry_forward"], json!([]));
    let short: Vec<Value> = (2019..=2023).map(|y| year(y, 5_000)).collect();
    let found = result(&household(&json!(short), &gifts));
    let waiting = json!([{ "from": "2019", "remaining": 95_000, "uses_left": 1 }]);
    assert_eq!(found["carry_forward"], waiting);
    let gap = json!([year(2019, 5_000), year(2025, 5_000)]);
    let found = result(&household(&gap, &gifts));
    assert_eq!(found["periods"][1]["bands"], json!([]), "six years later it is gone");
}

#[test]
fn the_wealth_tax_stops_at_its_limit_and_knows_its_list() {
    let claim = |id: &str, amount: i64, category: &str| {
        let mut claimed = gift(id, "2026-04-20", amount, category);
        claimed["claim"] = json!("ifi");
        claimed["ifi_year"] = json!(2026);
        claimed
    };
    let gifts = json!([
        claim("b", 10_000_000, "insertion_structure"),
        claim("a", 5_000, "rup_association"),
        claim("c", 5_000, "commercial_company"),
    ]);
    let found = result(&household(&json!([]), &gifts));
    let period = &found["periods"][0];
    assert_eq!(period["bands"][0]["reduction"], 7_500_000);
    assert_eq!(period["reduction"], 5_000_000);
    assert_eq!(period["after_tax_cost"], 5_010_000);
    let reasons = json!([
        { "gift": "a", "reason": "organisation_not_eligible_ifi" },
        { "gift": "c", "reason": "organisation_not_eligible" },
    ]);
    assert_eq!(found["rejected"], reasons);
}

#[test]
fn a_counterpart_is_allowed_up_to_its_two_limits() {
    let with = |id: &str, amount: i64, counterpart: i64| {
        let mut given = gift(id, "2025-05-02", amount, "general_interest");
        given["counterpart"] = json!(counterpart);
        given
    };
    let years = json!([{ "year": 2025, "taxable_income": 9_000_000 }]);
    let gifts = json!([
        with("quarter", 20_000, 5_000),
        with("quarter-and-a-cent", 20_000, 5_001),
        with("limit", 100_000, 7_300),
        with("limit-and-a-cent", 100_000, 7_301),
    ]);
    let found = result(&household(&years, &gifts));
    assert_eq!(found["periods"][0]["eligible"], 120_000);
    let rejected: Vec<&str> =
        found["rejected"].as_array().unwrap().iter().map(|r| r["gift"].as_str().unwrap()).collect();
    assert_eq!(rejected, ["limit-and-a-cent", "quarter-and-a-cent"]);
    let large = company(&json!([fiscal_year(2025, 0, None)]), &json!([with("g", 100_000, 25_000)]));
    assert_eq!(result(&large)["rejected"], json!([]), "a company has only the quarter");
}

#[test]
fn a_company_uses_the_year_first_then_its_excesses() {
    let years = json!([fiscal_year(2024, 0, None), fiscal_year(2025, 0, None)]);
    let gifts = json!([
        gift("g1", "2024-03-01", 2_500_000, "general_interest"),
        gift("g2", "2025-03-01", 1_800_000, "general_interest"),
    ]);
    let found = result(&company(&years, &gifts));
    assert_eq!(found["periods"][1]["bands"][0]["base"], 2_000_000);
    let waiting = json!([{ "from": "FY2024", "remaining": 300_000, "uses_left": 4 }]);
    assert_eq!(found["carry_forward"], waiting);
}

#[test]
fn the_ceiling_of_a_company_follows_its_closing_date() {
    let ceiling = |start: &str, end: &str| {
        let year = json!({ "id": "FY", "start": start, "end": end, "turnover": 100_000_000 });
        result(&company(&json!([year]), &json!([])))["periods"][0]["ceiling"].clone()
    };
    assert_eq!(ceiling("2018-12-31", "2019-12-30"), 500_000);
    assert_eq!(ceiling("2019-01-01", "2019-12-31"), 1_000_000);
    assert_eq!(ceiling("2020-01-01", "2020-12-31"), 2_000_000);
}

#[test]
fn a_reduction_above_the_tax_waits_as_a_credit() {
    let years = json!([
        fiscal_year(2024, 0, Some(200_000)),
        fiscal_year(2025, 0, Some(500_000)),
        fiscal_year(2026, 0, None),
    ]);
    let gifts = json!([
        gift("g1", "2024-03-01", 1_000_000, "general_interest"),
        gift("g2", "2025-03-01", 500_000, "general_interest"),
    ]);
    let found = result(&company(&years, &gifts));
    let column = |name: &str| -> Vec<i64> {
        found["periods"].as_array().unwrap().iter().map(|p| p[name].as_i64().unwrap()).collect()
    };
    assert_eq!(column("reduction"), [600_000, 300_000, 0]);
    assert_eq!(column("used"), [200_000, 500_000, 200_000]);
    assert_eq!(column("credit_carried"), [400_000, 200_000, 0]);
    assert_eq!(column("lost"), [0, 0, 0]);
}

#[test]
fn a_credit_unused_for_five_years_is_lost() {
    let mut years: Vec<Value> = (2021..=2026).map(|y| fiscal_year(y, 0, Some(0))).collect();
    years[0]["tax_due"] = json!(100_000);
    let gifts = json!([gift("g1", "2021-03-01", 1_000_000, "general_interest")]);
    let found = result(&company(&json!(years), &gifts));
    assert_eq!(found["periods"][4]["credit_carried"], 500_000);
    assert_eq!(found["periods"][5]["credit_carried"], 0);
    assert_eq!(found["periods"][5]["lost"], 500_000);
}

#[test]
fn the_work_of_an_employee_counts_within_three_social_security_ceilings() {
    let mut given = gift("g", "2025-09-30", 9_000_000, "general_interest");
    given["form"] = json!("skills");
    given["secondments"] =
        json!([{ "cost": 4_000_000, "months": 3 }, { "cost": 5_000_000, "months": 4 }]);
    let case = company(&json!([fiscal_year(2025, 10_000_000_000_i64, None)]), &json!([given]));
    let eligible = 3 * 3 * 392_500 + 3 * 4 * 392_500;
    assert_eq!(result(&case)["periods"][0]["eligible"], eligible);
}

#[test]
fn nonsense_is_refused_with_case_and_place() {
    let years = json!([{ "year": 2026, "taxable_income": 0 }]);
    let one = |change: fn(&mut Value)| {
        let mut given = gift("g", "2026-01-01", 5_000, "general_interest");
        change(&mut given);
        refusal(&household(&years, &json!([given])))
    };
    let place = "case x: cases[0].gifts[0]";
    for (message, end) in [
        (one(|g| g["amount"] = json!(-1)), ".amount: negative amount"),
        (one(|g| g["amount"] = json!(50.5)), ".amount: invalid type: floating point"),
        (one(|g| g["amount"] = json!("50")), ".amount: invalid type: string"),
        (one(|g| g["amount"] = json!(i64::MAX)), ".amount: amount"),
        (one(|g| g["date"] = json!("2026-02-30")), ".date: "),
        (one(|g| g["date"] = json!("2025-12-31")), ".date: the gift is outside every period"),
        (one(|g| g["organisation"]["category"] = json!("club")), ".organisation.category: unknown"),
        (one(|g| g["form"] = json!("skills")), ".form: only a company"),
        (one(|g| g["claim"] = json!("ifi")), ".ifi_year: missing"),
        (one(|g| g["qualification"] = json!("sponsorship")), ".qualification: only a company"),
    ] {
        assert!(message.starts_with(&format!("{place}{end}")), "{message}");
    }
    let other = json!({ "format": "essaim-tax-cases/2", "cases": [] }).to_string();
    let error = cases::evaluate(&other, Parameters::french()).unwrap_err();
    assert_eq!((error.case, error.path.as_str()), (None, "format"));
    let twice = [json!(household(&years, &json!([]))), household(&years, &json!([]))];
    let error = cases::evaluate(&file(&json!(twice)), Parameters::french()).unwrap_err();
    assert_eq!(error.path, "cases[1].id");
    assert!(cases::evaluate("{", Parameters::french()).is_err());
    let old = json!([{ "year": 1999, "taxable_income": 0 }]);
    let early = household(&old, &json!([gift("g", "1999-01-01", 1, "general_interest")]));
    assert!(refusal(&early).contains("no usable parameter ir.categories on 1999-01-01"));
}
