//! A gift and the state machine of its payment.
//!
//! The object read at the provider is an *observation*; [`step`] folds it into the state of our
//! row. The table is total and monotonic (decision 19): whatever arrives, in whatever order,
//! however often, the same facts lead to the same state.

use serde::{Deserialize, Serialize};

use crate::{coded, money::Cents};

coded!(
    /// State of the payment of a gift.
    PaymentState {
        /// The row exists; the provider may not know of it yet.
        Created = "created",
        /// A bank debit is under way.
        Processing = "processing",
        /// The provider did not answer: it may or may not have acted.
        Unknown = "unknown",
        /// Refused, expired or given up.
        Failed = "failed",
        /// The provider has taken the money.
        Captured = "captured",
        /// Part of the money went back.
        PartlyRefunded = "partly_refunded",
        /// All of the money went back (a lost dispute counts).
        Refunded = "refunded",
        /// The donor's bank contests the payment.
        Disputed = "disputed",
    }
);

coded!(
    /// How the donor pays.
    PaymentMethod {
        /// Bank card.
        Card = "carte",
        /// SEPA direct debit.
        SepaDebit = "sepa",
    }
);

/// What the provider's object says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Observation {
    /// The debit is on its way.
    Processing,
    /// Money taken.
    Captured,
    /// Refused for good, cancelled, or the checkout expired.
    Failed,
    /// The call did not come back.
    NoAnswer,
    /// The total of refunds that went through is known.
    Refund,
    /// A refund that was announced did not go through.
    RefundFailed,
    /// A dispute was opened.
    DisputeOpened,
    /// A dispute was won.
    DisputeWon,
    /// A dispute was lost.
    DisputeLost,
}

/// What to do with an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: already known, or out of date.
    Nothing,
    /// Move, and for `Processing` extend the reservation, for `Failed` cancel it.
    Move(PaymentState),
    /// Record the capture first, then this observation again.
    CaptureFirst,
    /// Recompute the state from the totals: [`by_totals`].
    ByTotals,
    /// Stay disputed; note the total refunded.
    NoteTotal,
    /// A person must look.
    Park,
}

/// Decision 19's table, whole.
#[must_use]
pub const fn step(state: PaymentState, seen: Observation) -> Step {
    use Observation as O;
    use PaymentState as S;
    match (state, seen) {
        (S::Created | S::Unknown, O::Processing) => Step::Move(S::Processing),
        (S::Created | S::Processing | S::Unknown | S::Failed, O::Captured) => {
            Step::Move(S::Captured)
        }
        (S::Created | S::Processing | S::Unknown, O::Failed) => Step::Move(S::Failed),
        (S::Created, O::NoAnswer) => Step::Move(S::Unknown),
        (
            S::Created | S::Processing | S::Unknown | S::Failed,
            O::Refund | O::DisputeOpened | O::DisputeWon | O::DisputeLost,
        ) => Step::CaptureFirst,
        (S::Created | S::Processing | S::Unknown | S::Failed, O::RefundFailed)
        | (S::Failed, O::Processing)
        | (S::Captured | S::PartlyRefunded | S::Refunded | S::Disputed, O::Failed) => Step::Park,
        (S::Captured | S::PartlyRefunded, O::Refund)
        | (S::PartlyRefunded | S::Refunded, O::RefundFailed)
        | (S::Captured | S::PartlyRefunded, O::DisputeLost)
        | (S::Disputed, O::DisputeWon | O::DisputeLost) => Step::ByTotals,
        (S::Captured | S::PartlyRefunded | S::Refunded, O::DisputeOpened) => {
            Step::Move(S::Disputed)
        }
        (S::Disputed, O::Refund | O::RefundFailed) => Step::NoteTotal,
        (S::Processing, O::Processing | O::NoAnswer)
        | (S::Unknown | S::Failed, O::NoAnswer)
        | (S::Failed, O::Failed)
        | (
            S::Captured | S::PartlyRefunded | S::Refunded | S::Disputed,
            O::Processing | O::Captured | O::NoAnswer,
        )
        | (S::Captured, O::RefundFailed)
        | (S::Captured | S::PartlyRefunded | S::Refunded, O::DisputeWon)
        | (S::Refunded, O::Refund | O::DisputeLost)
        | (S::Disputed, O::DisputeOpened) => Step::Nothing,
    }
}

