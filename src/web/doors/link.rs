//! `/connexion/lien/{jeton}`: the link of the letter. Reading it changes nothing; its button lets
//! in, so that a scanner that opens links does not use it up.

use actions::Proof;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use templates::pages::{SignInLink, doors::DoorNotice};

use super::{device::Device, let_in, told};
use crate::web::{
    error::{Failure, answered},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pressed {
    #[serde(rename = "choix")]
    _choice: String,
}

/// The button's page.
pub async fn show(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    site.form_page(&visit, &page(&visit, None))
}

fn page(visit: &Visit, notice: Option<DoorNotice>) -> SignInLink {
    SignInLink { action: visit.path().to_owned(), notice }
}

/// The button, pressed.
pub async fn send(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
    device: Device,
    typed: Typed<Pressed>,
) -> Result<Response, Failure> {
    let Ok((_, flow)) = typed.of_this_visit() else {
        let page = page(&visit, Some(DoorNotice::FormExpired));
        return site.refused_form(&visit, StatusCode::FORBIDDEN, &page);
    };
    let client = site.counted(&visit, &flow);
    let who = (&client, device.0.as_str());
    match answered(site.actions.sign_in(Proof::Link(&token), who, site.now()).await)? {
        Ok(entered) => Ok(let_in(&site, entered)),
        Err(why) => {
            let (status, notice) = told(why);
            site.refused_form(&visit, status, &page(&visit, Some(notice)))
        }
    }
}
