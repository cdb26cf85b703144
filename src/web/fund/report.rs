//! The report of a rehearsal, as a page shows it: lines side by side, the largest change first.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Cents, UtcSeconds, place};
use serde_json::Value;
use templates::{
    pages::fund::{MapChange, Rehearsed, Row},
    rule_words::label,
};

use crate::web::csv;

/// A change of a tenth or more is much.
const MUCH: i64 = 10;

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// What both sides of the report say under one name.
struct Sides<'a>(&'a Value, &'a Value);

impl Sides<'_> {
    fn pair(&self, pointer: &str) -> (i64, i64) {
        let of = |side: &Value| side.pointer(pointer).map(number).unwrap_or_default();
        (of(self.0), of(self.1))
    }

    /// Sums by name, both sides.
    fn sums(&self, pointer: &str, key: impl Fn(&str) -> String) -> BTreeMap<String, (i64, i64)> {
        let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for (side, place) in [(self.0, 0), (self.1, 1)] {
            let all = side.pointer(pointer).and_then(Value::as_object);
            for (name, amount) in all.into_iter().flatten() {
                let sum = sums.entry(key(name)).or_default();
                let amount = number(amount.get("match").unwrap_or(amount));
                if place == 0 { sum.0 += amount } else { sum.1 += amount }
            }
        }
        sums
    }
}

fn rows(sums: BTreeMap<String, (i64, i64)>, name: impl Fn(&str) -> String) -> Vec<Row> {
    let row = |(code, (before, after)): (String, (i64, i64))| Row {
        name: name(&code),
        before: Cents::new(before),
        after: Cents::new(after),
        change: Cents::new(after - before),
        code,
    };
    let mut rows: Vec<Row> = sums.into_iter().map(row).collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.change.get().abs()), row.code.clone()));
    rows
}

/// The report of a rehearsal, with the titles of campaigns, what was played, and its file.
pub fn told(
    report: &Value,
    titles: &BTreeMap<String, String>,
    (gifts, took_ms): (i64, i64),
    file: String,
) -> Rehearsed {
    let candidates = &report["report"]["candidates"];
    let sides = Sides(&candidates[0], &candidates[1]);
    let named =
        |kind: &'static str| move |code: &str| label(kind, code).unwrap_or_else(|| code.to_owned());
    let same = |code: &str| code.to_owned();
    let departements = rows(sides.sums("/by/territory", departement), |code| {
        place::departement(code)
            .map_or_else(|| code.to_owned(), |one| format!("{code} {}", one.name))
    });
    let campaigns = rows(sides.sums("/campaigns", same), |id| {
        titles.get(id).cloned().unwrap_or_else(|| id.to_owned())
    });
    let (before, after) = sides.pair("/match");
    let count =
        |sign: i64| departements.iter().filter(|row| row.change.get().signum() == sign).count();
    Rehearsed {
        gifts,
        took_ms,
        raised: Cents::new(sides.pair("/raised").0),
        before: Cents::new(before),
        after: Cents::new(after),
        leverage_bp: sides.pair("/leverage_bps"),
        gini_bp: sides.pair("/gini_bps"),
        full: sides.pair("/gifts/full"),
        part: sides.pair("/gifts/part"),
        none: sides.pair("/gifts/none"),
        winners: count(1),
        losers: count(-1),
        map: map(&departements),
        departements,
        publics: rows(sides.sums("/by/public", same), named("public")),
        categories: rows(sides.sums("/by/category", same), named("parcours")),
        stages: rows(sides.sums("/by/stage", same), named("stade")),
        origins: rows(sides.sums("/by/origin", same), named("origine")),
        exhausted: exhausted(&sides),
        campaigns: campaigns.into_iter().filter(|row| row.change != Cents::ZERO).collect(),
        file,
    }
}

/// The département of a commune, an overseas one by three digits; a département is its own.
fn departement(territory: &str) -> String {
    let longest = if territory.starts_with("97") { 3 } else { 2 };
    territory.get(..longest).unwrap_or(territory).to_owned()
}

