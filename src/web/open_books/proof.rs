//! Files that `essaim match seal` checks: the digests of a day, and the way of one decision up to
//! the seal of its day.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::ids::GiftId;
use serde_json::{Value, json};
use store::{
    pages::verification::{self, Side},
    seals::{self, SealedDay},
};
use uuid::Uuid;

use super::verify_day;
use crate::web::{error::Failure, state::Site};

/// `/verifier/jour/{day}/sceau.json`
pub async fn of_day(
    State(site): State<Site>,
    Path(day): Path<String>,
) -> Result<Json<Value>, Failure> {
    let day = verify_day::civil(&day).ok_or(Failure::NotFound)?;
    let mut db = site.reader.get().await?;
    let Some(sealed) = seals::day(&mut db, day).await? else { return Err(Failure::NotFound) };
    let leaves = seals::leaves(&mut db, day).await?;
    let leaves: Vec<String> = leaves.iter().map(|(_, digest)| hex::encode(digest)).collect();
    let mut file = file(&sealed);
    file["days"][0]["leaves"] = json!(leaves);
    Ok(Json(file))
}

/// `/verifier/{reference}/preuve.json`
pub async fn of_gift(
    State(site): State<Site>,
    Path(reference): Path<String>,
) -> Result<Json<Value>, Failure> {
    let gift = GiftId::new(Uuid::parse_str(&reference).map_err(|_| Failure::NotFound)?);
    let mut db = site.reader.get().await?;
    let verified = verification::verify(&mut db, gift).await?.ok_or(Failure::NotFound)?;
    let place = verification::place(&mut db, &verified.decision).await?;
    let place = place.ok_or(Failure::NotFound)?;
    let sealed = seals::day(&mut db, place.day).await?.ok_or(Failure::NotFound)?;
    let side = |side| if side == Side::Left { "left" } else { "right" };
    let path: Vec<Value> =
        place.path.iter().map(|(at, digest)| json!([side(*at), digest.to_string()])).collect();
    let mut file = file(&sealed);
    file["proofs"] = json!([{
        "day": place.day.to_string(),
        "record": verified.decision.explanation,
        "digest": hex::encode(&verified.decision.digest),
        "path": path,
    }]);
    Ok(Json(file))
}

/// A file of one day.
fn file(sealed: &SealedDay) -> Value {
    let day = json!({
        "day": sealed.day.to_string(),
        "root": hex::encode(&sealed.root),
        "seal": hex::encode(&sealed.seal),
    });
    let previous = hex::encode(&sealed.previous);
    json!({ "format": "essaim-seals/1", "previous": previous, "days": [day] })
}
