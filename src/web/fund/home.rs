//! `/fonds`: what the pots hold, and who filled them.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use domain::{Cents, pot::Origin};
use store::{
    drafts, operator,
    pages::fund::{self, TrancheFigures},
    tranches::{self, ContributorRow},
};
use templates::pages::{
    Fund,
    fund::{Contributor, FundPot},
};
use time::Duration;

use crate::web::{
    error::Failure,
    extract::{FundReaders, StaffOf},
    open_books::origin_of,
    state::Site,
    visit::Visit,
};

/// How far back gifts are counted for the leverage.
const YEAR: Duration = Duration::days(365);
/// Drafts that are looked through.
const DRAFTS: i64 = 1_000;

/// The page.
pub async fn show(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    visit: Visit,
) -> Result<Response, Failure> {
    let now = site.now();
    let terms = site.actions.match_terms().await?;
    let mut db = site.reader.get().await?;
    let lines = fund::tranches(&mut db, now - terms.grace).await?;
    let given = fund::given_since(&mut db, now - YEAR).await?;
    let discrepancies = operator::open_discrepancies(&mut db).await?.len();
    let drafts = drafts::all(&mut db, DRAFTS).await?;
    let known = tranches::contributors(&mut db).await?;
    drop(db);
    let sum = |of: fn(&TrancheFigures) -> i64| Cents::new(lines.iter().map(of).sum());
    let page = Fund {
        contributed: sum(|tranche| tranche.contributed_cents),
        committed: sum(|tranche| tranche.committed_cents),
        reserved: sum(|tranche| tranche.reserved_cents),
        available: sum(|tranche| tranche.available_cents().max(0)),
        leverage_bp: share(given.matched_cents, given.given_cents),
        since: (now - YEAR).into(),
        discrepancies: u64::try_from(discrepancies).unwrap_or_default(),
        submitted: drafts.iter().fold(0, |n, row| n + u64::from(row.state == "submitted")),
        pots: pots(&lines),
        contributors: contributors(&lines, &known),
    };
    site.form_page(&visit, &page)
}

/// A part in basis points; nothing of nothing.
fn share(part: i64, whole: i64) -> Option<i64> {
    let bps = i128::from(part).checked_mul(10_000)?.checked_div(i128::from(whole))?;
    i64::try_from(bps).ok()
}

fn pots(tranches: &[TrancheFigures]) -> Vec<FundPot> {
    let mut pots: Vec<FundPot> = Vec::new();
    for tranche in tranches {
        if pots.last().is_none_or(|pot| pot.id != tranche.pot_id) {
            pots.push(FundPot {
                id: tranche.pot_id.clone(),
                name: tranche.pot_title.clone(),
                funders: Vec::new(),
                contributed: Cents::ZERO,
                committed: Cents::ZERO,
                share_bp: 0,
            });
        }
        let Some(pot) = pots.last_mut() else { continue };
        pot.contributed = Cents::new(pot.contributed.get() + tranche.contributed_cents);
        pot.committed = Cents::new(pot.committed.get() + tranche.committed_cents);
        pot.share_bp = share(pot.committed.get(), pot.contributed.get()).unwrap_or_default();
        let origin = origin_of(&tranche.origin).filter(|origin| !pot.funders.contains(origin));
        pot.funders.extend(origin);
    }
    pots
}

fn contributors(tranches: &[TrancheFigures], known: &[ContributorRow]) -> Vec<Contributor> {
    let mut sums: BTreeMap<(&str, Origin), (i64, i64)> = BTreeMap::new();
    for tranche in tranches {
        let Some(origin) = origin_of(&tranche.origin) else { continue };
        let sum = sums.entry((&tranche.contributor_name, origin)).or_default();
        sum.0 += tranche.contributed_cents;
        sum.1 += tranche.committed_cents;
    }
    let mut all: Vec<Contributor> = sums
        .into_iter()
        .map(|((name, origin), (contributed, committed))| Contributor {
            number: known
                .iter()
                .find(|one| one.name == name && one.origin == origin.code())
                .map(|one| one.number),
            name: name.to_owned(),
            origin,
            contributed: Cents::new(contributed),
            committed: Cents::new(committed),
        })
        .collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.contributed));
    all
}
