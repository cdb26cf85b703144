//! Money goes back: refunds and disputes.

use super::{
    objects::{
        Charge, ChargeStatus, Dispute, DisputeState, Means, Metadata, Movement, Refund,
        RefundState, Snapshot,
    },
    refusal::Refusal,
    world::{Moment, World},
};

/// A dispute costs this much, in cents.
const DISPUTE_FEE: i64 = 2_000;

/// What is asked of a refund.
pub struct RefundOrder {
    /// Of which payment.
    pub intent: String,
    /// How much, in cents; all that is left when not said.
    pub amount: Option<i64>,
    /// The connected account gives its share back.
    pub reverse_transfer: bool,
    /// Notes.
    pub metadata: Metadata,
    /// Why, by the provider's words.
    pub reason: Option<String>,
}

impl World {
    pub fn refund_payment(&mut self, at: Moment, order: RefundOrder) -> Result<Refund, Refusal> {
        let mut charge = self.charge_of(&order.intent)?.clone();
        let left = charge.amount - charge.amount_refunded;
        let amount = order.amount.unwrap_or(left);
        self.refundable(&charge)?;
        if left == 0 {
            let message = format!("Charge {} has already been refunded.", charge.id);
            return Err(Refusal::invalid(Some("charge_already_refunded"), message));
        }
        if amount < 1 || amount > left {
            let message = format!("Refund amount ({amount}) is not within what is left ({left})");
            return Err(Refusal::invalid(Some("amount_too_large"), message).about("amount"));
        }
        let created = at.now;
        let id = self.id("re");
        let back = Movement {
            id: self.id("txn"),
            created,
            available_on: created,
            amount: -amount,
            fee: 0,
            kind: "refund".to_owned(),
            source: id.clone(),
        };
        let reverses = order.reverse_transfer && charge.destination.is_some();
        let card = charge.means == Means::Card;
        let refund = Refund {
            id,
            created,
            status: if card { RefundState::Succeeded } else { RefundState::Pending },
            charge: charge.id.clone(),
            intent: order.intent,
            amount,
            means: charge.means,
            metadata: order.metadata,
            reason: order.reason,
            balance_transaction: self.moved(at, back),
            transfer_reversal: reverses.then(|| self.id("trr")),
        };
        charge.amount_refunded += amount;
        self.keep(at, Snapshot::Charge(charge.clone()));
        self.keep(at, Snapshot::Refund(refund.clone()));
        self.happened(at, "refund.created", Snapshot::Refund(refund.clone()));
        self.happened(at, "charge.refunded", Snapshot::Charge(charge));
        Ok(refund)
    }

    /// A refund arrives, or comes back (even one that had gone).
    pub fn settle_refund(&mut self, at: Moment, id: &str, arrives: bool) -> Result<(), Refusal> {
        let mut refund = self.refund(id)?.clone();
        match (refund.status, arrives) {
            (RefundState::Pending, true) => refund.status = RefundState::Succeeded,
            (RefundState::Pending | RefundState::Succeeded, false) => {
                refund.status = RefundState::Failed;
                let mut charge = self.charge(&refund.charge)?.clone();
                charge.amount_refunded -= refund.amount;
                self.keep(at, Snapshot::Charge(charge));
            }
            _ => return Err(Refusal::invalid(None, format!("{id} is final"))),
        }
        self.keep(at, Snapshot::Refund(refund.clone()));
        self.happened(at, "refund.updated", Snapshot::Refund(refund.clone()));
        if !arrives {
            self.happened(at, "refund.failed", Snapshot::Refund(refund));
        }
        Ok(())
    }

    /// The donor's bank contests a payment (`inquiry`: only asks).
    pub fn open_dispute(
        &mut self,
        at: Moment,
        intent: &str,
        inquiry: bool,
    ) -> Result<Dispute, Refusal> {
        let mut charge = self.charge_of(intent)?.clone();
        let amount = charge.amount - charge.amount_refunded;
        if charge.status != ChargeStatus::Succeeded || charge.disputed || amount == 0 {
            let message = format!("{} cannot be disputed", charge.id);
            return Err(Refusal::invalid(None, message));
        }
        let mut dispute = Dispute {
            id: self.id("dp"),
            created: at.now,
            status: DisputeState::WarningNeedsResponse,
            charge: charge.id.clone(),
            intent: intent.to_owned(),
            amount,
            balance_transactions: Vec::new(),
        };
        if !inquiry {
            dispute.status = DisputeState::NeedsResponse;
            self.adjust(at, &mut dispute, (-amount, DISPUTE_FEE));
        }
        charge.disputed = true;
        self.keep(at, Snapshot::Charge(charge));
        self.keep(at, Snapshot::Dispute(dispute.clone()));
        self.happened(at, "charge.dispute.created", Snapshot::Dispute(dispute.clone()));
        if !inquiry {
            let about = Snapshot::Dispute(dispute.clone());
            self.happened(at, "charge.dispute.funds_withdrawn", about);
        }
        Ok(dispute)
    }

    /// The bank decides. An inquiry that is lost becomes a dispute.
    pub fn end_dispute(&mut self, at: Moment, id: &str, won: bool) -> Result<(), Refusal> {
        let mut dispute = self.dispute(id)?.clone();
        let amount = dispute.amount;
        let mut events = vec!["charge.dispute.closed"];
        dispute.status = match (dispute.status, won) {
            (DisputeState::WarningNeedsResponse, true) => DisputeState::WarningClosed,
            (DisputeState::WarningNeedsResponse, false) => {
                self.adjust(at, &mut dispute, (-amount, DISPUTE_FEE));
                events = vec!["charge.dispute.updated", "charge.dispute.funds_withdrawn"];
                DisputeState::NeedsResponse
            }
            (DisputeState::NeedsResponse, true) => {
                self.adjust(at, &mut dispute, (amount, 0));
                events.push("charge.dispute.funds_reinstated");
                DisputeState::Won
            }
            (DisputeState::NeedsResponse, false) => DisputeState::Lost,
            _ => return Err(Refusal::invalid(None, format!("{id} is closed"))),
        };
        self.keep(at, Snapshot::Dispute(dispute.clone()));
        for event in events {
            self.happened(at, event, Snapshot::Dispute(dispute.clone()));
        }
        Ok(())
    }

    fn adjust(&mut self, at: Moment, dispute: &mut Dispute, (amount, fee): (i64, i64)) {
        let movement = Movement {
            id: self.id("txn"),
            created: at.now,
            available_on: at.now,
            amount,
            fee,
            kind: "adjustment".to_owned(),
            source: dispute.id.clone(),
        };
        dispute.balance_transactions.push(self.moved(at, movement));
    }

    /// While an inquiry runs, and after a dispute that was won, refunds are possible.
    fn refundable(&self, charge: &Charge) -> Result<(), Refusal> {
        if charge.status != ChargeStatus::Succeeded {
            let message = format!("Charge {} has not been paid.", charge.id);
            return Err(Refusal::invalid(Some("charge_not_refundable"), message));
        }
        let gone = |dispute: &Dispute| {
            dispute.charge == charge.id
                && matches!(dispute.status, DisputeState::NeedsResponse | DisputeState::Lost)
        };
        if charge.disputed && self.disputes.values().any(gone) {
            let message = format!("Charge {} has been charged back.", charge.id);
            return Err(Refusal::invalid(Some("charge_disputed"), message));
        }
        Ok(())
    }
}
