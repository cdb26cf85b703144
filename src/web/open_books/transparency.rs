//! `/transparence`: where the money comes from, where it goes, and that the books balance.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use domain::{Cents, campaign::Category};
use store::pages::{
    fund::{self, TrancheFigures},
    list::Listed,
    open_books::{self, ShownPosting},
};
use store::rules;
use templates::pages::{
    Transparency,
    home::MapCell,
    transparency::{CategoryLine, DepartementLine, EntryKind, EntryLine, OriginLine, PotLine},
};
use time::OffsetDateTime;

use super::{ORIGINS, origin_of};
use crate::web::{campaigns::card::departement_name, error::Failure, state::Site, visit::Visit};

/// Postings shown.
const SHOWN: i64 = 12;

/// The handler.
pub async fn show(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    site.public_page(&visit, "/transparence", page(&site)).await
}

async fn page(site: &Site) -> Result<Transparency, Failure> {
    let now = site.now();
    let all = site.listed("").await?;
    let grace = site.actions.match_terms().await?.grace;
    let mut db = site.reader.get().await?;
    let tranches = fund::tranches(&mut db, now - grace).await?;
    let given = fund::given_since(&mut db, OffsetDateTime::UNIX_EPOCH).await?;
    let journal = open_books::journal(&mut db).await?;
    let entries = open_books::last_postings(&mut db, SHOWN).await?;
    let with_rules: Vec<String> =
        rules::published(&mut db).await?.iter().map(|one| one.row.pot_id.clone()).collect();
    let departements = departements(&all);
    let matched: Vec<i64> = departements.iter().map(|line| line.matched.get()).collect();
    let sum = |of: fn(&TrancheFigures) -> i64| Cents::new(tranches.iter().map(of).sum());
    Ok(Transparency {
        at: now.into(),
        since: all.iter().map(|one| one.starts_at).min().unwrap_or(now).into(),
        contributed: sum(|tranche| tranche.contributed_cents),
        given: Cents::new(given.given_cents),
        matched: Cents::new(given.matched_cents),
        available: sum(|tranche| tranche.available_cents().max(0)),
        gifts: u64::try_from(given.gifts).unwrap_or_default(),
        refunded: Cents::new(given.returned_cents),
        fees: Cents::new(journal.fees_cents),
        postings: u64::try_from(journal.postings).unwrap_or_default(),
        imbalance: Cents::new(journal.imbalance_cents),
        pots: pot_lines(&tranches, &with_rules),
        origins: origin_lines(&tranches),
        categories: categories(&all),
        map: map(&departements),
        map_range: (
            Cents::new(matched.iter().copied().min().unwrap_or_default()),
            Cents::new(matched.iter().copied().max().unwrap_or_default()),
        ),
        departements,
        entries: entries.into_iter().map(entry).collect(),
    })
}

fn pot_lines(tranches: &[TrancheFigures], with_rules: &[String]) -> Vec<PotLine> {
    let mut lines: Vec<(&str, PotLine)> = Vec::new();
    for tranche in tranches {
        if lines.last().is_none_or(|(id, _)| *id != tranche.pot_id) {
            let line = PotLine {
                name: tranche.pot_title.clone(),
                contributed: Cents::ZERO,
                committed: Cents::ZERO,
                reserved: Cents::ZERO,
                available: Cents::ZERO,
                opens_soon: !with_rules.contains(&tranche.pot_id),
            };
            lines.push((&tranche.pot_id, line));
        }
        if let Some((_, line)) = lines.last_mut() {
            add(&mut line.contributed, tranche.contributed_cents);
            add(&mut line.committed, tranche.committed_cents);
            add(&mut line.reserved, tranche.reserved_cents);
            add(&mut line.available, tranche.available_cents().max(0));
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

fn add(sum: &mut Cents, cents: i64) {
    *sum = sum.plus(Cents::new(cents)).unwrap_or(*sum);
}

fn origin_lines(tranches: &[TrancheFigures]) -> Vec<OriginLine> {
    let line = |origin| {
        let of_origin = || tranches.iter().filter(|t| origin_of(&t.origin) == Some(origin));
        OriginLine {
            origin,
            contributed: Cents::new(of_origin().map(|t| t.contributed_cents).sum()),
            committed: Cents::new(of_origin().map(|t| t.committed_cents).sum()),
        }
    };
    ORIGINS.into_iter().map(line).filter(|line| line.contributed.is_positive()).collect()
}

fn categories(all: &[Listed]) -> Vec<CategoryLine> {
    let line = |category: Category| {
        let of_category = || all.iter().filter(|one| one.category == category.code());
        CategoryLine {
            category,
            gifts: Cents::new(of_category().map(|one| one.raised_cents).sum()),
            matched: Cents::new(of_category().map(|one| one.matched_cents).sum()),
            projects: u32::try_from(of_category().count()).unwrap_or(u32::MAX),
        }
    };
    Category::ALL.iter().copied().map(line).collect()
}

fn departements(all: &[Listed]) -> Vec<DepartementLine> {
    let mut lines: BTreeMap<&str, DepartementLine> = BTreeMap::new();
    for one in all {
        let line = lines.entry(&one.departement).or_insert_with(|| DepartementLine {
            code: one.departement.clone(),
            name: departement_name(&one.departement),
            gifts: Cents::ZERO,
            matched: Cents::ZERO,
            projects: 0,
        });
        add(&mut line.gifts, one.raised_cents);
        add(&mut line.matched, one.matched_cents);
        line.projects += 1;
    }
    lines.into_values().collect()
}

/// Four classes of about the same size among those that received something.
fn map(departements: &[DepartementLine]) -> Vec<MapCell> {
    let mut ranked: Vec<_> =
        departements.iter().filter(|line| line.matched.is_positive()).collect();
    ranked.sort_by_key(|line| (line.matched, line.code.as_str()));
    let many = ranked.len().max(1);
    ranked
        .iter()
        .enumerate()
        .map(|(rank, line)| MapCell {
            code: line.code.clone(),
            class: u8::try_from(1 + rank * 4 / many).unwrap_or(4),
        })
        .collect()
}

fn entry(posting: ShownPosting) -> EntryLine {
    let (kind, sign) = match posting.kind.as_str() {
        "gift_captured" => (EntryKind::Gift, 1),
        "match_awarded" => (EntryKind::Match, 1),
        "match_released" => (EntryKind::Release, -1),
        _ => (EntryKind::Refund, -1),
    };
    let gift = posting.gift_id.map(|gift| gift.simple().to_string());
    let reference = gift.unwrap_or_else(|| posting.number.to_string());
    EntryLine {
        at: posting.at.into(),
        kind,
        short: reference[reference.len().saturating_sub(12)..].to_uppercase(),
        reference,
        campaign: posting.campaign.unwrap_or_default(),
        amount: Cents::new(sign * posting.amount_cents),
    }
}
