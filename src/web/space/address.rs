//! `/mon-espace/adresse`: another address, and the link of the letter to it.

use actions::{ADDRESS_CHANGE_VALID, AddressChange, AddressRefused, Principal};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::people::EmailAddress;
use serde::Deserialize;
use store::{
    address_changes::{self, AddressChangeRow},
    people,
};
use templates::pages::{
    AnswerAddress, ChangeAddress,
    own_data::{AddressFault, AddressOutcome, WaitingChange},
};

use crate::web::{
    error::{Failure, answered},
    extract::SignedIn,
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The page's own address.
pub const PATH: &str = "/mon-espace/adresse";

/// The form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    courriel: String,
}

/// The button of a letter's page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pressed {
    /// `oui`, or `non` where it may be stopped.
    pub choix: String,
}

/// The form, and what waits for answers.
pub async fn form(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    if !site.actions.proof_suffices(&principal, site.now()).await? {
        return Ok(super::to_prove(PATH));
    }
    site.form_page(&visit, &page(&site, &principal, (String::new(), None)).await?)
}

async fn page(
    site: &Site,
    principal: &Principal,
    (typed, notice): (String, Option<AddressFault>),
) -> Result<ChangeAddress, Failure> {
    let mut db = site.reader.get().await?;
    let since = site.now() - ADDRESS_CHANGE_VALID;
    let open = address_changes::open_of(&mut db, principal.person, since).await?;
    Ok(ChangeAddress {
        email: people::addressee(&mut db, principal.person).await?.email,
        typed,
        waiting: open.map(waiting),
        notice,
    })
}

fn waiting(row: AddressChangeRow) -> WaitingChange {
    WaitingChange {
        email: row.email,
        until: (row.asked_at + ADDRESS_CHANGE_VALID).into(),
        new_said: row.new_said_at.is_some(),
        old_said: row.old_said_at.is_some(),
    }
}

/// The form, sent: two letters are on their way.
pub async fn send(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let (status, notice, asked) = match typed.of_this_visit() {
        Err(asked) => (StatusCode::FORBIDDEN, AddressFault::FormExpired, asked),
        Ok((asked, flow)) => match asked.courriel.trim().parse::<EmailAddress>() {
            Err(_) => (StatusCode::UNPROCESSABLE_ENTITY, AddressFault::NotAnAddress, asked),
            Ok(email) => {
                let client = site.counted(&visit, &flow);
                let wanted = (&email, &client);
                let asking = site.actions.ask_to_change_address(&principal, wanted, site.now());
                match answered(asking.await)? {
                    Ok(()) => return Ok(Redirect::to(PATH).into_response()),
                    Err(AddressRefused::ProveFirst) => return Ok(super::to_prove(PATH)),
                    Err(AddressRefused::TooMany) => {
                        (StatusCode::TOO_MANY_REQUESTS, AddressFault::TooMany, asked)
                    }
                    Err(_) => (StatusCode::UNPROCESSABLE_ENTITY, AddressFault::Same, asked),
                }
            }
        },
    };
    let page = page(&site, &principal, (asked.courriel, Some(notice))).await?;
    site.refused_form(&visit, status, &page)
}

/// The button's page: reading it changes nothing.
pub async fn link(
    State(site): State<Site>,
    SignedIn(_): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    site.form_page(&visit, &answer_page(&visit, false, None))
}

/// The page of a link, before and after its answer.
pub fn answer_page(visit: &Visit, old: bool, outcome: Option<AddressOutcome>) -> AnswerAddress {
    AnswerAddress { action: visit.path().to_owned(), old, outcome }
}

/// The button, pressed.
pub async fn confirm(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    Path(word): Path<String>,
    visit: Visit,
    typed: Typed<Pressed>,
) -> Result<Response, Failure> {
    if typed.of_this_visit().is_err() {
        let page = answer_page(&visit, false, Some(AddressOutcome::FormExpired));
        return site.refused_form(&visit, StatusCode::FORBIDDEN, &page);
    }
    let confirming = site.actions.confirm_new_address(&principal, &word, site.now());
    told(&site, &visit, false, answered(confirming.await)?)
}

/// What an answer came to, for a browser and for a person.
pub fn told(
    site: &Site,
    visit: &Visit,
    old: bool,
    answer: Result<AddressChange, AddressRefused>,
) -> Result<Response, Failure> {
    let (status, outcome) = match answer {
        Ok(AddressChange::Waiting) => (StatusCode::OK, AddressOutcome::Waiting),
        Ok(AddressChange::Done) => (StatusCode::OK, AddressOutcome::Done),
        Ok(AddressChange::ByHand) => (StatusCode::OK, AddressOutcome::ByHand),
        Ok(AddressChange::Stopped) => (StatusCode::OK, AddressOutcome::Stopped),
        Err(AddressRefused::OtherSession) => (StatusCode::CONFLICT, AddressOutcome::OtherSession),
        Err(_) => (StatusCode::GONE, AddressOutcome::Over),
    };
    let page = site.refused_form(visit, status, &answer_page(visit, old, Some(outcome)))?;
    let over = matches!(outcome, AddressOutcome::Done | AddressOutcome::Stopped);
    Ok(if over { super::signed_out(site, page) } else { page })
}
