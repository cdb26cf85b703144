//! `/mon-espace/donnees.json`: everything that is kept about who asks, to take away.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use store::pages::my_data;

use crate::web::{error::Failure, extract::SignedIn, state::Site};

/// The page's own address.
pub const PATH: &str = "/mon-espace/donnees.json";

/// The file.
pub async fn file(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
) -> Result<Response, Failure> {
    let mut db = site.reader.get().await?;
    let mut answer = Json(my_data::everything(&mut db, principal.person).await?).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"mes-donnees-essaim.json\"");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}
