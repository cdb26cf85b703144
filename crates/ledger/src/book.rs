//! One function per event: which account moves.

use domain::{
    Cents,
    ids::{CampaignId, GiftId},
    pot::Origin,
};
use time::OffsetDateTime;

use crate::{
    accounts::{Account, Share, TrancheRef},
    posting::{Cause, Entry, NotAPosting, Posting},
};

/// The provider's account of the fund itself: fees fall there.
pub const PLATFORM: &str = "platform";

/// A gift whose money the provider has taken, on the holder's connected account.
#[derive(Clone, Debug)]
pub struct Captured {
    /// The gift.
    pub gift: GiftId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The holder's account at the provider.
    pub account: String,
    /// What was taken, in cents.
    pub amount: Cents,
    /// When, UTC.
    pub at: OffsetDateTime,
}

/// Money that goes back from a holder's account to a donor.
#[derive(Clone, Debug)]
pub struct GoneBack {
    /// The refund or dispute.
    pub cause: Cause,
    /// The campaign.
    pub campaign: CampaignId,
    /// The holder's account at the provider.
    pub account: String,
    /// How much, in cents.
    pub amount: Cents,
    /// When, UTC.
    pub at: OffsetDateTime,
}

/// A draw from a tranche.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Where from.
    pub from: TrancheRef,
    /// How much, in cents.
    pub amount: Cents,
}

fn of_tranche(place: &TrancheRef) -> Cause {
    Cause { kind: "tranche", id: format!("{}/{}", place.pot, place.tranche) }
}

/// The cause that a gift is.
#[must_use]
pub fn of_gift(gift: GiftId) -> Cause {
    Cause { kind: "gift", id: gift.to_string() }
}

/// The provider took a gift: it is owed to the campaign.
///
/// # Errors
/// When the amount is zero.
pub fn gift_captured(gift: &Captured) -> Result<Posting, NotAPosting> {
    let payable = Account::CampaignPayable(gift.campaign.clone(), Share::Gift);
    let entries = moved(Account::PspPending(gift.account.clone()), payable, gift.amount)?;
    Posting::new(of_gift(gift.gift), "gift_captured", gift.at, entries)
}

/// The provider's fee for a payment, borne by the fund (decision 4).
///
/// # Errors
/// When the fee is zero.
pub fn fee_charged(cause: Cause, fee: Cents, at: OffsetDateTime) -> Result<Posting, NotAPosting> {
    let entries = moved(Account::PspFees, Account::PspPending(PLATFORM.to_owned()), fee)?;
    Posting::new(cause, "fee_charged", at, entries)
}

/// A contribution arrives and may match gifts.
///
/// # Errors
/// When the amount is zero.
pub fn contribution_received(
    into: TrancheRef,
    origin: Origin,
    amount: Cents,
    at: OffsetDateTime,
) -> Result<Posting, NotAPosting> {
    let cause = of_tranche(&into);
    let entries = moved(Account::Bank(origin), Account::PotAvailable(into), amount)?;
    Posting::new(cause, "contribution_received", at, entries)
}

/// A contribution is guaranteed, hence may match gifts; its contributor owes it.
///
/// # Errors
/// When the amount is zero.
pub fn contribution_guaranteed(
    into: TrancheRef,
    agreement: i64,
    amount: Cents,
    at: OffsetDateTime,
) -> Result<Posting, NotAPosting> {
    let cause = of_tranche(&into);
    let owed = Account::ContributorReceivable(agreement);
    let entries = moved(owed, Account::PotAvailable(into), amount)?;
    Posting::new(cause, "contribution_guaranteed", at, entries)
}

/// What was guaranteed arrives on the account.
///
/// # Errors
/// When the amount is zero.
pub fn guarantee_paid(
    of: TrancheRef,
    (agreement, origin): (i64, Origin),
    amount: Cents,
    at: OffsetDateTime,
) -> Result<Posting, NotAPosting> {
    let owed = Account::ContributorReceivable(agreement);
    let entries = moved(Account::Bank(origin), owed, amount)?;
    Posting::new(of_tranche(&of), "guarantee_paid", at, entries)
}

