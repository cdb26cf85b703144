//! The events of a ledger, as they are written in a file.

use std::collections::BTreeMap;

use domain::{
    BasisPoints, Cents, UtcSeconds,
    ids::{CampaignId, PotId},
    pot::Origin,
};
use serde::Deserialize;

use crate::{
    case::GiftKind,
    read,
    tranche::{Earmark, Tranche},
};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Event {
    /// Its name; the same event may be delivered twice.
    pub id: String,
    /// When it happened.
    pub at: UtcSeconds,
    /// What happened.
    pub what: What,
}

/// A gift that begins, or that one would begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGift {
    /// Name of the gift or of the quote.
    pub name: String,
    /// Who gives.
    pub donor: String,
    /// To which campaign.
    pub campaign: CampaignId,
    /// Cents.
    pub amount: Cents,
    /// Money, skills or goods.
    pub kind: GiftKind,
}

/// A tranche of a pot.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The pot.
    pub pot: PotId,
    /// The tranche.
    pub tranche: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What would a gift get?
    Quote(NewGift),
    /// Checkout opened.
    Reserve(NewGift),
    /// Reserved and captured at once.
    Give(NewGift),
    /// The payment was captured.
    Pay {
        /// The gift.
        donation: String,
        /// When the provider took the money; the time of the event when absent.
        paid_at: Option<UtcSeconds>,
    },
    /// The reservation was given up.
    Cancel(String),
    /// The bank contests the payment.
    DisputeOpen(String),
    /// The dispute was won.
    DisputeWon(String),
    /// The dispute was lost.
    DisputeLost(String),
    /// Money went back to the donor.
    Refund {
        /// The gift.
        donation: String,
        /// Cents.
        amount: Cents,
    },
    /// The holder paid back what it owed.
    Recover {
        /// The gift.
        donation: String,
        /// Cents.
        amount: Cents,
    },
    /// The reservation ends later.
    Extend {
        /// The gift.
        donation: String,
        /// The new end.
        expires_at: UtcSeconds,
    },
    /// Money came into a pot.
    Contribute {
        /// The pot.
        pot: PotId,
        /// The tranche it opens; its time is that of the event.
        tranche: Box<NewTranche>,
    },
    /// A contribution went back.
    Withdraw {
        /// The tranche.
        from: Place,
        /// Cents.
        amount: Cents,
    },
    /// Unspent money changes tranche.
    Transfer {
        /// The tranche it leaves.
        from: Place,
        /// The tranche it enters.
        to: Place,
        /// Cents.
        amount: Cents,
        /// Who signed.
        signers: Vec<String>,
    },
    /// A campaign ends.
    Close(CampaignId),
    /// A round ends.
    RoundClose {
        /// The pot.
        pot: PotId,
        /// The rule of the round.
        rule_set: String,
        /// Its version.
        version: i64,
    },
    /// Unused envelopes move on.
    Checkpoint {
        /// The pot.
        pot: PotId,
        /// Weight of each territory.
        weights: BTreeMap<String, i64>,
        /// A territory that used less gives back.
        use_threshold_bps: BasisPoints,
        /// This share of what it did not use.
        release_bps: BasisPoints,
    },
    /// Firm lines were paid to the holders.
    Settle(PotId),
    /// Sources are chosen again.
    Resource(PotId),
    /// The eligible cost is known.
    FinalCost {
        /// The campaign.
        campaign: CampaignId,
        /// The cost, in cents.
        budget: Cents,
    },
}

/// A tranche that an event opens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTranche {
    /// Its name in the pot.
    pub id: String,
    /// Allowed and forgotten: the time of the event counts.
    #[serde(default)]
    pub at: Option<UtcSeconds>,
    /// Cents.
    pub amount: Cents,
    /// Where the money comes from.
    pub origin: Origin,
    /// Who may receive it.
    #[serde(default, deserialize_with = "read::or_default")]
    pub earmark: Earmark,
    /// Closed from this instant on.
    #[serde(default)]
    pub expires_at: Option<UtcSeconds>,
    /// Who may sign for it.
    #[serde(default)]
    pub contributor: Option<String>,
    /// The donor group it never matches.
    #[serde(default)]
    pub contributor_group: Option<String>,
}

