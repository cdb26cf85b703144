//! The platform's own desk: who works there has a role and has proven a passkey.

mod card;
pub mod home;
pub mod ledger;
pub mod lookup;
pub mod organisation;
pub mod person;
pub mod team;
pub mod trail;

use actions::{DeskRefused, Stop};
use axum::http::StatusCode;
use templates::pages::{desk::DeskNotice, refused::RefusedReason};

use super::{
    error::{Failure, answered},
    forms::Typed,
};

/// Its first page.
pub const PATH: &str = "/plateforme";

/// What was typed, and what to say of it, when a gesture was not made.
type NotMade<T> = (T, (StatusCode, DeskNotice));

/// Makes the gesture of a form of this visit.
async fn made<T>(
    typed: Typed<T>,
    gesture: impl AsyncFnOnce(&T) -> Result<(), Stop<DeskRefused>>,
) -> Result<Result<(), NotMade<T>>, Failure> {
    let asked = match typed.of_this_visit() {
        Ok((asked, _)) => asked,
        Err(asked) => return Ok(Err((asked, (StatusCode::FORBIDDEN, DeskNotice::FormExpired)))),
    };
    Ok(match answered(gesture(&asked).await)? {
        Ok(()) => Ok(()),
        Err(why) => Err((asked, told(why))),
    })
}

/// What a refusal is for a browser and for a person.
const fn told(why: DeskRefused) -> (StatusCode, DeskNotice) {
    match why {
        DeskRefused::NotAllowed => (StatusCode::FORBIDDEN, DeskNotice::NotAllowed),
        DeskRefused::ProveFirst => (StatusCode::FORBIDDEN, DeskNotice::ProveFirst),
        DeskRefused::Unknown => (StatusCode::CONFLICT, DeskNotice::Unknown),
        DeskRefused::Reason => (StatusCode::UNPROCESSABLE_ENTITY, DeskNotice::Reason),
        DeskRefused::Already => (StatusCode::CONFLICT, DeskNotice::Already),
        DeskRefused::Oneself => (StatusCode::CONFLICT, DeskNotice::Oneself),
        DeskRefused::LastAdministrator => (StatusCode::CONFLICT, DeskNotice::LastAdministrator),
        DeskRefused::WorksHere => (StatusCode::CONFLICT, DeskNotice::WorksHere),
        DeskRefused::StayTwo => (StatusCode::CONFLICT, DeskNotice::StayTwo),
        DeskRefused::AnotherConfirms => (StatusCode::CONFLICT, DeskNotice::AnotherConfirms),
    }
}

/// A page that cannot be shown: the role went away since the door.
fn refusal(why: DeskRefused) -> Failure {
    Failure::refused(told(why).0, RefusedReason::NotAllowed)
}
