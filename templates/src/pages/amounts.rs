//! Money explained: a gift, what the fund adds, rule by rule, and what it costs after tax.

use domain::{BasisPoints, Cents, UtcSeconds, campaign::Category, pot::Origin};
use serde::Serialize;

/// What one rule adds to a gift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// Name of the rule: "Socle national".
    pub name: String,
    /// Share of the gift that it adds.
    pub rate: BasisPoints,
    /// What it adds, in cents.
    pub amount: Cents,
    /// Why it applies, a whole French sentence.
    pub sentence: String,
    /// Where its money comes from; empty when not said.
    pub funders: Vec<Origin>,
    /// What made the amount smaller than the rate says, if something did.
    pub reduced_by: Option<WhyNot>,
}

/// A rule that adds nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleNotApplied {
    /// Name of the rule.
    pub name: String,
    /// Share of the gift that it would add.
    pub rate: Option<BasisPoints>,
    /// Why it adds nothing.
    pub why: WhyNot,
    /// It adds nothing yet: its pot is shared when its round closes.
    pub at_close: bool,
}

/// What a pot gave to a campaign as a whole when it or a round closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AwardLine {
    /// Name of the rule.
    pub name: String,
    /// Cents.
    pub amount: Cents,
    /// When.
    pub given_at: UtcSeconds,
    /// It is the share of a round; else a lump sum.
    pub round: bool,
    /// What made it smaller, if something did.
    pub reduced_by: Option<WhyNot>,
}

/// Why a rule adds nothing, or less than its rate. The French sentence is in `reasons.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// The rule begins later.
    NotYetOpen {
        /// When it begins.
        opens_at: Option<UtcSeconds>,
    },
    /// The rule has ended.
    Over,
    /// The project serves another pathway.
    Category {
        /// The pathways of the rule.
        wanted: Vec<Category>,
    },
    /// The project is at another stage.
    Stage,
    /// The project serves other publics.
    Publics,
    /// The project offers other services.
    Services,
    /// The project follows another RSE axis.
    RseAxis,
    /// The project works elsewhere.
    Territory,
    /// The territory is not rural.
    NotRural,
    /// The territory is not a priority one.
    NotPriority,
    /// The need of the département is below the threshold.
    NeedTooLow,
    /// The rule is for other donors.
    DonorKind,
    /// The gift is smaller than the rule's minimum.
    GiftTooSmall {
        /// The minimum.
        minimum: Cents,
    },
    /// The pot has nothing left for this project.
    EnvelopeEmpty,
    /// The pot had less left than the rate says.
    EnvelopeShort,
    /// The cap per donor is used up, or lowered the amount.
    DonorCap {
        /// The cap, as gift money matched.
        base: Option<Cents>,
    },
    /// The cap per campaign is used up, or lowered the amount.
    CampaignCap,
    /// All rules together reached the most that a gift may bring.
    Leverage,
    /// European money reached its share of the budget.
    EuCeiling,
    /// Public money reached its share of the budget.
    PublicCeiling,
    /// Public aid to this organisation reached its ceiling over three years.
    DeMinimis,
    /// A contributor does not complete its own gifts.
    SameGroup,
    /// Another pot has answered already.
    AnsweredByAnother,
    /// The pot is shared between projects when the round closes.
    SharedAtClose {
        /// When it closes.
        closes_at: Option<UtcSeconds>,
        /// What the project would get more, were it now: at least and at most, in cents.
        gain: Option<(Cents, Cents)>,
    },
    /// The round has closed: what the gift made the pot add, in cents.
    RoundClosed {
        /// Cents.
        brought: Cents,
    },
    /// One project gets so much of the pot of a round at most.
    PotShare,
    /// All that was added to the gifts that an award counts reached the most they may bring.
    AwardLeverage,
    /// The pot of a round held less than all gifts together asked for.
    SharedShort,
    /// The campaign closed below the threshold of the rule.
    ThresholdMissed,
    /// The final cost lowered the share of public money.
    FinalCost,
    /// A sentence that the rule brings itself.
    Sentence(String),
}

impl Serialize for WhyNot {
    /// Written as the French sentence.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.sentence())
    }
}

/// A cap that is listed even when it is not reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cap {
    /// The most that the fund adds per donor and campaign.
    Donor {
        /// The most gift money each rule matches, when all rules agree.
        base: Option<Cents>,
        /// The most that all rules add together.
        most: Cents,
    },
    /// Public money as a share of the budget.
    Public {
        /// Share today.
        now: BasisPoints,
        /// Highest share.
        most: BasisPoints,
    },
    /// What the pots can still reserve for this project.
    Envelope {
        /// What is left.
        left: Cents,
    },
    /// The most that the fund adds, as a share of the gift.
    Leverage {
        /// Share of the gift.
        most: BasisPoints,
    },
}

/// The answer to one amount, computed by the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The gift, in cents.
    pub amount: Cents,
    /// What the fund adds.
    pub matched: Cents,
    /// What the gift costs after the tax reduction; nothing when no receipt can be had.
    pub cost: Option<Cents>,
    /// What each rule adds.
    pub lines: Vec<RuleLine>,
    /// The rules that add nothing.
    pub not_applied: Vec<RuleNotApplied>,
    /// The cap that lowered the match: the most that the fund adds per donor.
    pub capped_at: Option<Cents>,
    /// True when a pot has less left than the rules say: the match shown is the smaller figure.
    pub short: bool,
}

impl Preview {
    /// The gift and the match.
    #[must_use]
    pub fn received(&self) -> Cents {
        self.amount.plus(self.matched).unwrap_or(self.amount)
    }
}

/// The block that answers `/campagnes/{slug}/apercu`: no page around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PreviewFragment {
    /// The answer.
    Answer(Preview),
    /// The amount is outside the bounds.
    OutOfBounds {
        /// Smallest gift.
        min: Cents,
        /// Largest gift.
        max: Cents,
    },
    /// The amount is not a number.
    Unreadable,
    /// The campaign takes no gift now.
    Closed,
}
