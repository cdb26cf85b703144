//! The extractor of everything behind the door: a handler that takes it is not reached otherwise.

use actions::Principal;
use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
    response::{IntoResponse, Redirect, Response},
};

use crate::web::{cookies, error::Failure, query, state::Site};

/// Somebody signed in.
pub struct SignedIn(pub Principal);

impl FromRequestParts<Site> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let token = cookies::session_in(&parts.headers, site.config.is_https());
        let principal = match token {
            Some(token) => site.actions.principal(&token, site.now()).await,
            None => Ok(None),
        };
        match principal {
            Ok(Some(principal)) => Ok(Self(principal)),
            Ok(None) => Err(to_the_door(parts)),
            Err(error) => Err(Failure::from(error).into_response()),
        }
    }
}

/// Through the door, then back to the page; a form that was sent is not sent again by itself.
fn to_the_door(parts: &Parts) -> Response {
    let wanted = parts.uri.path_and_query().map(|path| path.as_str());
    let door = match wanted.filter(|_| parts.method == Method::GET) {
        Some(path) => format!("/connexion?{}", query::written([("suite", path)])),
        None => "/connexion".to_owned(),
    };
    Redirect::to(&door).into_response()
}
