//! The matching engine seen from outside.

mod worked;
