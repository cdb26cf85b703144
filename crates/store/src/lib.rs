#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod address_changes;
pub mod agreements;
pub mod audit;
pub mod awards;
pub mod campaigns;
pub mod challenges;
pub mod desk;
pub mod drafts;
mod draws;
pub mod forget;
pub mod gifts;
pub mod identities;
pub mod inbox;
pub mod journal;
pub mod ledgers;
pub mod letters;
pub mod matches;
pub mod members;
pub mod migrate;
pub mod money_back;
pub mod need;
pub mod operator;
pub mod orders;
pub mod pages;
pub mod passkeys;
pub mod people;
pub mod pots;
pub mod private;
pub mod receipts;
pub mod rehearsals;
pub mod round_trips;
pub mod rounds;
pub mod rules;
#[allow(missing_docs, reason = "generated from the database, whose columns carry comments")]
pub mod schema;
pub mod seals;
pub mod session;
pub mod sessions;
pub mod sign_ins;
pub mod snapshot;
pub mod staff;
pub mod totals;
pub mod trail;
pub mod tranches;
pub mod waterfall;

pub use session::{QueryError, Reader, Reading, Reads, Tx, Unavailable, Writer, went_away};
