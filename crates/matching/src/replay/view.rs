//! What the state shows to a decision.

use domain::{Cents, UtcSeconds, ids::CampaignId, ids::PotId};

use super::state::State;
use crate::{
    case::Aid,
    draw::{AidWindow, Held, Rooms},
    exact::{Overflow, minus},
    rules::RuleSet,
    snapshot::{PotSnapshot, Snapshot, Usage},
    tranche::Tranche,
};

impl State {
    /// Cents left in a tranche; negative in a shortfall.
    pub(super) fn left(&self, pot: &PotId, tranche: &Tranche) -> Result<Cents, Overflow> {
        minus(tranche.amount, self.counters.tranche_used(pot, &tranche.id))
    }

    /// The tranches of a pot with what is left in each.
    pub(super) fn tranches(&self, pot: &PotId) -> Result<Vec<(Tranche, Cents)>, Overflow> {
        let tranches = self.pot(pot).tranches.iter();
        tranches.map(|tranche| Ok((tranche.clone(), self.left(pot, tranche)?))).collect()
    }

    /// Cents left in the envelope of a territory; none when the pot has no envelopes.
    pub(super) fn envelope_left(
        &self,
        pot: &PotId,
        territory: &str,
    ) -> Result<Option<Cents>, Overflow> {
        let Some(envelopes) = &self.pot(pot).envelopes else { return Ok(None) };
        let envelope = envelopes.get(territory).copied().unwrap_or_default();
        minus(envelope, self.counters.envelope_used(pot, territory)).map(Some)
    }

    fn undertaking_aid(&self, undertaking: &str) -> Vec<Aid> {
        let members = self.holders.values().filter(|h| h.undertaking() == undertaking);
        members.flat_map(|holder| holder.de_minimis.iter().cloned()).collect()
    }

    /// What is left of the co-funding rooms of a campaign.
    pub(super) fn rooms(&self, campaign: &CampaignId, at: UtcSeconds) -> Result<Rooms, Overflow> {
        let holder = self.holder_of(campaign);
        let held = Held {
            eu: self.counters.eu(campaign),
            public: self.counters.public(campaign),
            undertaking: self.counters.undertaking(holder.undertaking()),
        };
        let declared = self.undertaking_aid(holder.undertaking());
        let aid = AidWindow { declared: &declared, at };
        Rooms::left(&self.settings, &self.project(campaign).campaign, holder, &held, &aid)
    }

    /// All that a decision about a gift may look at.
    pub(super) fn snapshot(
        &self,
        campaign: &CampaignId,
        donor: &str,
        at: UtcSeconds,
    ) -> Result<Snapshot, Overflow> {
        let donor = self.donor(donor);
        let holder = self.holder_of(campaign);
        let mut pots = Vec::new();
        for (id, pot) in &self.pots {
            let usage = |rule: &RuleSet| {
                let usage = Usage {
                    donor_campaign_base_used: self.counters.donor_base(
                        &rule.id,
                        donor.group(),
                        campaign,
                    ),
                    donor_match: self.counters.donor_match(&rule.id, donor.group()),
                    campaign_match: self.counters.campaign_match(&rule.id, campaign),
                };
                (rule.id.clone(), usage)
            };
            pots.push(PotSnapshot {
                id: id.clone(),
                order: pot.order,
                tranches: self.tranches(id)?,
                envelope_left: self
                    .envelope_left(id, &self.project(campaign).campaign.territory)?,
                rule_sets: pot.rules.clone(),
                usage: pot.rules.iter().map(usage).collect(),
            });
        }
        Ok(Snapshot {
            at,
            settings: self.settings.clone(),
            campaign: self.project(campaign).campaign.clone(),
            holder: holder.clone(),
            donor: donor.clone(),
            eu_drawn: self.counters.eu(campaign),
            public_drawn: self.counters.public(campaign),
            undertaking_public_drawn: self.counters.undertaking(holder.undertaking()),
            undertaking_aid: self.undertaking_aid(holder.undertaking()),
            pots,
        })
    }
}
