use domain::{Cents, UtcSeconds, pot::Origin};

use super::{DAY, NOW, eur, text};
use crate::{
    pages::{
        AgreementPage, NewAgreementPage, NewOrderPage, OrderPage, PotPage, Pots, Statement,
        agreements::{InstalmentView, ReachRow, ReachTable, TargetFields},
        pots::{AgreementLine, OrderLine, PotEventLine, PotNotice, PotPlace, TrancheView},
        rule_form::{Choice, Fields},
    },
    rule_words,
};

pub fn pots() -> Vec<(&'static str, Pots)> {
    let pot = |id: &str, name: &str, answered, (earlier, later)| PotPlace {
        id: text(id),
        name: text(name),
        held: eur(900_000),
        answered,
        earlier,
        later,
    };
    let page = |writes, name: &str, notice| Pots {
        writes,
        pots: vec![
            pot("socle", "Dotation nationale d’amorçage", true, (false, false)),
            pot("urgence", "Urgence numérique", true, (false, true)),
            pot("ruralite", "Ruralité", false, (true, false)),
        ],
        name: text(name),
        notice,
    };
    let mut all = vec![
        ("operator", page(true, "", None)),
        ("auditor", page(false, "", None)),
        ("done", page(true, "", Some(PotNotice::Done))),
    ];
    let refused = [
        ("name", PotNotice::Name),
        ("taken", PotNotice::Taken),
        ("answered", PotNotice::Answered),
        ("prove_first", PotNotice::ProveFirst),
        ("not_allowed", PotNotice::NotAllowed),
        ("form_expired", PotNotice::FormExpired),
    ];
    all.extend(refused.map(|(state, why)| (state, page(true, "Ruralité", Some(why)))));
    all
}

fn tranche(id: &str, earmark: &[&str]) -> TrancheView {
    TrancheView {
        id: text(id),
        contributor: text("État (démonstration)"),
        contributor_number: Some(1),
        origin: Origin::State,
        earmark: earmark.iter().map(|line| text(line)).collect(),
        from: NOW.plus_seconds(-60 * DAY),
        until: None,
        over: false,
        amount: eur(500_000),
        committed: eur(120_000),
        reserved: eur(200),
        left: eur(379_800),
        missing: Cents::ZERO,
    }
}

fn agreement(number: i64, until: Option<UtcSeconds>) -> AgreementLine {
    AgreementLine {
        number,
        contributor: text("Mutuelle des Combrailles"),
        signed: NOW.plus_seconds(-30 * DAY),
        until,
        promised: eur(60_000),
        called: eur(20_000),
        received: eur(30_000),
    }
}

fn order(state: &str) -> OrderLine {
    OrderLine {
        number: 2,
        state: text(state),
        tranche: text("etat_socle"),
        amount: eur(20_000),
        at: NOW.plus_seconds(-DAY),
    }
}

fn target() -> TargetFields {
    let boxes = |codes: &[&str], on: &str| {
        let choice = |code: &&str| Choice { code: text(code), on: *code == on };
        codes.iter().map(choice).collect::<Vec<_>>()
    };
    TargetFields {
        territories: text("23, R75"),
        campaigns: String::new(),
        categories: boxes(&["urgence", "inclusion", "autonomie"], "urgence"),
        stages: boxes(&["amorcage", "prototypage", "essaimage"], ""),
        publics: boxes(&rule_words::publics().collect::<Vec<_>>(), "seniors"),
        services: boxes(&rule_words::services().collect::<Vec<_>>(), ""),
        axes: boxes(&rule_words::axes().collect::<Vec<_>>(), ""),
    }
}

fn typed(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, typed)| (text(name), text(typed))).collect()
}

pub fn new_agreements() -> Vec<(&'static str, NewAgreementPage)> {
    let page = |contributor: &str, notice| NewAgreementPage {
        pot: text("socle"),
        pot_name: text("Dotation nationale d’amorçage"),
        fields: typed(&[
            ("contributeur", contributor),
            ("origine", "company"),
            ("siren", "732829320"),
            ("signee", "2026-11-22"),
            ("fin", ""),
            ("promesse", "60000"),
        ]),
        origins: Origin::ALL.iter().map(|one| text(one.code())).collect(),
        target: target(),
        notice,
    };
    let codes = PotNotice::Codes { field: text("Territoires"), codes: text("99, Creuse") };
    vec![
        ("blank", page("", None)),
        ("codes", page("Mutuelle des Combrailles", Some(codes))),
        ("siren", page("Mutuelle des Combrailles", Some(PotNotice::Siren))),
        ("dates", page("Mutuelle des Combrailles", Some(PotNotice::Dates))),
    ]
}

