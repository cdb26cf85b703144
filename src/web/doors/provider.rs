//! `/connexion/{fournisseur}/retour`: back from ProConnect or FranceConnect (decision 35).

use actions::{Arrived, IdentityRefused, NotArrived, ProviderKind, Returned};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use templates::pages::{
    Onward, SignIn,
    doors::DoorNotice,
    identities::{IdentityNotice, ProviderName},
};

use super::{WAIT_MINUTES, device::Device, let_in};
use crate::web::{
    cookies::Flow,
    error::{Failure, answered},
    space,
    state::Site,
    visit::Visit,
};

/// The provider of a code in an address or a form, if it is open here.
pub fn open(site: &Site, code: &str) -> Option<ProviderKind> {
    let kind = ProviderKind::from_code(code)?;
    site.actions.house().providers.of(kind).map(|_| kind)
}

/// Those that are open here.
pub fn names(site: &Site) -> Vec<ProviderName> {
    site.actions.house().providers.kinds().map(name).collect()
}

/// What a page calls a provider.
pub const fn name(kind: ProviderKind) -> ProviderName {
    match kind {
        ProviderKind::ProConnect => ProviderName::ProConnect,
        ProviderKind::FranceConnect => ProviderName::FranceConnect,
    }
}

/// A page that leads on to a provider by itself. No redirect does: a browser holds every redirect
/// that follows a form against `form-action`, and a provider sends on to places we cannot name.
pub fn onward(site: &Site, visit: &Visit, page: &Onward) -> Result<Response, Failure> {
    let mut answer = site.page(visit, page)?;
    let at_once = HeaderValue::from_str(&format!("0;url={}", page.url))?;
    answer.headers_mut().insert(header::REFRESH, at_once);
    Ok(answer)
}

/// Off to a provider, from the page of the door.
pub async fn depart(
    site: &Site,
    (kind, next): (ProviderKind, &str),
    (visit, flow): (&Visit, &Flow),
) -> Result<Result<Response, (StatusCode, DoorNotice)>, Failure> {
    let client = site.counted(visit, flow);
    let departing = site.actions.depart((kind, next), None, &client, site.now());
    match answered(departing.await)? {
        Ok(url) => {
            let page = Onward { provider: name(kind), url, signed_out: false };
            onward(site, visit, &page).map(Ok)
        }
        Err(why) => Ok(Err(told(why))),
    }
}

/// What a refusal is for a browser and for a person.
const fn told(why: IdentityRefused) -> (StatusCode, DoorNotice) {
    use IdentityRefused as R;
    match why {
        R::TooMany => {
            (StatusCode::TOO_MANY_REQUESTS, DoorNotice::TooMany { minutes: WAIT_MINUTES })
        }
        R::Away | R::NotHere => (StatusCode::SERVICE_UNAVAILABLE, DoorNotice::ProviderAway),
        R::Over => (StatusCode::GONE, DoorNotice::ProviderOver),
        R::OtherBrowser => (StatusCode::CONFLICT, DoorNotice::ProviderOtherBrowser),
        R::Declined => (StatusCode::FORBIDDEN, DoorNotice::ProviderDeclined),
        R::NoAddress => (StatusCode::UNPROCESSABLE_ENTITY, DoorNotice::ProviderNoAddress),
        R::Suspended => (StatusCode::FORBIDDEN, DoorNotice::Suspended),
        R::NotProven | R::Taken | R::ProveFirst => {
            (StatusCode::FORBIDDEN, DoorNotice::ProviderNotProven)
        }
    }
}

/// The same, on the page of one's identities.
pub const fn told_inside(why: IdentityRefused) -> IdentityNotice {
    use IdentityRefused as R;
    match why {
        R::TooMany => IdentityNotice::TooMany,
        R::Away | R::NotHere => IdentityNotice::Away,
        R::ProveFirst => IdentityNotice::ProveFirst,
        R::Taken => IdentityNotice::Taken,
        R::Over | R::OtherBrowser | R::Declined | R::NoAddress | R::NotProven | R::Suspended => {
            IdentityNotice::NotProven
        }
    }
}

/// Back. The address changes something and carries no token of ours: `state` is one, made for this
/// browser and good once.
pub async fn back(
    State(site): State<Site>,
    Path(provider): Path<String>,
    visit: Visit,
    device: Device,
) -> Result<Response, Failure> {
    let Some(kind) = open(&site, &provider) else { return Err(Failure::NotFound) };
    let returned = Returned {
        state: visit.asked("state").unwrap_or_default(),
        code: visit.asked("code"),
        issuer: visit.asked("iss"),
    };
    let flow = visit.flow.clone().unwrap_or_else(Flow::begin);
    let client = site.counted(&visit, &flow);
    let who = (&client, device.0.as_str());
    match answered(site.actions.arrive((kind, &returned), who, site.now()).await)? {
        Ok(Arrived::Entered(entered)) => Ok(let_in(&site, entered)),
        Ok(Arrived::Letter) => Ok(Redirect::to("/connexion/code").into_response()),
        Ok(Arrived::Added { next }) => Ok(Redirect::to(&next).into_response()),
        Err(NotArrived { why, adds: true, .. }) => {
            Ok(Redirect::to(&space::identities::with(told_inside(why))).into_response())
        }
        Err(NotArrived { why, next, .. }) => {
            let (status, notice) = told(why);
            // The page's forms are sent to the door, not to this address.
            let next = next.unwrap_or_else(|| space::PATH.to_owned());
            Ok(at_the_door(&site, &visit, (next, status, notice))?)
        }
    }
}

fn at_the_door(
    site: &Site,
    visit: &Visit,
    (next, status, notice): (String, StatusCode, DoorNotice),
) -> Result<Response, Failure> {
    let door = Visit { address: super::DOOR.to_owned(), ..visit.clone() };
    let page = SignIn { email: String::new(), next, providers: names(site), notice: Some(notice) };
    site.refused_form(&door, status, &page)
}
