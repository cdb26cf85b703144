//! Forgetting (decision 36): what somebody asked us to forget, and what is past its term. Rows that
//! the books stand on stay; what says whose they are does not.

mod person;
mod terms;

pub use person::{
    Fate, asked, at_once, gifts_under_way, idle, last_receipt, lock, note_asked, the_rest,
};
pub use terms::{Sweep, sweep, sweeps};
