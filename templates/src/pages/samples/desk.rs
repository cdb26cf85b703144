use domain::role::StaffRole;

use super::{DAY, NOW, text};
use crate::pages::{
    Desk, Team,
    desk::{DeskNotice, DiscrepancyLine, ParkedJob, RecoveryLine, StaffLine},
};

pub fn desks() -> Vec<(&'static str, Desk)> {
    let quiet = |role| Desk {
        role,
        giving_open: true,
        parked: Vec::new(),
        discrepancies: Vec::new(),
        recoveries: 0,
        reason: String::new(),
        notice: None,
    };
    let busy = |role| Desk {
        giving_open: false,
        parked: vec![ParkedJob {
            id: 4_821,
            kind: text("issue_receipt"),
            error: text("the document is not printable"),
            since: NOW.plus_seconds(-2 * DAY),
        }],
        discrepancies: vec![DiscrepancyLine {
            number: 12,
            kind: text("amount_differs"),
            subject: text("gift:0193-7f3c"),
            since: NOW.plus_seconds(-DAY),
            explanation: text("Remboursé à la main."),
        }],
        recoveries: 1,
        reason: text("La banque est en panne."),
        notice: Some(DeskNotice::Done),
        ..quiet(role)
    };
    vec![
        ("busy", busy(StaffRole::Administrator)),
        ("busy_auditor", busy(StaffRole::Auditor)),
        ("administrator", quiet(StaffRole::Administrator)),
        ("operator", quiet(StaffRole::Operator)),
    ]
}

pub fn teams() -> Vec<(&'static str, Team)> {
    let member = |email: &str, role, me| StaffLine {
        email: text(email),
        role,
        since: NOW.plus_seconds(-30 * DAY),
        me,
    };
    let recovery = |mine| RecoveryLine {
        email: text("fonds@exemple.fr"),
        by: text("admin@exemple.fr"),
        reason: text("Téléphone volé, reconnue en visioconférence."),
        until: NOW.plus_seconds(7 * DAY),
        mine,
    };
    let page = |manages, notice| Team {
        manages,
        staff: vec![
            member("admin@exemple.fr", StaffRole::Administrator, manages),
            member("fonds@exemple.fr", StaffRole::Operator, false),
        ],
        recoveries: vec![recovery(true), recovery(false)],
        email: String::new(),
        lost: text("fonds@exemple.fr"),
        reason: String::new(),
        notice,
    };
    let named = |notice| match notice {
        DeskNotice::Done => "done",
        DeskNotice::NotAllowed => "not_allowed",
        DeskNotice::ProveFirst => "prove_first",
        DeskNotice::Unknown => "unknown",
        DeskNotice::Reason => "reason",
        DeskNotice::Already => "already",
        DeskNotice::Oneself => "oneself",
        DeskNotice::LastAdministrator => "last_administrator",
        DeskNotice::AnotherConfirms => "another_confirms",
        DeskNotice::WorksHere => "works_here",
        DeskNotice::StayTwo => "stay_two",
        DeskNotice::FormExpired => "form_expired",
    };
    let told = DeskNotice::ALL.map(|notice| (named(notice), page(true, Some(notice))));
    [("administrator", page(true, None)), ("auditor", page(false, None))]
        .into_iter()
        .chain(told)
        .collect()
}