impl NewTranche {
    pub(super) fn opened(&self, at: UtcSeconds) -> Tranche {
        Tranche {
            id: self.id.clone(),
            at,
            amount: self.amount,
            origin: self.origin,
            earmark: self.earmark.clone(),
            expires_at: self.expires_at,
            contributor: self.contributor.clone(),
            contributor_group: self.contributor_group.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TrancheKey {
    Name(String),
    Whole(Box<NewTranche>),
}

/// The type of an event and all keys an event can have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    at: UtcSeconds,
    #[serde(rename = "type")]
    kind_of_event: String,
    #[serde(default)]
    quote: Option<String>,
    #[serde(default)]
    donation: Option<String>,
    #[serde(default)]
    donor: Option<String>,
    #[serde(default)]
    campaign: Option<CampaignId>,
    #[serde(default)]
    amount: Option<Cents>,
    #[serde(default)]
    kind: Option<GiftKind>,
    #[serde(default)]
    paid_at: Option<UtcSeconds>,
    #[serde(default)]
    expires_at: Option<UtcSeconds>,
    #[serde(default)]
    pot: Option<PotId>,
    #[serde(default)]
    tranche: Option<TrancheKey>,
    #[serde(default)]
    from: Option<Place>,
    #[serde(default)]
    to: Option<Place>,
    #[serde(default)]
    signers: Option<Vec<String>>,
    #[serde(default)]
    rule_set: Option<String>,
    #[serde(default)]
    version: Option<i64>,
    #[serde(default, deserialize_with = "read::unique_or_none")]
    weights: Option<BTreeMap<String, i64>>,
    #[serde(default)]
    use_threshold_bps: Option<BasisPoints>,
    #[serde(default)]
    release_bps: Option<BasisPoints>,
    #[serde(default)]
    budget: Option<Cents>,
}

fn need<T>(value: &mut Option<T>, key: &str) -> Result<T, String> {
    value.take().ok_or_else(|| format!("missing key `{key}`"))
}

impl TryFrom<Written> for Event {
    type Error = String;

    fn try_from(mut written: Written) -> Result<Self, String> {
        let what = written.what()?;
        match written.left_over() {
            Some(key) => Err(format!("key `{key}` does not belong to `{}`", written.kind_of_event)),
            None => Ok(Self { id: written.id, at: written.at, what }),
        }
    }
}

impl Written {
    fn what(&mut self) -> Result<What, String> {
        Ok(match self.kind_of_event.as_str() {
            "quote" => What::Quote(self.quoted()?),
            "reserve" => What::Reserve(self.given()?),
            "give" => What::Give(self.given()?),
            "pay" => What::Pay { donation: self.donation()?, paid_at: self.paid_at.take() },
            "cancel" => What::Cancel(self.donation()?),
            "dispute_open" => What::DisputeOpen(self.donation()?),
            "dispute_won" => What::DisputeWon(self.donation()?),
            "dispute_lost" => What::DisputeLost(self.donation()?),
            "refund" => What::Refund { donation: self.donation()?, amount: self.amount()? },
            "recover" => What::Recover { donation: self.donation()?, amount: self.amount()? },
            "extend" => What::Extend {
                donation: self.donation()?,
                expires_at: need(&mut self.expires_at, "expires_at")?,
            },
            _ => self.of_the_pot()?,
        })
    }

    fn of_the_pot(&mut self) -> Result<What, String> {
        Ok(match self.kind_of_event.as_str() {
            "contribute" => match need(&mut self.tranche, "tranche")? {
                TrancheKey::Whole(mut tranche) => {
                    tranche.at = None;
                    What::Contribute { pot: self.pot()?, tranche }
                }
                TrancheKey::Name(_) => return Err("`tranche` must be an object".to_owned()),
            },
            "withdraw" => match need(&mut self.tranche, "tranche")? {
                TrancheKey::Name(tranche) => {
                    let from = Place { pot: self.pot()?, tranche };
                    What::Withdraw { from, amount: self.amount()? }
                }
                TrancheKey::Whole(_) => return Err("`tranche` must be a name".to_owned()),
            },
            "transfer" => What::Transfer {
                from: need(&mut self.from, "from")?,
                to: need(&mut self.to, "to")?,
                amount: self.amount()?,
                signers: need(&mut self.signers, "signers")?,
            },
            "close" => What::Close(need(&mut self.campaign, "campaign")?),
            "round_close" => What::RoundClose {
                pot: self.pot()?,
                rule_set: need(&mut self.rule_set, "rule_set")?,
                version: need(&mut self.version, "version")?,
            },
            "checkpoint" => What::Checkpoint {
                pot: self.pot()?,
                weights: need(&mut self.weights, "weights")?,
                use_threshold_bps: need(&mut self.use_threshold_bps, "use_threshold_bps")?,
                release_bps: need(&mut self.release_bps, "release_bps")?,
            },
            "settle" => What::Settle(self.pot()?),
            "resource" => What::Resource(self.pot()?),
            "final_cost" => What::FinalCost {
                campaign: need(&mut self.campaign, "campaign")?,
                budget: need(&mut self.budget, "budget")?,
            },
            other => return Err(format!("unknown event type `{other}`")),
        })
    }

    fn quoted(&mut self) -> Result<NewGift, String> {
        let name = need(&mut self.quote, "quote")?;
        self.gift(name)
    }

    fn given(&mut self) -> Result<NewGift, String> {
        let name = self.donation()?;
        self.gift(name)
    }

    fn gift(&mut self, name: String) -> Result<NewGift, String> {
        Ok(NewGift {
            name,
            donor: need(&mut self.donor, "donor")?,
            campaign: need(&mut self.campaign, "campaign")?,
            amount: self.amount()?,
            kind: self.kind.take().unwrap_or_default(),
        })
    }

    fn donation(&mut self) -> Result<String, String> {
        need(&mut self.donation, "donation")
    }

    fn amount(&mut self) -> Result<Cents, String> {
        need(&mut self.amount, "amount")
    }

    fn pot(&mut self) -> Result<PotId, String> {
        need(&mut self.pot, "pot")
    }

    /// A key that the type of the event did not ask for.
    fn left_over(&self) -> Option<&'static str> {
        let keys = [
            ("quote", self.quote.is_some()),
            ("donation", self.donation.is_some()),
            ("donor", self.donor.is_some()),
            ("campaign", self.campaign.is_some()),
            ("amount", self.amount.is_some()),
            ("kind", self.kind.is_some()),
            ("paid_at", self.paid_at.is_some()),
            ("expires_at", self.expires_at.is_some()),
            ("pot", self.pot.is_some()),
            ("tranche", self.tranche.is_some()),
            ("from", self.from.is_some()),
            ("to", self.to.is_some()),
            ("signers", self.signers.is_some()),
            ("rule_set", self.rule_set.is_some()),
            ("version", self.version.is_some()),
            ("weights", self.weights.is_some()),
            ("use_threshold_bps", self.use_threshold_bps.is_some()),
            ("release_bps", self.release_bps.is_some()),
            ("budget", self.budget.is_some()),
        ];
        keys.into_iter().find(|(_, present)| *present).map(|(key, _)| key)
    }
}
