//! What whole pages ask: read only, a few queries each, figures exact when read.

pub mod fund;
pub mod gift;
pub mod list;
pub mod my_data;
pub mod open_books;
pub mod own;
pub mod pot;
pub mod verification;
