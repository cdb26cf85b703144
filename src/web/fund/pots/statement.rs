//! `/fonds/contributeurs/{number}`: what the money of a contributor did, as a page and as a file.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::{Cents, place};
use store::{
    pages::pot::{self, Of, Reached, TrancheLine},
    tranches,
};
use templates::{
    pages::{
        Statement,
        agreements::{ReachRow, ReachTable},
        pots::TrancheView,
    },
    rule_words::label,
};

use super::{
    agreement::read,
    one::{agreement, view},
};
use crate::web::{
    csv,
    error::Failure,
    extract::{FundReaders, StaffOf},
    open_books::origin_of,
    state::Site,
    visit::Visit,
};

/// The contributors.
const PATH: &str = "/fonds/contributeurs";

/// The page.
pub async fn show(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(number): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    site.page(&visit, &statement(&site, read(&number)?).await?)
}

async fn statement(site: &Site, number: i64) -> Result<Statement, Failure> {
    let now = site.now();
    let terms = site.actions.match_terms().await?;
    let mut db = site.reader.get().await?;
    let contributor = tranches::contributor_of(&mut db, number).await?;
    let contributor = contributor.ok_or(Failure::NotFound)?;
    let of = Of::Contributor(number);
    let lines = pot::tranches(&mut db, of, now - terms.grace).await?;
    let agreements = pot::agreements(&mut db, of).await?;
    let reached = pot::reached(&mut db, number).await?;
    drop(db);
    let sum = |of: fn(&TrancheLine) -> i64| Cents::new(lines.iter().map(of).sum());
    let placed =
        |line: &TrancheLine| Some((line.pot_id.clone(), line.pot_title.clone(), view(line, now)?));
    Ok(Statement {
        number,
        origin: origin_of(&contributor.origin).ok_or(Failure::NotFound)?,
        name: contributor.name,
        siren: contributor.siren,
        held: sum(|line| line.amount_cents),
        committed: sum(|line| line.committed_cents),
        reserved: sum(|line| line.reserved_cents),
        available: sum(|line| line.left_cents().max(0)),
        gifts: reached.iter().map(|one| one.gifts).sum(),
        tables: tables(&reached),
        tranches: lines.iter().filter_map(placed).collect(),
        agreements: agreements.iter().map(agreement).collect(),
        file: format!("{PATH}/{number}/releve.csv"),
    })
}

fn tables(reached: &[Reached]) -> Vec<ReachTable> {
    let campaigns = reached.iter().map(|one| ReachRow {
        code: one.campaign_id.clone(),
        slug: Some(one.slug.clone()),
        name: one.title.clone(),
        gifts: one.gifts,
        amount: Cents::new(one.cents),
    });
    let table = |(code, title, head): (&str, &str, &str), rows| ReachTable {
        code: code.to_owned(),
        title: title.to_owned(),
        head: head.to_owned(),
        note: None,
        rows,
    };
    let departement = |code: &str| place::departement(code).map(|one| one.name.replace('\'', "’"));
    let named = |kind: &'static str| move |code: &str| label(kind, code);
    let by_public = grouped(reached, |one| one.publics.clone(), named("public"));
    vec![
        table(("campagne", "Par campagne", "Campagne"), campaigns.collect()),
        table(
            ("departement", "Par département", "Département"),
            grouped(reached, |one| vec![one.departement.clone()], departement),
        ),
        table(
            ("parcours", "Par parcours", "Parcours"),
            grouped(reached, |one| vec![one.category.clone()], named("parcours")),
        ),
        ReachTable {
            note: Some("Une campagne compte pour chacun de ses publics.".to_owned()),
            ..table(("public", "Par public", "Public"), by_public)
        },
    ]
}

/// Sums by what campaigns share, the largest first.
fn grouped(
    reached: &[Reached],
    codes: impl Fn(&Reached) -> Vec<String>,
    name: impl Fn(&str) -> Option<String>,
) -> Vec<ReachRow> {
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for one in reached {
        for code in codes(one) {
            let sum = sums.entry(code).or_default();
            sum.0 += one.gifts;
            sum.1 += one.cents;
        }
    }
    let row = |(code, (gifts, cents)): (String, (i64, i64))| ReachRow {
        name: name(&code).unwrap_or_else(|| code.clone()),
        slug: None,
        code,
        gifts,
        amount: Cents::new(cents),
    };
    let mut rows: Vec<ReachRow> = sums.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.amount));
    rows
}

/// The same as a file, in cents.
pub async fn file(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let statement = statement(&site, read(&number)?).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"releve-essaim.csv\""),
    ];
    Ok((headers, written(&statement)).into_response())
}

fn written(statement: &Statement) -> Vec<u8> {
    let heads = ["par", "code", "nom", "dons", "ajoute_centimes", "contient_centimes"];
    let mut file = csv::row(&heads);
    for table in &statement.tables {
        for row in &table.rows {
            let (gifts, cents) = (row.gifts.to_string(), row.amount.get().to_string());
            file.extend(csv::row(&[&table.code, &row.code, &row.name, &gifts, &cents, ""]));
        }
    }
    for (pot, title, TrancheView { id, amount, committed, .. }) in &statement.tranches {
        let code = format!("{pot}/{id}");
        let (used, held) = (committed.get().to_string(), amount.get().to_string());
        file.extend(csv::row(&["tranche", &code, title, "", &used, &held]));
    }
    file
}
