//! Campaigns: the list, and the page of each.

pub mod asked;
pub mod card;
pub mod details;
pub mod list;
pub mod page;
pub mod small_forms;
pub mod standing;