/// Every département; where nothing was matched nothing changes.
fn map(rows: &[Row]) -> Vec<MapChange> {
    let of = |one: &place::Departement| rows.iter().find(|row| row.code == one.code);
    let still = |code: &str| MapChange { code: code.to_owned(), change: 0 };
    let cell = |one| of(one).map_or_else(|| still(one.code), on_the_map);
    place::departements().iter().map(cell).collect()
}

fn on_the_map(row: &Row) -> MapChange {
    let change = row.change.get();
    let much = change.abs().saturating_mul(100) >= row.before.get().saturating_mul(MUCH);
    let level = match (change.signum(), much) {
        (0, _) => 0,
        (1, true) => 2,
        (1, false) => 1,
        (_, true) => -2,
        (_, false) => -1,
    };
    MapChange { code: row.code.clone(), change: level }
}

fn exhausted(sides: &Sides<'_>) -> Vec<(String, Option<UtcSeconds>, Option<UtcSeconds>)> {
    let pots = |side: &Value| side["exhausted"].as_object().cloned().unwrap_or_default();
    let (before, after) = (pots(sides.0), pots(sides.1));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let at = |value: Option<&Value>| value.and_then(Value::as_str).and_then(|at| at.parse().ok());
    let row = |name: &String| (name.clone(), at(before.get(name)), at(after.get(name)));
    names.into_iter().map(row).filter(|(_, before, after)| before != after).collect()
}

/// Every comparison, a line each: what is compared, code, name, cents before, after, difference.
pub fn csv(result: &Rehearsed) -> Vec<u8> {
    let mut file = csv::row(&["rubrique", "code", "nom", "en_vigueur", "brouillon", "ecart"]);
    let parts = [
        ("departement", &result.departements),
        ("parcours", &result.categories),
        ("public", &result.publics),
        ("stade", &result.stages),
        ("origine", &result.origins),
        ("campagne", &result.campaigns),
    ];
    for (part, rows) in parts {
        for row in rows {
            let cents = |cents: Cents| cents.get().to_string();
            let cells = [
                part.to_owned(),
                row.code.clone(),
                row.name.clone(),
                cents(row.before),
                cents(row.after),
                cents(row.change),
            ];
            file.extend(csv::row(&cells));
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn communes_count_for_their_departement_and_the_largest_change_comes_first() {
        let side = |creuse: i64, paris: i64| {
            json!({
                "raised": 1_000, "match": creuse + paris, "leverage_bps": 5_000, "gini_bps": 100,
                "gifts": { "full": 2, "part": 0, "none": 1 },
                "by": { "territory": { "23096": creuse, "23": 5, "75056": paris, "97302": 7 } },
                "exhausted": { "socle": null }, "campaigns": { "demo-01": { "match": creuse } },
            })
        };
        let report = json!({ "report": { "candidates": [side(100, 50), side(300, 49)] } });
        let titles = BTreeMap::from([("demo-01".to_owned(), "Le bus".to_owned())]);
        let told = told(&report, &titles, (3, 12), "/f.csv".into());
        let rows: Vec<(&str, i64)> =
            told.departements.iter().map(|row| (row.code.as_str(), row.change.get())).collect();
        assert_eq!(rows, [("23", 200), ("75", -1), ("973", 0)]);
        assert_eq!((told.winners, told.losers), (1, 1));
        assert_eq!(told.departements[0].before, Cents::new(105));
        let level = |code| told.map.iter().find(|cell| cell.code == code).unwrap().change;
        assert_eq!((level("23"), level("75"), level("973"), level("48")), (2, -1, 0, 0));
        assert_eq!(told.map.len(), 101);
        assert_eq!(told.campaigns[0].name, "Le bus");
        let file = String::from_utf8(csv(&told)).unwrap();
        assert!(file.contains("departement,23,23 Creuse,105,305,200\r\n"), "{file}");
    }
}
