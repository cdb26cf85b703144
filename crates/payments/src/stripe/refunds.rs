//! Refunds and disputes.

use std::collections::HashMap;

use domain::{Cents, ids::RefundId};
use stripe_core::{
    dispute::ListDispute,
    refund::{CreateRefund, ListRefund},
};

use super::{
    PAGE, StripeGateway,
    answers::{Dispute, Page, Refund},
    payment::{cents, euros_only},
};
use crate::gateway::{
    DisputeObject, DisputeStatus, GatewayError, RefundObject, RefundRequest, RefundStatus,
};

/// Pages of one hundred refunds of one payment; nobody has seen two.
const PAGES: usize = 10;

impl StripeGateway {
    /// Looks first: Stripe may forget a key after 24 hours, and a refund whose outcome was unknown may be
    /// asked again much later.
    pub(super) async fn pay_back(
        &self,
        request: &RefundRequest,
    ) -> Result<RefundObject, GatewayError> {
        let known = self.refunds_of(&request.payment_intent).await?;
        if let Some(same) = known.into_iter().find(|known| known.ours == Some(request.refund)) {
            return Ok(same);
        }
        let metadata = HashMap::from([("refund".to_owned(), request.refund.to_string())]);
        let ask = CreateRefund::new()
            .payment_intent(request.payment_intent.clone())
            .amount(request.amount.get())
            .reverse_transfer(true)
            .metadata(metadata);
        let key = format!("remb:{}", request.refund);
        let refund: Refund = self.write(&ask, Some(&key)).await?;
        fold_refund(refund)
    }

    /// Every refund of a payment, whoever asked. They are listed: a charge no longer carries them.
    pub(super) async fn refunds_of(
        &self,
        intent: &str,
    ) -> Result<Vec<RefundObject>, GatewayError> {
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let mut request = ListRefund::new().payment_intent(intent).limit(PAGE);
            if let Some(last) = all.last() {
                let last: &RefundObject = last;
                request = request.starting_after(last.id.clone());
            }
            let page: Page<Refund> = self.read(&request).await?;
            let end = !page.has_more || page.data.is_empty();
            for refund in page.data {
                all.push(fold_refund(refund)?);
            }
            if end {
                return Ok(all);
            }
        }
        Err(GatewayError::Broken(anyhow::anyhow!("a payment has too many refunds")))
    }

    /// The dispute of a payment; of several, the one that holds the money.
    pub(super) async fn dispute_of(
        &self,
        intent: &str,
    ) -> Result<Option<DisputeObject>, GatewayError> {
        let request = ListDispute::new().payment_intent(intent).limit(PAGE);
        let page: Page<Dispute> = self.read(&request).await?;
        let mut all = Vec::new();
        for dispute in page.data {
            all.push(fold_dispute(dispute)?);
        }
        Ok(all.into_iter().min_by_key(|dispute| match dispute.status {
            DisputeStatus::Open => 0,
            DisputeStatus::Lost => 1,
            DisputeStatus::Won => 2,
            DisputeStatus::Inquiry => 3,
        }))
    }
}

fn fold_refund(refund: Refund) -> Result<RefundObject, GatewayError> {
    euros_only(&refund.currency)?;
    let ours = refund.metadata.as_ref().and_then(|metadata| metadata.get("refund"));
    let status = match refund.status.as_deref() {
        Some("succeeded") => RefundStatus::Succeeded,
        Some("failed") => RefundStatus::Failed,
        Some("canceled") => RefundStatus::Canceled,
        Some("pending" | "requires_action") | None => RefundStatus::Pending,
        Some(other) => {
            let text = format!("unknown refund status {other}");
            return Err(GatewayError::Broken(anyhow::anyhow!(text)));
        }
    };
    Ok(RefundObject {
        ours: ours.and_then(|text| text.parse().ok()).map(RefundId::new),
        amount: cents(refund.amount)?,
        id: refund.id,
        status,
    })
}

fn fold_dispute(dispute: Dispute) -> Result<DisputeObject, GatewayError> {
    euros_only(&dispute.currency)?;
    let status = match dispute.status.as_str() {
        // "Prevented": the bank was answered before any money moved.
        "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" => {
            DisputeStatus::Inquiry
        }
        "needs_response" | "under_review" => DisputeStatus::Open,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        other => {
            let text = format!("unknown dispute status {other}");
            return Err(GatewayError::Broken(anyhow::anyhow!(text)));
        }
    };
    let mut fee: Option<Cents> = None;
    for movement in &dispute.balance_transactions {
        euros_only(&movement.currency)?;
        let sum = fee.unwrap_or(Cents::ZERO).plus(Cents::new(movement.fee));
        fee = Some(sum.ok_or_else(|| anyhow::anyhow!("a dispute fee beyond measure"))?);
    }
    Ok(DisputeObject { id: dispute.id, status, amount: cents(dispute.amount)?, fee })
}
