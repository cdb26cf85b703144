//! The platform's own desk: `/plateforme`.

use domain::role::StaffRole;
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
    pub parked: u64,
    /// People whose letters come back.
    pub bounced: u64,
    /// Discrepancies that are open.
    pub discrepancies: u64,
    /// Recoveries that wait for a second administrator.
    pub recoveries: u64,
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
