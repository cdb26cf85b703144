//! Live figures: the verbs say that a campaign or a pot changed, the doors tell who watches.

use domain::ids::CampaignId;

/// Hears that figures changed. It must not wait, and may forget.
pub trait Announce: Send + Sync {
    /// The figures of a campaign changed, and with them those of the pots.
    fn campaign_changed(&self, campaign: &CampaignId, slug: &str);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silence;

impl Announce for Silence {
    fn campaign_changed(&self, _: &CampaignId, _: &str) {}
}
