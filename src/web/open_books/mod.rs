//! The open books: rules, accounts, proof of a match, check of a receipt.

pub mod rules;
pub mod transparency;
pub mod verify_match;
pub mod verify_receipt;

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
fn origin_of(code: &str) -> Option<Origin> {
    ORIGINS.into_iter().find(|origin| origin.code() == code)
}
