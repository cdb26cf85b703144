//! The report of a rehearsal, as a page shows it: sets of rules side by side, the largest change
//! first.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Cents, UtcSeconds, place};
use serde_json::Value;
use store::rehearsals::RehearsalRow;
use templates::{
    pages::rehearsal::{Against, Cell, Column, MapChange, Rehearsed, Row, Side},
    rule_words::label,
};

use crate::web::csv;

/// A change of a tenth or more is much.
const MUCH: i64 = 10;

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// What all sets of the report say under one name.
struct Sets<'a>(&'a [Value]);

impl Sets<'_> {
    /// Sums by name, a number for each set.
    fn sums(&self, pointer: &str, key: impl Fn(&str) -> String) -> BTreeMap<String, Vec<i64>> {
        let mut sums: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (place, set) in self.0.iter().enumerate() {
            let all = set.pointer(pointer).and_then(Value::as_object);
            for (name, amount) in all.into_iter().flatten() {
                let sums = sums.entry(key(name)).or_insert_with(|| vec![0; self.0.len()]);
                sums[place] += number(amount.get("match").unwrap_or(amount));
            }
        }
        sums
    }

    fn rows(
        &self,
        pointer: &str,
        key: impl Fn(&str) -> String,
        name: impl Fn(&str) -> String,
    ) -> Vec<Row> {
        let row = |(code, sums): (String, Vec<i64>)| {
            let before = sums.first().copied().unwrap_or_default();
            let cell = |after: &i64| Cell {
                after: Cents::new(*after),
                change: Cents::new(after - before),
            };
            let others = sums.iter().skip(1).map(cell).collect();
            Row { name: name(&code), before: Cents::new(before), others, code }
        };
        let mut rows: Vec<Row> = self.sums(pointer, key).into_iter().map(row).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(largest(row)), row.code.clone()));
        rows
    }
}

fn largest(row: &Row) -> i64 {
    row.others.iter().map(|cell| cell.change.get().abs()).max().unwrap_or_default()
}

/// The sets of a rehearsal, in the order of its report.
pub fn sides(row: &RehearsalRow, rule: &str) -> Vec<Side> {
    let others = row.beside.as_array().into_iter().flatten().map(|one| {
        let rule = one["rule"].as_str().unwrap_or_default().to_owned();
        match one["kind"].as_str() {
            Some("draft") => Side::Draft { number: number(&one["number"]), rule },
            _ => Side::Version { rule, version: number(&one["version"]) },
        }
    });
    let draft = Side::Draft { number: row.draft, rule: rule.to_owned() };
    [Side::InForce, draft].into_iter().chain(others).collect()
}

/// The report of a rehearsal, with its sets, the titles of campaigns and pots, and its file.
pub fn told(
    row: &RehearsalRow,
    sides: Vec<Side>,
    (titles, pots): (&BTreeMap<String, String>, &BTreeMap<String, String>),
    file: String,
) -> Rehearsed {
    let report = row.report.as_ref().unwrap_or(&Value::Null);
    let candidates = report["report"]["candidates"].as_array().map_or(&[][..], Vec::as_slice);
    let sets = Sets(candidates);
    let same = |code: &str| code.to_owned();
    let by = |pointer: &str, kind: &'static str| {
        let named = |code: &str| label(kind, code).unwrap_or_else(|| code.to_owned());
        sets.rows(pointer, same, named)
    };
    let departements = sets.rows("/by/territory", departement, |code| {
        place::departement(code)
            .map_or_else(|| code.to_owned(), |one| format!("{code} {}", one.name))
    });
    let campaigns = sets
        .rows("/campaigns", same, |id| titles.get(id).cloned().unwrap_or_else(|| id.to_owned()));
    let mut columns: Vec<Column> =
        sides.into_iter().zip(candidates).map(|(side, set)| column(side, set)).collect();
    let before = columns.first().map(|first| first.matched.get()).unwrap_or_default();
    for (place, column) in columns.iter_mut().skip(1).enumerate() {
        let change = Cents::new(column.matched.get() - before);
        column.against = Some(against(place, change, &departements));
    }
    Rehearsed {
        gifts: row.gifts.unwrap_or_default(),
        took_ms: row.took_ms.unwrap_or_default(),
        raised: Cents::new(
            candidates.first().map(|set| number(&set["raised"])).unwrap_or_default(),
        ),
        columns,
        departements,
        publics: by("/by/public", "public"),
        categories: by("/by/category", "parcours"),
        stages: by("/by/stage", "stade"),
        origins: by("/by/origin", "origine"),
        exhausted: exhausted(&sets, pots),
        campaigns: campaigns.into_iter().filter(|row| largest(row) != 0).collect(),
        file,
    }
}

