//! The chart of accounts (decision 21). The dimension is in the id:
//! `campaign_payable:demo-01:gift`.

use std::fmt;

use domain::{
    ids::{CampaignId, PotId},
    pot::Origin,
};

/// Where a campaign's money comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// Gifts of donors.
    Gift,
    /// Sponsorship of companies.
    Sponsor,
    /// The fund's match, once settled.
    Match,
}

/// A tranche is named by its pot and its own id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrancheRef {
    /// The pot.
    pub pot: PotId,
    /// The tranche in it.
    pub tranche: String,
}

/// An account of the books.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Asset: at the provider, not yet available. `platform` is the fund's own account there.
    PspPending(String),
    /// Asset: at the provider, available.
    PspAvailable(String),
    /// Asset: at the bank, per money origin.
    Bank(Origin),
    /// Asset: what a holder owes back.
    CampaignReceivable(CampaignId),
    /// Asset: a contribution taken back after use, carried by the fund.
    PotReceivable(TrancheRef),
    /// Asset: what a contributor guaranteed by an agreement and has not paid yet.
    ContributorReceivable(i64),
    /// Liability: owed to a campaign's holder.
    CampaignPayable(CampaignId, Share),
    /// Liability: money of a tranche, free to match.
    PotAvailable(TrancheRef),
    /// Liability: promised to gifts that were captured.
    MatchCommitted(TrancheRef),
    /// Liability: received, not yet understood.
    Unallocated,
    /// Liability: to be paid back to donors.
    RefundDue,
    /// Expense: the provider's fees, always the fund's.
    PspFees,
    /// Expense: disputes the holder could not bear.
    DisputeLosses,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |share: &Share| match share {
            Share::Gift => "gift",
            Share::Sponsor => "sponsor",
            Share::Match => "match",
        };
        match self {
            Self::PspPending(account) => write!(f, "psp:{account}:pending"),
            Self::PspAvailable(account) => write!(f, "psp:{account}:available"),
            Self::Bank(origin) => write!(f, "bank:{}", origin.code()),
            Self::CampaignReceivable(campaign) => write!(f, "campaign_receivable:{campaign}"),
            Self::PotReceivable(at) => write!(f, "pot_receivable:{}/{}", at.pot, at.tranche),
            Self::ContributorReceivable(agreement) => {
                write!(f, "contributor_receivable:{agreement}")
            }
            Self::CampaignPayable(campaign, of) => {
                write!(f, "campaign_payable:{campaign}:{}", share(of))
            }
            Self::PotAvailable(at) => write!(f, "pot_available:{}/{}", at.pot, at.tranche),
            Self::MatchCommitted(at) => write!(f, "match_committed:{}/{}", at.pot, at.tranche),
            Self::Unallocated => f.write_str("unallocated"),
            Self::RefundDue => f.write_str("refund_due"),
            Self::PspFees => f.write_str("psp_fees"),
            Self::DisputeLosses => f.write_str("dispute_losses"),
        }
    }
}
