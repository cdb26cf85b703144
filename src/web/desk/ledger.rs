//! `/plateforme/pots/{pot}/registre.json`: the ledger of a pot as it stands, to be counted again by
//! `essaim match evaluate`.

use actions::DeskRefused;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::ids::PotId;
use templates::pages::refused::RefusedReason;

use crate::web::{
    error::{Failure, answered},
    extract::{FundReaders, StaffOf},
    state::Site,
};

/// The file.
pub async fn file(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<FundReaders>,
    Path(pot): Path<String>,
) -> Result<Response, Failure> {
    let pot = PotId::new(pot);
    match answered(site.actions.export_ledger(&staff, &pot, site.now()).await)? {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"registre.json\""),
            ];
            Ok((headers, text).into_response())
        }
        Err(DeskRefused::Unknown) => Err(Failure::NotFound),
        Err(_) => Err(Failure::refused(StatusCode::FORBIDDEN, RefusedReason::NotAllowed)),
    }
}
