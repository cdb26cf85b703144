//! `/`: the map, the pots, three campaigns to complete, an example.

use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use domain::{Cents, calendar, place};
use store::pages::{fund, list::Listed};
use templates::pages::{
    Home,
    card::CardState,
    home::{HomeExample, MapCell, PotFigures},
};
use time::{Date, Month, OffsetDateTime};

use super::{
    campaigns::{card, list},
    error::Failure,
    giving::amounts,
    query,
    state::Site,
    visit::Visit,
};

/// Campaigns shown as urgent.
const URGENT: usize = 3;

/// The handler.
pub async fn show(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let typed = visit.address.split_once('?').map_or("", |(_, typed)| typed);
    let chosen = query::pairs(typed.as_bytes()).into_iter().find(|(name, _)| name == "dep");
    let departement = chosen.and_then(|(_, code)| place::departement(&code)).map(|d| d.code);
    let key = format!("/{}", departement.unwrap_or_default());
    site.public_page(&visit, &key, page(&site, departement)).await
}

async fn page(site: &Site, departement: Option<&str>) -> Result<Home, Failure> {
    let now = site.now();
    let all = site.listed("").await?;
    let mut open: Vec<&Listed> = all
        .iter()
        .filter(|one| matches!(card::state(one, now), CardState::Collecting { .. }))
        .collect();
    // To complete: those that lack least of their minimum, among those that lack some.
    open.sort_by_key(|one| (list::missing(one) <= 0, list::missing(one), one.slug.clone()));
    let urgent: Vec<&Listed> = open.iter().take(URGENT).copied().collect();
    Ok(Home {
        map: need_map(),
        departement: departement.map(str::to_owned),
        pot: figures(site).await?,
        live: true,
        example: example(site, urgent.first().copied(), now).await?,
        urgent: card::cards(site, &urgent, now).await,
        open_campaigns: u32::try_from(open.len()).unwrap_or(u32::MAX),
    })
}

async fn example(
    site: &Site,
    listed: Option<&Listed>,
    now: OffsetDateTime,
) -> Result<Option<HomeExample>, Failure> {
    let Some(listed) = listed else { return Ok(None) };
    let quotes = site.actions.quote_gifts(&listed.slug, &[card::EXAMPLE], now).await;
    let quote = quotes.ok().and_then(|quotes| quotes.into_iter().next());
    Ok(quote.map(|quote| HomeExample {
        slug: listed.slug.clone(),
        departement_name: card::departement_name(&listed.departement),
        preview: amounts::preview(&quote),
    }))
}

/// The four figures of the pots, read now.
///
/// # Errors
/// When the database does not answer.
pub async fn figures(site: &Site) -> Result<PotFigures, Failure> {
    let now = site.now();
    let all = site.listed("").await?;
    let funded = || all.iter().filter(|one| one.raised_cents > 0);
    let departements: BTreeSet<&str> = funded().map(|one| one.departement.as_str()).collect();
    let grace = site.actions.match_terms().await?.grace;
    let mut db = site.reader.get().await?;
    let tranches = fund::tranches(&mut db, now - grace).await?;
    let given = fund::given_since(&mut db, new_year(now)).await?;
    Ok(PotFigures {
        available: Cents::new(tranches.iter().map(|t| t.available_cents().max(0)).sum()),
        given: Cents::new(given.given_cents),
        matched: Cents::new(given.matched_cents),
        projects: u32::try_from(funded().count()).unwrap_or(u32::MAX),
        departements: u32::try_from(departements.len()).unwrap_or(u32::MAX),
        at: now.into(),
    })
}

/// The first instant of this year in Paris.
fn new_year(now: OffsetDateTime) -> OffsetDateTime {
    let today = calendar::paris_date(now);
    let first = Date::from_calendar_date(today.year(), Month::January, 1).unwrap_or(today);
    calendar::paris_midnight(first)
}

/// Need by département, in five classes of about the same size, from the share of poor people:
/// overseas, where it is unknown, the need is known to be highest.
fn need_map() -> Vec<MapCell> {
    let mut ranked: Vec<_> = place::departements().iter().collect();
    ranked.sort_by_key(|d| (d.poverty.is_none(), d.poverty, d.code));
    let many = ranked.len().max(1);
    ranked
        .iter()
        .enumerate()
        .map(|(rank, found)| MapCell {
            code: found.code.to_owned(),
            class: u8::try_from(rank * 5 / many).unwrap_or(4),
        })
        .collect()
}
