//! Money in a pot is always in a tranche, so that its origin and its conditions follow it.

use std::cmp::Reverse;

use domain::{
    Cents, UtcSeconds, campaign::Category, campaign::Stage, ids::CampaignId, pot::Origin,
};
use serde::{Deserialize, Serialize};

use crate::{case::Campaign, read};

/// One contribution to a pot; its id is unique in the pot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tranche {
    /// Its name in the pot.
    pub id: String,
    /// Open from this instant on.
    pub at: UtcSeconds,
    /// Cents contributed, less what was withdrawn or moved away.
    pub amount: Cents,
    /// Where the money comes from.
    pub origin: Origin,
    /// Who may receive it.
    #[serde(default, deserialize_with = "read::or_default")]
    pub earmark: Earmark,
    /// Closed from this instant on.
    #[serde(default)]
    pub expires_at: Option<UtcSeconds>,
    /// Who may sign for it.
    #[serde(default)]
    pub contributor: Option<String>,
    /// The donor group whose gifts it never matches: its own.
    #[serde(default)]
    pub contributor_group: Option<String>,
}

impl Tranche {
    /// True when money may leave it at this instant.
    #[must_use]
    pub fn is_open(&self, at: UtcSeconds) -> bool {
        self.at <= at && self.expires_at.is_none_or(|end| at < end)
    }

    /// True when a gift of this group would be matched by its own money.
    #[must_use]
    pub fn is_own_money(&self, group: &str) -> bool {
        self.contributor_group.as_deref() == Some(group)
    }

    /// The sourcing order, least flexible money first, ascending.
    #[must_use]
    pub fn sourcing_key(&self) -> (Reverse<u8>, u8, UtcSeconds, &str) {
        /// `9999-12-31T23:59:59Z`.
        const NEVER: UtcSeconds = UtcSeconds::new(253_402_300_799);
        let class = match self.origin {
            Origin::Eu => 0,
            Origin::State | Origin::LocalAuthority => 1,
            _ => 2,
        };
        let end = self.expires_at.unwrap_or(NEVER);
        (Reverse(self.earmark.rank()), class, end, &self.id)
    }
}

/// The campaigns a tranche is for: each list that is not empty must share a value with the
/// campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Earmark {
    /// Campaigns by name.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub campaigns: Vec<CampaignId>,
    /// Territory codes of any level.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<String>,
    /// Publics.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub publics: Vec<String>,
    /// Pathways.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// Stages.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// Services of the referential.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Axes of corporate responsibility.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub axes_rse: Vec<String>,
}

fn meets<T: PartialEq>(asked: &[T], held: &[T]) -> bool {
    asked.is_empty() || asked.iter().any(|value| held.contains(value))
}

fn within<T: PartialEq>(narrow: &[T], wide: &[T]) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|value| wide.contains(value)))
}

impl Earmark {
    /// The hard constraint: a cent leaves its tranche only to a campaign that fits.
    #[must_use]
    pub fn fits(&self, campaign: &Campaign) -> bool {
        meets(&self.campaigns, std::slice::from_ref(&campaign.id))
            && meets(&self.territories, campaign.codes())
            && meets(&self.publics, &campaign.publics)
            && meets(&self.categories, &[campaign.category])
            && meets(&self.stages, &[campaign.stage])
            && meets(&self.services, &campaign.services)
            && meets(&self.axes_rse, &campaign.axes_rse)
    }

    /// How specific it is, 0 to 127.
    #[must_use]
    pub fn rank(&self) -> u8 {
        let keys = [
            (64, !self.campaigns.is_empty()),
            (32, !self.territories.is_empty()),
            (16, !self.publics.is_empty()),
            (8, !self.categories.is_empty()),
            (4, !self.stages.is_empty()),
            (2, !self.services.is_empty()),
            (1, !self.axes_rse.is_empty()),
        ];
        keys.iter().filter(|(_, present)| *present).fold(0, |rank, (bit, _)| rank | bit)
    }

    /// True when both ask the same of a campaign, in whatever order they list it.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.is_within(other) && other.is_within(self)
    }

    /// True when each key of `other` that is not empty is here a non-empty part of it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        within(&self.campaigns, &other.campaigns)
            && within(&self.territories, &other.territories)
            && within(&self.publics, &other.publics)
            && within(&self.categories, &other.categories)
            && within(&self.stages, &other.stages)
            && within(&self.services, &other.services)
            && within(&self.axes_rse, &other.axes_rse)
    }
}

/// True for one of the four spellings of a territory, which cannot meet: a commune (`23096`,
/// `2A004`), an EPCI (nine digits), a département (`23`, `2A`, `973`), a région (`R75`).
#[must_use]
pub fn is_territory_code(code: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let department = |text: &str| match text.len() {
        2 => digits(text) || text == "2A" || text == "2B",
        3 => digits(text) && text.starts_with("97"),
        _ => false,
    };
    match (code.len(), code.strip_prefix('R')) {
        (3, Some(region)) => digits(region),
        (5, _) => {
            let (Some(start), Some(end)) = (code.get(..2), code.get(2..)) else { return false };
            department(start) && digits(end)
        }
        (9, _) => digits(code),
        _ => department(code),
    }
}
