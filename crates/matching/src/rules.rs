//! A rule set is data: immutable, versioned, dated. It says who is matched and how much.

use domain::{
    BasisPoints, Cents, UtcSeconds,
    campaign::{Category, Stage},
    ids::{CampaignId, PotId},
};
use serde::{Deserialize, Serialize};

use crate::{
    case::{Campaign, Donor, DonorKind, GiftKind, Holder},
    explain::WhyNot,
    line::RuleRef,
    read,
};

/// When and how a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// At once, first come, first served.
    FirstCome,
    /// When the campaign has reached its threshold.
    Threshold,
    /// Shared in proportion when the round closes.
    ProRata,
    /// Shared by the number of donors when the round closes.
    Quadratic,
}

/// How several bonuses combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The largest multiplier.
    #[default]
    Max,
    /// What each adds to the base rate, together.
    Sum,
    /// All multipliers, one after the other.
    Product,
}

/// Conditions; an absent or empty one holds for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Territory codes of any level.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<String>,
    /// Campaigns by name.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub campaigns: Vec<CampaignId>,
    /// In a rural zone, or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rural: Option<bool>,
    /// In a priority territory, or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_territory: Option<bool>,
    /// Pathways.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// Stages.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// One of these publics.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub publics_any: Vec<String>,
    /// Kinds of holder.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub holder_types: Vec<String>,
    /// Kinds of donor.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub donor_kinds: Vec<DonorKind>,
    /// Kinds of gift; for eligibility, absent means money only.
    #[serde(deserialize_with = "read::or_default", skip_serializing_if = "Vec::is_empty")]
    pub donation_kinds: Vec<GiftKind>,
}

/// The limits of a rule, all optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// Net cents below which a gift is not matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_donation: Option<Cents>,
    /// Cents of one gift that may be matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_donation_base_cap: Option<Cents>,
    /// Cents of one donor group's gifts to one campaign that may be matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_donor_campaign_base_cap: Option<Cents>,
    /// Match cents for one donor group, over all campaigns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_donor_match_cap: Option<Cents>,
    /// Match cents for one campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_campaign_match_cap: Option<Cents>,
    /// Match for one campaign, as a share of its goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_campaign_goal_share_bps: Option<BasisPoints>,
}

/// A multiplier on the rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bonus {
    /// Its name.
    pub id: String,
    /// When it holds.
    pub when: When,
    /// 20 000 doubles the rate.
    pub multiplier_bps: BasisPoints,
}

/// What a reached threshold gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Award {
    /// The lines drawn for each gift become firm.
    PerGift,
    /// One amount for the campaign.
    LumpSum,
}

/// What a campaign must reach by its close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Cents of eligible gifts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// Eligible gifts as a share of the goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_share_bps: Option<BasisPoints>,
    /// Distinct donor groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_donors: Option<i64>,
    /// What it then gives.
    pub award: Award,
    /// Cents of a lump sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award_amount: Option<Cents>,
}

/// The settings of a quadratic round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quadratic {
    /// Cents that bound what one pair of donor groups can weigh.
    pub pair_bound: Option<Cents>,
    /// Share out the whole pot even when the round does not fill it.
    #[serde(deserialize_with = "read::or_default")]
    pub scale_up: bool,
    /// The most one campaign may take, as a share of what is available.
    pub pot_share_max_bps: Option<BasisPoints>,
}

/// One immutable version of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The rule; counters run over all its versions.
    pub id: String,
    /// From 1.
    pub version: i64,
    /// The pot it gives from; the same for all versions.
    pub pot: PotId,
    /// Order among the rules of the pot; ties go by name.
    #[serde(default, deserialize_with = "read::or_default")]
    pub rank: i64,
    /// What people read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_fr: Option<String>,
    /// The text it stands on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// When it was published, never after it takes effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<UtcSeconds>,
    /// When and how it gives.
    pub mode: Mode,
    /// In force from this instant on.
    pub effective_from: UtcSeconds,
    /// Until this instant, itself not included.
    #[serde(default)]
    pub effective_to: Option<UtcSeconds>,
    /// The rate; 10 000 gives one euro for one euro.
    pub rate_bps: BasisPoints,
    /// The rate is never above it.
    #[serde(default)]
    pub rate_cap_bps: Option<BasisPoints>,
    /// How bonuses combine.
    #[serde(default, deserialize_with = "read::or_default")]
    pub combine: Combine,
    /// Who is matched.
    #[serde(default, deserialize_with = "read::or_default")]
    pub eligibility: When,
    /// Multipliers of the rate.
    #[serde(default, deserialize_with = "read::or_default")]
    pub bonuses: Vec<Bonus>,
    /// Limits.
    #[serde(default, deserialize_with = "read::or_default")]
    pub caps: Caps,
    /// Mode `threshold` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// Mode `quadratic` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quadratic: Option<Quadratic>,
    /// Lines that found too little draw again when the campaign closes.
    #[serde(default, deserialize_with = "read::or_default")]
    pub rematch_at_close: bool,
}

