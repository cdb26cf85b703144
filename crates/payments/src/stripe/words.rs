//! The provider's words, and ours in its metadata.

use domain::ids::GiftId;

use crate::gateway::{DisputeStatus, RefundStatus};

/// Metadata: the gift.
pub(crate) const GIFT: &str = "gift";
/// Metadata: which installation of the product asked.
pub(crate) const INSTANCE: &str = "instance";
/// Metadata: our refund.
pub(crate) const REFUND: &str = "refund";

pub(crate) fn gift(text: Option<&String>) -> Option<GiftId> {
    text.and_then(|id| id.parse().ok()).map(GiftId::new)
}

/// A status we do not know moves no money until a person has looked.
pub(crate) fn dispute_status(status: &str) -> DisputeStatus {
    match status {
        "needs_response" | "under_review" => DisputeStatus::Open,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" => {
            DisputeStatus::Inquiry
        }
        other => {
            tracing::error!(status = other, "a dispute has a status we do not know");
            DisputeStatus::Inquiry
        }
    }
}

/// A status we do not know is not an end.
pub(crate) fn refund_status(status: &str) -> RefundStatus {
    match status {
        "succeeded" => RefundStatus::Succeeded,
        "failed" => RefundStatus::Failed,
        "canceled" => RefundStatus::Canceled,
        "pending" | "requires_action" => RefundStatus::Pending,
        other => {
            tracing::error!(status = other, "a refund has a status we do not know");
            RefundStatus::Pending
        }
    }
}
