//! `/campagnes/{slug}`

use domain::{
    BasisPoints, Cents, UtcSeconds,
    campaign::{Category, Stage},
};
use serde::{Deserialize, Serialize};

use super::{AwardLine, Page, Preview, amounts::Cap, give::Amounts, samples};
use crate::layout::Nav;

/// A campaign, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Campaign {
    /// Its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Two sentences.
    pub summary: String,
    /// The story, in Markdown as the holder typed it.
    pub story: String,
    /// Who carries it.
    pub holder: Holder,
    /// The commune.
    pub commune: String,
    /// Code of the département.
    pub departement: String,
    /// Name of the département.
    pub departement_name: String,
    /// True in a rural territory.
    pub rural: bool,
    /// True in a priority territory.
    pub priority: bool,
    /// Pathway.
    pub category: Category,
    /// Stage.
    pub stage: Stage,
    /// Codes of the publics.
    pub publics: Vec<String>,
    /// Codes of the services.
    pub services: Vec<String>,
    /// Codes of the RSE axes.
    pub axes: Vec<String>,
    /// Where it stands.
    pub state: CampaignState,
    /// The two layers.
    pub progress: Progress,
    /// True when `/campagnes/{slug}/flux` can be opened.
    pub live: bool,
    /// The calculator; nothing when the campaign takes no gift.
    pub amounts: Option<Amounts>,
    /// The example that explains the match line by line; nothing when the fund adds nothing at all
    /// or the campaign is over.
    pub example: Option<Preview>,
    /// Since when the rules of the example are in force.
    pub rules_since: Option<UtcSeconds>,
    /// Caps, also those not reached.
    pub caps: Vec<Cap>,
    /// What pots gave to the project as a whole.
    pub awards: Vec<AwardLine>,
    /// Budget.
    pub budget: Vec<BudgetLine>,
    /// Needs other than money.
    pub needs: Vec<Need>,
    /// Indicators.
    pub impact: Vec<Indicator>,
    /// Milestones of the work.
    pub milestones: Vec<Milestone>,
    /// News, newest first.
    pub updates: Vec<Update>,
    /// Where the project comes from and who carries it on.
    pub lineage: Vec<Ancestor>,
    /// Sponsors.
    pub sponsors: Vec<Sponsor>,
    /// People of the team.
    pub team: Vec<Person>,
    /// The form "follow this project".
    pub follow: SmallForm,
    /// The form "report a problem".
    pub report: SmallForm,
    /// Another campaign to look at when this one is over: slug and title.
    pub instead: Option<(String, String)>,
}

/// Who carries a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Its name.
    pub name: String,
    /// What it is, in words: "association loi 1901".
    pub form: String,
    /// Can it issue tax receipts through the platform today?
    pub receipts: bool,
    /// When its identity and statutes were checked.
    pub checked_at: Option<UtcSeconds>,
}

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CampaignState {
    /// It collects.
    Collecting {
        /// Last instant.
        ends_at: UtcSeconds,
        /// Whole days left, 0 on the last day.
        days_left: u32,
        /// True when the pots have little left for it.
        envelope_low: bool,
    },
    /// Giving is stopped by the operator on this campaign.
    Suspended,
    /// Giving is stopped on the whole site for a while.
    GivingStopped,
    /// The end date is over; the last debits are being cleared.
    LastDebits {
        /// Last instant of giving.
        ended_at: UtcSeconds,
        /// When it closes at the latest.
        closes_by: UtcSeconds,
    },
    /// Closed, and the money goes to the project.
    Succeeded {
        /// When it closed.
        closed_at: UtcSeconds,
    },
    /// Closed below its minimum: everybody is paid back.
    Failed {
        /// When it closed.
        closed_at: UtcSeconds,
    },
}

/// The two layers of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Gifts and sponsorship, in cents.
    pub gifts: Cents,
    /// Match committed to them.
    pub matched: Cents,
    /// Of the match, what does not count for the minimum: promised on condition, or added to the
    /// whole project.
    pub beside: Cents,
    /// Minimum.
    pub minimum: Cents,
    /// Optimum.
    pub optimum: Cents,
    /// How many donors.
    pub donors: u32,
    /// How many sponsors.
    pub sponsors: u32,
    /// Below the minimum everything is paid back.
    pub all_or_nothing: bool,
    /// True when the minimum counts the match (decision 27).
    pub match_counts: bool,
    /// When these figures were read.
    pub at: UtcSeconds,
}

