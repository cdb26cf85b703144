//! `/connexion/code`: the six digits of the letter, in the browser that asked for it.

use actions::{Proof, ProviderKind, SIGN_IN_VALID};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use store::{identities, sign_ins};
use templates::pages::{SignInSent, doors::DoorNotice};

use super::{DOOR, device::Device, let_in, provider, sign_in, told};
use crate::web::{
    error::{Failure, answered},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    code: String,
}

/// The form, for who asked for a letter; others are sent to ask for one.
pub async fn form(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    match page(&site, &visit, None).await? {
        Some(page) => site.form_page(&visit, &page),
        None => Ok(Redirect::to(DOOR).into_response()),
    }
}

async fn page(
    site: &Site,
    visit: &Visit,
    notice: Option<DoorNotice>,
) -> Result<Option<SignInSent>, Failure> {
    let Some(flow) = &visit.flow else { return Ok(None) };
    let mut db = site.reader.get().await?;
    let asked = sign_ins::last_of(&mut db, &flow.bucket(), site.now() - SIGN_IN_VALID).await?;
    let Some(row) = asked else { return Ok(None) };
    let waiting = identities::waiting(&mut db, row.id).await?;
    let kind = waiting.and_then(|waiting| ProviderKind::from_code(&waiting.provider));
    Ok(Some(SignInSent {
        email: row.email,
        until: (row.asked_at + SIGN_IN_VALID).into(),
        provider: kind.map(provider::name),
        notice,
    }))
}

/// The code, sent.
pub async fn send(
    State(site): State<Site>,
    visit: Visit,
    device: Device,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let Ok((asked, flow)) = typed.of_this_visit() else {
        return again(&site, &visit, (StatusCode::FORBIDDEN, DoorNotice::FormExpired)).await;
    };
    let client = site.counted(&visit, &flow);
    let who = (&client, device.0.as_str());
    match answered(site.actions.sign_in(Proof::Code(&asked.code), who, site.now()).await)? {
        Ok(entered) => Ok(let_in(&site, entered)),
        Err(why) => again(&site, &visit, told(why)).await,
    }
}

/// The page comes back with the reason; the door says it when nothing waits for a code any more.
async fn again(
    site: &Site,
    visit: &Visit,
    (status, notice): (StatusCode, DoorNotice),
) -> Result<Response, Failure> {
    match page(site, visit, Some(notice)).await? {
        Some(page) => site.refused_form(visit, status, &page),
        None => Ok(Redirect::to(&sign_in::saying(notice)).into_response()),
    }
}
