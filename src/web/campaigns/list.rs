//! `/campagnes`: the list, its facets, its order, its pages.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use axum::{extract::State, response::Response};
use domain::{
    campaign::{Category, Stage},
    place::{self, Commune},
};
use store::pages::list::{self, Listed};
use templates::pages::{
    Campaigns,
    campaigns::{Facet as Boxed, Nearby, PageLink, Sort},
};
use time::OffsetDateTime;

use super::{
    asked::{Asked, Facet},
    card,
};
use crate::web::{error::Failure, state::Site, visit::Visit};

const PER_PAGE: u32 = 12;
const MINUTE: Duration = Duration::from_secs(60);

/// The handler.
pub async fn show(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let asked = Asked::read(&visit.address);
    if !asked.q.is_empty() {
        let key = format!("search:{}", visit.client.bucket());
        let limit = site.config.limits.searches_per_minute;
        if !site.ephemeral.has_room(&key, limit, MINUTE).await {
            return Err(Failure::TooMany(MINUTE.as_secs()));
        }
    }
    let key = asked.address(asked.page);
    site.public_page(&visit, &key, page(&site, &asked)).await
}

async fn page(site: &Site, asked: &Asked) -> Result<Campaigns, Failure> {
    let now = site.now();
    let all = site.listed(&asked.q).await?;
    let around = asked.commune();
    let sort = asked.order(around);
    let mut found: Vec<&Listed> = all.iter().filter(|one| asked.admits(one, None)).collect();
    order(&mut found, sort, around, now);
    let total = count(found.len());
    let last = total.div_ceil(PER_PAGE).max(1);
    let page = asked.page.min(last);
    let first = usize::try_from((page - 1) * PER_PAGE).unwrap_or(usize::MAX);
    let shown: Vec<&Listed> = found.iter().skip(first).take(PER_PAGE as usize).copied().collect();
    let mut cards = card::cards(site, &shown, now).await;
    for (card, listed) in cards.iter_mut().zip(&shown) {
        card.distance_km = around.and_then(|commune| distance(listed, commune)).map(|m| m / 1_000);
    }
    let facets = Facets { asked, all: &all };
    Ok(Campaigns {
        q: asked.q.clone(),
        territory: asked.territory.clone(),
        categories: facets.fixed(Facet::Category, Category::ALL, Category::code),
        publics: facets.found(Facet::Publics),
        services: facets.found(Facet::Services),
        stages: facets.fixed(Facet::Stage, Stage::ALL, Stage::code),
        axes: facets.found(Facet::Axes),
        sort,
        around: asked.around.clone(),
        around_found: around.map(in_words),
        around_unknown: around.is_none() && !asked.around.is_empty(),
        total,
        open_campaigns: count(all.iter().filter(|one| collects(one, now)).count()),
        cards,
        pages: pages(asked, page, last),
        page,
        next: (page < last).then(|| asked.address(page + 1)),
        previous: (page > 1).then(|| asked.address(page - 1)),
        per_page: PER_PAGE,
        nearby: if total == 0 { nearby(asked, &all, now) } else { None },
    })
}

impl Site {
    /// Every public campaign that answers a search, kept for a second in this process.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn listed(&self, search: &str) -> Result<Arc<Vec<Listed>>, Failure> {
        let read = async {
            let mut db = self.reader.get().await?;
            Ok(Arc::new(list::listed(&mut db, search).await?))
        };
        let kept = self.lists.try_get_with_by_ref(search, read).await;
        kept.map_err(|failure: Arc<Failure>| failure.as_ref().clone())
    }
}

