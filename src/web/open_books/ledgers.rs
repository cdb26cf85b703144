//! What was sealed, for anybody: the public ledger of a pot, and the chain of the days.

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::ids::PotId;
use serde_json::{Value, json};
use store::seals;

use crate::web::{error::Failure, state::Site};

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
