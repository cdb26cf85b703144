use domain::{BasisPoints, Cents, campaign::Category, place, pot::Origin};

use super::{DAY, NOW, eur, text};
use crate::pages::{
    Preview, RuleLine, RuleNotApplied, Rules, Transparency, WhyNot,
    amounts::Cap,
    home::MapCell,
    rules::{Limits, PublicRule},
    transparency::{CategoryLine, DepartementLine, EntryKind, EntryLine, OriginLine, PotLine},
};

fn line(name: &str, rate: i64, amount: Cents, sentence: &str, funder: Origin) -> RuleLine {
    RuleLine {
        name: text(name),
        rate: BasisPoints::new(rate),
        amount,
        sentence: text(sentence),
        funders: vec![funder],
        reduced_by: None,
    }
}

/// The four rules of the example for a gift; the base is capped at 100 € (75 € for the last).
pub fn lines(gift: Cents) -> Vec<RuleLine> {
    let part = |rate: i64, cap: i64| {
        let base = gift.min(eur(cap));
        BasisPoints::new(rate).of(base).unwrap_or(Cents::ZERO)
    };
    let mut lines = vec![
        line(
            "Socle national",
            5_000,
            part(5_000, 100),
            "Pour toute campagne publiée, le fonds ajoute la moitié du don.",
            Origin::State,
        ),
        line(
            "Urgence numérique",
            4_000,
            part(4_000, 100),
            "Le projet touche d'abord des personnes en urgence numérique.",
            Origin::State,
        ),
        line(
            "Territoire rural",
            3_000,
            part(3_000, 100),
            "Le projet agit dans un territoire rural.",
            Origin::LocalAuthority,
        ),
        line(
            "Péréquation entre départements",
            4_000,
            part(4_000, 75),
            "La Creuse fait partie des vingt départements où le besoin est le plus fort.",
            Origin::Operator,
        ),
    ];
    for (line, cap) in lines.iter_mut().zip([100, 100, 100, 75]) {
        if gift > eur(cap) {
            line.reduced_by = Some(WhyNot::DonorCap { base: Some(eur(cap)) });
        }
    }
    lines
}

pub fn not_applied() -> Vec<RuleNotApplied> {
    vec![
        RuleNotApplied {
            name: text("Insertion et emploi (FSE+)"),
            rate: Some(BasisPoints::new(4_000)),
            why: WhyNot::Category { wanted: vec![Category::Inclusion, Category::Autonomie] },
            at_close: false,
        },
        RuleNotApplied {
            name: text("Outre-mer"),
            rate: Some(BasisPoints::new(3_000)),
            why: WhyNot::Territory,
            at_close: false,
        },
        RuleNotApplied {
            name: text("Pot commun citoyen, tour du mois"),
            rate: None,
            why: WhyNot::SharedAtClose {
                closes_at: Some(NOW.plus_seconds(40 * DAY)),
                gain: Some((Cents::new(210), Cents::new(420))),
            },
            at_close: true,
        },
    ]
}

pub fn preview(gift: Cents) -> Preview {
    let lines = lines(gift);
    let matched = lines.iter().map(|line| line.amount).sum();
    Preview {
        amount: gift,
        matched,
        cost: gift.minus(BasisPoints::new(6_600).of_half_up(gift).unwrap_or(Cents::ZERO)),
        capped_at: (gift >= eur(100)).then_some(eur(150)),
        lines,
        not_applied: not_applied(),
        short: false,
    }
}

pub fn caps() -> Vec<Cap> {
    vec![
        Cap::Donor { base: Some(eur(100)), most: eur(150) },
        Cap::Leverage { most: BasisPoints::new(20_000) },
        Cap::Public { now: BasisPoints::new(4_600), most: BasisPoints::new(8_000) },
        Cap::Envelope { left: eur(11_348) },
    ]
}

fn rule(name: &str, rates: (i64, i64), sentence: &str, pot: &str, left: i64) -> PublicRule {
    PublicRule {
        name: text(name),
        version: format!("{}@1", name.split(' ').next().unwrap_or(name).to_lowercase()),
        rate_min: BasisPoints::new(rates.0),
        rate_max: BasisPoints::new(rates.1),
        sentence: text(sentence),
        pot: text(pot),
        funders: vec![Origin::State, Origin::Operator],
        left: Some(eur(left)),
        opens_at: None,
        ends_at: None,
    }
}

