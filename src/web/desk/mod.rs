//! The platform's own desk: who works there has a role and has proven a passkey.

pub mod home;
pub mod team;

use actions::DeskRefused;
use axum::http::StatusCode;
use templates::pages::desk::DeskNotice;

/// Its first page.
pub const PATH: &str = "/plateforme";

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
        DeskRefused::AnotherConfirms => (StatusCode::CONFLICT, DeskNotice::AnotherConfirms),
    }
}
