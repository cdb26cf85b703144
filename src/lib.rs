//! Essaim
