use domain::pot::Origin;
use serde_json::json;

use super::{DAY, NOW, eur, text};
use crate::{
    pages::{
        Fund, RehearsalPage, RuleBook, RuleEditor,
        fund::{
            BookedRule, Contributor, DraftLine, Found, FundPot, MapChange, RehearsalLine,
            Rehearsed, Row, RuleNotice,
        },
        rule_form::{BonusFields, Choice, FieldFault, Fields},
    },
    rule_words,
};

pub fn funds() -> Vec<(&'static str, Fund)> {
    let pot = |id: &str, name: &str, contributed: i64, committed: i64| FundPot {
        id: text(id),
        name: text(name),
        funders: vec![Origin::State, Origin::Eu],
        contributed: eur(contributed),
        committed: eur(committed),
        share_bp: committed * 10_000 / contributed,
    };
    let page = |leverage_bp| Fund {
        contributed: eur(3_835_000),
        committed: eur(210_000),
        reserved: eur(1_200),
        available: eur(3_623_800),
        leverage_bp,
        since: NOW.plus_seconds(-60 * DAY),
        discrepancies: 1,
        submitted: 2,
        pots: vec![
            pot("socle", "Dotation nationale d’amorçage", 900_000, 120_000),
            pot("urgence", "Urgence numérique", 600_000, 90_000),
        ],
        contributors: vec![Contributor {
            name: text("État (démonstration)"),
            origin: Origin::State,
            contributed: eur(1_500_000),
            committed: eur(210_000),
        }],
    };
    vec![("year", page(Some(8_120))), ("no_gift", page(None))]
}

pub fn rule_books() -> Vec<(&'static str, RuleBook)> {
    let rule = |label: &str, draft, later| BookedRule {
        id: text("socle"),
        version: 1,
        label: text(label),
        pot: text("Dotation nationale d’amorçage"),
        sentences: vec![text("Pour toute campagne publiée, le fonds ajoute 50 % du don.")],
        from: NOW.plus_seconds(if later { 30 * DAY } else { -30 * DAY }),
        later,
        draft,
    };
    let draft = |number, state: &str| DraftLine {
        number,
        rule: text("socle"),
        state: text(state),
        by: text("fonds@exemple.fr"),
        at: NOW.plus_seconds(-DAY),
    };
    let states = ["draft", "submitted", "published", "refused", "withdrawn"];
    let page = |writes, notice| RuleBook {
        writes,
        rules: vec![
            rule("Socle national", Some(8), false),
            rule("Urgence numérique", None, false),
            rule("Tour citoyen", None, true),
        ],
        drafts: states.iter().zip(4..).map(|(state, number)| draft(number, state)).collect(),
        pots: vec![(text("socle"), text("Dotation nationale d’amorçage"))],
        name: text("Socle !"),
        notice,
    };
    vec![
        ("operator", page(true, None)),
        ("auditor", page(false, None)),
        ("name", page(true, Some(RuleNotice::Name))),
        ("open_already", page(true, Some(RuleNotice::OpenAlready { number: 8 }))),
    ]
}

fn fields() -> Fields {
    let known =
        [("nom", "Socle national"), ("taux", "50"), ("minimum", "5"), ("mode", "threshold")];
    let names = [
        "nom",
        "base",
        "rang",
        "mode",
        "taux",
        "taux-max",
        "ensemble",
        "rattrapage",
        "du",
        "au",
        "minimum",
        "base-par-don",
        "base-par-donateur",
        "plafond-donateur",
        "plafond-campagne",
        "part-objectif",
        "rural",
        "prioritaire",
        "territoires",
        "campagnes",
        "porteurs",
        "parcours-urgence",
        "parcours-inclusion",
        "parcours-autonomie",
        "stade-amorcage",
        "stade-prototypage",
        "stade-essaimage",
        "donateur-citizen",
        "donateur-company",
        "donateur-public_body",
        "seuil-montant",
        "seuil-part",
        "seuil-donateurs",
        "seuil-effet",
        "seuil-somme",
        "paire",
        "tout-partager",
        "part-du-pot",
    ];
    let mut fields: Fields = names.iter().map(|name| (text(name), String::new())).collect();
    fields.extend(known.iter().map(|(name, typed)| (text(name), text(typed))));
    fields
}

fn editor() -> RuleEditor {
    let line = |ended, failed, current| RehearsalLine {
        id: text("0193aa10-0000-7000-8000-000000000001"),
        at: NOW.plus_seconds(-600),
        progress: 40,
        ended,
        failed,
        current,
    };
    RuleEditor {
        number: 8,
        rule: text("socle"),
        version: 2,
        pot: text("Dotation nationale d’amorçage"),
        state: text("draft"),
        begun_by: text("fonds@exemple.fr"),
        changed_by: text("fonds@exemple.fr"),
        changed_at: NOW.plus_seconds(-900),
        reason: None,
        writes: true,
        decides: false,
        rehearsed: false,
        fields: fields(),
        bonuses: vec![
            BonusFields {
                place: 0,
                when: text("rural"),
                territories: String::new(),
                times: text("2"),
                rate: Some(10_000),
            },
            BonusFields { place: 1, ..BonusFields::default() },
        ],
        publics: rule_words::publics().map(|code| Choice { code: text(code), on: false }).collect(),
        faults: Vec::new(),
        sentences: vec![text("Pour un projet en territoire rural, le fonds ajoute 100 % du don.")],
        before: vec![text("Pour toute campagne publiée, le fonds ajoute 50 % du don.")],
        before_version: Some(1),
        changes: vec![(text("bonus-0-fois"), String::new(), text("2"))],
        findings: all_findings(),
        json: text("{\n  \"id\": \"socle\"\n}"),
        rehearsals: vec![
            line(true, false, true),
            line(true, true, false),
            line(false, false, true),
        ],
        typed_reason: String::new(),
        notice: None,
    }
}

