//! The matching engine seen from outside.
