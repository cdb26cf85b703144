//! What was sealed, for anybody: the public ledger of a pot, and the chain of the days.

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::ids::PotId;
use serde_json::{Value, json};
use store::seals::{self, ListedLedger};
use templates::pages::{
    Ledgers,
    seals::{LedgerFile, PublicLedger},
};

use super::verify_day::link;
use crate::web::{error::Failure, state::Site, visit::Visit};

/// Seals that the list shows.
const SHOWN: i64 = 7;

/// `/transparence/registres`: the file of each pot, and how to count it again.
pub async fn list(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let make = async {
        let mut db = site.reader.get().await?;
        let ledgers = seals::latest_ledgers(&mut db).await?;
        let days = seals::last_days(&mut db, SHOWN).await?;
        Ok(Ledgers {
            ledgers: ledgers.into_iter().map(listed).collect(),
            days: days.into_iter().map(link).collect(),
        })
    };
    site.public_page(&visit, "/transparence/registres", make).await
}

fn listed(ledger: ListedLedger) -> PublicLedger {
    let file = ledger.file.map(|(day, sha256, size)| LedgerFile {
        day: link(day),
        sha256: hex::encode(sha256),
        size_bytes: u64::try_from(size).unwrap_or_default(),
    });
    PublicLedger { pot: ledger.pot_id, title: ledger.title, file }
}

/// `/transparence/registres/{pot}/registre.json`: the file sealed last.
pub async fn file(State(site): State<Site>, Path(pot): Path<String>) -> Result<Response, Failure> {
    let mut db = site.reader.get().await?;
    let found = seals::latest_ledger(&mut db, &PotId::new(pot)).await?;
    let Some(body) = found.and_then(|file| file.body) else { return Err(Failure::NotFound) };
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `/transparence/sceaux.json`: every sealed day, for `essaim match seal`.
pub async fn chain(State(site): State<Site>) -> Result<Json<Value>, Failure> {
    let mut db = site.reader.get().await?;
    let days = seals::days(&mut db).await?;
    let day = |day: &seals::SealedDay| {
        let (root, seal) = (hex::encode(&day.root), hex::encode(&day.seal));
        json!({ "day": day.day.to_string(), "root": root, "seal": seal })
    };
    let days: Vec<Value> = days.iter().map(day).collect();
    Ok(Json(json!({ "format": "essaim-seals/1", "days": days })))
}