fn column(side: Side, set: &Value) -> Column {
    Column {
        side,
        matched: Cents::new(number(&set["match"])),
        leverage_bp: number(&set["leverage_bps"]),
        gini_bp: number(&set["gini_bps"]),
        full: number(&set["gifts"]["full"]),
        part: number(&set["gifts"]["part"]),
        none: number(&set["gifts"]["none"]),
        against: None,
    }
}

/// How the set at a place of the rows fares beside the rules in force.
fn against(place: usize, change: Cents, departements: &[Row]) -> Against {
    let changes = |row: &Row| row.others.get(place).map(|cell| cell.change.get());
    let count = |sign| {
        departements.iter().filter_map(changes).filter(|change| change.signum() == sign).count()
    };
    let of = |one: &place::Departement| departements.iter().find(|row| row.code == one.code);
    // Every département; where nothing was matched nothing changes.
    let cell = |one: &place::Departement| MapChange {
        code: one.code.to_owned(),
        change: of(one).map_or(0, |row| level(row.before.get(), changes(row).unwrap_or_default())),
    };
    let map = place::departements().iter().map(cell).collect();
    Against { change, winners: count(1), losers: count(-1), map }
}

/// The département of a commune, an overseas one by three digits; a département is its own.
fn departement(territory: &str) -> String {
    let longest = if territory.starts_with("97") { 3 } else { 2 };
    territory.get(..longest).unwrap_or(territory).to_owned()
}

fn level(before: i64, change: i64) -> i8 {
    let much = change.abs().saturating_mul(100) >= before.saturating_mul(MUCH);
    match (change.signum(), much) {
        (0, _) => 0,
        (1, true) => 2,
        (1, false) => 1,
        (_, true) => -2,
        (_, false) => -1,
    }
}

/// The pots that are empty under some set, with the day under each.
fn exhausted(
    sets: &Sets<'_>,
    titles: &BTreeMap<String, String>,
) -> Vec<(String, Vec<Option<UtcSeconds>>)> {
    let pots = |set: &Value| set["exhausted"].as_object().cloned().unwrap_or_default();
    let all: Vec<_> = sets.0.iter().map(pots).collect();
    let names: BTreeSet<&String> = all.iter().flat_map(|pots| pots.keys()).collect();
    let day = |pots: &serde_json::Map<String, Value>, name: &str| {
        pots.get(name).and_then(Value::as_str).and_then(|at| at.parse().ok())
    };
    let title = |name: &String| titles.get(name).unwrap_or(name).clone();
    let row = |name: &String| (title(name), all.iter().map(|pots| day(pots, name)).collect());
    let some = |(_, days): &(String, Vec<Option<UtcSeconds>>)| days.iter().any(Option::is_some);
    names.into_iter().map(row).filter(some).collect()
}

/// How a file calls a set.
fn code(side: &Side) -> String {
    match side {
        Side::InForce => "en_vigueur".to_owned(),
        Side::Draft { number, .. } => format!("brouillon_{number}"),
        Side::Version { rule, version } => format!("{rule}_{version}"),
    }
}