/// Whom conditions are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Its holder.
    pub holder: &'a Holder,
    /// Who gives.
    pub donor: &'a Donor,
    /// What is given.
    pub kind: GiftKind,
}

fn shares<T: PartialEq>(asked: &[T], held: &[T]) -> bool {
    asked.is_empty() || asked.iter().any(|value| held.contains(value))
}

impl When {
    /// The first condition on the campaign or its holder that does not hold.
    #[must_use]
    pub fn campaign_bar(&self, campaign: &Campaign, holder: &Holder) -> Option<WhyNot> {
        let same = |asked: Option<bool>, is: bool| asked.is_none_or(|asked| asked == is);
        let checks = [
            (shares(&self.territories, campaign.codes()), WhyNot::Territories),
            (shares(&self.campaigns, std::slice::from_ref(&campaign.id)), WhyNot::Campaigns),
            (same(self.rural, campaign.rural), WhyNot::Rural),
            (same(self.priority_territory, campaign.priority_territory), WhyNot::PriorityTerritory),
            (shares(&self.categories, &[campaign.category]), WhyNot::Categories),
            (shares(&self.stages, &[campaign.stage]), WhyNot::Stages),
            (shares(&self.publics_any, &campaign.publics), WhyNot::PublicsAny),
            (shares(&self.holder_types, std::slice::from_ref(&holder.kind)), WhyNot::HolderTypes),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, why)| why)
    }

    /// The first condition that does not hold.
    #[must_use]
    pub fn bar(&self, subject: &Subject<'_>) -> Option<WhyNot> {
        let of_campaign = self.campaign_bar(subject.campaign, subject.holder);
        of_campaign.or_else(|| self.donor_bar(subject))
    }

    /// The first condition on the donor or the kind of gift that does not hold.
    fn donor_bar(&self, subject: &Subject<'_>) -> Option<WhyNot> {
        if !shares(&self.donor_kinds, &[subject.donor.kind]) {
            Some(WhyNot::DonorKinds)
        } else if !shares(&self.donation_kinds, &[subject.kind]) {
            Some(WhyNot::DonationKinds)
        } else {
            None
        }
    }
}

impl RuleSet {
    /// Its name and version.
    #[must_use]
    pub fn reference(&self) -> RuleRef {
        RuleRef { id: self.id.clone(), version: self.version }
    }

    /// True when its window holds this instant.
    #[must_use]
    pub fn is_in_force(&self, at: UtcSeconds) -> bool {
        self.effective_from <= at && self.effective_to.is_none_or(|end| at < end)
    }

    /// True when it answers each gift as it comes.
    #[must_use]
    pub fn answers_gifts(&self) -> bool {
        match self.mode {
            Mode::FirstCome => true,
            Mode::Threshold => self.threshold.as_ref().is_some_and(|t| t.award == Award::PerGift),
            Mode::ProRata | Mode::Quadratic => false,
        }
    }

    /// True when it shares its pot between the gifts of its window, when that closes.
    #[must_use]
    pub const fn is_round(&self) -> bool {
        matches!(self.mode, Mode::ProRata | Mode::Quadratic)
    }

    /// Why a gift of these net cents is not matched, or nothing when it is.
    #[must_use]
    pub fn bar(&self, subject: &Subject<'_>, net: Cents) -> Option<WhyNot> {
        if subject.donor.group() == subject.holder.undertaking() {
            return Some(WhyNot::OwnMoney);
        }
        let of_campaign = self.eligibility.campaign_bar(subject.campaign, subject.holder);
        of_campaign.or_else(|| self.gift_bar(subject, net))
    }

    /// The same on a campaign that is eligible, for a donor who is not its holder.
    pub(crate) fn gift_bar(&self, subject: &Subject<'_>, net: Cents) -> Option<WhyNot> {
        if let Some(why) = self.eligibility.donor_bar(subject) {
            return Some(why);
        }
        if self.eligibility.donation_kinds.is_empty() && subject.kind != GiftKind::Cash {
            return Some(WhyNot::DonationKinds);
        }
        self.caps.min_donation.filter(|least| net < *least).map(|_| WhyNot::MinDonation)
    }
}

/// The rules of a pot that may decide at an instant: of each id the highest version in force, in
/// (`rank`, `id`) order.
#[must_use]
pub fn in_force<'a>(
    rules: impl IntoIterator<Item = &'a RuleSet>,
    at: UtcSeconds,
) -> Vec<&'a RuleSet> {
    let mut highest: std::collections::BTreeMap<&str, &RuleSet> = std::collections::BTreeMap::new();
    for rule in rules.into_iter().filter(|rule| rule.is_in_force(at)) {
        let slot = highest.entry(&rule.id).or_insert(rule);
        if slot.version < rule.version {
            *slot = rule;
        }
    }
    let mut rules: Vec<&RuleSet> = highest.into_values().collect();
    rules.sort_by_key(|rule| (rule.rank, &rule.id));
    rules
}
