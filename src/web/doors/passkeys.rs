//! `/mon-espace/cles`: what one holds to prove who one is. The browser speaks with the device by
//! the page's script; the answer comes back in an ordinary form.

use actions::{PasskeyRefused, Present, SESSION_LIFE, Stop};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use store::passkeys::{self, PasskeyRow};
use templates::pages::{
    Passkeys,
    doors::{KeyNotice, OwnKey},
};
use uuid::Uuid;

use super::{see, signed_in::SignedIn};
use crate::web::{
    cookies,
    error::{Failure, stopped},
    forms::Typed,
    preferences::own_path,
    state::Site,
    visit::Visit,
};

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
    SignedIn(present): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    let notice = match visit.asked("fait").as_deref() {
        Some("ajout") => Some(KeyNotice::Added),
        Some("retrait") => Some(KeyNotice::Removed),
        Some("preuve") => Some(KeyNotice::Proven),
        _ => None,
    };
    let next = visit.asked("suite");
    let page = page(&site, &present, (next.as_deref(), ""), notice).await?;
    site.form_page(&visit, &page)
}

fn next(wanted: Option<&str>) -> String {
    let proven = || format!("{PATH}?fait=preuve");
    wanted.and_then(own_path).map_or_else(proven, str::to_owned)
}

async fn page(
    site: &Site,
    present: &Present,
    (wanted, name): (Option<&str>, &str),
    notice: Option<KeyNotice>,
) -> Result<Passkeys, Failure> {
    let mut db = site.reader.get().await?;
    let keys = passkeys::of(&mut db, present.person).await?;
    Ok(Passkeys {
        strong: keys.is_empty() || present.is_strong(site.now()),
        keys: keys.into_iter().map(own_key).collect(),
        name: name.to_owned(),
        next: next(wanted),
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
    SignedIn(present): SignedIn,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let (asked, _) = typed.trusted()?;
    let options = match asked.geste.as_str() {
        "ajouter" => site.actions.ask_to_enrol(&present, site.now()).await,
        _ => site.actions.ask_to_prove(&present, site.now()).await,
    };
    match options {
        Ok(options) => Ok(Json(options).into_response()),
        Err(Stop::Refused(_)) => Ok(StatusCode::CONFLICT.into_response()),
        Err(stop) => Err(stopped(stop, |_| Failure::NotFound)),
    }
}

/// The answer, or the end of a key.
pub async fn answer(
    State(site): State<Site>,
    SignedIn(present): SignedIn,
    visit: Visit,
    typed: Typed<Answered>,
) -> Result<Response, Failure> {
    let answered = match typed.of_this_visit() {
        Ok((answered, _)) => answered,
        Err(answered) => {
            let told = (StatusCode::FORBIDDEN, KeyNotice::FormExpired);
            return again(&site, &visit, &present, (answered, told)).await;
        }
    };
    match done(&site, &present, &answered).await {
        Ok(answer) => answer,
        Err(Stop::Refused(why)) => again(&site, &visit, &present, (answered, told(why))).await,
        Err(stop) => Err(stopped(stop, |_| Failure::NotFound)),
    }
}

async fn done(
    site: &Site,
    present: &Present,
    answered: &Answered,
) -> Result<Result<Response, Failure>, Stop<PasskeyRefused>> {
    let (actions, now) = (&site.actions, site.now());
    let answer = answered.reponse.as_deref().unwrap_or_default();
    match (answered.geste.as_str(), answered.cle) {
        ("ajouter", _) => {
            let name = answered.nom.as_deref().unwrap_or_default();
            let token = actions.enrol(present, (name, answer), now).await?;
            Ok(renewed(site, token, &format!("{PATH}?fait=ajout")))
        }
        ("montrer", _) => {
            let token = actions.prove(present, answer, now).await?;
            Ok(renewed(site, token, &next(answered.suite.as_deref())))
        }
        ("retirer", Some(id)) => {
            actions.remove_passkey(present, id, now).await?;
            Ok(see(&format!("{PATH}?fait=retrait")))
        }
        _ => Err(Stop::Refused(PasskeyRefused::Unknown)),
    }
}

/// The session goes on under another word.
fn renewed(site: &Site, token: String, path: &str) -> Result<Response, Failure> {
    let mut answer = see(path)?;
    let kept = cookies::keep_session(Some(token), SESSION_LIFE, site.config.is_https());
    answer.headers_mut().append(header::SET_COOKIE, kept);
    Ok(answer)
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
    present: &Present,
    (answered, (status, notice)): (Answered, (StatusCode, KeyNotice)),
) -> Result<Response, Failure> {
    let name = answered.nom.unwrap_or_default();
    let page = page(site, present, (answered.suite.as_deref(), &name), Some(notice)).await?;
    site.refused_form(visit, status, &page)
}
