//! The extractor of everything that only who works for the platform may see: a role, and a passkey
//! proven in this session. To anybody else these addresses do not exist.

use std::marker::PhantomData;

use actions::StaffMember;
use axum::{
    extract::FromRequestParts,
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::role::StaffRole;
use templates::pages::refused::RefusedReason;

use super::SignedIn;
use crate::web::{
    desk,
    error::Failure,
    query,
    space::passkeys::{self, FOR_STAFF},
    state::Site,
};

/// Which roles of the platform may.
pub trait Staffed: Send {
    /// True when a role may.
    fn admits(role: StaffRole) -> bool;
}

/// Everybody who works for the platform.
pub struct Anyone;

/// Who lets people in.
pub struct Administrators;

/// Who steers the pots.
pub struct Operators;

/// Who reads how the pots are steered: operators and auditors.
pub struct FundReaders;

/// Who reads what was done: administrators and auditors.
pub struct Readers;

impl Staffed for Anyone {
    fn admits(_: StaffRole) -> bool {
        true
    }
}

impl Staffed for Administrators {
    fn admits(role: StaffRole) -> bool {
        role == StaffRole::Administrator
    }
}

impl Staffed for Operators {
    fn admits(role: StaffRole) -> bool {
        role == StaffRole::Operator
    }
}

impl Staffed for FundReaders {
    fn admits(role: StaffRole) -> bool {
        matches!(role, StaffRole::Operator | StaffRole::Auditor)
    }
}

impl Staffed for Readers {
    fn admits(role: StaffRole) -> bool {
        matches!(role, StaffRole::Administrator | StaffRole::Auditor)
    }
}

/// Somebody who works for the platform, whose role is enough.
pub struct StaffOf<R> {
    /// Who.
    pub staff: StaffMember,
    enough: PhantomData<R>,
}

impl<R: Staffed> FromRequestParts<Site> for StaffOf<R> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let SignedIn(principal) = SignedIn::from_request_parts(parts, site).await?;
        match site.actions.staff_role(principal.person).await {
            Err(error) => Err(Failure::from(error).into_response()),
            Ok(None) => Err(Failure::NotFound.into_response()),
            Ok(Some(_)) if !principal.is_proven(site.now()) => Err(to_the_keys(parts)),
            Ok(Some(role)) if R::admits(role) => {
                Ok(Self { staff: StaffMember { principal, role }, enough: PhantomData })
            }
            Ok(Some(_)) => {
                let refused = Failure::refused(StatusCode::FORBIDDEN, RefusedReason::NotAllowed);
                Err(refused.with_way_out(desk::PATH, "Revenir à la plateforme").into_response())
            }
        }
    }
}

/// To the page where a key is shown or enrolled, then back.
fn to_the_keys(parts: &Parts) -> Response {
    let wanted = parts.uri.path_and_query().map(|path| path.as_str());
    let next = wanted.filter(|_| parts.method == Method::GET).unwrap_or(desk::PATH);
    let asked = query::written([("pour", FOR_STAFF), ("suite", next)]);
    Redirect::to(&format!("{}?{asked}", passkeys::PATH)).into_response()
}
