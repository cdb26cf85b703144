//! Letters about a project and its campaign.

use domain::{Cents, UtcSeconds};
use serde::{Deserialize, Serialize};

/// A project as a letter names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its title, as on its page.
    pub title: String,
    /// Its page, absolute.
    pub url: String,
    /// Name of the organisation that carries it.
    pub holder: String,
}

/// How far a campaign has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Milestone {
    /// A quarter of the minimum.
    #[serde(rename = "25")]
    Quarter,
    /// Half of the minimum.
    #[serde(rename = "50")]
    Half,
    /// Three quarters of the minimum.
    #[serde(rename = "75")]
    ThreeQuarters,
    /// The minimum.
    #[serde(rename = "minimum")]
    Minimum,
    /// The optimum.
    #[serde(rename = "optimum")]
    Optimum,
}

impl Milestone {
    /// Every milestone, in order.
    pub const ALL: [Self; 5] =
        [Self::Quarter, Self::Half, Self::ThreeQuarters, Self::Minimum, Self::Optimum];

    /// The highest milestone that an amount has passed, or nothing below a quarter of the minimum.
    /// The optimum counts only when it is above the minimum.
    #[must_use]
    pub fn reached(raised: Cents, minimum: Cents, optimum: Option<Cents>) -> Option<Self> {
        let quarters = |n: i128| i128::from(raised.get()) * 4 >= i128::from(minimum.get()) * n;
        if optimum.is_some_and(|optimum| optimum > minimum && raised >= optimum) {
            Some(Self::Optimum)
        } else if quarters(4) {
            Some(Self::Minimum)
        } else if quarters(3) {
            Some(Self::ThreeQuarters)
        } else if quarters(2) {
            Some(Self::Half)
        } else if quarters(1) {
            Some(Self::Quarter)
        } else {
            None
        }
    }
}

/// Why the reader hears of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Gave to it.
    Donor,
    /// Asked for its news.
    Follower,
}

/// A campaign passed a milestone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The project.
    pub project: Project,
    /// Why the reader hears of it.
    pub reader: Reader,
    /// What was passed.
    pub milestone: Milestone,
    /// Gifts, sponsorship and match together.
    pub raised: Cents,
    /// Gifts and sponsorship.
    pub given: Cents,
    /// What the fund added.
    pub matched: Cents,
    /// The minimum of the campaign.
    pub minimum: Cents,
    /// Its optimum.
    #[serde(default)]
    pub optimum: Option<Cents>,
    /// How many people gave.
    pub donors: u64,
    /// When it ends.
    pub ends_at: UtcSeconds,
    /// True when gifts go back below the minimum.
    pub all_or_nothing: bool,
}

/// A figure of a holder's news: `Habitants accompagnés`, `236 sur 800`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What is counted.
    pub label: String,
    /// How many.
    pub value: String,
}

/// News written by the holder of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The project.
    pub project: Project,
    /// Why the reader hears of it.
    pub reader: Reader,
    /// Title of the news: the subject of the letter.
    pub title: String,
    /// The news, in Markdown as the holder typed it.
    pub text: String,
    /// Figures, if any.
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// When it was published.
    pub published_at: UtcSeconds,
    /// The news on the page of the project.
    pub update_url: String,
}

/// Confirm that one wants a project's news.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowConfirm {
    /// The project.
    pub project: Project,
    /// The page that asks for the confirmation; reading it changes nothing.
    pub confirm_url: String,
    /// Until when the link works.
    pub valid_until: UtcSeconds,
}
