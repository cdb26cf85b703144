//! What a decision returns: one line per pot that answered.

use std::{fmt, str::FromStr};

use domain::{BasisPoints, Cents, coded, ids::PotId};
use serde::{Deserialize, Serialize};

use crate::explain::Explanation;

/// One version of a rule set, written `national@2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleRef {
    /// The rule set.
    pub id: String,
    /// Its version, from 1.
    pub version: i64,
}

impl fmt::Display for RuleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

impl From<RuleRef> for String {
    fn from(rule: RuleRef) -> Self {
        rule.to_string()
    }
}

/// The text is not `id@version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a rule set and its version like national@2")]
pub struct NotARuleRef;

impl FromStr for RuleRef {
    type Err = NotARuleRef;

    fn from_str(text: &str) -> Result<Self, NotARuleRef> {
        let (id, version) = text.rsplit_once('@').ok_or(NotARuleRef)?;
        let version = version.parse().map_err(|_| NotARuleRef)?;
        Ok(Self { id: id.to_owned(), version })
    }
}

impl TryFrom<String> for RuleRef {
    type Error = NotARuleRef;

    fn try_from(text: String) -> Result<Self, NotARuleRef> {
        text.parse()
    }
}

coded!(
    /// Where a line stands.
    LineState {
        /// Given, unless the gift goes back.
        Firm = "firm",
        /// Waits for the threshold, tested when the campaign closes.
        Conditional = "conditional",
        /// Paid to the holder.
        Settled = "settled",
    }
);

coded!(
    /// What kept a line from giving more.
    Binding {
        /// Nothing: the whole gift was matched at the whole rate.
        None = "none",
        /// The cap on the base of one gift.
        DonationBase = "donation_base",
        /// The cap on the base of one donor and campaign.
        DonorBase = "donor_base",
        /// The cap on the whole match of a gift.
        Leverage = "leverage",
        /// The cap on the match of one donor.
        DonorCap = "donor_cap",
        /// The cap on the match of one campaign.
        CampaignCap = "campaign_cap",
        /// The cap as a share of the goal.
        GoalShare = "goal_share",
        /// The envelope of the territory.
        Envelope = "envelope",
        /// EU money on eligible cost.
        EuCeiling = "eu_ceiling",
        /// Public money on eligible cost.
        PublicCeiling = "public_ceiling",
        /// The own share of a local authority that invests.
        OwnShare = "own_share",
        /// Aid to one undertaking.
        DeMinimis = "de_minimis",
        /// The pot has no more money that fits.
        Pot = "pot",
        /// One campaign's share of a round's pot.
        PotShare = "pot_share",
        /// The gift went back.
        Released = "released",
        /// The threshold was missed.
        Threshold = "threshold",
        /// The round shared too little among all.
        ProRata = "pro_rata",
        /// The final cost lowered a ceiling.
        FinalCost = "final_cost",
    }
);

/// Cents drawn from one tranche.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source<T = String> {
    /// The tranche, in the pot of the line.
    pub tranche: T,
    /// Cents.
    pub amount: Cents,
}

/// A pot's answer to one gift. Pot, rule and tranches go by name, or by number where many lines
/// are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line<P = PotId, R = RuleRef, T = String> {
    /// The pot.
    pub pot: P,
    /// The rule that decided.
    pub rule_set: R,
    /// Where it stands.
    pub state: LineState,
    /// The rate, bonuses and cap applied.
    pub rate_bps: BasisPoints,
    /// Gift money that may be matched, in cents.
    pub base: Cents,
    /// The match at the whole rate, in cents.
    pub want: Cents,
    /// The match given, in cents.
    pub granted: Cents,
    /// What kept it from giving more.
    pub binding: Binding,
    /// Gift money this grant consumed, in cents.
    pub base_used: Cents,
    /// Which cap lowered the base, if one did.
    #[serde(default)]
    pub reducer: Option<Binding>,
    /// The tranches, in the order they were drawn.
    pub sources: Vec<Source<T>>,
}

/// The answer of all pots to one gift, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The lines, in waterfall order.
    pub lines: Vec<Line>,
    /// Why each is what it is.
    pub explanation: Explanation,
}

impl Decision {
    /// The whole match, in cents.
    #[must_use]
    pub fn granted(&self) -> Cents {
        self.lines.iter().map(|line| line.granted).sum()
    }
}
