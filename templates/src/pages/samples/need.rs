use domain::Cents;

use super::{DAY, NOW, eur, text};
use crate::pages::{
    NeedPage, Needs,
    home::MapCell,
    need::{
        Asked, CriterionLine, EnvelopeLine, Fault, FlagsLine, NeedNotice, NeedResult, TableLine,
        Wrong,
    },
};

fn table(version: i64) -> TableLine {
    TableLine {
        version,
        source: text("Insee, Filosofi et recensement"),
        vintage: text("2021"),
        communes: false,
        places: 101,
        by: text("fonds@exemple.fr"),
        at: NOW.plus_seconds(-DAY),
    }
}

fn faults() -> Vec<Fault> {
    let at = |line, column, typed: &str, wrong| Fault {
        line: Some(line),
        column: Some(column),
        typed: text(typed),
        wrong,
    };
    let name = || text("pauvrete");
    vec![
        Fault::of_file(Wrong::Empty),
        Fault::of_file(Wrong::NoLine { name: text("source") }),
        Fault { line: Some(7), ..Fault::of_file(Wrong::NotText) },
        at(1, 2, "", Wrong::NoText),
        at(3, 2, "canton", Wrong::Scale),
        at(4, 9, "couleur", Wrong::Column),
        at(4, 1, "critère", Wrong::NoColumn { name: name() }),
        at(5, 1, "pauvrete", Wrong::Twice),
        at(26, 1, "age", Wrong::TooMany { most: 20 }),
        at(4, 2, "poids", Wrong::Weights { bps: 9_000 }),
        at(5, 3, "en haut", Wrong::Direction),
        at(5, 7, "40", Wrong::Bounds),
        at(8, 3, "dix", Wrong::Number { decimals: 4 }),
        at(8, 2, "1,5", Wrong::Number { decimals: 0 }),
        at(8, 2, "0", Wrong::Range),
        at(9, 3, "", Wrong::Missing),
        at(10, 1, "99", Wrong::Territory { commune: false }),
        at(10, 1, "99999", Wrong::Territory { commune: true }),
        at(11, 5, "6", Wrong::Cells { expected: 4 }),
        at(7, 1, "code", Wrong::NoRow),
        at(12, 2, "peut-être", Wrong::YesOrNo),
        Fault::of_file(Wrong::AndMore),
    ]
}

pub fn needs() -> Vec<(&'static str, Needs)> {
    let empty = Needs {
        writes: true,
        tables: Vec::new(),
        flags: Vec::new(),
        own_flags: 36,
        faults: Vec::new(),
        notice: None,
    };
    let flags = FlagsLine {
        version: 1,
        vintage: text("2024"),
        rural_column: text("Dotation de solidarité rurale - Commune située en ZRR"),
        priority_column: text("Dotation de solidarité urbaine - Population QPV"),
        communes: 34_935,
        rural: 17_700,
        priority: 1_362,
        campaigns: 2,
        by: text("fonds@exemple.fr"),
        at: NOW,
    };
    let some = Needs {
        tables: vec![table(2), TableLine { communes: true, places: 34_900, ..table(1) }],
        flags: vec![flags],
        notice: Some(NeedNotice::Flags { version: 1 }),
        ..empty.clone()
    };
    let with = |notice| Needs { notice: Some(notice), ..some.clone() };
    let refused = Needs { faults: faults(), ..with(NeedNotice::TableRefused) };
    let flags_refused = Needs { faults: faults(), ..with(NeedNotice::FlagsRefused) };
    let reader = Needs { writes: false, notice: None, ..some.clone() };
    vec![
        ("nothing_yet", empty),
        ("some", some.clone()),
        ("reader", reader),
        ("refused", refused),
        ("flags_refused", flags_refused),
        ("expired", with(NeedNotice::FormExpired)),
        ("not_allowed", with(NeedNotice::NotAllowed)),
    ]
}

pub fn need_pages() -> Vec<(&'static str, NeedPage)> {
    let asked = |total: &str| Asked { total: text(total), floor: text("90"), ceiling: text("130") };
    let criterion = |label: &str, weight_bp, fallback: Option<&str>| CriterionLine {
        label: text(label),
        weight_bp,
        higher_is_need: fallback.is_some(),
        reference: text("14,4"),
        fallback: fallback.map(text),
        min_bp: 5_000,
        max_bp: 20_000,
    };
    let line = |name: &str, index_bp, envelope: i64, change: Option<i64>| EnvelopeLine {
        name: text(name),
        population: 115_000,
        index_bp,
        envelope: Cents::new(envelope),
        per_head: Cents::new(33),
        at_floor: index_bp < 8_000,
        at_ceiling: index_bp > 13_000,
        change: change.map(Cents::new),
    };
    let result = NeedResult {
        rows: vec![
            line("23 Creuse", 13_222, 3_763_373, Some(1_200)),
            line("48 Lozère", 12_267, 2_408_511, Some(-1_200)),
            line("75 Paris", 7_316, 47_871_617, None),
        ],
        residue: eur(3),
        absent: vec![text("Mayotte")],
        before: Some(1),
        map: vec![MapCell { code: text("23"), class: 4 }, MapCell { code: text("75"), class: 1 }],
        map_range: (Cents::new(22), Cents::new(33)),
        file: text("/fonds/besoins/2/enveloppes.csv?total=1000000&plancher=90&plafond=130"),
    };
    let page = NeedPage {
        new: true,
        table: table(2),
        sha256: text("9b1e04fa52ae0f9c7d31c41d77a0e2b95f3866d1a4f0b8e39c52c41d77a0e2b9"),
        assumed: 5,
        criteria: vec![
            criterion("Taux de pauvreté (%)", 7_000, Some("14,4")),
            criterion("Revenu médian (€)", 3_000, None),
        ],
        asked: asked("1000000"),
        result: Some(result.clone()),
    };
    let first = NeedPage {
        new: false,
        table: TableLine { communes: true, ..table(1) },
        assumed: 0,
        result: Some(NeedResult {
            before: None,
            residue: Cents::ZERO,
            absent: Vec::new(),
            rows: vec![line("23 Creuse", 13_222, 3_763_373, None)],
            ..result
        }),
        ..page.clone()
    };
    let refused = NeedPage { new: false, asked: asked("beaucoup"), result: None, ..page.clone() };
    vec![("new", page), ("first", first), ("not_to_be_shared", refused)]
}
