//! From a listed campaign to its card.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use domain::{
    Cents,
    campaign::{Category, Stage},
    place,
};
use futures_util::future;
use store::pages::list::Listed;
use templates::pages::card::{CampaignCard, CardState, Example};
use time::OffsetDateTime;

use crate::web::{error::Failure, state::Site};

/// The gift of the examples: 20 €.
pub const EXAMPLE: Cents = Cents::new(2_000);
/// How long an example is kept: it is an estimate, and the giving page makes its own.
const EXAMPLE_KEPT: Duration = Duration::from_secs(60);

/// Where a campaign stands at an instant.
#[must_use]
pub fn state(listed: &Listed, now: OffsetDateTime) -> CardState {
    match listed.status.as_str() {
        "published" if now < listed.ends_at => {
            let days = (listed.ends_at - now).whole_days();
            CardState::Collecting { days_left: u32::try_from(days).unwrap_or(0) }
        }
        "published" => CardState::Ending,
        "failed" => CardState::Failed,
        "suspended" => CardState::Suspended,
        _ => CardState::Succeeded,
    }
}

/// The cards of some campaigns, each with what 20 € become there today.
pub async fn cards(site: &Site, listed: &[&Listed], now: OffsetDateTime) -> Vec<CampaignCard> {
    future::join_all(listed.iter().map(|listed| card(site, listed, now))).await
}

async fn card(site: &Site, listed: &Listed, now: OffsetDateTime) -> CampaignCard {
    let state = state(listed, now);
    let example = match state {
        CardState::Collecting { .. } => example(site, &listed.slug, now).await,
        _ => None,
    };
    CampaignCard {
        slug: listed.slug.clone(),
        title: listed.title.clone(),
        summary: listed.summary.clone(),
        holder: listed.holder.clone(),
        commune: commune_name(&listed.commune),
        departement: listed.departement.clone(),
        departement_name: departement_name(&listed.departement),
        category: Category::from_code(&listed.category).unwrap_or(Category::Inclusion),
        stage: Stage::from_code(&listed.stage).unwrap_or(Stage::Amorcage),
        publics: listed.publics.clone(),
        rural: listed.rural,
        gifts: Cents::new(listed.raised_cents),
        matched: Cents::new(listed.matched_cents),
        minimum: Cents::new(listed.goal_cents),
        optimum: Cents::new(listed.budget_cents),
        example,
        state,
        distance_km: None,
    }
}

/// What 20 € become; nothing when no rule answers. A card without its example is still a card, so
/// a failure here is left to the page that will meet it again.
async fn example(site: &Site, slug: &str, now: OffsetDateTime) -> Option<Example> {
    let make = async {
        let matched = match site.actions.quote_gifts(slug, &[EXAMPLE], now).await {
            Ok(quotes) => quotes.first().map_or(Cents::ZERO, |quote| quote.matched.total),
            Err(_) => Cents::ZERO,
        };
        Ok::<_, Failure>(Bytes::copy_from_slice(&matched.get().to_be_bytes()))
    };
    let key = format!("example:{slug}");
    let kept: Result<Bytes, Arc<Failure>> = site.ephemeral.fragment(&key, EXAMPLE_KEPT, make).await;
    let matched = Cents::new(i64::from_be_bytes(kept.ok()?.as_ref().try_into().ok()?));
    let becomes = EXAMPLE.plus(matched)?;
    matched.is_positive().then_some(Example { gift: EXAMPLE, becomes })
}

/// The name of a commune, or its code when nobody knows it any more.
#[must_use]
pub fn commune_name(insee: &str) -> String {
    place::commune(insee).map_or_else(|| insee.to_owned(), |commune| commune.name.to_owned())
}

/// The name of a département, or its code.
#[must_use]
pub fn departement_name(code: &str) -> String {
    place::departement(code).map_or_else(|| code.to_owned(), |found| found.name.to_owned())
}
