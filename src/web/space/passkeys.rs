//! `/mon-espace/cles`: what one holds to prove who one is. The browser speaks with the device by
//! the page's script; the answer comes back in an ordinary form.

use actions::{PasskeyRefused, Principal, SESSION_LIFE, Stop};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use store::passkeys::{self, PasskeyRow};
use templates::pages::{
    Passkeys,
    doors::{KeyNotice, OwnKey},
};
use uuid::Uuid;

use crate::web::{
    cookies,
    error::{Failure, answered},
    extract::SignedIn,
    forms::Typed,
    preferences::own_path,
    state::Site,
    visit::Visit,
};

/// Why the page is shown: a door of the platform asks for a key.
pub const FOR_STAFF: &str = "plateforme";
/// The page's own address.
pub const PATH: &str = "/mon-espace/cles";

/// What is asked of the device.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    geste: String,
}

/// The forms of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    geste: String,
    reponse: Option<String>,
    nom: Option<String>,
    suite: Option<String>,
    cle: Option<Uuid>,
}

/// The list.
pub async fn list(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    let notice = match visit.asked("fait").as_deref() {
        Some("ajout") => Some(KeyNotice::Added),
        Some("retrait") => Some(KeyNotice::Removed),
        Some("preuve") => Some(KeyNotice::Proven),
        _ if visit.asked("pour").as_deref() == Some(FOR_STAFF) => Some(KeyNotice::ForStaff),
        _ => None,
    };
    let next = visit.asked("suite");
    let page = page(&site, &principal, (next.as_deref(), ""), notice).await?;
    site.form_page(&visit, &page)
}

fn next(wanted: Option<&str>) -> String {
    let proven = || format!("{PATH}?fait=preuve");
    wanted.and_then(own_path).map_or_else(proven, str::to_owned)
}

async fn page(
    site: &Site,
    principal: &Principal,
    (wanted, name): (Option<&str>, &str),
    notice: Option<KeyNotice>,
) -> Result<Passkeys, Failure> {
    let mut db = site.reader.get().await?;
    let keys = passkeys::of(&mut db, principal.person).await?;
    Ok(Passkeys {
        strong: keys.is_empty() || principal.is_strong(site.now()),
        keys: keys.into_iter().map(own_key).collect(),
        name: name.to_owned(),
        next: next(wanted),
        wanted: wanted.and_then(own_path).unwrap_or_default().to_owned(),
        notice,
    })
}

fn own_key(row: PasskeyRow) -> OwnKey {
    OwnKey {
        id: row.id.to_string(),
        name: row.name,
        added_at: row.added_at.into(),
        used_at: row.used_at.map(Into::into),
    }
}

/// The question for the device, as the page's script wants it.
pub async fn question(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let (asked, _) = typed.trusted()?;
    let options = match asked.geste.as_str() {
        "ajouter" => site.actions.ask_to_enrol(&principal, site.now()).await,
        _ => site.actions.ask_to_prove(&principal, site.now()).await,
    };
    Ok(match answered(options)? {
        Ok(options) => Json(options).into_response(),
        Err(_) => StatusCode::CONFLICT.into_response(),
    })
}

/// The answer, or the end of a key.
pub async fn answer(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
    typed: Typed<Answered>,
) -> Result<Response, Failure> {
    let form = match typed.of_this_visit() {
        Ok((form, _)) => form,
        Err(form) => {
            let told = (StatusCode::FORBIDDEN, KeyNotice::FormExpired);
            return again(&site, &visit, &principal, (form, told)).await;
        }
    };
    match answered(done(&site, &principal, &form).await)? {
        Ok(answer) => Ok(answer),
        Err(why) => again(&site, &visit, &principal, (form, told(why))).await,
    }
}

async fn done(
    site: &Site,
    principal: &Principal,
    form: &Answered,
) -> Result<Response, Stop<PasskeyRefused>> {
    let (actions, now) = (&site.actions, site.now());
    let answer = form.reponse.as_deref().unwrap_or_default();
    match (form.geste.as_str(), form.cle) {
        ("ajouter", _) => {
            let name = form.nom.as_deref().unwrap_or_default();
            let token = actions.enrol(principal, (name, answer), now).await?;
            let added = || format!("{PATH}?fait=ajout");
            let next = form.suite.as_deref().and_then(own_path);
            Ok(renewed(site, token, &next.map_or_else(added, str::to_owned)))
        }
        ("montrer", _) => {
            let token = actions.prove(principal, answer, now).await?;
            Ok(renewed(site, token, &next(form.suite.as_deref())))
        }
        ("retirer", Some(id)) => {
            actions.remove_passkey(principal, id, now).await?;
            Ok(Redirect::to(&format!("{PATH}?fait=retrait")).into_response())
        }
        _ => Err(Stop::Refused(PasskeyRefused::Unknown)),
    }
}

/// The session goes on under another word.
fn renewed(site: &Site, token: String, path: &str) -> Response {
    let mut answer = Redirect::to(path).into_response();
    let kept = cookies::keep_session(Some(token), SESSION_LIFE, site.config.is_https());
    answer.headers_mut().append(header::SET_COOKIE, kept);
    answer
}

const fn told(why: PasskeyRefused) -> (StatusCode, KeyNotice) {
    match why {
        PasskeyRefused::NotHere => (StatusCode::CONFLICT, KeyNotice::NotHere),
        PasskeyRefused::ProveFirst => (StatusCode::FORBIDDEN, KeyNotice::ProveFirst),
        PasskeyRefused::NotProven => (StatusCode::UNPROCESSABLE_ENTITY, KeyNotice::NotProven),
        PasskeyRefused::Name => (StatusCode::UNPROCESSABLE_ENTITY, KeyNotice::Name),
        PasskeyRefused::TooMany => (StatusCode::CONFLICT, KeyNotice::TooMany),
        PasskeyRefused::Unknown => (StatusCode::NOT_FOUND, KeyNotice::Unknown),
    }
}

/// The page comes back with what was typed and the reason.
async fn again(
    site: &Site,
    visit: &Visit,
    principal: &Principal,
    (form, (status, notice)): (Answered, (StatusCode, KeyNotice)),
) -> Result<Response, Failure> {
    let name = form.nom.unwrap_or_default();
    let page = page(site, principal, (form.suite.as_deref(), &name), Some(notice)).await?;
    site.refused_form(visit, status, &page)
}
