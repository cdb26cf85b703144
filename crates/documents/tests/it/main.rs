//! Documents seen from outside: what a reader of the file finds in it.

mod receipts;
mod sample;
mod share_images;