pub fn rule_editors() -> Vec<(&'static str, RuleEditor)> {
    let fault =
        FieldFault { field: text("taux"), words: "Un pourcentage, par exemple 50 ou 12,5." };
    let with = |notice| RuleEditor { notice: Some(notice), ..editor() };
    let submitted = |decides| RuleEditor {
        state: text("submitted"),
        writes: false,
        decides,
        rehearsed: true,
        findings: Vec::new(),
        typed_reason: text("Trop cher"),
        ..editor()
    };
    let refused = RuleEditor {
        state: text("refused"),
        writes: false,
        reason: Some(text("Le pot n’y suffit pas.")),
        ..editor()
    };
    let first = RuleEditor {
        before: Vec::new(),
        before_version: None,
        changes: Vec::new(),
        rehearsals: Vec::new(),
        ..editor()
    };
    vec![
        ("draft", editor()),
        ("first", first),
        ("submitted", submitted(false)),
        ("to_approve", submitted(true)),
        ("refused", refused),
        ("faults", RuleEditor { faults: vec![fault], ..with(RuleNotice::Faults) }),
        ("saved", with(RuleNotice::Saved)),
        ("sent", with(RuleNotice::Submitted)),
        ("published", with(RuleNotice::Published { version: 2 })),
        ("ended", with(RuleNotice::Ended)),
        ("not_allowed", with(RuleNotice::NotAllowed)),
        ("prove_first", with(RuleNotice::ProveFirst)),
        ("unknown", with(RuleNotice::Unknown)),
        ("reason", with(RuleNotice::Reason)),
        ("own_draft", with(RuleNotice::OwnDraft)),
        ("unreadable", with(RuleNotice::Unreadable { problem: text("missing field `mode`") })),
        ("findings", with(RuleNotice::Findings)),
        ("form_expired", with(RuleNotice::FormExpired)),
    ]
}

pub fn rehearsals() -> Vec<(&'static str, RehearsalPage)> {
    let row = |code: &str, name: &str, before: i64, after: i64| Row {
        code: text(code),
        name: text(name),
        before: eur(before),
        after: eur(after),
        change: eur(after - before),
    };
    let result = Rehearsed {
        gifts: 3_225,
        took_ms: 812,
        raised: eur(184_000),
        before: eur(112_000),
        after: eur(131_000),
        leverage_bp: (6_087, 7_120),
        gini_bp: (4_810, 4_420),
        full: (2_900, 2_950),
        part: (200, 150),
        none: (125, 125),
        winners: 1,
        losers: 1,
        departements: vec![row("23", "Creuse", 4_000, 6_500), row("75", "Paris", 9_000, 8_400)],
        publics: vec![row("seniors", "Seniors", 40_000, 46_000)],
        categories: vec![row("urgence", "Urgence numérique", 60_000, 70_000)],
        stages: vec![row("amorcage", "Amorçage", 60_000, 61_000)],
        origins: vec![row("state", "État", 80_000, 99_000)],
        exhausted: vec![(text("Urgence"), None, Some(NOW.plus_seconds(-5 * DAY)))],
        campaigns: Vec::new(),
        map: vec![
            MapChange { code: text("23"), change: 2 },
            MapChange { code: text("75"), change: -1 },
        ],
        file: text("/fonds/repetitions/1/ecarts.csv"),
    };
    let page = |progress, result, problem| RehearsalPage {
        draft: 8,
        rule: text("socle"),
        progress,
        problem,
        result,
        current: true,
    };
    vec![
        ("done", page(100, Some(result), None)),
        ("running", page(40, None, None)),
        ("failed", page(100, None, Some(text("Le passé ne redonne pas les montants inscrits.")))),
    ]
}

fn all_findings() -> Vec<Found> {
    let all = [
        json!({ "finding": "shape", "problem": "rate out of range: -1" }),
        json!({ "finding": "retroactive" }),
        json!({ "finding": "not_published" }),
        json!({ "finding": "overlap", "version": 1 }),
        json!({ "finding": "version_taken" }),
        json!({ "finding": "other_pot" }),
        json!({ "finding": "donor_key_in_round", "bonus": "rural" }),
        json!({ "finding": "pot_not_homogeneous" }),
        json!({ "finding": "unknown_code", "kind": "territory", "code": "99999" }),
        json!({ "finding": "unknown_code", "kind": "campaign", "code": "demo-99" }),
        json!({ "finding": "unknown_code", "kind": "public", "code": "tous" }),
        json!({ "finding": "unknown_code", "kind": "holder_type", "code": "club" }),
        json!({ "finding": "nobody_eligible" }),
        json!({ "finding": "not_rehearsed" }),
        json!({ "finding": "not_run_yet" }),
    ];
    let refuses = |what: &serde_json::Value| what["finding"] != "nobody_eligible";
    all.into_iter().map(|what| Found { refuses: refuses(&what), what }).collect()
}
