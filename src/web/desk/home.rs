//! `/plateforme`: what waits for somebody.

use axum::{extract::State, response::Response};
use store::desk;
use templates::pages::Desk;

use crate::web::{
    error::Failure,
    extract::{Anyone, StaffOf},
    state::Site,
    visit::Visit,
};

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Anyone>,
    visit: Visit,
) -> Result<Response, Failure> {
    let parked = site.actions.parked_jobs().await?;
    let mut db = site.reader.get().await?;
    let waiting = desk::waiting(&mut db).await?;
    drop(db);
    let page = Desk {
        role: staff.role,
        giving_open: site.giving_is_open().await?,
        parked: count(parked),
        bounced: count(waiting.bounced),
        discrepancies: count(waiting.discrepancies),
        recoveries: count(waiting.recoveries),
    };
    site.page(&visit, &page)
}

fn count(many: i64) -> u64 {
    u64::try_from(many).unwrap_or_default()
}
