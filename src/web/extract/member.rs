//! The extractor of everything behind the door of an organisation: the organisation is the one in
//! the address, the role the one of who is signed in, and a handler that takes it is not reached
//! otherwise. To a stranger the organisation is not there.

use std::marker::PhantomData;

use actions::Membership;
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{ids::OrganisationId, role::Role};
use store::members;
use templates::pages::refused::RefusedReason;

use super::SignedIn;
use crate::web::{error::Failure, state::Site};

/// The name of the organisation's id in every address.
const PARAMETER: &str = "structure";

/// Which roles may.
pub trait Enough: Send {
    /// True when a role may.
    fn admits(role: Role) -> bool;
}

/// Every member.
pub struct Any;

/// Who says who is a member.
pub struct Managing;

impl Enough for Any {
    fn admits(_: Role) -> bool {
        true
    }
}

impl Enough for Managing {
    fn admits(role: Role) -> bool {
        role.manages_members()
    }
}

/// A member of the organisation in the address whose role is enough.
pub struct MemberOf<R> {
    /// Of what, and with which role.
    pub membership: Membership,
    enough: PhantomData<R>,
}

impl<R: Enough> FromRequestParts<Site> for MemberOf<R> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let SignedIn(principal) = SignedIn::from_request_parts(parts, site).await?;
        let named = RawPathParams::from_request_parts(parts, site).await;
        let named = named.map_err(|_| Failure::NotFound.into_response())?;
        let organisation = named.iter().find(|(name, _)| *name == PARAMETER);
        let Some((_, id)) = organisation else { return Err(Failure::NotFound.into_response()) };
        let organisation = OrganisationId::new(id);
        let role = async {
            let mut db = site.reader.get().await?;
            anyhow::Ok(members::role_of(&mut db, &organisation, principal.person).await?)
        };
        match role.await {
            Ok(Some(role)) if R::admits(role) => {
                let membership = Membership { person: principal.person, organisation, role };
                Ok(Self { membership, enough: PhantomData })
            }
            Ok(Some(_)) => {
                let refused = Failure::refused(StatusCode::FORBIDDEN, RefusedReason::NotAllowed);
                let back = format!("/structures/{organisation}");
                Err(refused.with_way_out(back, "Revenir à la structure").into_response())
            }
            Ok(None) => Err(Failure::NotFound.into_response()),
            Err(error) => Err(Failure::from(error).into_response()),
        }
    }
}