/// The state that the totals say: `gone` is what was refunded or lost in disputes.
#[must_use]
pub fn by_totals(captured: Cents, gone: Cents) -> PaymentState {
    if !gone.is_positive() {
        PaymentState::Captured
    } else if gone < captured {
        PaymentState::PartlyRefunded
    } else {
        PaymentState::Refunded
    }
}

/// What is missing in a gift of which nothing may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountRefused {
    /// Below the smallest gift.
    #[error("below the minimum")]
    TooSmall,
    /// Above the largest gift.
    #[error("above the maximum")]
    TooLarge,
}

/// The smallest and largest gift of a guest, from the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountBounds {
    /// Smallest gift.
    pub min: Cents,
    /// Largest gift.
    pub max: Cents,
}

impl AmountBounds {
    /// Checks an amount.
    ///
    /// # Errors
    /// When the amount is outside the bounds; a bound itself is inside.
    pub fn check(self, amount: Cents) -> Result<Cents, AmountRefused> {
        if amount < self.min {
            Err(AmountRefused::TooSmall)
        } else if amount > self.max {
            Err(AmountRefused::TooLarge)
        } else {
            Ok(amount)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBSERVATIONS: [Observation; 9] = [
        Observation::Processing,
        Observation::Captured,
        Observation::Failed,
        Observation::NoAnswer,
        Observation::Refund,
        Observation::RefundFailed,
        Observation::DisputeOpened,
        Observation::DisputeWon,
        Observation::DisputeLost,
    ];

    /// The table of decision 19, one letter a cell, written a second time to catch a slip.
    #[test]
    fn the_table_is_that_of_the_decision() {
        let rows = [
            (PaymentState::Created, "p c f u R P R R R"),
            (PaymentState::Processing, ". c f . R P R R R"),
            (PaymentState::Unknown, "p c f . R P R R R"),
            (PaymentState::Failed, "P c . . R P R R R"),
            (PaymentState::Captured, ". . P . ^ . d . ^"),
            (PaymentState::PartlyRefunded, ". . P . ^ ^ d . ^"),
            (PaymentState::Refunded, ". . P . . ^ d . ."),
            (PaymentState::Disputed, ". . P . n n . ^ ^"),
        ];
        for (state, cells) in rows {
            for (seen, cell) in OBSERVATIONS.into_iter().zip(cells.split(' ')) {
                let letter = match step(state, seen) {
                    Step::Nothing => ".",
                    Step::CaptureFirst => "R",
                    Step::ByTotals => "^",
                    Step::NoteTotal => "n",
                    Step::Park => "P",
                    Step::Move(PaymentState::Processing) => "p",
                    Step::Move(PaymentState::Captured) => "c",
                    Step::Move(PaymentState::Failed) => "f",
                    Step::Move(PaymentState::Unknown) => "u",
                    Step::Move(PaymentState::Disputed) => "d",
                    Step::Move(_) => "?",
                };
                assert_eq!(letter, cell, "{state:?} × {seen:?}");
            }
        }
    }

    #[test]
    fn money_never_comes_back_by_itself() {
        for state in PaymentState::ALL {
            for seen in OBSERVATIONS {
                if let Step::Move(next) = step(*state, seen) {
                    assert_ne!(next, PaymentState::Created, "{state:?} × {seen:?}");
                }
            }
        }
        assert_eq!(by_totals(Cents::new(10), Cents::ZERO), PaymentState::Captured);
        assert_eq!(by_totals(Cents::new(10), Cents::new(9)), PaymentState::PartlyRefunded);
        assert_eq!(by_totals(Cents::new(10), Cents::new(10)), PaymentState::Refunded);
    }
}
