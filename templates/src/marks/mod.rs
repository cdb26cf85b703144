//! What templates can say beyond words: amounts, dates, labels, drawings. A helper refuses a
//! missing or unexpected argument: a page with a hole is never sent.

mod drawings;
mod format;
mod markdown;
mod words;

use handlebars::Handlebars;

pub use drawings::comb::{Size as CombSize, Totals as Comb};

/// Registers every helper.
pub fn register(registry: &mut Handlebars<'static>) {
    format::register(registry);
    words::register(registry);
    drawings::register(registry);
}
