//! `/fonds/repetitions/{id}`: how far a rehearsal is, what came of it, and the same as a file.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use store::drafts::{self, RehearsalRow};
use templates::pages::RehearsalPage;
use uuid::Uuid;

use super::report;
use crate::web::{
    error::Failure,
    extract::{FundReaders, StaffOf},
    state::Site,
    visit::Visit,
};

/// Where rehearsals are.
pub const PATH: &str = "/fonds/repetitions";

/// A page that is not finished asks for itself again after these seconds.
const AGAIN: HeaderValue = HeaderValue::from_static("1");

async fn row(site: &Site, id: &str) -> Result<RehearsalRow, Failure> {
    let id: Uuid = id.parse().map_err(|_| Failure::NotFound)?;
    let mut db = site.reader.get().await?;
    drafts::rehearsal(&mut db, id).await?.ok_or(Failure::NotFound)
}

async fn rehearsed(
    site: &Site,
    row: &RehearsalRow,
) -> Result<Option<templates::pages::fund::Rehearsed>, Failure> {
    let Some(report) = &row.report else { return Ok(None) };
    let mut db = site.reader.get().await?;
    let titles = drafts::titles(&mut db).await?;
    let file = format!("{PATH}/{}/ecarts.csv", row.id);
    let played = (row.gifts.unwrap_or_default(), row.took_ms.unwrap_or_default());
    Ok(Some(report::told(report, &titles, played, file)))
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let row = row(&site, &id).await?;
    let result = rehearsed(&site, &row).await?;
    let mut db = site.reader.get().await?;
    let draft = drafts::read(&mut db, row.draft).await?.ok_or(Failure::NotFound)?;
    drop(db);
    let page = RehearsalPage {
        draft: row.draft,
        rule: draft.rule_set_id,
        progress: row.progress,
        problem: row.problem,
        result,
        current: draft.document == row.document,
    };
    let mut answer = site.form_page(&visit, &page)?;
    if row.ended_at.is_none() {
        answer.headers_mut().insert(header::REFRESH, AGAIN);
    }
    Ok(answer)
}

/// The file: every comparison of the page, a line each, in cents.
pub async fn file(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let row = row(&site, &id).await?;
    let result = rehearsed(&site, &row).await?.ok_or(Failure::NotFound)?;
    let mut answer = report::csv(&result).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"repetition-essaim.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}
