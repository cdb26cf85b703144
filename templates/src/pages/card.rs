//! A campaign in a list.

use domain::{
    Cents,
    campaign::{Category, Stage},
};
use serde::Serialize;

/// What a card shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CampaignCard {
    /// Its address: `/campagnes/{slug}`.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Two sentences.
    pub summary: String,
    /// The organisation that carries it.
    pub holder: String,
    /// The commune.
    pub commune: String,
    /// Code of the département: the badge and the landscape.
    pub departement: String,
    /// Name of the département.
    pub departement_name: String,
    /// Pathway.
    pub category: Category,
    /// Stage.
    pub stage: Stage,
    /// Codes of the publics; the first two are shown.
    pub publics: Vec<String>,
    /// True in a rural territory.
    pub rural: bool,
    /// Gifts and sponsorship, in cents.
    pub gifts: Cents,
    /// Match committed to them.
    pub matched: Cents,
    /// Minimum.
    pub minimum: Cents,
    /// Optimum.
    pub optimum: Cents,
    /// What 20 € become today, gift and match; nothing when no rule answers.
    pub example: Option<Example>,
    /// Where it stands.
    pub state: CardState,
    /// Distance from the commune asked for, in kilometres.
    pub distance_km: Option<u32>,
}

/// What an example gift becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The gift.
    pub gift: Cents,
    /// The gift and the match.
    pub becomes: Cents,
}

/// Where a campaign stands, for its card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CardState {
    /// It collects.
    Collecting {
        /// Whole days left, 0 on the last day.
        days_left: u32,
    },
    /// It takes no gift any more; the last debits are being cleared.
    Ending,
    /// It reached what it had to.
    Succeeded,
    /// It did not reach its minimum.
    Failed,
    /// The operator stopped giving.
    Suspended,
}
