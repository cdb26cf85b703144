//! The provider is asked for a refund, under a key made from our own row.

use domain::{
    Cents,
    ids::{GiftId, RefundId},
};
use jobs::Claim;
use payments::{GatewayError, RefundRequest};
use serde_json::json;
use store::{
    Reads, gifts,
    money_back::{self, RefundRow},
    operator,
};
use time::OffsetDateTime;

use crate::{crash::crash_point, house::Actions, task::Task};

impl Actions {
    /// Asks, then promises to read the payment as it is now: the books move there, never here.
    ///
    /// # Errors
    /// When the provider cannot be reached or did not answer; tried again under the same key.
    pub async fn send_refund(
        &self,
        claim: &Claim,
        id: RefundId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut db = self.reader().get().await?;
        let row = money_back::refund(&mut db, id).await?;
        let payment = gifts::payment(&mut db, GiftId::new(row.gift_id)).await?;
        drop(db);
        if !matches!(row.state.as_str(), "asked" | "unknown") {
            return self.note_refund(claim, row, now).await;
        }
        let Some(payment_intent) = payment.payment_intent else {
            anyhow::bail!("a refund of a gift that has no payment");
        };
        let amount = Cents::new(row.amount_cents);
        let request = RefundRequest { refund: id, payment_intent, amount };
        match self.gateway().refund(&request).await {
            Ok(refund) => {
                crash_point("send_refund/sent");
                let provider_id = Some(refund.id);
                self.note_refund(claim, RefundRow { provider_id, ..row }, now).await
            }
            Err(GatewayError::Refused { code, .. }) => {
                let ended_at = Some(now);
                let failed = RefundRow { state: "failed".to_owned(), ended_at, ..row };
                self.refund_refused(claim, failed, &code, now).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn note_refund(
        &self,
        claim: &Claim,
        row: RefundRow,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let gift = GiftId::new(row.gift_id);
        let mut tx = self.begin().await?;
        gifts::lock(&mut tx, gift).await?;
        let current = money_back::refund(&mut tx, RefundId::new(row.id)).await?;
        // The provider's event may have been faster: its word stands.
        if matches!(current.state.as_str(), "asked" | "unknown") {
            money_back::save_refund(&mut tx, &row).await?;
        }
        self.promise(&mut tx, &Task::ReadPayment { gift }, Some(now)).await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        crash_point("send_refund/noted");
        Ok(())
    }

    async fn refund_refused(
        &self,
        claim: &Claim,
        row: RefundRow,
        code: &str,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        gifts::lock(&mut tx, GiftId::new(row.gift_id)).await?;
        money_back::save_refund(&mut tx, &row).await?;
        let details = json!({ "code": code, "amount_cents": row.amount_cents });
        operator::raise(&mut tx, "refund_refused", &row.id.to_string(), &details, now).await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }
}
