//! Giving: the amount, the form, the gift's own page.

pub mod amounts;
pub mod begin;
pub mod confirm;
pub mod form;
pub mod gift;
pub mod refund;
pub mod typed;
