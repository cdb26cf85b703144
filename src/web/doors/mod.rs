//! Coming in: the address, the letter, the code or the link; and one's own pages behind the door.

pub mod code;
pub mod device;
pub mod link;
pub mod members;
pub mod my_data;
pub mod organisation;
pub mod passkeys;
pub mod seated;
pub mod sessions;
pub mod sign_in;
pub mod signed_in;
pub mod space;

use actions::{Entered, SESSION_LIFE, SignInRefused};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use templates::pages::doors::DoorNotice;

use super::{
    cookies::{self, Flow},
    error::Failure,
    state::Site,
};

/// Where one goes who wanted nothing else.
pub const SPACE: &str = "/mon-espace";
/// The limits of the door are counted in quarters of an hour.
const WAIT_MINUTES: u32 = 15;

/// To another page of ours.
fn see(path: &str) -> Result<Response, Failure> {
    let mut answer = StatusCode::SEE_OTHER.into_response();
    answer.headers_mut().insert(header::LOCATION, HeaderValue::from_str(path)?);
    Ok(answer)
}

/// In: a new session, and a new thread, so that nothing of before is worth anything.
fn let_in(site: &Site, entered: Entered) -> Result<Response, Failure> {
    let secure = site.config.is_https();
    let mut answer = see(&entered.next)?;
    let session = cookies::keep_session(Some(entered.token), SESSION_LIFE, secure);
    answer.headers_mut().append(header::SET_COOKIE, session);
    answer.headers_mut().append(header::SET_COOKIE, Flow::begin().set_cookie(secure));
    Ok(answer)
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
    }
}
