//! What the pages of a person and of an organisation share: one form per gesture.

use domain::UtcSeconds;
use serde::Deserialize;
use templates::pages::{
    desk::DeskNotice,
    lookup::{Gesture, Suspended},
};
use time::OffsetDateTime;

/// The forms of both pages: one gesture each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub(super) geste: String,
    raison: Option<String>,
    autre: Option<String>,
}

impl Asked {
    pub(super) fn reason(&self) -> &str {
        self.raison.as_deref().unwrap_or_default()
    }

    pub(super) fn other(&self) -> &str {
        self.autre.as_deref().unwrap_or_default().trim()
    }
}

/// The forms come back as they were typed, each in its place.
pub(super) fn typed(asked: Asked, notice: DeskNotice) -> Gesture {
    let merges = asked.geste == "reunir";
    let reason = asked.raison.unwrap_or_default();
    let (reason, merge_reason) =
        if merges { (String::new(), reason) } else { (reason, String::new()) };
    let other = asked.autre.unwrap_or_default();
    Gesture { reason, other, merge_reason, notice: Some(notice) }
}

pub(super) fn suspended(
    since: Option<OffsetDateTime>,
    reason: Option<String>,
) -> Option<Suspended> {
    let since: UtcSeconds = since?.into();
    Some(Suspended { since, reason: reason? })
}