/// Every comparison, a line each: what is compared, code, name, cents under the rules in force,
/// then cents and difference of each other set.
pub fn csv(result: &Rehearsed) -> Vec<u8> {
    let mut head = vec!["rubrique".to_owned(), "code".to_owned(), "nom".to_owned()];
    for column in &result.columns {
        let code = code(&column.side);
        let change = column.against.is_some().then(|| format!("ecart_{code}"));
        head.extend(std::iter::once(code).chain(change));
    }
    let mut file = csv::row(&head);
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
            let mut cells = vec![part.to_owned(), row.code.clone(), row.name.clone()];
            cells.push(cents(row.before));
            for cell in &row.others {
                cells.extend([cents(cell.after), cents(cell.change)]);
            }
            file.extend(csv::row(&cells));
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;

    fn rehearsal(report: Value) -> RehearsalRow {
        let version = json!({ "kind": "version", "rule": "socle", "version": 1, "document": {} });
        RehearsalRow {
            id: Uuid::nil(),
            draft: 8,
            document: json!({}),
            asked_by: Uuid::nil(),
            asked_at: OffsetDateTime::UNIX_EPOCH,
            progress: 100,
            gifts: Some(3),
            took_ms: Some(12),
            report: Some(report),
            problem: None,
            ended_at: None,
            pot_id: "socle".into(),
            beside: json!([version]),
            year_gifts: None,
            year_seed: None,
        }
    }

    #[test]
    fn communes_count_for_their_departement_and_the_largest_change_comes_first() {
        let side = |creuse: i64, paris: i64, empty: Option<&str>| {
            json!({
                "raised": 1_000, "match": creuse + paris, "leverage_bps": 5_000, "gini_bps": 100,
                "gifts": { "full": 2, "part": 0, "none": 1 },
                "by": { "territory": { "23096": creuse, "23": 5, "75056": paris, "97302": 7 } },
                "exhausted": { "socle": empty }, "campaigns": { "demo-01": { "match": creuse } },
            })
        };
        let day = "2026-03-01T00:00:00Z";
        let sets = [side(100, 50, None), side(300, 49, Some(day)), side(100, 250, None)];
        let row = rehearsal(json!({ "report": { "candidates": sets } }));
        let titles = BTreeMap::from([("demo-01".to_owned(), "Le bus".to_owned())]);
        let told = told(&row, sides(&row, "socle"), (&titles, &BTreeMap::new()), "/f.csv".into());
        let changes =
            |row: &Row| -> Vec<i64> { row.others.iter().map(|cell| cell.change.get()).collect() };
        let rows: Vec<(&str, Vec<i64>)> =
            told.departements.iter().map(|row| (row.code.as_str(), changes(row))).collect();
        assert_eq!(rows, [("23", vec![200, 0]), ("75", vec![-1, 200]), ("973", vec![0, 0])]);
        assert_eq!(told.departements[0].before, Cents::new(105));
        let against = |place: usize| told.columns[place].against.as_ref().unwrap();
        assert!(told.columns[0].against.is_none());
        assert_eq!((against(1).winners, against(1).losers), (1, 1));
        assert_eq!((against(2).winners, against(2).losers), (1, 0));
        let level =
            |place, code| against(place).map.iter().find(|cell| cell.code == code).unwrap().change;
        assert_eq!((level(1, "23"), level(1, "75"), level(1, "973")), (2, -1, 0));
        assert_eq!((level(2, "23"), level(2, "75"), level(2, "48")), (0, 2, 0));
        assert_eq!(against(1).map.len(), 101);
        assert_eq!(told.campaigns[0].name, "Le bus");
        assert_eq!(told.exhausted, [("socle".to_owned(), vec![None, day.parse().ok(), None])]);
        let file = String::from_utf8(csv(&told)).unwrap();
        let head =
            "rubrique,code,nom,en_vigueur,brouillon_8,ecart_brouillon_8,socle_1,ecart_socle_1";
        assert!(file.starts_with(head), "{file}");
        assert!(file.contains("departement,23,23 Creuse,105,305,200,105,0\r\n"), "{file}");
    }
}
