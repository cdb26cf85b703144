//! A payment as it is now, read from the session, its intent, its charge, its refunds and its dispute.

use domain::{Cents, gift::PaymentMethod, ids::GiftId};
use stripe_core::{
    charge::RetrieveCharge, dispute::RetrieveDispute, payment_intent::RetrievePaymentIntent,
    refund::RetrieveRefund,
};
use time::OffsetDateTime;

use super::{
    StripeGateway,
    answers::{Charge, Dispute, Expandable, Intent, Metadata, Refund, Session},
    call::checked,
};
use crate::gateway::{
    DisputeObject, GatewayError, PaymentObject, PaymentStatus, ProviderRef, RefundObject,
};

impl StripeGateway {
    pub(super) async fn read_payment(
        &self,
        of: &ProviderRef,
    ) -> Result<PaymentObject, GatewayError> {
        let id = checked(of.id())?;
        let intent = match of {
            ProviderRef::Session(_) => {
                return self.payment_of_session(self.session(id).await?).await;
            }
            ProviderRef::PaymentIntent(_) => id.to_owned(),
            ProviderRef::Charge(_) => {
                let charge: Charge = self.read(&RetrieveCharge::new(id)).await?;
                behind(charge.payment_intent)?
            }
            ProviderRef::Dispute(_) => {
                let dispute: Dispute = self.read(&RetrieveDispute::new(id)).await?;
                behind(dispute.payment_intent)?
            }
            ProviderRef::Refund(_) => {
                let refund: Refund = self.read(&RetrieveRefund::new(id)).await?;
                behind(refund.payment_intent)?
            }
        };
        // The intent first: the session of an intent that is not final says whether it can still be.
        let intent = self.intent(&intent).await?;
        let session = self.session_behind(&intent.id).await?;
        self.complete(session, Some(intent)).await
    }

    pub(super) async fn payment_of_session(
        &self,
        session: Session,
    ) -> Result<PaymentObject, GatewayError> {
        let intent = match &session.payment_intent {
            Some(intent) => Some(self.intent(intent.id()).await?),
            None => None,
        };
        self.complete(Some(session), intent).await
    }

    async fn intent(&self, id: &str) -> Result<Intent, GatewayError> {
        let expand = vec!["latest_charge.balance_transaction".to_owned()];
        self.read(&RetrievePaymentIntent::new(checked(id)?).expand(expand)).await
    }

    async fn complete(
        &self,
        session: Option<Session>,
        intent: Option<Intent>,
    ) -> Result<PaymentObject, GatewayError> {
        let charged = intent.as_ref().filter(|intent| intent.latest_charge.is_some());
        let (refunds, dispute) = match charged {
            Some(intent) => {
                tokio::try_join!(self.refunds_of(&intent.id), self.dispute_of(&intent.id))?
            }
            None => (Vec::new(), None),
        };
        fold(session.as_ref(), intent.as_ref(), refunds, dispute)
    }
}

fn behind(intent: Option<Expandable<Intent>>) -> Result<String, GatewayError> {
    let Some(intent) = intent else {
        return Err(GatewayError::Refused {
            code: "no_payment_intent".to_owned(),
            message: "the object belongs to no payment intent: it is not one of ours".to_owned(),
        });
    };
    Ok(intent.id().to_owned())
}

fn fold(
    session: Option<&Session>,
    intent: Option<&Intent>,
    refunds: Vec<RefundObject>,
    dispute: Option<DisputeObject>,
) -> Result<PaymentObject, GatewayError> {
    let nothing = || anyhow::anyhow!("a payment with neither amount nor currency");
    let asked = intent.map(|i| i.amount).or_else(|| session.and_then(|s| s.amount_total));
    let currency = intent.map(|i| i.currency.as_str());
    let currency = currency.or_else(|| session.and_then(|s| s.currency.as_deref()));
    euros_only(currency.ok_or_else(nothing)?)?;
    let status = status(session.and_then(|s| s.status.as_deref()), intent);
    let captured = status == PaymentStatus::Captured;
    let charge = intent.and_then(|i| i.latest_charge.as_ref());
    let details = charge.and_then(Expandable::object);
    // Nothing was taken for a charge that failed, whatever it carries.
    let booked = details.and_then(|c| c.balance_transaction.as_ref()).filter(|_| captured);
    let booked = booked.and_then(Expandable::object);
    if let Some(booked) = booked {
        euros_only(&booked.currency)?;
    }
    let paid_at = booked.map(|b| b.created).or_else(|| details.map(|c| c.created));
    let received = intent.and_then(|i| i.amount_received).unwrap_or_default();
    let destination = intent.and_then(|i| i.transfer_data.as_ref());
    let destination = destination.and_then(|data| data.destination.as_ref());
    Ok(PaymentObject {
        gift: gift(session, intent),
        instance: named(session, intent, "instance").map(str::to_owned),
        session_id: session.map(|s| s.id.clone()),
        payment_intent: intent.map(|i| i.id.clone()),
        charge: charge.map(|c| c.id().to_owned()),
        amount: cents(asked.ok_or_else(nothing)?)?,
        captured: cents(received)?,
        refunds,
        dispute,
        fee: booked.map(|b| Cents::new(b.fee)),
        method: method(session, intent, details),
        card_fingerprint: fingerprint(intent, details),
        destination: destination.map(|account| account.id().to_owned()),
        paid_at: paid_at.filter(|_| captured).map(instant).transpose()?,
        available_on: booked.map(|b| instant(b.available_on)).transpose()?,
        decline_code: intent.filter(|_| !captured).and_then(decline),
        livemode: intent.map_or_else(|| session.is_some_and(|s| s.livemode), |i| i.livemode),
        status,
    })
}

