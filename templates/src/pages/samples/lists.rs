use domain::campaign::{Category, Stage};

use super::{NOW, eur, money, text};
use crate::pages::{
    CampaignCard, Campaigns, Home,
    campaigns::{Facet, Nearby, PageLink, Sort},
    card::{CardState, Example},
    home::{HomeExample, PotFigures},
};

fn card(title: &str, departement: (&str, &str), commune: &str, totals: [i64; 4]) -> CampaignCard {
    let [gifts, matched, minimum, optimum] = totals.map(eur);
    CampaignCard {
        slug: title.to_lowercase().replace(' ', "-"),
        title: text(title),
        summary: text(
            "Un bus équipé passe chaque quinzaine dans 32 bourgs pour débloquer les démarches en \
             ligne, avec un médiateur et une assistante sociale.",
        ),
        holder: text("La Clef des Combrailles"),
        commune: text(commune),
        departement: text(departement.0),
        departement_name: text(departement.1),
        category: Category::Urgence,
        stage: Stage::Essaimage,
        publics: vec![text("seniors"), text("allophones")],
        rural: true,
        gifts,
        matched,
        minimum,
        optimum,
        example: Some(Example { gift: eur(20), becomes: eur(52) }),
        state: CardState::Collecting { days_left: 18 },
        distance_km: None,
    }
}

fn cards() -> Vec<CampaignCard> {
    let mut cards = vec![
        card("Soixante aidants formés", ("02", "Aisne"), "Vervins", [4_980, 7_320, 14_000, 22_000]),
        card("Le bus des démarches", ("23", "Creuse"), "Guéret", [10_180, 8_652, 18_000, 32_000]),
        card("Kaz Numérik", ("974", "La Réunion"), "Saint-Joseph", [5_870, 9_240, 19_000, 26_000]),
    ];
    cards[0].state = CardState::Collecting { days_left: 1 };
    cards[2].state = CardState::Collecting { days_left: 0 };
    cards
}

/// The same card in every other state.
fn all_states() -> Vec<CampaignCard> {
    let states = [CardState::Ending, CardState::Succeeded, CardState::Failed, CardState::Suspended];
    let mut cards: Vec<CampaignCard> = states
        .into_iter()
        .map(|state| CampaignCard { state, distance_km: Some(38), ..cards().swap_remove(1) })
        .collect();
    cards.push(CampaignCard {
        example: None,
        rural: false,
        gifts: eur(90_000),
        distance_km: Some(0),
        ..cards[0].clone()
    });
    cards[4].state = CardState::Collecting { days_left: 40 };
    cards
}

pub fn home() -> Vec<(&'static str, Home)> {
    let full = Home {
        map: money::map(),
        departement: None,
        pot: PotFigures {
            available: eur(8_203_460),
            given: eur(4_382_910),
            matched: eur(7_912_440),
            projects: 612,
            departements: 89,
            at: NOW,
        },
        live: true,
        urgent: cards(),
        open_campaigns: 127,
        example: Some(HomeExample {
            slug: text("le-bus-des-démarches"),
            departement_name: text("Creuse"),
            preview: money::preview(eur(20)),
        }),
    };
    let quiet = Home {
        departement: Some(text("23")),
        live: false,
        urgent: Vec::new(),
        open_campaigns: 0,
        example: None,
        ..full.clone()
    };
    vec![("default", full), ("nothing_collects", quiet)]
}

fn facets(codes: &[&str], checked: usize) -> Vec<Facet<String>> {
    let facet =
        |(at, code): (usize, &&str)| Facet { code: text(code), count: 12, checked: at == checked };
    codes.iter().enumerate().map(facet).collect()
}

pub fn lists() -> Vec<(&'static str, Campaigns)> {
    let category =
        |code: &Category| Facet { code: *code, count: 41, checked: *code == Category::Urgence };
    let stage = |code: &Stage| Facet { code: *code, count: 31, checked: false };
    let page = |number: u32| PageLink {
        number,
        href: format!("/campagnes?parcours=urgence&page={number}"),
        current: number == 2,
    };
    let full = Campaigns {
        q: String::new(),
        territory: None,
        categories: Category::ALL.iter().map(category).collect(),
        publics: facets(&["seniors", "allophones", "jeunes", "un_public_nouveau"], 9),
        services: facets(&["aide_demarches_administratives", "utilisation_securisee"], 9),
        stages: Stage::ALL.iter().map(stage).collect(),
        axes: facets(&["emploi", "insertion", "innovation_sociale"], 0),
        sort: Sort::EndingSoon,
        around: String::new(),
        around_found: None,
        around_unknown: false,
        total: 127,
        open_campaigns: 127,
        cards: cards(),
        pages: (1..=3).map(page).collect(),
        page: 2,
        next: Some(text("/campagnes?parcours=urgence&page=3")),
        previous: Some(text("/campagnes?parcours=urgence")),
        per_page: 9,
        nearby: None,
    };
    let single =
        Campaigns { pages: Vec::new(), page: 1, next: None, previous: None, ..full.clone() };
    let search = Campaigns {
        q: text("l'été : \"bus\" & <b>"),
        territory: Some(text("23")),
        sort: Sort::Distance,
        around: text("Guéret"),
        around_found: Some(text("Guéret (Creuse)")),
        total: 5,
        cards: all_states(),
        ..single.clone()
    };
    let empty = Campaigns {
        total: 0,
        cards: Vec::new(),
        around: text("Gueret-les-Bains"),
        around_found: None,
        around_unknown: true,
        nearby: Some(Nearby {
            count: 3,
            departements: vec![text("Cantal"), text("Aveyron"), text("Haute-Loire")],
            href: text("/campagnes?dep=15&dep=12&dep=43"),
        }),
        ..search.clone()
    };
    let nothing = Campaigns { nearby: None, ..empty.clone() };
    let no_filter = Campaigns { q: String::new(), ..nothing.clone() };
    vec![
        ("default", single),
        ("second_page", full),
        ("search", search),
        ("empty_nearby", empty),
        ("empty_search", nothing),
        ("empty_filters", no_filter),
    ]
}
