//! Who did what: `/plateforme/journal`, and the settings with their history:
//! `/plateforme/reglages`.

use domain::UtcSeconds;
use serde::Serialize;

use super::{Page, samples};
use crate::layout::Nav;
pub use crate::vocabulary::deeds;

/// The trail, some lines of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trail {
    /// What was asked for.
    pub asked: TrailAsked,
    /// The lines, the newest first.
    pub lines: Vec<TrailLine>,
    /// The path of the file with all lines that were asked for.
    pub file: String,
    /// The path of the older lines.
    pub older: Option<String>,
    /// What was asked for cannot be read: a day.
    pub bad_day: bool,
}

/// The form, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrailAsked {
    /// Part of an address.
    pub actor: String,
    /// What was done, as a code.
    pub action: String,
    /// To what.
    pub subject: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub until: String,
    /// Every action there is.
    pub actions: Vec<String>,
}

/// Somebody did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrailLine {
    /// When.
    pub at: UtcSeconds,
    /// Address of who; nobody for what the platform did by itself.
    pub actor: Option<String>,
    /// What, as a code.
    pub action: String,
    /// To what.
    pub subject: String,
    /// What was before, written out.
    pub before: Option<String>,
    /// What is now.
    pub after: Option<String>,
}

/// What holds for the whole site, and who changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingsPage {
    /// Gifts are taken.
    pub giving_open: bool,
    /// The most that all rules add, in basis points of the gift.
    pub leverage_bp: i64,
    /// Public money as a share of a budget, in basis points; nothing without a ceiling.
    pub public_share_bp: Option<i64>,
    /// Minutes that a shown match is kept while its donor pays.
    pub kept_minutes: i64,
    /// Minutes then before it counts as free.
    pub grace_minutes: i64,
    /// Changes, the newest first.
    pub history: Vec<TrailLine>,
}

impl Page for Trail {
    const TEMPLATE: &'static str = "trail";

    fn title(&self) -> String {
        String::from("Journal de la plateforme")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::trails()
    }
}

impl Page for SettingsPage {
    const TEMPLATE: &'static str = "settings";

    fn title(&self) -> String {
        String::from("Réglages de la plateforme")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::settings()
    }
}