/// A contribution, or a part of it, that was taken back.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// Id of the withdrawal: a tranche may lose money more than once.
    pub cause: String,
    /// The tranche.
    pub from: TrancheRef,
    /// What was still free.
    pub free: Cents,
    /// What gifts were promised already: the fund carries it.
    pub missing: Cents,
    /// The bank, or what the contributor owed.
    pub out_of: Account,
    /// When, UTC.
    pub at: OffsetDateTime,
}

/// A contribution is taken back: the fund carries what gifts were promised already.
///
/// # Errors
/// When both amounts are zero.
pub fn contribution_withdrawn(taken: &Withdrawn) -> Result<Posting, NotAPosting> {
    let mut entries = Vec::new();
    let from = || taken.from.clone();
    for (account, amount) in [
        (Account::PotAvailable(from()), taken.free),
        (Account::PotReceivable(from()), taken.missing),
    ] {
        if amount != Cents::ZERO {
            entries.extend(moved(account, taken.out_of.clone(), amount)?);
        }
    }
    let cause = Cause { kind: "withdrawal", id: taken.cause.clone() };
    Posting::new(cause, "contribution_withdrawn", taken.at, entries)
}

/// An allocation order was signed: free money of a tranche moves to one with a narrower target.
///
/// # Errors
/// When the amount is zero.
pub fn tranche_transferred(
    order: i64,
    (from, to): (TrancheRef, TrancheRef),
    amount: Cents,
    at: OffsetDateTime,
) -> Result<Posting, NotAPosting> {
    let cause = Cause { kind: "allocation_order", id: order.to_string() };
    let entries = moved(Account::PotAvailable(from), Account::PotAvailable(to), amount)?;
    Posting::new(cause, "tranche_transferred", at, entries)
}

/// The match of a captured gift, or an award to a campaign, is committed, source by source.
///
/// # Errors
/// When there is no draw, or one of zero.
pub fn match_awarded(
    cause: Cause,
    draws: &[Draw],
    at: OffsetDateTime,
) -> Result<Posting, NotAPosting> {
    let entries = each(draws, |from| {
        (Account::PotAvailable(from.clone()), Account::MatchCommitted(from.clone()))
    })?;
    Posting::new(cause, "match_awarded", at, entries)
}

/// Committed match returns to its tranches.
///
/// # Errors
/// When there is no draw, or one of zero.
pub fn match_released(
    cause: Cause,
    draws: &[Draw],
    at: OffsetDateTime,
) -> Result<Posting, NotAPosting> {
    let entries = each(draws, |from| {
        (Account::MatchCommitted(from.clone()), Account::PotAvailable(from.clone()))
    })?;
    Posting::new(cause, "match_released", at, entries)
}

/// A refund went through.
///
/// # Errors
/// When the amount is zero.
pub fn gift_refunded(back: &GoneBack) -> Result<Posting, NotAPosting> {
    gone_back(back, "gift_refunded")
}

/// A refund that was booked did not go through after all.
///
/// # Errors
/// When the amount is zero.
pub fn refund_failed(back: &GoneBack) -> Result<Posting, NotAPosting> {
    returned(back, "refund_failed")
}

/// A dispute takes the money at once.
///
/// # Errors
/// When the amount is zero.
pub fn dispute_opened(back: &GoneBack) -> Result<Posting, NotAPosting> {
    gone_back(back, "dispute_opened")
}

/// A dispute is won: the money comes back.
///
/// # Errors
/// When the amount is zero.
pub fn dispute_won(back: &GoneBack) -> Result<Posting, NotAPosting> {
    returned(back, "dispute_won")
}

fn gone_back(back: &GoneBack, kind: &'static str) -> Result<Posting, NotAPosting> {
    let payable = Account::CampaignPayable(back.campaign.clone(), Share::Gift);
    let entries = moved(payable, Account::PspPending(back.account.clone()), back.amount)?;
    Posting::new(back.cause.clone(), kind, back.at, entries)
}

