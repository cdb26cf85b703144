//! A campaign becomes public: its facts are frozen, and the earmarks that it fits are noted.

use domain::{campaign::CampaignStatus, ids::OrganisationId};
use matching::case::Campaign;
use store::{
    campaigns::{self, CampaignRow},
    desk::find,
    need,
    people::{self, Organisation},
    pots, waterfall,
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
    /// Publishes campaigns, all or none. Whether they are rural, or in a priority neighbourhood, is
    /// what the newest table of the fund says of their commune, once there is one. That of a
    /// suspended organisation takes no gift until the suspension is lifted.
    ///
    /// # Errors
    /// When a slug is taken, facts cannot be read, or the database refuses.
    pub async fn publish_campaigns(&self, new: &[NewCampaign]) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        // A tranche that is opened meanwhile would not be noted: pots come first in the one order.
        waterfall::hold(&mut tx).await?;
        for one in new {
            people::add_organisations(&mut tx, std::slice::from_ref(&one.holder)).await?;
            let holder = OrganisationId::new(one.holder.id.clone());
            let known = find::lock_organisation(&mut tx, &holder).await?;
            let mut campaign = one.campaign.clone();
            let flags = need::flags_of(&mut tx, &campaign.commune).await?;
            if let Some(flags) = flags {
                campaign.facts["rural"] = flags.rural.into();
                campaign.facts["priority_territory"] = flags.priority.into();
            }
            if known.is_some_and(|known| known.suspended_at.is_some()) {
                CampaignStatus::Suspended.code().clone_into(&mut campaign.status);
            }
            campaigns::add(&mut tx, &campaign, &one.places).await?;
            if let Some(flags) = flags {
                need::note_flags(&mut tx, &campaign.campaign(), flags.version).await?;
            }
            let facts: Campaign = serde_json::from_value(campaign.facts)?;
            pots::note_fits(&mut tx, &facts).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
