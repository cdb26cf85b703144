//! The platform's own desk: `/plateforme`.

use domain::{UtcSeconds, role::StaffRole};
use serde::Serialize;

use super::{Page, samples};
use crate::layout::Nav;

/// What waits for somebody who works for the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Desk {
    /// One's role.
    pub role: StaffRole,
    /// Gifts are taken.
    pub giving_open: bool,
    /// Jobs that a person must look at.
    pub parked: Vec<ParkedJob>,
    /// What does not agree between provider and books.
    pub discrepancies: Vec<DiscrepancyLine>,
    /// Recoveries that wait for a second administrator.
    pub recoveries: u64,
    /// The reason in the form, as typed.
    pub reason: String,
    /// What was done or went wrong.
    pub notice: Option<DeskNotice>,
}

/// A job that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParkedJob {
    /// Its number.
    pub id: i64,
    /// Its kind, as the machine calls it.
    pub kind: String,
    /// Why it failed last.
    pub error: String,
    /// Since when it is promised.
    pub since: UtcSeconds,
}

/// What does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiscrepancyLine {
    /// Its number.
    pub number: i64,
    /// What does not agree, as the machine calls it.
    pub kind: String,
    /// About what: an id.
    pub subject: String,
    /// Since when.
    pub since: UtcSeconds,
    /// What was found out, as typed.
    pub explanation: String,
}

/// Who works for the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Team {
    /// One says who does.
    pub manages: bool,
    /// Everybody.
    pub staff: Vec<StaffLine>,
    /// Recoveries that wait for a second administrator.
    pub recoveries: Vec<RecoveryLine>,
    /// The address to appoint, as typed.
    pub email: String,
    /// The address of who lost every passkey, as typed.
    pub lost: String,
    /// How one knows that it is them, as typed.
    pub reason: String,
    /// What was done or went wrong.
    pub notice: Option<DeskNotice>,
}

/// Somebody who works for the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StaffLine {
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: StaffRole,
    /// Since when.
    pub since: UtcSeconds,
    /// It is the one that asks.
    pub me: bool,
}

/// Somebody who lost every passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecoveryLine {
    /// Their address.
    pub email: String,
    /// Address of who says so.
    pub by: String,
    /// How one knows that it is them.
    pub reason: String,
    /// Until when another may confirm.
    pub until: UtcSeconds,
    /// The one that asks said so: another confirms.
    pub mine: bool,
}

/// What was done or went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskNotice {
    /// Done.
    Done,
    /// Not with this role.
    NotAllowed,
    /// The proof is more than an hour old.
    ProveFirst,
    /// Unknown, or it changed meanwhile.
    Unknown,
    /// A reason is asked for.
    Reason,
    /// It is so already.
    Already,
    /// Nobody does that to themselves.
    Oneself,
    /// There is always an administrator.
    LastAdministrator,
    /// The second administrator is not the first.
    AnotherConfirms,
    /// Who works for the platform is dismissed first.
    WorksHere,
    /// These two stay two.
    StayTwo,
    /// The form was open too long.
    FormExpired,
}

impl DeskNotice {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Done,
        Self::NotAllowed,
        Self::ProveFirst,
        Self::Unknown,
        Self::Reason,
        Self::Already,
        Self::Oneself,
        Self::LastAdministrator,
        Self::AnotherConfirms,
        Self::WorksHere,
        Self::StayTwo,
        Self::FormExpired,
    ];
}

impl Page for Desk {
    const TEMPLATE: &'static str = "desk";

    fn title(&self) -> String {
        String::from("Plateforme")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::desks()
    }
}

impl Page for Team {
    const TEMPLATE: &'static str = "team";

    fn title(&self) -> String {
        String::from("Équipe de la plateforme")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::teams()
    }
}
