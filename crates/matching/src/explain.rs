//! Why a decision is what it is: each rule, each step, each cent.

use domain::{BasisPoints, Cents, UtcSeconds, ids::CampaignId, ids::PotId};
use serde::{Deserialize, Serialize};

use crate::{
    case::GiftKind,
    line::{Binding, Decision, RuleRef},
    rules::Combine,
    seal::{self, Digest, NotCanonical},
    snapshot::Snapshot,
};

/// The record of one decision, immutable, stored with its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The time of the decision.
    pub at: UtcSeconds,
    /// The campaign.
    pub campaign: CampaignId,
    /// The unit of donor caps, as the snapshot named it.
    pub donor_group: String,
    /// Net cents.
    pub amount: Cents,
    /// What was given.
    pub kind: GiftKind,
    /// The pots, in waterfall order.
    pub pots: Vec<PotExplanation>,
}

impl Explanation {
    /// SHA-256 of 0x00 and its canonical JSON.
    ///
    /// # Errors
    /// When an amount is too large to be written exactly in canonical JSON.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        seal::leaf(self)
    }
}

/// What is kept of one event, whatever came of it; every event but a quote has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The event.
    pub event: String,
    /// Its time.
    pub at: UtcSeconds,
    /// The gift, when it is about one.
    pub gift: Option<String>,
    /// The campaign as frozen: SHA-256 of its canonical JSON.
    pub campaign: Option<Digest>,
    /// Why it was refused or had no effect.
    pub refused: Option<String>,
    /// The state it was decided in: SHA-256 of the canonical JSON of the snapshot.
    pub state: Option<Digest>,
    /// Why the lines are what they are.
    pub explanation: Option<Explanation>,
    /// The lines: SHA-256 of their canonical JSON.
    pub result: Option<Digest>,
}

impl Record {
    /// The record of a decision.
    ///
    /// # Errors
    /// When an amount is too large to be written exactly in canonical JSON.
    pub fn of_decision(
        event: String,
        gift: String,
        snapshot: &Snapshot,
        decision: &Decision,
    ) -> Result<Self, NotCanonical> {
        Ok(Self {
            event,
            at: snapshot.at,
            gift: Some(gift),
            campaign: Some(seal::digest(&snapshot.campaign)?),
            refused: None,
            state: Some(seal::digest(snapshot)?),
            explanation: Some(decision.explanation.clone()),
            result: Some(seal::digest(&decision.lines)?),
        })
    }

    /// The leaf of the day's tree.
    ///
    /// # Errors
    /// When an amount is too large to be written exactly in canonical JSON.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        seal::leaf(self)
    }
}

/// One pot's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PotExplanation {
    /// The pot.
    pub pot: PotId,
    /// The rules considered, in order; the last one decided when it has no reason against it.
    pub considered: Vec<Considered>,
    /// How the line was made, when a rule decided.
    pub line: Option<LineExplanation>,
}

/// A rule that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Considered {
    /// The rule.
    pub rule_set: RuleRef,
    /// The first reason against it; none when it decided.
    pub why_not: Option<WhyNot>,
}

/// The first reason why a rule does not match a gift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// The donor belongs to the holder's undertaking.
    OwnMoney,
    /// The campaign is elsewhere.
    Territories,
    /// The campaign is not named.
    Campaigns,
    /// The rural zone does not agree.
    Rural,
    /// The priority territory does not agree.
    PriorityTerritory,
    /// Another pathway.
    Categories,
    /// Another stage.
    Stages,
    /// None of the publics.
    PublicsAny,
    /// Another kind of holder.
    HolderTypes,
    /// Another kind of donor.
    DonorKinds,
    /// Another kind of gift.
    DonationKinds,
    /// The gift is too small.
    MinDonation,
    /// The rate is zero.
    RateZero,
}

/// How a line was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineExplanation {
    /// The rule that decided.
    pub rule_set: RuleRef,
    /// What became of the base, the gift first.
    pub base: Vec<BaseStep>,
    /// What became of the rate.
    pub rate: RateSteps,
    /// Base times rate, in cents.
    pub want: Cents,
    /// Each limit and what it leaves, in order.
    pub limits: Vec<Limit>,
    /// The smallest of `want` and the limits, in cents.
    pub need: Cents,
    /// The tranches, in sourcing order.
    pub tranches: Vec<TrancheStep>,
    /// What was drawn, in cents.
    pub granted: Cents,
    /// What kept it from giving more.
    pub binding: Binding,
}

/// A step of the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaseName {
    /// The net gift.
    Gift,
    /// What earlier pots left of it.
    Residual,
    /// The cap of one gift.
    DonationBase,
    /// The cap of one donor and campaign, less what was used.
    DonorBase,
}

/// The base after a step, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseStep {
    /// The step.
    pub step: BaseName,
    /// Cents after it.
    pub base: Cents,
}

/// The rate, step by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSteps {
    /// The rule's rate.
    pub base_bps: BasisPoints,
    /// Each bonus, whether it holds.
    pub bonuses: Vec<BonusStep>,
    /// How they combine.
    pub combine: Combine,
    /// The rate with bonuses.
    pub combined_bps: BasisPoints,
    /// The rule's cap on it.
    pub cap_bps: Option<BasisPoints>,
    /// The rate applied.
    pub rate_bps: BasisPoints,
}

/// A bonus and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BonusStep {
    /// The bonus.
    pub id: String,
    /// Its multiplier.
    pub multiplier_bps: BasisPoints,
    /// Whether it holds.
    pub holds: bool,
}

/// A limit and the cents it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Which.
    pub name: Binding,
    /// Cents it leaves.
    pub left: Cents,
}

/// A tranche and what was drawn from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrancheStep {
    /// The tranche.
    pub tranche: String,
    /// Open at the time of the decision.
    pub open: bool,
    /// The campaign fits its earmark.
    pub fits: bool,
    /// Its contributor is the donor: skipped.
    pub own_money: bool,
    /// Cents it had.
    pub left: Cents,
    /// The narrowest co-funding room, for public money under a ceiling.
    pub room: Option<Limit>,
    /// Cents drawn.
    pub drawn: Cents,
}
