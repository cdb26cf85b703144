//! `/`

use domain::{Cents, UtcSeconds};
use serde::{Deserialize, Serialize};

use super::{CampaignCard, Page, Preview, samples};
use crate::layout::Nav;

/// The first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Home {
    /// The map: one cell per département. Codes that are missing get the lowest class.
    pub map: Vec<MapCell>,
    /// The département chosen in the list below the map, a code.
    pub departement: Option<String>,
    /// The pots.
    pub pot: PotFigures,
    /// True when `/flux/pot` can be opened.
    pub live: bool,
    /// Up to three campaigns to complete.
    pub urgent: Vec<CampaignCard>,
    /// How many campaigns collect now.
    pub open_campaigns: u32,
    /// What 20 € become in a real campaign; nothing when none collects.
    pub example: Option<HomeExample>,
}

/// The class of a département on the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MapCell {
    /// Code of the département.
    pub code: String,
    /// From 0, lowest need, to 4.
    pub class: u8,
}

/// The four live figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PotFigures {
    /// What the pots can still add.
    pub available: Cents,
    /// Given by citizens this year.
    pub given: Cents,
    /// Added by the fund to these gifts.
    pub matched: Cents,
    /// Projects funded.
    pub projects: u32,
    /// In how many départements.
    pub departements: u32,
    /// When these figures were read.
    pub at: UtcSeconds,
}

/// An example that balances to the cent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HomeExample {
    /// Address of the campaign.
    pub slug: String,
    /// Name of its département.
    pub departement_name: String,
    /// The gift, the match, its lines, the cost after tax.
    pub preview: Preview,
}

impl Page for Home {
    const TEMPLATE: &'static str = "home";

    fn title(&self) -> String {
        String::from("Votre don n’arrive pas seul")
    }

    fn nav(&self) -> Nav {
        Nav::Home
    }

    fn indexed(&self) -> bool {
        true
    }

    fn linked_data(&self, base_url: &str) -> Option<serde_json::Value> {
        Some(serde_json::json!({
            "@context": "https://schema.org",
            "@type": "WebSite",
            "name": "Essaim",
            "url": format!("{base_url}/"),
            "inLanguage": "fr",
            "potentialAction": {
                "@type": "SearchAction",
                "target": format!("{base_url}/campagnes?q={{terme}}"),
                "query-input": "required name=terme",
            },
        }))
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::home()
    }
}
