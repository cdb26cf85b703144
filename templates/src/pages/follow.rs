//! Following a project: confirm, stop, start again. The link of a letter opens the page; only its
//! button changes something, so that a mail scanner that opens links changes nothing.

use serde::Serialize;

use super::{Page, samples};

/// A follower's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Follow {
    /// Where it stands.
    pub step: FollowStep,
    /// Address of the campaign.
    pub slug: String,
    /// Its title.
    pub campaign: String,
    /// Where the button posts.
    pub action: String,
}

/// Steps of following.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowStep {
    /// The address was taken: a letter asks for confirmation. Same words if it was known already.
    Asked,
    /// The button confirms.
    ConfirmAsk,
    /// Confirmed.
    Confirmed,
    /// The button stops the news.
    StopAsk,
    /// Stopped.
    Stopped,
    /// The link is unknown or too old.
    Unknown,
}

impl Page for Follow {
    const TEMPLATE: &'static str = "follow";

    fn title(&self) -> String {
        String::from(match self.step {
            FollowStep::Asked => "Vérifiez votre messagerie",
            FollowStep::ConfirmAsk => "Suivre un projet",
            FollowStep::Confirmed => "Vous suivez ce projet",
            FollowStep::StopAsk => "Ne plus recevoir les actualités",
            FollowStep::Stopped => "Vous ne recevrez plus d’actualités",
            FollowStep::Unknown => "Lien inconnu ou expiré",
        })
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::follows()
    }
}
