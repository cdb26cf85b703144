//! `/regles`: the rules in force, in French, and those that begin later.

use actions::MatchTerms;
use axum::{extract::State, response::Response};
use domain::{BasisPoints, Cents, pot::Origin};
use store::{
    pages::fund::{self, TrancheFigures},
    rules::{self, Published, RuleSetRow},
};
use templates::pages::{
    Rules,
    rules::{Limits, PublicRule},
};
use time::{Duration, OffsetDateTime};

use super::{kept_minutes, origin_of};
use crate::web::{error::Failure, state::Site, visit::Visit};

/// Stands for the name of a département in a sentence that is told for all of them.
const ANY_DEPARTEMENT: &str = "Le département du projet";

/// The handler.
pub async fn show(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    site.public_page(&visit, "/regles", page(&site)).await
}

async fn page(site: &Site) -> Result<Rules, Failure> {
    let now = site.now();
    let terms = site.actions.match_terms().await?;
    let mut db = site.reader.get().await?;
    let tranches = fund::tranches(&mut db, now - terms.grace).await?;
    let published = rules::published(&mut db).await?;
    let shown =
        |one: &&Published| rules::is_current(&published, one, now) || now < one.row.effective_from;
    let mut rows: Vec<RuleSetRow> =
        published.iter().filter(shown).map(|one| one.row.clone()).collect();
    let place = |row: &RuleSetRow| tranches.iter().position(|t| t.pot_id == row.pot_id);
    rows.sort_by_key(|row| (place(row), row.id.clone(), row.version));
    let begun = |row: &&RuleSetRow| row.effective_from <= now;
    let in_force: Vec<&RuleSetRow> = rows.iter().filter(begun).collect();
    Ok(Rules {
        since: in_force.iter().map(|row| row.effective_from).max().map(Into::into),
        limits: limits(&in_force, &terms, site.config.giving.guest_min),
        in_force: in_force.iter().map(|row| told(row, &tranches, now)).collect(),
        opening: rows
            .iter()
            .filter(|row| now < row.effective_from)
            .map(|row| told(row, &tranches, now))
            .collect(),
    })
}

fn told(row: &RuleSetRow, tranches: &[TrancheFigures], now: OffsetDateTime) -> PublicRule {
    let of_pot = || tranches.iter().filter(|tranche| tranche.pot_id == row.pot_id);
    let rate = row.document["rate_bps"].as_i64().unwrap_or_default();
    let mut funders: Vec<Origin> = of_pot().filter_map(|t| origin_of(&t.origin)).collect();
    funders.sort_unstable();
    funders.dedup();
    PublicRule {
        name: row.document["label_fr"].as_str().unwrap_or(&row.id).to_owned(),
        version: format!("{}@{}", row.id, row.version),
        rate_min: BasisPoints::new(rate),
        rate_max: BasisPoints::new(highest(row, rate)),
        sentence: row.sentences["base"]
            .as_str()
            .unwrap_or_default()
            .replace("{departement}", ANY_DEPARTEMENT),
        pot: of_pot().next().map(|tranche| tranche.pot_title.clone()).unwrap_or_default(),
        funders,
        left: Some(Cents::new(of_pot().map(|t| t.available_cents().max(0)).sum())),
        opens_at: (now < row.effective_from).then(|| row.effective_from.into()),
        ends_at: row.effective_to.map(|end| (end - Duration::seconds(1)).into()),
    }
}

/// The rate with the largest bonus.
fn highest(row: &RuleSetRow, rate: i64) -> i64 {
    let bonuses = row.document["bonuses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let multipliers = bonuses.iter().filter_map(|bonus| bonus["multiplier_bps"].as_i64());
    multipliers.map(|multiplier| rate * multiplier / 10_000).fold(rate, i64::max)
}

fn limits(rules: &[&RuleSetRow], terms: &MatchTerms, smallest_gift: Cents) -> Limits {
    // A rule without a rate shares a pot at a close: it adds to no gift by itself.
    let at_once = |row: &&&RuleSetRow| row.document["rate_bps"].as_i64() > Some(0);
    let rules: Vec<&RuleSetRow> = rules.iter().filter(at_once).copied().collect();
    let cap = |row: &RuleSetRow, key: &str| row.document["caps"][key].as_i64();
    let bases: Vec<(&RuleSetRow, i64)> = rules
        .iter()
        .filter_map(|row| Some((*row, cap(row, "per_donor_campaign_base_cap")?)))
        .collect();
    let usual = bases.iter().map(|(_, base)| *base).max();
    let smaller = bases.iter().filter(|(_, base)| Some(*base) < usual).map(|(row, base)| {
        let name = row.document["label_fr"].as_str().unwrap_or(&row.id);
        (name.to_owned(), Cents::new(*base))
    });
    let smallest = rules.iter().filter_map(|row| cap(row, "min_donation")).min();
    Limits {
        base_per_donor: usual.map(Cents::new),
        smaller_bases: smaller.collect(),
        leverage: terms.leverage,
        min_gift: smallest.map_or(smallest_gift, Cents::new),
        public_share: terms.public_share,
        reserved_minutes: kept_minutes(terms),
    }
}
