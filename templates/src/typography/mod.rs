//! French typography: amounts, dates, and the spaces and apostrophes of finished pages.

mod numbers;
mod page;

pub use numbers::{bytes, clock, date, day, distance, euros, number, percent};
pub use page::typeset;
