//! `/mon-espace/effacement`: what is forgotten, what the law makes us keep, and the button.

use actions::{ERASURE_HELD, ForgetRefused, Principal};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    calendar::{paris_date, paris_midnight},
    retention::{Kept, Length},
};
use serde::Deserialize;
use store::{forget, members, people};
use templates::pages::{Erased, Erasure};

use super::page::own_membership;
use crate::web::{
    error::{Failure, answered},
    extract::SignedIn,
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The page's own address.
pub const PATH: &str = "/mon-espace/effacement";

/// The button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pressed {
    #[serde(rename = "choix")]
    _choice: String,
}

fn held_days() -> u32 {
    u32::try_from(ERASURE_HELD.whole_days()).unwrap_or_default()
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    if !site.actions.proof_suffices(&principal, site.now()).await? {
        return Ok(super::to_prove(PATH));
    }
    site.form_page(&visit, &page(&site, &principal).await?)
}

async fn page(site: &Site, principal: &Principal) -> Result<Erasure, Failure> {
    let (mut db, person) = (site.reader.get().await?, principal.person);
    let receipt = forget::last_receipt(&mut db, person).await?;
    let until = receipt.and_then(|at| Kept::Receipt.last_day(paris_date(at)));
    let books_years = match Kept::Books.length(paris_date(site.now())) {
        Length::EndOfYear(years) => u32::from(years),
        Length::Days(_) | Length::Months(_) => 0,
    };
    Ok(Erasure {
        email: people::addressee(&mut db, person).await?.email,
        receipts_until: until.map(|day| paris_midnight(day).into()),
        books_years,
        under_way: forget::gifts_under_way(&mut db, person, site.now()).await?,
        held_days: held_days(),
        alone_in: members::alone_in(&mut db, person)
            .await?
            .into_iter()
            .map(own_membership)
            .collect(),
        works_here: site.actions.staff_role(person).await?.is_some(),
        form_expired: false,
    })
}

/// The button, pressed: nobody is signed in any more.
pub async fn send(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
    typed: Typed<Pressed>,
) -> Result<Response, Failure> {
    let page = page(&site, &principal).await?;
    if typed.of_this_visit().is_err() {
        let again = Erasure { form_expired: true, ..page };
        return site.refused_form(&visit, StatusCode::FORBIDDEN, &again);
    }
    match answered(site.actions.ask_to_be_forgotten(&principal, site.now()).await)? {
        Ok(()) => {
            let noted = Erased { under_way: page.under_way, held_days: page.held_days };
            Ok(super::signed_out(&site, site.page(&visit, &noted)?))
        }
        Err(ForgetRefused::ProveFirst) => Ok(super::to_prove(PATH)),
        Err(ForgetRefused::LastOwner | ForgetRefused::WorksHere) => {
            site.refused_form(&visit, StatusCode::CONFLICT, &page)
        }
    }
}
