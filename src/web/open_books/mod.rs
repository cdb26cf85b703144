//! The open books: rules, accounts, proof of a match, check of a receipt.

pub mod ledgers;
pub mod proof;
pub mod rules;
pub mod transparency;
pub mod verify_day;
pub mod verify_match;
pub mod verify_receipt;

use actions::MatchTerms;
use domain::pot::Origin;

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
pub fn origin_of(code: &str) -> Option<Origin> {
    ORIGINS.into_iter().find(|origin| origin.code() == code)
}

/// How long a shown match is kept while its donor pays, in minutes.
#[must_use]
pub fn kept_minutes(terms: &MatchTerms) -> u32 {
    u32::try_from(terms.kept.whole_minutes()).unwrap_or(u32::MAX)
}
