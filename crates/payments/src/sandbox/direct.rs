//! The provider called in process: no HTTP, the same state machine.

use async_trait::async_trait;
use domain::{
    Cents,
    gift::PaymentMethod,
    ids::{GiftId, RefundId},
};
use time::OffsetDateTime;

use super::{
    Sandbox,
    money_back::RefundOrder,
    objects::{
        Charge, ChargeStatus, DisputeState, Intent, IntentStatus, Means, Metadata, Refund,
        RefundState, Session, SessionOrder, SessionStatus,
    },
    refusal::Refusal,
    shapes,
    world::World,
};
use crate::gateway::{
    Checkout, CheckoutRequest, DisputeObject, DisputeStatus, EventPage, Gateway, GatewayError,
    ListedEvent, PaymentObject, PaymentStatus, ProviderRef, RefundObject, RefundRequest,
    RefundStatus,
};

/// [`Sandbox`] as a [`Gateway`], without HTTP.
#[derive(Clone, Debug)]
pub struct SandboxGateway(pub(super) Sandbox);

impl From<Refusal> for GatewayError {
    fn from(refusal: Refusal) -> Self {
        if refusal.status >= 500 {
            return Self::Unknown(refusal.message);
        }
        let code = refusal.code.unwrap_or(refusal.kind).to_owned();
        Self::Refused { code, message: refusal.message }
    }
}

fn order(request: &CheckoutRequest) -> SessionOrder {
    let gift = request.gift.to_string();
    let metadata = Metadata::from([
        ("gift".to_owned(), gift.clone()),
        ("instance".to_owned(), request.instance.clone()),
    ]);
    SessionOrder {
        amount: request.amount.get(),
        means: Some(match request.method {
            PaymentMethod::Card => Means::Card,
            PaymentMethod::SepaDebit => Means::SepaDebit,
        }),
        label: request.label.clone(),
        email: request.email.as_ref().map(|email| email.as_str().to_owned()),
        success_url: request.success_url.clone(),
        cancel_url: Some(request.cancel_url.clone()),
        client_reference_id: Some(gift),
        payment_metadata: metadata.clone(),
        metadata,
        description: Some(request.label.clone()),
        destination: Some(request.destination.clone()),
        on_behalf_of: Some(request.destination.clone()),
        expires_at: Some(request.expires_at.unix_timestamp()),
        locale: Some("fr".to_owned()),
    }
}

#[async_trait]
impl Gateway for SandboxGateway {
    async fn open_checkout(&self, request: &CheckoutRequest) -> Result<Checkout, GatewayError> {
        let order = order(request);
        let session = self.0.change(|world, at| {
            let known = world.by_gift.get(&request.gift.to_string());
            match known.and_then(|id| world.sessions.get(id)) {
                Some(session) if session.status == SessionStatus::Open => Ok(session.clone()),
                Some(session) => Err(Refusal::invalid(Some("checkout_closed"), session.id.clone())),
                None => world.open_session(at, order),
            }
        })?;
        let url = format!("{}/c/pay/{}", self.0.shared.config.public_url, session.id);
        Ok(Checkout { session_id: session.id, url, payment_intent: session.payment_intent })
    }

    async fn expire_checkout(&self, session_id: &str) -> Result<(), GatewayError> {
        Ok(self.0.change(|world, at| world.expire_session(at, session_id)).map(drop)?)
    }

    async fn payment(&self, of: &ProviderRef) -> Result<PaymentObject, GatewayError> {
        Ok(self.0.look(|world| payment(world, of))?)
    }

    async fn find_by_gift(&self, gift: GiftId) -> Result<Option<PaymentObject>, GatewayError> {
        let found = self.0.look(|world| {
            let session = world.by_gift.get(&gift.to_string())?.clone();
            Some(payment(world, &ProviderRef::Session(session)))
        });
        Ok(found.transpose()?)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundObject, GatewayError> {
        let ours = request.refund.to_string();
        let refund = self.0.change(|world, at| {
            let of = world.refunds_of.get(&request.payment_intent).into_iter().flatten();
            let asked = |refund: &&Refund| refund.metadata.get("refund") == Some(&ours);
            if let Some(known) = of.filter_map(|id| world.refunds.get(id)).find(asked) {
                return Ok(known.clone());
            }
            let order = RefundOrder {
                intent: request.payment_intent.clone(),
                amount: Some(request.amount.get()),
                reverse_transfer: true,
                metadata: Metadata::from([("refund".to_owned(), ours.clone())]),
                reason: Some("requested_by_customer".to_owned()),
            };
            world.refund_payment(at, order)
        })?;
        Ok(refund_object(&refund))
    }

    async fn events_since(
        &self,
        since: OffsetDateTime,
        after: Option<&str>,
    ) -> Result<EventPage, GatewayError> {
        let view = self.0.view();
        self.0.look(|world| {
            let query = EventQuery { since: since.unix_timestamp(), after, limit: 100, kind: None };
            let (found, more) = query.run(world)?;
            let listed = found.iter().map(|event| ListedEvent {
                id: event.id.clone(),
                body: shapes::event(event, world, view).to_string().into_bytes(),
            });
            let events: Vec<ListedEvent> = listed.collect();
            let next = events.last().filter(|_| more).map(|event| event.id.clone());
            Ok(EventPage { events, next })
        })
    }
}

/// Which events are listed, newest first.
pub(super) struct EventQuery<'a> {
    pub since: i64,
    pub after: Option<&'a str>,
    pub limit: usize,
    pub kind: Option<&'a str>,
}