pub fn agreements() -> Vec<(&'static str, AgreementPage)> {
    let part = |rank: i32, state: &str, tranche: Option<&str>| InstalmentView {
        rank,
        amount: eur(10_000),
        due: NOW.plus_seconds(DAY * i64::from(rank)),
        late: state == "called",
        state: text(state),
        tranche: tranche.map(text),
        withdrawn: if state == "withdrawn" { eur(10_000) } else { Cents::ZERO },
    };
    let page = |writes, earmark: &[&str], notice| AgreementPage {
        number: 3,
        pot: text("socle"),
        pot_name: text("Dotation nationale d’amorçage"),
        writes,
        contributor: text("Mutuelle des Combrailles"),
        contributor_number: 7,
        origin: Origin::Company,
        siren: Some(text("732829320")),
        earmark: earmark.iter().map(|line| text(line)).collect(),
        signed: NOW.plus_seconds(-30 * DAY),
        until: Some(NOW.plus_seconds(90 * DAY)),
        promised: eur(60_000),
        unplanned: eur(10_000),
        instalments: vec![
            part(1, "received", Some("convention-3-1")),
            part(2, "guaranteed", Some("convention-3-2")),
            part(3, "called", None),
            part(4, "promised", None),
            part(5, "withdrawn", Some("convention-3-5")),
            part(6, "cancelled", None),
        ],
        document: Some(NOW),
        typed: (text("dix mille"), text("2026-12-24")),
        cancelling: (4, text("ne viendra pas")),
        notice,
    };
    let fresh = AgreementPage {
        siren: None,
        until: None,
        unplanned: eur(60_000),
        instalments: Vec::new(),
        document: None,
        ..page(true, &[], Some(PotNotice::Done))
    };
    let planned =
        AgreementPage { unplanned: Cents::ZERO, ..page(true, &[], Some(PotNotice::NotPdf)) };
    let over = PotNotice::OverPromised { left: eur(10_000) };
    vec![
        ("operator", page(true, &["Territoires\u{a0}: Creuse"], None)),
        ("auditor", page(false, &["Territoires\u{a0}: Creuse"], None)),
        ("fresh", fresh),
        ("planned", planned),
        ("over_promised", page(true, &[], Some(over))),
        ("too_large", page(true, &[], Some(PotNotice::TooLarge))),
    ]
}

pub fn new_orders() -> Vec<(&'static str, NewOrderPage)> {
    let page = |notice| NewOrderPage {
        pot: text("socle"),
        pot_name: text("Dotation nationale d’amorçage"),
        tranches: vec![
            (text("etat_socle"), text("État (démonstration)"), eur(379_800)),
            (text("convention-3-1"), text("Mutuelle des Combrailles"), eur(10_000)),
        ],
        fields: typed(&[
            ("tranche", "convention-3-1"),
            ("montant", "5000"),
            ("fin", ""),
            ("raison", "Aînés isolés par la crue"),
        ]),
        target: target(),
        notice,
    };
    let left = PotNotice::ExceedsLeft { left: eur(4_000) };
    vec![
        ("blank", page(None)),
        ("exceeds_left", page(Some(left))),
        ("wider", page(Some(PotNotice::SignatureMissing))),
        ("not_same_money", page(Some(PotNotice::NotSameMoney))),
    ]
}

pub fn orders() -> Vec<(&'static str, OrderPage)> {
    let page = |state: &str, (signs, withdraws), notice| OrderPage {
        number: 2,
        pot: text("socle"),
        pot_name: text("Dotation nationale d’amorçage"),
        tranche: text("convention-3-1"),
        contributor: text("Mutuelle des Combrailles"),
        earmark: vec![text("Territoires\u{a0}: Creuse"), text("Publics\u{a0}: Seniors")],
        until: Some(NOW.plus_seconds(30 * DAY)),
        amount: eur(5_000),
        reason: text("Aînés isolés par la crue"),
        asked_by: text("fonds@exemple.fr"),
        asked_at: NOW.plus_seconds(-DAY),
        lapses_at: NOW.plus_seconds(6 * DAY),
        state: text(state),
        signed_by: (state == "signed").then(|| text("fonds2@exemple.fr")),
        ended_at: ["signed", "withdrawn"].contains(&state).then_some(NOW),
        signs,
        withdraws,
        notice,
    };
    vec![
        ("to_sign", page("open", (true, true), None)),
        ("own", page("open", (false, true), Some(PotNotice::SameSigner))),
        ("auditor", page("open", (false, false), None)),
        ("lapsed", page("lapsed", (false, true), Some(PotNotice::Lapsed))),
        ("signed", page("signed", (false, false), Some(PotNotice::Done))),
        ("withdrawn", page("withdrawn", (false, false), None)),
    ]
}

