use super::{DAY, NOW, text};
use crate::pages::{
    Ledgers, SealDay,
    seals::{DayFound, DayLink, LedgerFile, PublicLedger, SealedDay},
};

const SEAL: &str = "9b1e04fa52ae0f9c7d31c41d77a0e2b95f3866d1a4f0b8e39c52c41d77a0e2b9";

fn day(name: &str, ago: i64) -> DayLink {
    DayLink { day: text(name), at: NOW.plus_seconds(-ago * DAY) }
}

pub fn seal_days() -> Vec<(&'static str, SealDay)> {
    let page = |typed: &str, found| SealDay { day: text(typed), found, before: None, after: None };
    let sealed = SealedDay {
        at: day("", 1).at,
        records: 184,
        root: text("c41d77a0e2b95f3866d1a4f0b8e39c52c41d77a0e2b95f3866d1a4f0b8e39c52"),
        previous: Some(text("7d3152ae0f9c7d31c41d77a0e2b95f3866d1a4f0b8e39c52c41d77a0e2b95f38")),
        seal: text(SEAL),
        sealed_at: NOW,
    };
    let first = SealedDay { records: 0, previous: None, ..sealed.clone() };
    let waiting = |over| DayFound::Waiting { at: NOW, over };
    vec![
        (
            "sealed",
            SealDay {
                before: Some(day("2026-11-20", 2)),
                after: Some(day("2026-11-22", 0)),
                ..page("2026-11-21", DayFound::Sealed(Box::new(sealed)))
            },
        ),
        ("first", page("2026-11-21", DayFound::Sealed(Box::new(first)))),
        (
            "not_over",
            SealDay { before: Some(day("2026-11-21", 1)), ..page("2026-11-22", waiting(false)) },
        ),
        ("over", page("2026-11-21", waiting(true))),
        ("future", page("2027-01-01", DayFound::Future { at: NOW.plus_seconds(40 * DAY) })),
        (
            "too_early",
            page(
                "2020-01-01",
                DayFound::TooEarly { at: day("", 2_000).at, first: Some(day("2026-09-20", 63)) },
            ),
        ),
        (
            "nothing_yet",
            page("2020-01-01", DayFound::TooEarly { at: day("", 2_000).at, first: None }),
        ),
        ("no_day", page("2026-02-30", DayFound::NoDay)),
        ("ask", page("", DayFound::Ask)),
    ]
}

pub fn ledgers() -> Vec<(&'static str, Ledgers)> {
    let ledger =
        |pot: &str, title: &str, file| PublicLedger { pot: text(pot), title: text(title), file };
    let file = || {
        Some(LedgerFile { day: day("2026-11-21", 1), sha256: text(SEAL), size_bytes: 1_240_318 })
    };
    let published = Ledgers {
        ledgers: vec![
            ledger("socle", "Socle national", file()),
            ledger("urgence", "Urgence numérique", file()),
            ledger("rural", "Territoires ruraux", None),
        ],
        days: vec![day("2026-11-21", 1), day("2026-11-20", 2)],
    };
    let first_day =
        Ledgers { ledgers: vec![ledger("socle", "Socle national", None)], days: Vec::new() };
    vec![("published", published), ("first_day", first_day)]
}
