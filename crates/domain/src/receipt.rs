//! Tax receipts: who may issue one, when, and under which number.
//!
//! Models 11580 (households, CGI art. 200); the mandate and the eligibility of the issuer are dated
//! facts (decision 1). Number without gaps per issuer and year of the gift, Paris (decision 24).

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{coded, ids::OrganisationId};

coded!(
    /// Where an organisation stands with the right to issue receipts (LPF art. L. 80 C).
    Eligibility {
        /// No receipt: acknowledgement only.
        None = "none",
        /// Declared by the organisation itself: no receipt before a proof (decision 1).
        SelfDeclared = "self_declared",
        /// A ruling was asked.
        RescritPending = "rescrit_pending",
        /// Six months of silence.
        RescritTacit = "rescrit_tacit",
        /// Ruling granted.
        RescritGranted = "rescrit_granted",
        /// Ruling refused.
        RescritRefused = "rescrit_refused",
        /// Stopped by the operator.
        Suspended = "suspended",
        /// State, local authority, public establishment.
        PublicBody = "public_body",
    }
);

impl Eligibility {
    /// True when the right is proven.
    #[must_use]
    pub const fn is_proven(self) -> bool {
        matches!(self, Self::RescritTacit | Self::RescritGranted | Self::PublicBody)
    }
}

/// The dated facts about an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerRight {
    /// Where it stands.
    pub eligibility: Eligibility,
    /// First day of the right.
    pub eligible_from: Option<Date>,
    /// Day the mandate to the platform was signed.
    pub mandate_signed_on: Option<Date>,
    /// The signature of its representative is kept, to be printed.
    pub signature_kept: bool,
}

impl IssuerRight {
    /// Whether receipts may be issued for the gifts of a day, else the first reason why not.
    ///
    /// # Errors
    /// The reason.
    pub fn on(&self, day: Date) -> Result<(), NoReceipt> {
        let began = |first: Option<Date>| first.is_some_and(|first| first <= day);
        if !self.eligibility.is_proven() || !began(self.eligible_from) {
            Err(NoReceipt::IssuerNotEligible)
        } else if !began(self.mandate_signed_on) {
            Err(NoReceipt::NoMandate)
        } else if !self.signature_kept {
            Err(NoReceipt::NoSignature)
        } else {
            Ok(())
        }
    }
}

/// All that decides whether a receipt is due now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptCase {
    /// Facts about the organisation that receives the gift.
    pub right: IssuerRight,
    /// Civil date of the gift in Paris.
    pub gift_date: Date,
    /// The donor asked for one and gave name and address.
    pub wanted: bool,
    /// The gift is captured, and cleared when it is a debit.
    pub money_is_here: bool,
    /// Nothing refunded in full nor disputed.
    pub stands: bool,
    /// False for an all-or-nothing campaign that has not reached its minimum.
    pub minimum_settled: bool,
}

coded!(
    /// Why there is no receipt (yet).
    NoReceipt {
        /// The donor wants none.
        NotWanted = "not_wanted",
        /// The organisation has no proven right at that date.
        IssuerNotEligible = "issuer_not_eligible",
        /// The organisation gave the platform no mandate.
        NoMandate = "no_mandate",
        /// The organisation's signature is not here yet.
        NoSignature = "no_signature",
        /// Captured and cleared later.
        MoneyNotCleared = "money_not_cleared",
        /// Refunded or disputed.
        GiftReversed = "gift_reversed",
        /// All or nothing, minimum not reached.
        MinimumNotReached = "minimum_not_reached",
    }
);

impl ReceiptCase {
    /// Whether a receipt is due, else the first reason why not.
    ///
    /// # Errors
    /// The reason.
    pub fn decide(&self) -> Result<(), NoReceipt> {
        if !self.wanted {
            return Err(NoReceipt::NotWanted);
        }
        self.right.on(self.gift_date)?;
        if !self.stands {
            Err(NoReceipt::GiftReversed)
        } else if !self.money_is_here {
            Err(NoReceipt::MoneyNotCleared)
        } else if !self.minimum_settled {
            Err(NoReceipt::MinimumNotReached)
        } else {
            Ok(())
        }
    }
}

/// `ORG-2026-000001`: issuer code, year of the gift in Paris, rank without gaps.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReceiptNumber {
    /// Who issues.
    pub issuer: OrganisationId,
    /// Year of the gift.
    pub year: i32,
    /// Rank in that year, from 1.
    pub rank: i64,
}

impl std::fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{:06}", self.issuer.as_str().to_uppercase(), self.year, self.rank)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn case() -> ReceiptCase {
        ReceiptCase {
            right: IssuerRight {
                eligibility: Eligibility::RescritGranted,
                eligible_from: Some(date!(2025 - 03 - 01)),
                mandate_signed_on: Some(date!(2026 - 01 - 01)),
                signature_kept: true,
            },
            gift_date: date!(2026 - 11 - 24),
            wanted: true,
            money_is_here: true,
            stands: true,
            minimum_settled: true,
        }
    }

    #[test]
    fn a_receipt_needs_every_condition() {
        assert_eq!(case().decide(), Ok(()));
        let with = |change: fn(&mut ReceiptCase)| {
            let mut changed = case();
            change(&mut changed);
            changed.decide()
        };
        assert_eq!(with(|c| c.wanted = false), Err(NoReceipt::NotWanted));
        assert_eq!(
            with(|c| c.right.eligibility = Eligibility::SelfDeclared),
            Err(NoReceipt::IssuerNotEligible)
        );
        assert_eq!(
            with(|c| c.right.eligible_from = Some(date!(2027 - 01 - 01))),
            Err(NoReceipt::IssuerNotEligible)
        );
        assert_eq!(with(|c| c.right.mandate_signed_on = None), Err(NoReceipt::NoMandate));
        assert_eq!(with(|c| c.right.signature_kept = false), Err(NoReceipt::NoSignature));
        assert_eq!(with(|c| c.money_is_here = false), Err(NoReceipt::MoneyNotCleared));
        assert_eq!(with(|c| c.stands = false), Err(NoReceipt::GiftReversed));
        assert_eq!(with(|c| c.minimum_settled = false), Err(NoReceipt::MinimumNotReached));
    }

    #[test]
    fn the_number_names_issuer_year_and_rank() {
        let number = ReceiptNumber { issuer: OrganisationId::new("org-01"), year: 2026, rank: 7 };
        assert_eq!(number.to_string(), "ORG-01-2026-000007");
    }
}
