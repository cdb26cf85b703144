//! The operator's space: who steers the pots writes there, an auditor reads.

pub mod book;
pub mod editor;
mod form;
pub mod home;
pub mod need;
pub mod needs;
pub mod pots;
pub mod rehearsal;
mod report;
mod trial;

use actions::{DeskRefused, RuleRefused};
use axum::http::StatusCode;
use templates::pages::fund::RuleNotice;

/// Its first page.
pub const PATH: &str = "/fonds";
/// The rules.
pub const RULES: &str = "/fonds/regles";

/// What a refusal is for a browser and for a person.
fn told(why: RuleRefused) -> (StatusCode, RuleNotice) {
    match why {
        RuleRefused::Desk(DeskRefused::ProveFirst) => {
            (StatusCode::FORBIDDEN, RuleNotice::ProveFirst)
        }
        RuleRefused::Desk(DeskRefused::Reason) => {
            (StatusCode::UNPROCESSABLE_ENTITY, RuleNotice::Reason)
        }
        RuleRefused::Desk(DeskRefused::Unknown) => (StatusCode::CONFLICT, RuleNotice::Unknown),
        RuleRefused::Desk(_) => (StatusCode::FORBIDDEN, RuleNotice::NotAllowed),
        RuleRefused::OwnDraft => (StatusCode::FORBIDDEN, RuleNotice::OwnDraft),
        RuleRefused::OpenAlready { number } => {
            (StatusCode::CONFLICT, RuleNotice::OpenAlready { number })
        }
        RuleRefused::Name => (StatusCode::UNPROCESSABLE_ENTITY, RuleNotice::Name),
        RuleRefused::Unreadable { problem } => {
            (StatusCode::UNPROCESSABLE_ENTITY, RuleNotice::Unreadable { problem })
        }
        RuleRefused::Findings => (StatusCode::CONFLICT, RuleNotice::Findings),
        RuleRefused::Rehearsing { id } => {
            (StatusCode::CONFLICT, RuleNotice::Rehearsing { id: id.to_string() })
        }
        RuleRefused::Beside => (StatusCode::UNPROCESSABLE_ENTITY, RuleNotice::Beside),
        RuleRefused::Year => (StatusCode::UNPROCESSABLE_ENTITY, RuleNotice::Year),
    }
}