/// A line of the budget. A line of the optimum has no minimum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BudgetLine {
    /// What it pays.
    pub label: String,
    /// Its amount within the minimum, if it belongs there.
    pub minimum: Option<Cents>,
    /// Its amount within the optimum.
    pub optimum: Cents,
}

/// Help other than money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// Of what kind.
    pub kind: NeedKind,
    /// What.
    pub label: String,
    /// How many, with the unit: "4 journées".
    pub quantity: String,
}

/// Kinds of help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    /// Skills.
    Skills,
    /// Equipment.
    Equipment,
    /// Volunteers.
    Volunteers,
    /// A place.
    Premises,
}

/// An expected or measured effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// What is counted.
    pub label: String,
    /// What is aimed at.
    pub target: u64,
    /// What one of it is called, in the plural: "démarches", "jours", "%".
    pub unit: String,
    /// What was measured, if anything yet.
    pub measured: Option<u64>,
    /// How it is measured.
    pub method: Option<String>,
}

/// A step of the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Milestone {
    /// What.
    pub title: String,
    /// Months after the end of the campaign.
    pub month: u32,
}

/// News.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Update {
    /// Its title.
    pub title: String,
    /// When it was published.
    pub at: UtcSeconds,
    /// Markdown as the holder typed it.
    pub body: String,
}

/// A project of the same family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ancestor {
    /// Its title.
    pub title: String,
    /// Name of its département.
    pub place: String,
    /// Its year.
    pub year: u32,
    /// Before, this one, after, or in preparation.
    pub link: Kinship,
    /// Its page here, if it has one.
    pub slug: Option<String>,
}

/// How two projects are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kinship {
    /// It inspired this project.
    Before,
    /// This project.
    Itself,
    /// It carries this project on.
    After,
    /// It will.
    Planned,
}

/// A sponsor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sponsor {
    /// Its name.
    pub name: String,
    /// What it brings, in words: "3 000 €, un comptable".
    pub brings: String,
}

/// Someone of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
}

/// A small form below the page: what was typed, and how it went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SmallForm {
    /// The e-mail address as typed (`courriel`).
    pub email: String,
    /// The text as typed (`message`).
    pub text: String,
    /// How it went.
    pub outcome: SmallOutcome,
}

/// How a small form went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SmallOutcome {
    /// Not sent yet.
    #[default]
    Idle,
    /// Taken.
    Sent,
    /// The address is missing or wrong.
    BadEmail,
    /// The text is missing.
    NoText,
    /// Sent too often.
    TooMany,
}

impl Progress {
    /// Gifts and match.
    #[must_use]
    pub fn gathered(&self) -> Cents {
        self.gifts.plus(self.matched).unwrap_or(self.gifts)
    }

    /// What counts towards the minimum (decision 27).
    #[must_use]
    pub fn counted(&self) -> Cents {
        let matched = self.matched.minus(self.beside).unwrap_or(self.matched);
        let both = self.gifts.plus(matched).unwrap_or(self.gifts);
        if self.match_counts { both } else { self.gifts }
    }

    /// Share of the minimum.
    #[must_use]
    pub fn of_minimum(&self) -> BasisPoints {
        crate::figures::share(self.counted(), self.minimum)
    }
}

impl Page for Campaign {
    const TEMPLATE: &'static str = "campaign";

    fn title(&self) -> String {
        self.title.clone()
    }

    fn description(&self) -> String {
        self.summary.clone()
    }

    fn nav(&self) -> Nav {
        Nav::Campaigns
    }

    fn indexed(&self) -> bool {
        !matches!(self.state, CampaignState::Suspended)
    }

    fn share_image(&self) -> Option<String> {
        Some(format!("/campagnes/{}/partage.png", self.slug))
    }

    fn linked_data(&self, base_url: &str) -> Option<serde_json::Value> {
        self.amounts.as_ref()?;
        let page = format!("{base_url}/campagnes/{}", self.slug);
        let place = format!("{}, {}", self.commune, self.departement_name);
        Some(serde_json::json!({
            "@context": "https://schema.org",
            "@type": "DonateAction",
            "name": self.title,
            "description": self.summary,
            "url": page,
            "target": format!("{page}/don"),
            "recipient": { "@type": "NGO", "name": self.holder.name },
            "location": { "@type": "Place", "name": place },
        }))
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::campaigns()
    }
}
