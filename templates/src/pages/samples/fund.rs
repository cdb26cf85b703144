use domain::pot::Origin;
use serde_json::json;

use super::{
    DAY, NOW, eur,
    rehearsal::{faulty_trials, rehearsal_form, trial},
    text,
};
use crate::{
    pages::{
        Fund, RuleBook, RuleEditor,
        fund::{BookedRule, Contributor, DraftLine, Found, FundPot, RehearsalLine, RuleNotice},
        rehearsal::{RehearsalForm, TrialForm},
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
            number: Some(1),
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
        year_gifts: failed.then_some(10_000),
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
        rehearsal_form: rehearsal_form(),
        trial: trial(),
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
        rehearsal_form: RehearsalForm::default(),
        trial: TrialForm::default(),
        ..editor()
    };
    let [dear, closed] = faulty_trials().map(|trial| RuleEditor { trial, ..editor() });
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
        ("rehearsing", with(RuleNotice::Rehearsing { id: text("1") })),
        ("beside", with(RuleNotice::Beside)),
        ("year", with(RuleNotice::Year)),
        ("dear_trial", dear),
        ("closed_trial", closed),
        ("form_expired", with(RuleNotice::FormExpired)),
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
        json!({ "finding": "round_without_end" }),
    ];
    let refuses = |what: &serde_json::Value| what["finding"] != "nobody_eligible";
    all.into_iter().map(|what| Found { refuses: refuses(&what), what }).collect()
}
