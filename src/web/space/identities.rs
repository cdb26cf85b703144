//! `/mon-espace/identites`: the accounts elsewhere that let one in, added and let go.

use actions::{IdentityRefused, Principal, UnlinkRefused};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use store::identities::{self, IdentityRow};
use templates::pages::{
    Identities, Onward,
    identities::{IdentityNotice, OwnIdentity},
};
use uuid::Uuid;

use crate::web::{
    cookies::Flow,
    doors::provider,
    error::{Failure, answered},
    extract::SignedIn,
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The page's own address.
pub const PATH: &str = "/mon-espace/identites";

/// The forms of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    geste: String,
    par: Option<String>,
    identite: Option<Uuid>,
}

/// The page with something to say.
pub fn with(notice: IdentityNotice) -> String {
    format!("{PATH}?fait={}", notice.code())
}

/// The list.
pub async fn list(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    let notice = visit.asked("fait").as_deref().and_then(IdentityNotice::from_code);
    site.form_page(&visit, &page(&site, &principal, notice).await?)
}

async fn page(
    site: &Site,
    principal: &Principal,
    notice: Option<IdentityNotice>,
) -> Result<Identities, Failure> {
    let mut db = site.reader.get().await?;
    let rows = identities::of(&mut db, principal.person).await?;
    let identities = rows.into_iter().filter_map(own).collect();
    Ok(Identities { identities, providers: provider::names(site), notice })
}

/// The database holds no other provider.
fn own(row: IdentityRow) -> Option<OwnIdentity> {
    Some(OwnIdentity {
        provider: provider::name(actions::ProviderKind::from_code(&row.provider)?),
        id: row.id.to_string(),
        siret: row.siret,
        first_seen_at: row.first_seen_at.into(),
        last_seen_at: row.last_seen_at.into(),
    })
}

/// One more, or one less.
pub async fn change(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let told = match typed.of_this_visit() {
        Err(_) => {
            let page = page(&site, &principal, Some(IdentityNotice::FormExpired)).await?;
            return site.refused_form(&visit, StatusCode::FORBIDDEN, &page);
        }
        Ok((Asked { geste, par: Some(par), .. }, flow)) if geste == "ajouter" => {
            match add(&site, &principal, &par, (&visit, &flow)).await? {
                Ok(page) => return provider::onward(&site, &visit, &page),
                Err(why) => provider::told_inside(why),
            }
        }
        Ok((Asked { geste, identite: Some(id), .. }, _)) if geste == "retirer" => {
            let removing = site.actions.remove_identity(&principal, id, site.now());
            match answered(removing.await)? {
                Ok(()) => IdentityNotice::Removed,
                Err(UnlinkRefused::ProveFirst) => IdentityNotice::ProveFirst,
                Err(UnlinkRefused::Unknown) => IdentityNotice::Unknown,
            }
        }
        Ok(_) => IdentityNotice::Unknown,
    };
    Ok(Redirect::to(&with(told)).into_response())
}

/// Off to the provider; back on this page.
async fn add(
    site: &Site,
    principal: &Principal,
    provider: &str,
    (visit, flow): (&Visit, &Flow),
) -> Result<Result<Onward, IdentityRefused>, Failure> {
    let Some(kind) = provider::open(site, provider) else { return Err(Failure::NotFound) };
    let client = site.counted(visit, flow);
    let back = with(IdentityNotice::Added);
    let departing = site.actions.depart((kind, &back), Some(principal), &client, site.now());
    let provider = provider::name(kind);
    Ok(answered(departing.await)?.map(|url| Onward { provider, url, signed_out: false }))
}