fn returned(back: &GoneBack, kind: &'static str) -> Result<Posting, NotAPosting> {
    let payable = Account::CampaignPayable(back.campaign.clone(), Share::Gift);
    let entries = moved(Account::PspPending(back.account.clone()), payable, back.amount)?;
    Posting::new(back.cause.clone(), kind, back.at, entries)
}

fn moved(debit: Account, credit: Account, amount: Cents) -> Result<Vec<Entry>, NotAPosting> {
    let opposite = amount.negated().ok_or(NotAPosting::Unbalanced)?;
    Ok(vec![Entry { account: debit, amount }, Entry { account: credit, amount: opposite }])
}

fn each(
    draws: &[Draw],
    accounts: impl Fn(&TrancheRef) -> (Account, Account),
) -> Result<Vec<Entry>, NotAPosting> {
    let mut entries = Vec::new();
    for draw in draws {
        let (debit, credit) = accounts(&draw.from);
        entries.extend(moved(debit, credit, draw.amount)?);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-11-24 10:00 UTC);

    #[test]
    fn a_posting_that_does_not_balance_cannot_be_built() {
        let one = |amount| vec![Entry { account: Account::PspFees, amount: Cents::new(amount) }];
        let cause = Cause { kind: "gift", id: "1".into() };
        let build = |entries| Posting::new(cause.clone(), "test", AT, entries).map(|_| ());
        assert_eq!(build(one(5)), Err(NotAPosting::Unbalanced));
        assert_eq!(build(one(0)), Err(NotAPosting::ZeroLine));
        assert_eq!(build(Vec::new()), Err(NotAPosting::Empty));
    }

    #[test]
    fn what_is_taken_back_is_free_or_missing() {
        let from = TrancheRef { pot: domain::ids::PotId::new("p"), tranche: "t".into() };
        let told = |free, missing| {
            let (free, missing) = (Cents::new(free), Cents::new(missing));
            let out_of = Account::ContributorReceivable(3);
            let cause = String::from("1");
            let taken = Withdrawn { cause, from: from.clone(), free, missing, out_of, at: AT };
            let posting = contribution_withdrawn(&taken)?;
            let lines = posting.entries().iter();
            Ok(lines.map(|one| (one.account.to_string(), one.amount.get())).collect::<Vec<_>>())
        };
        let line = |account: &str, cents| (account.to_owned(), cents);
        let owed = "contributor_receivable:3";
        let both = [
            line("pot_available:p/t", 5),
            line(owed, -5),
            line("pot_receivable:p/t", 2),
            line(owed, -2),
        ];
        assert_eq!(told(5, 2), Ok(both.to_vec()));
        assert_eq!(told(5, 0), Ok(both[..2].to_vec()));
        assert_eq!(told(0, 0), Err(NotAPosting::Empty));
    }

    proptest! {
        #[test]
        fn every_event_sums_to_zero(amounts in prop::collection::vec(1_i64..1_000_000_000, 1..8)) {
            let draws: Vec<Draw> = amounts
                .iter()
                .enumerate()
                .map(|(n, amount)| Draw {
                    from: TrancheRef { pot: domain::ids::PotId::new("p"), tranche: n.to_string() },
                    amount: Cents::new(*amount),
                })
                .collect();
            let gift = GiftId::new(uuid::Uuid::nil());
            let awarded = match_awarded(of_gift(gift), &draws, AT).unwrap();
            let released = match_released(of_gift(gift), &draws, AT).unwrap();
            for posting in [&awarded, &released] {
                let total: Cents = posting.entries().iter().map(|entry| entry.amount).sum();
                prop_assert_eq!(total, Cents::ZERO);
            }
            for (given, taken) in awarded.entries().iter().zip(released.entries()) {
                prop_assert_eq!(given.amount, taken.amount);
            }
        }
    }
}
