use domain::{
    Cents,
    campaign::{Category, Stage},
};

use super::{DAY, NOW, eur, money, text};
use crate::pages::{
    AwardLine, Campaign, Preview, WhyNot,
    campaign::{
        Ancestor, BudgetLine, CampaignState, Holder, Indicator, Kinship, Milestone, Need, NeedKind,
        Person, Progress, SmallForm, SmallOutcome, Sponsor, Update,
    },
    give::Amounts,
};

const STORY: &str = "## Le constat\n\nDans l'est de la Creuse, le point d'accueil le plus proche \
est à **38 km** en moyenne. Sans voiture ni imprimante, un dossier peut attendre des mois !\n\n\
### Ce que nous faisons\n\n- Le bus s'arrête dans 32 bourgs, un mardi sur deux ;\n- à bord : trois \
postes, un scanner, un médiateur.\n\n> On repart avec la démarche faite.\n\n\
<script>alert(1)</script>\n\n[Le site](https://example.org/?a=1&b=2) [piège](javascript:alert(1))";

pub fn progress() -> Progress {
    Progress {
        gifts: eur(10_180),
        matched: eur(8_652),
        beside: eur(1_620),
        minimum: eur(18_000),
        optimum: eur(32_000),
        donors: 214,
        sponsors: 3,
        all_or_nothing: false,
        match_counts: true,
        at: NOW,
    }
}

pub fn amounts() -> Amounts {
    Amounts {
        presets: [10, 20, 50, 100].map(|euros| money::preview(eur(euros))).into(),
        chosen: Some(eur(20)),
        free: String::new(),
        free_preview: None,
        min: eur(5),
        max: eur(10_000),
        at: NOW,
    }
}

pub const fn collecting() -> CampaignState {
    CampaignState::Collecting {
        ends_at: NOW.plus_seconds(18 * DAY),
        days_left: 18,
        envelope_low: false,
    }
}

pub fn campaigns() -> Vec<(&'static str, Campaign)> {
    let at = |days: i64| NOW.plus_seconds(days * DAY);
    let full = full();
    let over = |state| Campaign {
        state,
        amounts: None,
        live: false,
        instead: Some((text("kaz-numerik"), text("Kaz Numérik"))),
        ..full.clone()
    };
    let failed = Progress { gifts: eur(2_010), matched: eur(900), ..progress() };
    vec![
        ("collecting", full.clone()),
        ("envelope_low", low(&full)),
        ("first_day", bare(&full)),
        ("suspended", over(CampaignState::Suspended)),
        ("giving_stopped", over(CampaignState::GivingStopped)),
        ("last_debits", over(CampaignState::LastDebits { ended_at: at(-2), closes_by: at(19) })),
        ("succeeded", over(CampaignState::Succeeded { closed_at: at(-2) })),
        (
            "failed",
            Campaign {
                progress: failed,
                instead: None,
                ..over(CampaignState::Failed { closed_at: at(-2) })
            },
        ),
        ("forms_sent", forms(&full, SmallOutcome::Sent, SmallOutcome::Sent)),
        ("forms_wrong", forms(&full, SmallOutcome::BadEmail, SmallOutcome::NoText)),
        ("forms_too_many", forms(&full, SmallOutcome::TooMany, SmallOutcome::TooMany)),
        ("report_bad_email", forms(&full, SmallOutcome::Idle, SmallOutcome::BadEmail)),
    ]
}

fn forms(full: &Campaign, follow: SmallOutcome, report: SmallOutcome) -> Campaign {
    let form =
        |outcome| SmallForm { email: text("camille@exemple"), text: text("L'argent ?"), outcome };
    Campaign { follow: form(follow), report: form(report), ..full.clone() }
}

/// Pots run short: the smaller figures are shown.
fn low(full: &Campaign) -> Campaign {
    let short = |preview: Preview| {
        let mut preview = preview;
        preview.lines.truncate(1);
        preview.matched = preview.lines.iter().map(|line| line.amount).sum();
        preview.short = true;
        preview
    };
    let mut amounts = amounts();
    amounts.presets = amounts.presets.into_iter().map(short).collect();
    amounts.free = text("37,50");
    amounts.chosen = None;
    amounts.free_preview = Some(short(money::preview(Cents::new(3_750))));
    let ends_at = NOW.plus_seconds(DAY);
    Campaign {
        state: CampaignState::Collecting { ends_at, days_left: 1, envelope_low: true },
        example: Some(short(money::preview(eur(20)))),
        amounts: Some(amounts),
        ..full.clone()
    }
}

/// A campaign with nothing but its story, all or nothing, without receipts nor match.
fn bare(full: &Campaign) -> Campaign {
    let plain = |euros: i64| Preview {
        matched: Cents::ZERO,
        cost: None,
        lines: Vec::new(),
        capped_at: None,
        ..money::preview(eur(euros))
    };
    let mut amounts = amounts();
    amounts.presets = [10, 20, 50, 100].map(plain).into();
    let mut holder = full.holder.clone();
    holder.receipts = false;
    Campaign {
        holder,
        state: CampaignState::Collecting { ends_at: NOW, days_left: 0, envelope_low: false },
        progress: Progress {
            gifts: Cents::ZERO,
            matched: Cents::ZERO,
            donors: 0,
            sponsors: 0,
            all_or_nothing: true,
            match_counts: false,
            ..progress()
        },
        live: false,
        amounts: Some(amounts),
        example: None,
        caps: Vec::new(),
        awards: Vec::new(),
        budget: Vec::new(),
        needs: Vec::new(),
        impact: Vec::new(),
        milestones: Vec::new(),
        updates: Vec::new(),
        lineage: Vec::new(),
        sponsors: Vec::new(),
        team: Vec::new(),
        services: Vec::new(),
        ..full.clone()
    }
}

