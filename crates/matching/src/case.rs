//! The nouns a decision looks at, in the words of a case file.

use domain::{
    BasisPoints, Cents, UtcSeconds, campaign::Category, campaign::Stage, ids::CampaignId,
};
use serde::{Deserialize, Serialize};

use crate::read;

/// How the pots of one waterfall share a gift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// Each pot matches only what earlier pots left: no euro is matched twice.
    #[default]
    Residual,
    /// Each pot matches the whole gift: rules add up, under the leverage cap.
    Stack,
}

/// What holds for all gifts of a ledger. The defaults are those of the file format; the product
/// writes `stack` and 20 000.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How pots add up.
    #[serde(default, deserialize_with = "read::or_default")]
    pub stacking: Stacking,
    /// The whole match of a gift, as a share of its net amount.
    #[serde(default = "read::leverage::absent", deserialize_with = "read::leverage::read")]
    pub leverage_cap_bps: BasisPoints,
    /// Seconds a reservation lasts.
    #[serde(default = "read::ttl::absent", deserialize_with = "read::ttl::read")]
    pub reservation_ttl_s: i64,
    /// Seconds between the end of a reservation and the return of its money.
    #[serde(default = "read::grace::absent", deserialize_with = "read::grace::read")]
    pub reservation_grace_s: i64,
    /// Public money, as a share of the eligible cost; no ceiling when absent.
    #[serde(default)]
    pub public_share_max_bps: Option<BasisPoints>,
    /// EU money, as a share of the eligible cost; no ceiling when absent.
    #[serde(default)]
    pub eu_share_max_bps: Option<BasisPoints>,
    /// Own share of a local authority that invests, in total public money.
    #[serde(default)]
    pub min_own_share_bps: Option<BasisPoints>,
    /// Aid one undertaking may receive in the window, in cents.
    #[serde(default)]
    pub de_minimis_limit: Option<Cents>,
    /// Years of the window.
    #[serde(default = "read::years::absent", deserialize_with = "read::years::read")]
    pub de_minimis_years: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stacking: Stacking::Residual,
            leverage_cap_bps: read::leverage::absent(),
            reservation_ttl_s: read::ttl::absent(),
            reservation_grace_s: read::grace::absent(),
            public_share_max_bps: None,
            eu_share_max_bps: None,
            min_own_share_bps: None,
            de_minimis_limit: None,
            de_minimis_years: read::years::absent(),
        }
    }
}

/// One declared aid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aid {
    /// When it was granted.
    pub at: UtcSeconds,
    /// Cents.
    pub amount: Cents,
}

/// Who carries campaigns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Its name.
    pub id: String,
    /// `association`, `local_authority`…
    #[serde(rename = "type")]
    pub kind: String,
    /// The single undertaking it belongs to; itself when absent.
    #[serde(default)]
    pub undertaking: Option<String>,
    /// True when de minimis aid is counted.
    #[serde(default, deserialize_with = "read::or_default")]
    pub economic_activity: bool,
    /// Aid received elsewhere.
    #[serde(default, deserialize_with = "read::or_default")]
    pub de_minimis: Vec<Aid>,
}

impl Holder {
    /// The undertaking, itself when it names none.
    #[must_use]
    pub fn undertaking(&self) -> &str {
        self.undertaking.as_deref().unwrap_or(&self.id)
    }
}

/// What a donor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DonorKind {
    /// A person.
    Citizen,
    /// A company.
    Company,
    /// State, local authority, public establishment.
    PublicBody,
}

/// What is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GiftKind {
    /// Money.
    #[default]
    Cash,
    /// Hours, at their accepted value.
    Skills,
    /// Goods, at their accepted value.
    InKind,
}

/// Who gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Donor {
    /// Its name or pseudonym.
    pub id: String,
    /// What it is.
    pub kind: DonorKind,
    /// The unit of all donor caps (household, company); the donor itself when absent.
    #[serde(default)]
    pub group: Option<String>,
    /// How sure its identity is, for quadratic rounds.
    #[serde(default = "read::trust::absent", deserialize_with = "read::trust::read")]
    pub trust_bps: BasisPoints,
}

impl Donor {
    /// The unit of all donor caps.
    #[must_use]
    pub fn group(&self) -> &str {
        self.group.as_deref().unwrap_or(&self.id)
    }
}

/// A campaign, its attributes as frozen at publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Its name.
    pub id: CampaignId,
    /// Name of its holder.
    pub holder: String,
    /// The code under which envelopes are kept.
    pub territory: String,
    /// All codes that contain it; `[territory]` when absent.
    #[serde(default)]
    pub territory_codes: Option<Vec<String>>,
    /// In a rural zone.
    pub rural: bool,
    /// In a priority territory.
    pub priority_territory: bool,
    /// Whom it serves.
    pub publics: Vec<String>,
    /// Pathway.
    pub category: Category,
    /// How far the project is.
    pub stage: Stage,
    /// Services of the referential.
    #[serde(default, deserialize_with = "read::or_default")]
    pub services: Vec<String>,
    /// Axes of corporate responsibility.
    #[serde(default, deserialize_with = "read::or_default")]
    pub axes_rse: Vec<String>,
    /// Cents to raise.
    pub goal: Cents,
    /// The match counts towards the goal.
    #[serde(default, deserialize_with = "read::or_default")]
    pub goal_counts_match: bool,
    /// Eligible cost in cents, for the co-funding ceilings.
    pub budget: Cents,
    /// Gifts go back when the goal is missed.
    pub all_or_nothing: bool,
    /// Public money from elsewhere, EU included, in cents.
    #[serde(default, deserialize_with = "read::or_default")]
    pub other_public_funding: Cents,
    /// EU money from elsewhere, in cents.
    #[serde(default, deserialize_with = "read::or_default")]
    pub other_eu_funding: Cents,
    /// The holder's own money, in cents.
    #[serde(default, deserialize_with = "read::or_default")]
    pub own_contribution: Cents,
    /// An investment: the own-share rule holds.
    #[serde(default, deserialize_with = "read::or_default")]
    pub investment: bool,
    /// Instead of the setting.
    #[serde(default)]
    pub public_share_max_bps: Option<BasisPoints>,
    /// Instead of the setting.
    #[serde(default)]
    pub eu_share_max_bps: Option<BasisPoints>,
}

impl Campaign {
    /// All territory codes that contain it.
    #[must_use]
    pub fn codes(&self) -> &[String] {
        match &self.territory_codes {
            Some(codes) => codes,
            None => std::slice::from_ref(&self.territory),
        }
    }
}
