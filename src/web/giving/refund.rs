//! `/dons/{jeton}/remboursement`: the donor asks for the money back (decision 5).

use actions::RefundRefusal;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use templates::pages::refused::RefusedReason;

use crate::web::{
    error::{Failure, answered},
    forms::Typed,
    state::Site,
};

/// The form has a button only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskBack {}

/// The handler.
pub async fn ask(
    State(site): State<Site>,
    Path(token): Path<String>,
    typed: Typed<AskBack>,
) -> Result<Response, Failure> {
    typed.trusted()?;
    let own = format!("/dons/{token}");
    match answered(site.actions.ask_refund(&token, site.now()).await)? {
        Ok(_) => Ok(Redirect::to(&own).into_response()),
        Err(why) => Err(refused(why, own)),
    }
}

fn refused(why: RefundRefusal, own: String) -> Failure {
    let reason = match why {
        RefundRefusal::UnknownGift => return Failure::NotFound,
        RefundRefusal::AlreadyAsked => RefusedReason::AlreadyDone,
        RefundRefusal::NothingToPayBack | RefundRefusal::TooLate => RefusedReason::RefundOver,
    };
    Failure::refused(StatusCode::CONFLICT, reason).with_way_out(own, "Revenir à votre don")
}