fn full() -> Campaign {
    Campaign {
        slug: text("le-bus-des-demarches-de-la-creuse"),
        title: text("Le bus des démarches"),
        summary: text(
            "Un bus équipé passe chaque quinzaine dans 32 bourgs pour débloquer les démarches en \
             ligne, avec un médiateur et une assistante sociale.",
        ),
        story: text(STORY),
        holder: Holder {
            name: text("La Clef des Combrailles"),
            form: text("association loi 1901"),
            receipts: true,
            checked_at: Some(NOW.plus_seconds(-81 * DAY)),
        },
        commune: text("Guéret"),
        departement: text("23"),
        departement_name: text("Creuse"),
        rural: true,
        priority: true,
        category: Category::Urgence,
        stage: Stage::Essaimage,
        publics: vec![text("seniors"), text("habitants_zones_rurales")],
        services: vec![text("aide_demarches_administratives"), text("acces_internet_materiel")],
        axes: vec![text("insertion")],
        state: collecting(),
        progress: progress(),
        live: true,
        amounts: Some(amounts()),
        example: Some(money::preview(eur(20))),
        rules_since: Some(NOW.plus_seconds(-75 * DAY)),
        awards: awards(),
        caps: money::caps(),
        budget: budget(),
        needs: needs(),
        impact: impact(),
        milestones: vec![
            Milestone { title: text("Le bus part à l'aménagement"), month: 0 },
            Milestone { title: text("Bilan à six mois rendu public"), month: 9 },
        ],
        updates: updates(),
        lineage: lineage(),
        sponsors: vec![
            Sponsor { name: text("Corvane Assurances"), brings: text("3 000 €, un comptable") },
            Sponsor { name: text("Garage Peyrot"), brings: text("1 000 €, pose de la rampe") },
        ],
        team: vec![
            Person { name: text("Nadège Aubert"), role: text("coordinatrice") },
            Person { name: text("Yanis Merle"), role: text("médiateur numérique") },
        ],
        follow: SmallForm::default(),
        report: SmallForm::default(),
        instead: None,
    }
}

fn budget() -> Vec<BudgetLine> {
    let line = |label: &str, minimum: Option<i64>, optimum: i64| BudgetLine {
        label: text(label),
        minimum: minimum.map(eur),
        optimum: eur(optimum),
    };
    vec![
        line("Aménagement du bus (rampe, tablettes, antenne)", Some(8_600), 13_600),
        line("Médiateur, six mois", Some(9_400), 16_400),
        line("Kit d'essaimage sous licence libre", None, 2_000),
    ]
}

fn needs() -> Vec<Need> {
    let need = |kind, label: &str, quantity: &str| Need {
        kind,
        label: text(label),
        quantity: text(quantity),
    };
    vec![
        need(NeedKind::Skills, "Aide à la conception du plan de tournée", "4 journées"),
        need(NeedKind::Equipment, "Tablettes de moins de quatre ans", "6 appareils"),
        need(NeedKind::Volunteers, "Accueil le mardi à Aubusson", "3 personnes"),
        need(NeedKind::Premises, "Garage fermé pour la nuit", "1 place"),
    ]
}

fn impact() -> Vec<Indicator> {
    vec![
        Indicator {
            label: text("démarches abouties"),
            target: 1_500,
            unit: text("démarches"),
            measured: Some(412),
            method: Some(text("relevé du médiateur, chaque mois")),
        },
        Indicator {
            label: text("communes desservies"),
            target: 32,
            unit: text("communes"),
            measured: None,
            method: None,
        },
    ]
}

fn updates() -> Vec<Update> {
    vec![
        Update {
            title: text("Neuf secrétaires de mairie formées"),
            at: NOW.plus_seconds(-8 * DAY),
            body: text(
                "Deux jours à Boussac. Prochain rendez-vous le **9 décembre**.\n\n# Et après ?",
            ),
        },
        Update {
            title: text("Minimum atteint : le bus part à l'aménagement"),
            at: NOW.plus_seconds(-25 * DAY),
            body: text("Merci."),
        },
    ]
}

fn lineage() -> Vec<Ancestor> {
    let one = |title: &str, place: &str, year, link| Ancestor {
        title: text(title),
        place: text(place),
        year,
        link,
        slug: None,
    };
    let mut family = vec![
        one("Bus connecté de Thiérache", "Aisne", 2024, Kinship::Before),
        one("Le bus des démarches", "Creuse", 2026, Kinship::Itself),
        one("Médiabus du Morvan", "Nièvre", 2026, Kinship::After),
        one("Camion-clic", "Cantal", 2027, Kinship::Planned),
    ];
    family[2].slug = Some(text("mediabus-du-morvan"));
    family
}

fn awards() -> Vec<AwardLine> {
    let round = AwardLine {
        name: text("Pot commun citoyen, tour du mois"),
        amount: eur(810),
        given_at: NOW.plus_seconds(-9 * DAY),
        round: true,
        reduced_by: Some(WhyNot::PotShare),
    };
    let lump_sum = AwardLine {
        name: text("Mécénat mutualisé, au minimum atteint"),
        round: false,
        reduced_by: None,
        ..round.clone()
    };
    vec![round, lump_sum]
}
