//! `/mon-espace/connexions`: where one is signed in, and the end of it.

use actions::{Principal, SESSION_IDLE};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use store::sessions::{self, SessionRow, Which};
use templates::pages::{Onward, Sessions, doors::OwnSession};
use uuid::Uuid;

use crate::web::{
    doors::provider, error::Failure, extract::SignedIn, forms::Typed, state::Site, visit::Visit,
};

/// The page's own address.
pub const PATH: &str = "/mon-espace/connexions";

/// The form: a session's id, or all the others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    fin: String,
}

/// The list.
pub async fn list(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    let mut db = site.reader.get().await?;
    let since = site.now() - SESSION_IDLE;
    let mut rows = sessions::of_person(&mut db, principal.person, since).await?;
    rows.sort_by_key(|row| row.id != principal.session);
    let sessions = rows.into_iter().map(|row| own(row, &principal)).collect();
    let ended = visit.asked("terminees").and_then(|number| number.parse().ok());
    site.form_page(&visit, &Sessions { sessions, ended })
}

fn own(row: SessionRow, principal: &Principal) -> OwnSession {
    OwnSession {
        here: row.id == principal.session,
        id: row.id.to_string(),
        device: row.device,
        began_at: row.began_at.into(),
        seen_at: row.seen_at.into(),
    }
}

/// The end of some. One's own leads back to the first page, without its cookie, through the
/// identity provider where it began.
pub async fn end(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
    typed: Typed<Chosen>,
) -> Result<Response, Failure> {
    let (chosen, _) = typed.trusted()?;
    let which = match chosen.fin.parse::<Uuid>() {
        Ok(id) => Which::One(id),
        Err(_) => Which::AllBut(principal.session),
    };
    if which != Which::One(principal.session) {
        let ended = site.actions.end_sessions(principal.person, which, site.now()).await?;
        return Ok(Redirect::to(&format!("{PATH}?terminees={ended}")).into_response());
    }
    let out = match site.actions.sign_out(&principal, site.now()).await? {
        Some((kind, url)) => {
            let page = Onward { provider: provider::name(kind), url, signed_out: true };
            provider::onward(&site, &visit, &page)?
        }
        None => Redirect::to("/").into_response(),
    };
    Ok(super::signed_out(&site, out))
}
