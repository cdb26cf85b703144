#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![deny(clippy::float_arithmetic, clippy::as_conversions, clippy::arithmetic_side_effects)]

pub mod apportion;
pub mod case;
pub mod check;
pub mod decide;
pub mod draw;
pub mod envelopes;
pub mod evaluate;
pub mod exact;
pub mod explain;
pub mod flow;
pub mod line;
pub mod outlook;
mod rate;
mod read;
pub mod refund;
pub mod rematch;
pub mod replay;
pub mod review;
pub mod rules;
pub mod seal;
pub mod sealed;
pub mod simulate;
pub mod snapshot;
pub mod tranche;

pub use check::{Finding, check};
pub use decide::{Terms, decide, decide_under};
pub use evaluate::{FormatError, evaluate, evaluate_to};
pub use exact::Overflow;
pub use explain::{Explanation, Record};
pub use line::{Binding, Decision, Line, LineState, RuleRef, Source};
pub use outlook::{Outlook, outlook};
pub use refund::{RefundRefused, Refunded, refund};
pub use rematch::rematch;
pub use review::{Review, review};
pub use rules::RuleSet;
pub use sealed::check_seals;
pub use simulate::simulate;
pub use snapshot::{GiftFacts, PotSnapshot, Snapshot, Usage};