pub fn statements() -> Vec<(&'static str, Statement)> {
    let row = |code: &str, name: &str, slug: Option<&str>| ReachRow {
        code: text(code),
        slug: slug.map(text),
        name: text(name),
        gifts: 12,
        amount: eur(1_200),
    };
    let table = |code: &str, title: &str, note: Option<&str>, rows| ReachTable {
        code: text(code),
        title: text(title),
        head: text("Nom"),
        note: note.map(text),
        rows,
    };
    let bus = row("demo-01", "Le bus des démarches de la Creuse", Some("le-bus"));
    let each = "Une campagne compte pour chacun de ses publics.";
    let page = |rows: [Vec<ReachRow>; 2], tranches, agreements| {
        let [campaigns, publics] = rows;
        Statement {
            number: 7,
            name: text("Mutuelle des Combrailles"),
            origin: Origin::Company,
            siren: Some(text("732829320")),
            held: eur(20_000),
            committed: eur(1_200),
            reserved: eur(100),
            available: eur(18_700),
            gifts: 12,
            tables: vec![
                table("campagne", "Par campagne", None, campaigns),
                table("public", "Par public", Some(each), publics),
            ],
            tranches,
            agreements,
            file: text("/fonds/contributeurs/7/releve.csv"),
        }
    };
    let of = |view: TrancheView| (text("socle"), text("Dotation nationale d’amorçage"), view);
    let [_, over, short] = some_tranches();
    let filled = page(
        [vec![bus], vec![row("seniors", "Seniors", None)]],
        vec![of(over), of(short)],
        vec![agreement(3, None), agreement(2, Some(NOW))],
    );
    let empty = Statement {
        siren: None,
        held: Cents::ZERO,
        committed: Cents::ZERO,
        reserved: Cents::ZERO,
        available: Cents::ZERO,
        gifts: 0,
        ..page([Vec::new(), Vec::new()], Vec::new(), Vec::new())
    };
    vec![("filled", filled), ("empty", empty)]
}

/// One that is free, one that is over, one in shortfall.
fn some_tranches() -> [TrancheView; 3] {
    let over = TrancheView { until: Some(NOW), over: true, ..tranche("fse_2025", &[]) };
    let short = TrancheView {
        until: Some(NOW.plus_seconds(30 * DAY)),
        amount: eur(100),
        committed: eur(150),
        left: Cents::ZERO,
        missing: eur(50),
        ..tranche("convention-3-1", &["Territoires\u{a0}: Creuse", "Publics\u{a0}: Seniors"])
    };
    [tranche("etat_socle", &[]), over, short]
}

fn pot_page() -> PotPage {
    let event = |kind: &str, amount| PotEventLine {
        at: NOW.plus_seconds(-DAY),
        kind: text(kind),
        tranche: text("convention-3-1"),
        to: text("ordre-2"),
        amount: eur(amount),
    };
    PotPage {
        id: text("socle"),
        name: text("Dotation nationale d’amorçage"),
        writes: true,
        held: eur(900_000),
        committed: eur(120_000),
        reserved: eur(200),
        available: eur(779_800),
        tranches: some_tranches().into(),
        agreements: vec![agreement(3, Some(NOW.plus_seconds(90 * DAY))), agreement(2, None)],
        orders: vec![order("open"), order("lapsed"), order("signed"), order("withdrawn")],
        rules: vec![(
            text("Socle national"),
            2,
            vec![text("Pour toute campagne publiée, le fonds ajoute 50 % du don.")],
        )],
        events: vec![
            event("transfer", 20_000),
            event("withdraw", 400),
            event("contribute", 500_000),
            event("settle", 0),
        ],
        typed: Default::default(),
        notice: None,
    }
}

pub fn pot_pages() -> Vec<(&'static str, PotPage)> {
    let empty = PotPage {
        held: Cents::ZERO,
        committed: Cents::ZERO,
        reserved: Cents::ZERO,
        available: Cents::ZERO,
        tranches: Vec::new(),
        agreements: Vec::new(),
        orders: Vec::new(),
        rules: Vec::new(),
        events: Vec::new(),
        ..pot_page()
    };
    let refused = |notice| PotPage {
        typed: (text("etat_socle"), text("beaucoup"), text("virement revenu")),
        notice: Some(notice),
        ..pot_page()
    };
    vec![
        ("operator", pot_page()),
        ("auditor", PotPage { writes: false, ..pot_page() }),
        ("empty", empty),
        ("amount", refused(PotNotice::Amount)),
        ("exceeds_tranche", refused(PotNotice::ExceedsTranche { held: eur(100) })),
        ("reason", refused(PotNotice::Reason)),
        ("unknown", refused(PotNotice::Unknown)),
        ("unknown_tranche", refused(PotNotice::UnknownTranche)),
    ]
}