pub fn rules() -> Vec<(&'static str, Rules)> {
    let socle = "Pour toute campagne publiée, le fonds ajoute la moitié du don.";
    let in_force = vec![
        rule("Socle national", (5_000, 5_000), socle, "Dotation nationale d'amorçage", 812_400),
        rule(
            "Urgence numérique",
            (4_000, 4_000),
            "Quand le projet touche d'abord des personnes en urgence numérique.",
            "Urgence numérique",
            540_310,
        ),
        rule(
            "Péréquation entre départements",
            (1_000, 4_000),
            "Selon le rang de besoin du département : 40, 30, 20 ou 10 %, par groupes de vingt.",
            "Contribution des opérateurs",
            544_000,
        ),
    ];
    let mut soon = rule(
        "Mécénat mutualisé",
        (0, 0),
        "Quand une campagne d'essaimage atteint son minimum, un montant fixe s'ajoute.",
        "Mécénat mutualisé des entreprises",
        300_000,
    );
    soon.opens_at = Some(NOW.plus_seconds(40 * DAY));
    soon.ends_at = Some(NOW.plus_seconds(70 * DAY));
    let limits = Limits {
        base_per_donor: Some(eur(100)),
        smaller_bases: vec![(text("Péréquation"), eur(75))],
        leverage: BasisPoints::new(20_000),
        min_gift: eur(5),
        public_share: Some(BasisPoints::new(8_000)),
        reserved_minutes: 30,
    };
    let since = Some(NOW.plus_seconds(-75 * DAY));
    let full = Rules { since, in_force, opening: vec![soon], limits: limits.clone() };
    let limits =
        Limits { base_per_donor: None, smaller_bases: Vec::new(), public_share: None, ..limits };
    let none = Rules { since: None, in_force: Vec::new(), opening: Vec::new(), limits };
    vec![("default", full), ("none_in_force", none)]
}

/// Classes that change from one département to the next.
pub fn map() -> Vec<MapCell> {
    (0_u8..5)
        .cycle()
        .zip(place::departements())
        .map(|(class, departement)| MapCell { code: text(departement.code), class })
        .collect()
}

fn pot(name: &str, contributed: i64, committed: i64, reserved: i64) -> PotLine {
    PotLine {
        name: text(name),
        contributed: eur(contributed),
        committed: eur(committed),
        reserved: eur(reserved),
        available: eur(contributed - committed - reserved),
        opens_soon: committed == 0,
    }
}

pub fn transparency() -> Vec<(&'static str, Transparency)> {
    let entry = |minutes: i64, kind, reference: &str, amount: i64| EntryLine {
        at: NOW.plus_seconds(-60 * minutes),
        kind,
        reference: text(reference),
        short: reference.to_uppercase(),
        campaign: text("Le bus des démarches de la Creuse"),
        amount: eur(amount),
    };
    let full = Transparency {
        at: NOW,
        since: NOW.plus_seconds(-60 * DAY),
        contributed: eur(3_835_000),
        given: eur(290_120),
        matched: eur(229_310),
        available: eur(3_604_900),
        gifts: 3_291,
        refunded: eur(1_890),
        fees: Cents::new(412_037),
        postings: 9_874,
        imbalance: Cents::ZERO,
        pots: vec![
            pot("Dotation nationale d'amorçage", 900_000, 118_220, 310),
            pot("Urgence numérique", 600_000, 52_040, 95),
            pot("Pot commun citoyen", 85_000, 0, 0),
        ],
        origins: vec![
            origin(Origin::State, 1_500_000, 170_260),
            origin(Origin::Eu, 900_000, 31_050),
            origin(Origin::Operator, 600_000, 28_000),
        ],
        categories: Category::ALL.iter().map(|category| path(*category)).collect(),
        departements: vec![
            departement("02", "Aisne", 7_320),
            departement("23", "Creuse", 8_652),
            departement("974", "La Réunion", 9_240),
        ],
        map: map(),
        map_range: (Cents::ZERO, eur(9_240)),
        entries: vec![
            entry(1, EntryKind::Match, "ab-7f3c-91e2", 32),
            entry(1, EntryKind::Gift, "do-7f3c-91e1", 20),
            entry(12, EntryKind::Refund, "re-7f3b-7a10", -50),
            entry(12, EntryKind::Release, "ab-7f3b-7a10", -80),
        ],
    };
    let broken = Transparency { imbalance: Cents::new(-3), entries: Vec::new(), ..full.clone() };
    vec![("default", full), ("imbalance", broken)]
}

fn origin(origin: Origin, contributed: i64, committed: i64) -> OriginLine {
    OriginLine { origin, contributed: eur(contributed), committed: eur(committed) }
}

fn path(category: Category) -> CategoryLine {
    CategoryLine { category, gifts: eur(96_700), matched: eur(76_400), projects: 12 }
}

fn departement(code: &str, name: &str, matched: i64) -> DepartementLine {
    let (code, name) = (text(code), text(name));
    DepartementLine { code, name, gifts: eur(5_410), matched: eur(matched), projects: 2 }
}
