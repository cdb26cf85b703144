//! `/campagnes`

use domain::campaign::{Category, Stage};
use serde::Serialize;

use super::{CampaignCard, Page, samples};
use crate::layout::Nav;

/// The list of campaigns with its facets. All fields of the form are repeated as they were asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Campaigns {
    /// The search as typed (`q`).
    pub q: String,
    /// Territory asked (`dep`): a département code, or `rural`, `prioritaire`, `outre-mer`.
    pub territory: Option<String>,
    /// Pathways (`parcours`).
    pub categories: Vec<Facet<Category>>,
    /// Publics (`public`).
    pub publics: Vec<Facet<String>>,
    /// Services (`service`).
    pub services: Vec<Facet<String>>,
    /// Stages (`stade`).
    pub stages: Vec<Facet<Stage>>,
    /// RSE axes (`rse`).
    pub axes: Vec<Facet<String>>,
    /// Order (`tri`).
    pub sort: Sort,
    /// The commune typed for the distance (`autour`).
    pub around: String,
    /// The commune understood: "Guéret (Creuse)".
    pub around_found: Option<String>,
    /// True when a commune was typed and not found.
    pub around_unknown: bool,
    /// How many campaigns answer.
    pub total: u32,
    /// How many campaigns collect in all.
    pub open_campaigns: u32,
    /// The cards of this page.
    pub cards: Vec<CampaignCard>,
    /// The pages; fewer than two hide the list.
    pub pages: Vec<PageLink>,
    /// This page, from 1.
    pub page: u32,
    /// Address of the next page.
    pub next: Option<String>,
    /// Address of the page before.
    pub previous: Option<String>,
    /// How many on a page.
    pub per_page: u32,
    /// For an empty list: campaigns in the neighbouring départements, else none.
    pub nearby: Option<Nearby>,
}

/// One box of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Facet<T> {
    /// Its code, also the value in the address.
    pub code: T,
    /// How many campaigns it holds.
    pub count: u32,
    /// True when ticked.
    pub checked: bool,
}

/// The orders of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Sort {
    /// Soonest end first.
    #[serde(rename = "fin")]
    EndingSoon,
    /// Least missing for the minimum first.
    #[serde(rename = "manque")]
    ToComplete,
    /// Strongest match first.
    #[serde(rename = "abondement")]
    Match,
    /// Newest first.
    #[serde(rename = "recent")]
    Newest,
    /// Nearest to `autour` first.
    #[serde(rename = "distance")]
    Distance,
    /// Best answer to the search first.
    #[serde(rename = "pertinence")]
    Relevance,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 6] = [
        Self::EndingSoon,
        Self::ToComplete,
        Self::Match,
        Self::Newest,
        Self::Distance,
        Self::Relevance,
    ];

    /// The value in the address.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::EndingSoon => "fin",
            Self::ToComplete => "manque",
            Self::Match => "abondement",
            Self::Newest => "recent",
            Self::Distance => "distance",
            Self::Relevance => "pertinence",
        }
    }

    /// The order of a value.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.code() == code)
    }
}

/// A page of results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PageLink {
    /// Its number, from 1.
    pub number: u32,
    /// Its address with all filters.
    pub href: String,
    /// True for this page.
    pub current: bool,
}

/// Campaigns next door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Nearby {
    /// How many.
    pub count: u32,
    /// Names of the départements: "Cantal", "Aveyron".
    pub departements: Vec<String>,
    /// The list that shows them.
    pub href: String,
}

impl Page for Campaigns {
    const TEMPLATE: &'static str = "campaigns";

    fn title(&self) -> String {
        match (self.total, self.page) {
            (0, _) => String::from("Aucune campagne avec ces filtres"),
            (_, 1) => String::from("Campagnes"),
            (_, page) => format!("Campagnes, page {page}"),
        }
    }

    fn nav(&self) -> Nav {
        Nav::Campaigns
    }

    fn indexed(&self) -> bool {
        self.total > 0 && self.q.is_empty() && self.page == 1
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::lists()
    }
}
