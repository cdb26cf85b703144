//! A campaign becomes public: its facts are frozen, and the earmarks that it fits are noted.

use matching::case::Campaign;
use store::{
    campaigns::{self, CampaignRow},
    people::{self, Organisation},
    pots,
};

use crate::house::Actions;

/// A campaign with its holder.
#[derive(Clone, Debug)]
pub struct NewCampaign {
    /// Who holds it; added when new.
    pub holder: Organisation,
    /// The campaign.
    pub campaign: CampaignRow,
    /// Names of its territory, for the search.
    pub places: String,
}

impl Actions {
    /// Publishes campaigns, all or none.
    ///
    /// # Errors
    /// When a slug is taken, facts cannot be read, or the database refuses.
    pub async fn publish_campaigns(&self, new: &[NewCampaign]) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        for one in new {
            people::add_organisations(&mut tx, std::slice::from_ref(&one.holder)).await?;
            campaigns::add(&mut tx, &one.campaign, &one.places).await?;
            let facts: Campaign = serde_json::from_value(one.campaign.facts.clone())?;
            pots::note_fits(&mut tx, &facts).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
