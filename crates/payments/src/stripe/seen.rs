//! The provider's objects, as the product sees a payment.

use domain::{Cents, gift::PaymentMethod, ids::RefundId};
use stripe_shared::{
    BalanceTransaction, Charge, CheckoutSession, CheckoutSessionStatus, Dispute, PaymentIntent,
    PaymentIntentStatus, Refund,
};
use time::OffsetDateTime;

use super::words;
use crate::gateway::{DisputeObject, PaymentObject, PaymentStatus, RefundObject};

/// What was read of one payment.
pub(super) struct Seen<'a> {
    pub session: Option<&'a CheckoutSession>,
    pub intent: Option<&'a PaymentIntent>,
    pub charge: Option<&'a Charge>,
    pub refunds: &'a [Refund],
    pub dispute: Option<&'a Dispute>,
}

impl Seen<'_> {
    pub(super) fn payment(&self) -> PaymentObject {
        let (session, intent, status) = (self.session, self.intent, self.status());
        let asked = session.and_then(|session| session.amount_total);
        let amount = intent.map(|intent| intent.amount).or(asked).unwrap_or(0);
        let transaction = self.charge.and_then(|charge| charge.balance_transaction.as_ref());
        let transaction = transaction.and_then(|transaction| transaction.as_object());
        // A debit under way has a charge that says what will be captured.
        let captured = status == PaymentStatus::Captured;
        let transaction = transaction.filter(|_| captured);
        let taken = self.charge.filter(|_| captured);
        let livemode = session.map(|session| session.livemode);
        PaymentObject {
            gift: words::gift(self.word(words::GIFT)),
            instance: self.word(words::INSTANCE).cloned(),
            session_id: session.map(|session| session.id.to_string()),
            payment_intent: intent.map(|intent| intent.id.to_string()),
            charge: self.charge.map(|charge| charge.id.to_string()),
            status,
            amount: Cents::new(amount),
            captured: Cents::new(taken.map_or(0, |charge| charge.amount_captured)),
            refunds: self.refunds.iter().map(refund_object).collect(),
            dispute: self.dispute.map(dispute_object),
            fee: transaction.map(|transaction| Cents::new(transaction.fee)),
            method: self.method(),
            card_fingerprint: self.fingerprint(),
            destination: intent
                .and_then(|intent| intent.transfer_data.as_ref())
                .map(|data| data.destination.id().to_string()),
            paid_at: transaction.and_then(|transaction| instant(transaction.created)),
            available_on: transaction.and_then(available_on),
            decline_code: self.decline_code(),
            livemode: intent.map(|intent| intent.livemode).or(livemode).unwrap_or(false),
        }
    }

    fn word(&self, name: &str) -> Option<&String> {
        let of_session = self.session.and_then(|session| session.metadata.as_ref()?.get(name));
        of_session.or_else(|| self.intent.and_then(|intent| intent.metadata.get(name)))
    }

    /// A refused card leaves the page open: the donor may try again (decision 19). A debit that
    /// the bank sent back leaves a page that is over.
    fn status(&self) -> PaymentStatus {
        let page = self.session.and_then(|session| session.status.as_ref());
        let by_page = || match page {
            Some(CheckoutSessionStatus::Open) => PaymentStatus::Open,
            Some(CheckoutSessionStatus::Expired) => PaymentStatus::Failed,
            Some(CheckoutSessionStatus::Complete) if self.intent.is_some() => PaymentStatus::Failed,
            Some(other) => PaymentStatus::Other(other.as_str().to_owned()),
            None => PaymentStatus::Open,
        };
        match self.intent.map(|intent| &intent.status) {
            Some(PaymentIntentStatus::Processing) => PaymentStatus::Processing,
            Some(PaymentIntentStatus::Succeeded) => PaymentStatus::Captured,
            Some(PaymentIntentStatus::Canceled) => PaymentStatus::Failed,
            Some(
                PaymentIntentStatus::RequiresPaymentMethod
                | PaymentIntentStatus::RequiresAction
                | PaymentIntentStatus::RequiresConfirmation,
            )
            | None => by_page(),
            Some(other) => PaymentStatus::Other(other.as_str().to_owned()),
        }
    }

    fn method(&self) -> Option<PaymentMethod> {
        let details = self.charge.and_then(|charge| charge.payment_method_details.as_ref());
        let of_charge = details.map(|details| details.type_.as_str());
        let of_session = self.session.and_then(|session| session.payment_method_types.first());
        let of_intent = self.intent.and_then(|intent| intent.payment_method_types.first());
        let planned = of_session.or(of_intent).map(String::as_str);
        match of_charge.or(planned)? {
            "card" => Some(PaymentMethod::Card),
            "sepa_debit" => Some(PaymentMethod::SepaDebit),
            _ => None,
        }
    }

    fn fingerprint(&self) -> Option<String> {
        let details = self.charge?.payment_method_details.as_ref()?;
        details.card.as_ref()?.fingerprint.clone()
    }

    fn decline_code(&self) -> Option<String> {
        let error = self.intent?.last_payment_error.as_ref()?;
        let code = || error.code.as_ref().map(|code| code.as_str().to_owned());
        error.decline_code.clone().or_else(code)
    }
}

pub(super) fn refund_object(refund: &Refund) -> RefundObject {
    let ours = refund.metadata.as_ref().and_then(|words| words.get(words::REFUND));
    RefundObject {
        id: refund.id.to_string(),
        ours: ours.and_then(|id| id.parse().ok()).map(RefundId::new),
        amount: Cents::new(refund.amount),
        status: words::refund_status(refund.status.as_deref().unwrap_or("pending")),
    }
}

fn dispute_object(dispute: &Dispute) -> DisputeObject {
    let moved = &dispute.balance_transactions;
    let fee = || Cents::new(moved.iter().map(|one| one.fee).sum());
    DisputeObject {
        id: dispute.id.to_string(),
        status: words::dispute_status(dispute.status.as_str()),
        amount: Cents::new(dispute.amount),
        fee: (!moved.is_empty()).then(fee),
    }
}

fn available_on(transaction: &BalanceTransaction) -> Option<OffsetDateTime> {
    instant(transaction.available_on)
}

fn instant(seconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}