impl EventQuery<'_> {
    /// The events, and whether there are more.
    pub fn run<'w>(
        &self,
        world: &'w World,
    ) -> Result<(Vec<&'w super::objects::Happening>, bool), Refusal> {
        let place = |event: &super::objects::Happening| (event.created, event.id.clone());
        let after = match self.after {
            Some(id) => Some(world.events.get(id).ok_or_else(|| Refusal::missing("event", id))?),
            None => None,
        };
        let before = after.map(place);
        let wanted = world.events.values().filter(|event| {
            event.created >= self.since
                && self.kind.is_none_or(|kind| kind == event.kind)
                && before.as_ref().is_none_or(|before| place(event) < *before)
        });
        let mut found: Vec<_> = wanted.collect();
        found.sort_by_key(|event| std::cmp::Reverse(place(event)));
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        Ok((found, more))
    }
}

fn payment(world: &World, of: &ProviderRef) -> Result<PaymentObject, Refusal> {
    let intent_id = match of {
        ProviderRef::Session(id) => {
            let session = world.session(id)?;
            let intent = session.payment_intent.as_ref().map(|id| world.intent(id)).transpose()?;
            return read(world, session, intent);
        }
        ProviderRef::PaymentIntent(id) => id,
        ProviderRef::Charge(id) => &world.charge(id)?.intent,
        ProviderRef::Dispute(id) => &world.dispute(id)?.intent,
        ProviderRef::Refund(id) => &world.refund(id)?.intent,
    };
    let intent = world.intent(intent_id)?;
    read(world, world.session(&intent.session)?, Some(intent))
}

fn read(
    world: &World,
    session: &Session,
    intent: Option<&Intent>,
) -> Result<PaymentObject, Refusal> {
    let latest = intent.and_then(|intent| intent.latest_charge.as_ref());
    let charge = latest.map(|id| world.charge(id)).transpose()?;
    let movement = charge.and_then(|charge| charge.balance_transaction.as_ref());
    let movement = movement.map(|id| world.movement(id)).transpose()?;
    let instant = |seconds: i64| OffsetDateTime::from_unix_timestamp(seconds).ok();
    let refunds = intent.and_then(|intent| world.refunds_of.get(&intent.id)).into_iter().flatten();
    let captured = charge.filter(|charge| charge.status == ChargeStatus::Succeeded);
    let method = match session.means() {
        Means::Card => PaymentMethod::Card,
        Means::SepaDebit => PaymentMethod::SepaDebit,
    };
    let metadata = &session.order.metadata;
    Ok(PaymentObject {
        gift: metadata.get("gift").and_then(|id| id.parse().ok()).map(GiftId::new),
        instance: metadata.get("instance").cloned(),
        session_id: Some(session.id.clone()),
        payment_intent: session.payment_intent.clone(),
        charge: charge.map(|charge| charge.id.clone()),
        status: status(session, intent),
        amount: Cents::new(session.order.amount),
        captured: Cents::new(captured.map_or(0, |charge| charge.amount)),
        refunds: refunds.filter_map(|id| world.refunds.get(id)).map(refund_object).collect(),
        dispute: charge.and_then(|charge| dispute_of(world, charge)),
        fee: movement.map(|movement| Cents::new(movement.fee)),
        method: Some(method),
        card_fingerprint: charge
            .filter(|charge| charge.means == Means::Card)
            .map(|charge| shapes::fingerprint(&charge.number)),
        // As at the provider: the page alone does not name the account.
        destination: intent.and_then(|intent| intent.destination.clone()),
        paid_at: movement.and_then(|movement| instant(movement.created)),
        available_on: movement.and_then(|movement| instant(movement.available_on)),
        decline_code: charge.and_then(|charge| charge.decline_code.clone()),
        livemode: false,
    })
}

fn status(session: &Session, intent: Option<&Intent>) -> PaymentStatus {
    match (session.status, intent.map(|intent| intent.status)) {
        (_, Some(IntentStatus::Succeeded)) => PaymentStatus::Captured,
        (_, Some(IntentStatus::Processing)) => PaymentStatus::Processing,
        (SessionStatus::Open, _) => PaymentStatus::Open,
        (SessionStatus::Complete | SessionStatus::Expired, _) => PaymentStatus::Failed,
    }
}

fn refund_object(refund: &Refund) -> RefundObject {
    RefundObject {
        id: refund.id.clone(),
        ours: refund.metadata.get("refund").and_then(|id| id.parse().ok()).map(RefundId::new),
        amount: Cents::new(refund.amount),
        status: match refund.status {
            RefundState::Pending => RefundStatus::Pending,
            RefundState::Succeeded => RefundStatus::Succeeded,
            RefundState::Failed => RefundStatus::Failed,
        },
    }
}

fn dispute_of(world: &World, charge: &Charge) -> Option<DisputeObject> {
    let mut of = world.disputes.values().filter(|dispute| dispute.charge == charge.id);
    let dispute = if charge.disputed { of.next_back() } else { None }?;
    let movements = dispute.balance_transactions.iter();
    let fee = movements.filter_map(|id| world.movements.get(id)).map(|one| one.fee).sum();
    Some(DisputeObject {
        id: dispute.id.clone(),
        status: match dispute.status {
            // Nothing had left, so nothing came back when the bank was content.
            DisputeState::WarningNeedsResponse | DisputeState::WarningClosed => {
                DisputeStatus::Inquiry
            }
            DisputeState::NeedsResponse => DisputeStatus::Open,
            DisputeState::Won => DisputeStatus::Won,
            DisputeState::Lost => DisputeStatus::Lost,
        },
        amount: Cents::new(dispute.amount),
        fee: Some(Cents::new(fee)).filter(|_| fee > 0),
    })
}
