//! Who may enter: an extractor is the permission, and a handler that takes it is not reached
//! otherwise.

pub mod member;
pub mod signed_in;
pub mod staff;

pub use member::{Any, Managing, MemberOf};
pub use signed_in::SignedIn;
pub use staff::{Administrators, Anyone, FundReaders, Operators, Readers, StaffOf};
