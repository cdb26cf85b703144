//! The open books: rules, accounts, proof of a match, check of a receipt.

pub mod rules;
pub mod transparency;
pub mod verify_match;
pub mod verify_receipt;

use domain::pot::Origin;
use matching::case::Settings;

const ORIGINS: [Origin; 7] = [
    Origin::Eu,
    Origin::State,
    Origin::LocalAuthority,
    Origin::Operator,
    Origin::Company,
    Origin::Foundation,
    Origin::Citizen,
];

/// The origin of a code.
fn origin_of(code: &str) -> Option<Origin> {
    ORIGINS.into_iter().find(|origin| origin.code() == code)
}

/// How long a shown match is kept while its donor pays, in minutes.
#[must_use]
pub fn kept_minutes(settings: &Settings) -> u32 {
    u32::try_from(settings.reservation_ttl_s / 60).unwrap_or(u32::MAX)
}
