//! Letters that let somebody in, or out.

use domain::{UtcSeconds, role::Role};
use serde::{Deserialize, Serialize};

/// Somebody is asked to act for an organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// Name of the organisation.
    pub organisation: String,
    /// Address of who asks.
    pub invited_by: String,
    /// The role.
    pub role: Role,
    /// Where to answer, after signing in with this address. It opens nothing by itself.
    pub answer_url: String,
    /// Until when it can be answered.
    pub valid_until: UtcSeconds,
}

/// A link and a code to sign in. Never stored: both open a door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// Six digits, to type in the browser that asked.
    pub code: String,
    /// The page that lets in, in the browser that asked.
    pub link: String,
    /// Until when both work.
    pub valid_until: UtcSeconds,
}

/// The new address says yes by this. Never stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddressConfirm {
    /// The page that confirms, in the session that asked.
    pub link: String,
    /// Until when it works.
    pub valid_until: UtcSeconds,
}

/// The old address says yes or stops it by this. Never stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddressNotice {
    /// The address that shall replace this one.
    pub new_address: String,
    /// The page that confirms or stops, wherever it is read.
    pub link: String,
    /// Until when it works.
    pub valid_until: UtcSeconds,
}

/// Somebody who asked for it is forgotten. Never stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forgotten {
    /// The day until which receipts are kept, if there is any.
    pub receipts_until: Option<UtcSeconds>,
}

/// An account or an organisation is suspended, or no more: what was decided, why, and how to
/// contest it (regulation 2022/2065, art. 17 and 20).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspension {
    /// Name of the organisation that its reader owns; nothing for their own account.
    pub organisation: Option<String>,
    /// The end of one, not its beginning.
    pub lifted: bool,
    /// Why, as the administrator wrote it.
    pub reason: String,
    /// The page that says where to contest it.
    pub contest_url: String,
    /// Since when.
    pub at: UtcSeconds,
}
