use super::{DAY, NOW, text};
use crate::pages::{
    SettingsPage, Trail,
    trail::{TrailAsked, TrailLine},
};

fn line(action: &str, subject: &str, after: Option<&str>) -> TrailLine {
    TrailLine {
        at: NOW.plus_seconds(-DAY),
        actor: Some(text("admin@exemple.fr")),
        action: text(action),
        subject: text(subject),
        before: after.map(|_| text("valeur : oui")),
        after: after.map(text),
    }
}

pub fn trails() -> Vec<(&'static str, Trail)> {
    let page = |lines: Vec<TrailLine>, bad_day| Trail {
        asked: TrailAsked {
            actor: text("admin"),
            action: text("set"),
            from: text("2026-11-01"),
            actions: vec![text("set"), text("look_at")],
            ..TrailAsked::default()
        },
        file: text("/plateforme/journal.csv?geste=set"),
        older: (lines.len() > 1).then(|| text("/plateforme/journal?avant=12")),
        lines,
        bad_day,
    };
    let by_itself = TrailLine { actor: None, ..line("entrust", "organisation:clef", None) };
    let some = vec![
        line("set", "setting:giving_open", Some("valeur : non, motif : la banque est en panne")),
        line("look_at", "person:0193aa10-0000-7000-8000-000000000001", None),
        by_itself,
    ];
    vec![
        ("lines", page(some, false)),
        ("nothing", page(Vec::new(), false)),
        ("bad_day", page(Vec::new(), true)),
    ]
}

pub fn settings() -> Vec<(&'static str, SettingsPage)> {
    let page = |giving_open, history| SettingsPage {
        giving_open,
        leverage_bp: 20_000,
        public_share_bp: giving_open.then_some(8_000),
        kept_minutes: 30,
        grace_minutes: 15,
        history,
    };
    let changed = vec![line("set", "setting:giving_open", Some("valeur : non"))];
    vec![("open", page(true, Vec::new())), ("closed", page(false, changed))]
}
