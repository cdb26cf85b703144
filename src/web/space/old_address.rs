//! `/adresse/{jeton}`: the link of the letter to the address that shall be replaced. It opens
//! wherever that letter is read: the word in it is the proof.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use templates::pages::own_data::AddressOutcome;

use super::address::{Pressed, answer_page, told};
use crate::web::{
    error::{Failure, answered},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The buttons' page: reading it changes nothing.
pub async fn link(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    site.form_page(&visit, &answer_page(&visit, true, None))
}

/// A button, pressed.
pub async fn send(
    State(site): State<Site>,
    Path(word): Path<String>,
    visit: Visit,
    typed: Typed<Pressed>,
) -> Result<Response, Failure> {
    let Ok((pressed, _)) = typed.of_this_visit() else {
        let page = answer_page(&visit, true, Some(AddressOutcome::FormExpired));
        return site.refused_form(&visit, StatusCode::FORBIDDEN, &page);
    };
    let given = (word.as_str(), pressed.choix == "oui");
    let answering = site.actions.answer_from_old_address(given, site.now());
    told(&site, &visit, true, answered(answering.await)?)
}