fn collects(listed: &Listed, now: OffsetDateTime) -> bool {
    listed.status == "published" && now < listed.ends_at
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn in_words(commune: &Commune) -> String {
    format!("{} ({})", commune.name, card::departement_name(commune.departement))
}

/// Metres between a campaign's commune and another.
fn distance(listed: &Listed, from: &Commune) -> Option<u32> {
    let there = place::commune(&listed.commune)?.centre?;
    Some(place::distance_metres(from.centre?, there))
}

/// What a campaign still lacks for its minimum, in cents.
#[must_use]
pub fn missing(listed: &Listed) -> i64 {
    let counted = listed.matched_cents - listed.beside_cents;
    let matched = if listed.counts_match { counted } else { 0 };
    listed.goal_cents - listed.raised_cents - matched
}

/// Those that collect come first, whatever the order; ties keep the order of ids.
fn order(found: &mut [&Listed], sort: Sort, around: Option<&Commune>, now: OffsetDateTime) {
    let key = |one: &Listed| -> i64 {
        match sort {
            Sort::EndingSoon => one.ends_at.unix_timestamp(),
            Sort::ToComplete => match missing(one) {
                // Those that have their minimum come after those that lack some of it.
                enough @ ..=0 => i64::MAX / 2 - enough,
                some => some,
            },
            Sort::Match => -(one.matched_cents * 10_000 / one.raised_cents.max(1)),
            Sort::Newest => -one.starts_at.unix_timestamp(),
            Sort::Distance => {
                around.and_then(|commune| distance(one, commune)).map_or(i64::MAX, i64::from)
            }
            Sort::Relevance => -one.relevance,
        }
    };
    found.sort_by_cached_key(|one| (Reverse(collects(one, now)), key(one)));
}

fn pages(asked: &Asked, page: u32, last: u32) -> Vec<PageLink> {
    (1..=last)
        .filter(|number| *number == 1 || *number == last || number.abs_diff(page) <= 2)
        .map(|number| PageLink { number, href: asked.address(number), current: number == page })
        .collect()
}

/// How many campaigns each box would show, the other filters holding.
struct Facets<'a> {
    asked: &'a Asked,
    all: &'a [Listed],
}

impl Facets<'_> {
    fn codes(facet: Facet, one: &Listed) -> &[String] {
        match facet {
            Facet::Territory => std::slice::from_ref(&one.departement),
            Facet::Category => std::slice::from_ref(&one.category),
            Facet::Stage => std::slice::from_ref(&one.stage),
            Facet::Publics => &one.publics,
            Facet::Services => &one.services,
            Facet::Axes => &one.axes_rse,
        }
    }

    fn wanted(&self, facet: Facet) -> &[String] {
        match facet {
            Facet::Territory => self.asked.territory.as_slice(),
            Facet::Category => &self.asked.categories,
            Facet::Stage => &self.asked.stages,
            Facet::Publics => &self.asked.publics,
            Facet::Services => &self.asked.services,
            Facet::Axes => &self.asked.axes,
        }
    }

    fn counts(&self, facet: Facet) -> BTreeMap<&str, u32> {
        let mut counts = BTreeMap::new();
        for one in self.all.iter().filter(|one| self.asked.admits(one, Some(facet))) {
            for code in Self::codes(facet, one) {
                *counts.entry(code.as_str()).or_default() += 1;
            }
        }
        counts
    }

    fn fixed<T: Copy>(
        &self,
        facet: Facet,
        all: &[T],
        code: fn(T) -> &'static str,
    ) -> Vec<Boxed<T>> {
        let counts = self.counts(facet);
        let wanted = self.wanted(facet);
        let boxed = |value: &T| Boxed {
            code: *value,
            count: counts.get(code(*value)).copied().unwrap_or_default(),
            checked: wanted.iter().any(|ticked| ticked == code(*value)),
        };
        all.iter().map(boxed).collect()
    }

    /// The codes that some campaign has, and those that are ticked.
    fn found(&self, facet: Facet) -> Vec<Boxed<String>> {
        let counts = self.counts(facet);
        let wanted = self.wanted(facet);
        let used = self.all.iter().flat_map(|one| Self::codes(facet, one)).map(String::as_str);
        let codes: BTreeSet<&str> = used.collect();
        let boxed = |code: &str| Boxed {
            code: code.to_owned(),
            count: counts.get(code).copied().unwrap_or_default(),
            checked: wanted.iter().any(|ticked| ticked == code),
        };
        codes.into_iter().map(boxed).collect()
    }
}

/// For an empty list of one département: the four nearest that have something to show.
fn nearby(asked: &Asked, all: &[Listed], now: OffsetDateTime) -> Option<Nearby> {
    let here = place::departement(asked.territory.as_deref()?)?;
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    for one in all.iter().filter(|one| asked.admits(one, Some(Facet::Territory))) {
        if collects(one, now) {
            *found.entry(&one.departement).or_default() += 1;
        }
    }
    let mut near: Vec<_> = found
        .into_iter()
        .filter_map(|(code, count)| {
            let there = place::departement(code)?;
            Some((place::distance_metres(here.centre, there.centre), there.name, count))
        })
        .collect();
    near.sort_unstable();
    near.truncate(4);
    let wider = Asked {
        territory: None,
        around: here.prefecture_name.to_owned(),
        sort: Some(Sort::Distance),
        ..asked.clone()
    };
    (!near.is_empty()).then(|| Nearby {
        count: near.iter().map(|(_, _, count)| count).sum(),
        departements: near.iter().map(|(_, name, _)| (*name).to_owned()).collect(),
        href: wider.address(1),
    })
}
