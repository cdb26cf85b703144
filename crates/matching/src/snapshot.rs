//! All that one decision may look at: the database can load it without replaying history.

use std::collections::BTreeMap;

use domain::{Cents, UtcSeconds, ids::PotId};
use serde::{Deserialize, Serialize};

use crate::{
    case::{Aid, Campaign, Donor, GiftKind, Holder, Settings},
    decide::View,
    rules::RuleSet,
    tranche::Tranche,
};

/// The state a gift is decided in. Expired reservations count as released in every figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The time of the decision.
    pub at: UtcSeconds,
    /// What holds for all gifts.
    pub settings: Settings,
    /// The campaign as frozen; its `budget` is the latest eligible cost.
    pub campaign: Campaign,
    /// Its holder.
    pub holder: Holder,
    /// Who gives.
    pub donor: Donor,
    /// Cents of EU money the campaign holds, over all pots, reserved included.
    pub eu_drawn: Cents,
    /// Cents of public money (EU included) the campaign holds, over all pots, reserved included.
    pub public_drawn: Cents,
    /// De minimis: cents of public money held by all campaigns of the holder's undertaking.
    pub undertaking_public_drawn: Cents,
    /// De minimis: declared aid of all holders of the undertaking, this one included.
    pub undertaking_aid: Vec<Aid>,
    /// The pots, in any order.
    pub pots: Vec<PotSnapshot>,
}

impl Snapshot {
    pub(crate) fn view(&self) -> View<'_> {
        let Self { at, settings, campaign, holder, donor, .. } = self;
        View { at: *at, settings, campaign, holder, donor }
    }
}

/// One pot as a decision sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PotSnapshot {
    /// Its name.
    pub id: PotId,
    /// Its place in the waterfall; ties go by name.
    pub order: i64,
    /// Each tranche and the cents left in it (negative in a shortfall), in any order.
    pub tranches: Vec<(Tranche, Cents)>,
    /// Cents left in the envelope of the campaign's territory; none when the pot has no envelopes.
    pub envelope_left: Option<Cents>,
    /// All rule sets of the pot, every version.
    pub rule_sets: Vec<RuleSet>,
    /// Counters by rule set id, all versions together; an absent id has used nothing.
    pub usage: BTreeMap<String, Usage>,
}

impl PotSnapshot {
    pub(crate) fn usage(&self, rule: &RuleSet) -> Usage {
        self.usage.get(&rule.id).copied().unwrap_or_default()
    }
}

/// What one rule set has already given, in cents; lines of this gift itself are not in it when the
/// gift is decided anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Gift money already matched for the donor's group on this campaign.
    pub donor_campaign_base_used: Cents,
    /// Match held by gifts of the donor's group, over all campaigns.
    pub donor_match: Cents,
    /// Match held by the campaign, awards included.
    pub campaign_match: Cents,
}

/// The gift itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiftFacts {
    /// Net cents: the amount less refunds.
    pub amount: Cents,
    /// Money, skills or goods.
    #[serde(default)]
    pub kind: GiftKind,
}
