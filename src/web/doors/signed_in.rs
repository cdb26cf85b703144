//! The extractor of everything behind the door: a handler that takes it is not reached otherwise.

use actions::Present;
use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
    response::{IntoResponse, Response},
};

use super::see;
use crate::web::{cookies, error::Failure, query, state::Site};

/// Somebody signed in.
pub struct SignedIn(pub Present);

impl FromRequestParts<Site> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let token = cookies::session_in(&parts.headers, site.config.is_https());
        let present = match token {
            Some(token) => site.actions.present(&token, site.now()).await,
            None => Ok(None),
        };
        match present {
            Ok(Some(present)) => Ok(Self(present)),
            Ok(None) => Err(to_the_door(parts).into_response()),
            Err(error) => Err(Failure::from(error).into_response()),
        }
    }
}

/// Through the door, then back to the page; a form that was sent is not sent again by itself.
fn to_the_door(parts: &Parts) -> Result<Response, Failure> {
    let wanted = parts.uri.path_and_query().map(|path| path.as_str());
    match wanted.filter(|_| parts.method == Method::GET) {
        Some(path) => see(&format!("/connexion?{}", query::written([("suite", path)]))),
        None => see("/connexion"),
    }
}