/// The intent decides; while it waits for a means of payment, the page says whether one can still come.
/// A debit that failed waits for another means on a page that is complete: it will not come.
fn status(session: Option<&str>, intent: Option<&Intent>) -> PaymentStatus {
    let other = |text: &str| PaymentStatus::Other(text.to_owned());
    let Some(intent) = intent else {
        return match session {
            Some("open") => PaymentStatus::Open,
            Some("expired") => PaymentStatus::Failed,
            _ => other("checkout without payment"),
        };
    };
    match (intent.status.as_str(), session) {
        ("processing", _) => PaymentStatus::Processing,
        ("succeeded", _) => PaymentStatus::Captured,
        ("canceled", _) => PaymentStatus::Failed,
        ("requires_payment_method" | "requires_confirmation" | "requires_action", Some("open")) => {
            PaymentStatus::Open
        }
        ("requires_payment_method", Some("expired" | "complete")) => PaymentStatus::Failed,
        ("requires_confirmation" | "requires_action", Some("expired")) => PaymentStatus::Failed,
        (unknown, _) => other(unknown),
    }
}

fn named<'a>(
    session: Option<&'a Session>,
    intent: Option<&'a Intent>,
    key: &str,
) -> Option<&'a str> {
    let in_it = |metadata: &'a Metadata| metadata.get(key).map(String::as_str);
    let first = intent.and_then(|i| i.metadata.as_ref()).and_then(in_it);
    first.or_else(|| session.and_then(|s| s.metadata.as_ref()).and_then(in_it))
}

fn gift(session: Option<&Session>, intent: Option<&Intent>) -> Option<GiftId> {
    let text = named(session, intent, "gift");
    let text = text.or_else(|| session.and_then(|s| s.client_reference_id.as_deref()));
    text.and_then(|text| text.parse().ok()).map(GiftId::new)
}

fn method(
    session: Option<&Session>,
    intent: Option<&Intent>,
    charge: Option<&Charge>,
) -> Option<PaymentMethod> {
    let used = charge.and_then(|c| c.payment_method_details.as_ref());
    let used = used.and_then(|details| details.kind.as_deref());
    let offered = intent.and_then(|i| i.payment_method_types.first());
    let offered = offered.or_else(|| session.and_then(|s| s.payment_method_types.first()));
    match used.or(offered.map(String::as_str)) {
        Some("card") => Some(PaymentMethod::Card),
        Some("sepa_debit") => Some(PaymentMethod::SepaDebit),
        _ => None,
    }
}

/// A refused card has a mark too: card testing is seen by it.
fn fingerprint(intent: Option<&Intent>, charge: Option<&Charge>) -> Option<String> {
    let used = charge.and_then(|c| c.payment_method_details.as_ref());
    let refused = intent.and_then(|i| i.last_payment_error.as_ref());
    let refused = refused.and_then(|error| error.payment_method.as_ref());
    let of = |details: Option<&super::answers::MethodDetails>| {
        details.and_then(|d| d.card.as_ref()).and_then(|card| card.fingerprint.clone())
    };
    of(used).or_else(|| of(refused))
}

fn decline(intent: &Intent) -> Option<String> {
    let error = intent.last_payment_error.as_ref()?;
    error.decline_code.clone().or_else(|| error.code.clone())
}

fn instant(seconds: i64) -> Result<OffsetDateTime, GatewayError> {
    let instant = OffsetDateTime::from_unix_timestamp(seconds).map_err(anyhow::Error::from)?;
    Ok(instant)
}

/// An amount: a negative one is a mistake of the answer.
pub(super) fn cents(amount: i64) -> Result<Cents, GatewayError> {
    if amount < 0 {
        return Err(GatewayError::Broken(anyhow::anyhow!("a negative amount")));
    }
    Ok(Cents::new(amount))
}

/// We only ever ask euros: anything else is not counted as if it were.
pub(super) fn euros_only(currency: &str) -> Result<(), GatewayError> {
    if currency.eq_ignore_ascii_case("eur") {
        return Ok(());
    }
    Err(GatewayError::Broken(anyhow::anyhow!("not in euros: {currency}")))
}
