//! A donor asks for the money back (decision 5): a card at once, a debit through the operator.

use domain::{gift::PaymentMethod, gift::PaymentState, ids::RefundId};
use store::{
    gifts,
    money_back::{self, RefundRow},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    crash::crash_point, house::Actions, matched::Scene, outcome::Stop, record_payment::Open,
    task::Task,
};

/// What happens to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundAsked {
    /// The provider is being asked.
    UnderWay,
    /// An operator will look: the bank may pay back as well.
    Queued,
}

/// Why there is no refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// No such gift.
    #[error("unknown gift")]
    UnknownGift,
    /// Nothing was taken, or nothing is left.
    #[error("nothing to pay back")]
    NothingToPayBack,
    /// The days are over: the operator decides.
    #[error("too late")]
    TooLate,
    /// It was asked before.
    #[error("already asked")]
    AlreadyAsked,
}

impl Actions {
    /// Asks for the whole of a gift back.
    ///
    /// # Errors
    /// Refused when there is nothing to pay back, it is too late, or it was asked before.
    pub async fn ask_refund(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<RefundAsked, Stop<RefundRefusal>> {
        let refused = |why| Err(Stop::Refused(why));
        let mut tx = self.begin().await?;
        let Some(seen) = gifts::by_token(&mut tx, token).await? else {
            return refused(RefundRefusal::UnknownGift);
        };
        let scene = Scene::read(&mut tx, &seen.campaign(), Some(seen.person())).await?;
        let (gift, payment) = gifts::lock_whole(&mut tx, seen.gift()).await?;
        let open = Open { scene, gift, payment, parked: None };
        let state = open.gift.payment_state();
        let standing = matches!(state, PaymentState::Captured | PaymentState::PartlyRefunded);
        if !standing || !open.gift.net().is_positive() {
            return refused(RefundRefusal::NothingToPayBack);
        }
        if self.refundable_until(&open.gift).is_none_or(|until| until <= now) {
            return refused(RefundRefusal::TooLate);
        }
        let promised = money_back::promised_back(&mut tx, open.gift.gift()).await?;
        let free = open.gift.captured_cents - open.gift.lost_cents - promised;
        if free <= 0 {
            return refused(RefundRefusal::AlreadyAsked);
        }
        let card = open.gift.payment_method() == PaymentMethod::Card;
        let row = RefundRow {
            id: Uuid::now_v7(),
            gift_id: open.gift.id,
            provider_id: None,
            amount_cents: free,
            origin: "donor".to_owned(),
            state: if card { "asked" } else { "queued" }.to_owned(),
            asked_at: now,
            ended_at: None,
        };
        money_back::save_refund(&mut tx, &row).await?;
        let asked = if card {
            let refund = RefundId::new(row.id);
            self.promise(&mut tx, &Task::SendRefund { refund }, None).await?;
            RefundAsked::UnderWay
        } else {
            self.write_refund_requested(&mut tx, &open, now).await?;
            RefundAsked::Queued
        };
        tx.commit().await?;
        crash_point("ask_refund/asked");
        Ok(asked)
    }

    /// An operator lets a queued refund go.
    ///
    /// # Errors
    /// When the refund is unknown or the database refuses.
    pub async fn release_queued_refund(&self, refund: RefundId) -> anyhow::Result<bool> {
        let mut tx = self.begin().await?;
        let mut row = money_back::refund(&mut tx, refund).await?;
        if row.state != "queued" {
            return Ok(false);
        }
        row.state = "asked".to_owned();
        money_back::save_refund(&mut tx, &row).await?;
        self.promise(&mut tx, &Task::SendRefund { refund }, None).await?;
        tx.commit().await?;
        Ok(true)
    }
}
