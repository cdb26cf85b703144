//! One's own pages, behind the door.

pub mod address;
pub mod erasure;
pub mod identities;
pub mod my_data;
pub mod old_address;
pub mod page;
pub mod passkeys;
pub mod sessions;

use axum::{
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use time::Duration;

use super::{cookies, query, state::Site};

/// The first of them: where one goes who wanted nothing else.
pub const PATH: &str = "/mon-espace";

/// Where a key is proven, then back to a page that asks for a proof.
fn to_prove(path: &str) -> Response {
    let back = query::written([("suite", path)]);
    Redirect::to(&format!("{}?{back}", passkeys::PATH)).into_response()
}

/// An answer after which the browser knows no session.
fn signed_out(site: &Site, mut answer: Response) -> Response {
    let gone = cookies::keep_session(None, Duration::ZERO, site.config.is_https());
    answer.headers_mut().append(header::SET_COOKIE, gone);
    answer
}
