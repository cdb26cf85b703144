use super::{DAY, NOW, eur, text};
use crate::pages::{
    RuleLine, RuleNotApplied, WhyNot,
    rehearsal::{
        Against, Cell, Column, MapChange, OtherRules, RehearsalForm, RehearsalPage, Rehearsed, Row,
        Side, TrialFault, TrialForm, Tried,
    },
};

fn other() -> Side {
    Side::Draft { number: 9, rule: text("rural") }
}

fn version() -> Side {
    Side::Version { rule: text("socle"), version: 1 }
}

pub fn rehearsal_form() -> RehearsalForm {
    RehearsalForm {
        others: vec![
            OtherRules { code: text("brouillon-9"), side: other() },
            OtherRules { code: text("version-socle-1"), side: version() },
        ],
        year: true,
        gifts: text("10000"),
        seed: text("1"),
        first: text("brouillon-9"),
        second: String::new(),
    }
}

fn tried(euros: i64) -> Tried {
    Tried {
        total: eur(euros),
        lines: vec![RuleLine {
            name: text("Ruralité"),
            rate: domain::BasisPoints::new(3_000),
            amount: eur(euros),
            sentence: text("Pour un projet en territoire rural, le fonds ajoute 30 % du don."),
            funders: Vec::new(),
            reduced_by: None,
        }],
        not_applied: vec![RuleNotApplied {
            name: text("Urgence"),
            rate: None,
            why: WhyNot::EnvelopeEmpty,
            at_close: false,
        }],
        exact: false,
    }
}

pub fn trial() -> TrialForm {
    TrialForm {
        amount: text("20"),
        campaign: text("le-bus-du-numerique"),
        campaigns: vec![(text("le-bus-du-numerique"), text("Le bus du numérique"))],
        result: Some((tried(6), tried(12))),
        fault: None,
    }
}

pub fn faulty_trials() -> [TrialForm; 2] {
    [TrialFault::Amount { min: eur(1), max: eur(10_000) }, TrialFault::Campaign]
        .map(|fault| TrialForm { result: None, fault: Some(fault), ..trial() })
}

fn row(code: &str, name: &str, before: i64, others: &[i64]) -> Row {
    let cell = |after: &i64| Cell { after: eur(*after), change: eur(after - before) };
    let others = others.iter().map(cell).collect();
    Row { code: text(code), name: text(name), before: eur(before), others }
}

fn column(side: Side, matched: i64, against: Option<Against>) -> Column {
    Column {
        side,
        matched: eur(matched),
        leverage_bp: 6_087,
        gini_bp: 4_810,
        full: 2_900,
        part: 200,
        none: 125,
        against,
    }
}

fn against(euros: i64) -> Option<Against> {
    Some(Against {
        change: eur(euros),
        winners: 1,
        losers: 1,
        map: vec![
            MapChange { code: text("23"), change: 2 },
            MapChange { code: text("75"), change: -1 },
        ],
    })
}

fn rehearsed(sets: usize) -> Rehearsed {
    let rows = |code: &str, name: &str, before: i64| {
        let others: Vec<i64> =
            (1..sets).zip(1_i64..).map(|(_, place)| before + 500 * place).collect();
        vec![row(code, name, before, &others)]
    };
    let mut columns = vec![
        column(Side::InForce, 112_000, None),
        column(Side::Draft { number: 8, rule: text("socle") }, 131_000, against(19_000)),
        column(other(), 110_000, against(-2_000)),
        column(version(), 112_000, against(0)),
    ];
    columns.truncate(sets);
    let mut days = vec![None, Some(NOW.plus_seconds(-5 * DAY)), None, Some(NOW)];
    days.truncate(sets);
    Rehearsed {
        gifts: 3_225,
        took_ms: 812,
        raised: eur(184_000),
        columns,
        departements: rows("23", "23 Creuse", 4_000),
        publics: rows("seniors", "Seniors", 40_000),
        categories: rows("urgence", "Urgence numérique", 60_000),
        stages: rows("amorcage", "Amorçage", 60_000),
        origins: rows("state", "État", 80_000),
        exhausted: vec![(text("Urgence"), days)],
        campaigns: Vec::new(),
        file: text("/fonds/repetitions/1/ecarts.csv"),
    }
}

pub fn rehearsals() -> Vec<(&'static str, RehearsalPage)> {
    let page = |progress, result, problem: Option<&str>| RehearsalPage {
        draft: 8,
        rule: text("socle"),
        year_gifts: None,
        seed: 0,
        progress,
        problem: problem.map(text),
        result,
        current: true,
    };
    let year = |page| RehearsalPage { year_gifts: Some(10_000), seed: 1, ..page };
    vec![
        ("done", page(100, Some(rehearsed(2)), None)),
        ("four", year(page(100, Some(rehearsed(4)), None))),
        ("running", year(page(40, None, None))),
        ("older", RehearsalPage { current: false, ..page(100, Some(rehearsed(2)), None) }),
        ("failed", page(100, None, Some("Le passé ne redonne pas les montants inscrits."))),
        ("too_long", page(100, None, Some("too_long"))),
        ("given_up", page(100, None, Some("given_up"))),
        ("no_gift", year(page(100, None, Some("no_gift")))),
    ]
}
