//! Coming in: the address, the letter, the code or the link.

pub mod code;
pub mod device;
pub mod link;
pub mod provider;
pub mod sign_in;

use actions::{Entered, SESSION_LIFE, SignInRefused};
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use templates::pages::doors::DoorNotice;

use super::{
    cookies::{self, Flow},
    state::Site,
};

/// The first page of the way in.
const DOOR: &str = "/connexion";
/// The limits of the door are counted in quarters of an hour.
const WAIT_MINUTES: u32 = 15;

/// In: a new session, and a new thread, so that nothing of before is worth anything.
pub fn let_in(site: &Site, entered: Entered) -> Response {
    let secure = site.config.is_https();
    let mut answer = Redirect::to(&entered.next).into_response();
    let session = cookies::keep_session(Some(entered.token), SESSION_LIFE, secure);
    answer.headers_mut().append(header::SET_COOKIE, session);
    answer.headers_mut().append(header::SET_COOKIE, Flow::begin().set_cookie(secure));
    answer
}

/// What a refusal is for a browser and for a person.
fn told(why: SignInRefused) -> (StatusCode, DoorNotice) {
    match why {
        SignInRefused::TooMany => {
            (StatusCode::TOO_MANY_REQUESTS, DoorNotice::TooMany { minutes: WAIT_MINUTES })
        }
        SignInRefused::WrongCode { left } => {
            let left = u32::try_from(left).unwrap_or_default();
            (StatusCode::UNPROCESSABLE_ENTITY, DoorNotice::WrongCode { left })
        }
        SignInRefused::OtherBrowser => (StatusCode::CONFLICT, DoorNotice::OtherBrowser),
        SignInRefused::Over => (StatusCode::GONE, DoorNotice::Over),
        SignInRefused::Suspended => (StatusCode::FORBIDDEN, DoorNotice::Suspended),
    }
}
