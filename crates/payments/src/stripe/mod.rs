//! Stripe, or whoever speaks like it, behind [`Gateway`].

mod calls;
mod config;
mod seen;
pub(crate) mod words;

use std::collections::HashMap;

use async_trait::async_trait;
use domain::{gift::PaymentMethod, ids::GiftId};
use secrecy::ExposeSecret;
use stripe::ClientBuilder;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAllowedPaymentMethodTypes as Method,
    CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, CreateCheckoutSessionPaymentIntentDataTransferData,
    ExpireCheckoutSession, ListCheckoutSession, ProductData, RetrieveCheckoutSession,
};
use stripe_core::{
    charge::RetrieveCharge,
    dispute::{ListDispute, RetrieveDispute},
    event::ListEvent,
    payment_intent::{RetrievePaymentIntent, SearchPaymentIntent},
    refund::{CreateRefund, ListRefund, RetrieveRefund},
};
use stripe_shared::{
    Charge, CheckoutSession, CheckoutSessionLocale, CheckoutSessionMode, CheckoutSessionSubmitType,
    Dispute, PaymentIntent, Refund,
};
use stripe_types::{Currency, Expandable, RangeQueryTs};
use time::OffsetDateTime;

use crate::{
    event::SUBSCRIBED,
    gateway::{
        Checkout, CheckoutRequest, EventPage, Gateway, GatewayError, ListedEvent, PaymentObject,
        ProviderRef, RefundObject, RefundRequest,
    },
};
use calls::Caller;
use seen::Seen;

pub use config::{Misconfigured, StripeConfig};

/// What is read with a payment intent.
const WITH_INTENT: [&str; 2] = ["latest_charge.balance_transaction", "latest_charge.refunds"];
/// How far back a look-up of unpaid pages goes: pages of a hundred sessions, the newest first.
const LOOK_UP_PAGES: usize = 20;

/// The provider over HTTP.
#[derive(Clone, Debug)]
pub struct StripeGateway {
    calls: Caller,
}

impl StripeGateway {
    /// Sets up the client; calls nothing yet.
    ///
    /// # Errors
    /// When key and address do not belong together, or the address cannot be read.
    pub fn new(config: StripeConfig) -> anyhow::Result<Self> {
        config.check()?;
        // Somebody may have installed one before: any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = ClientBuilder::new(config.secret_key.expose_secret())
            .url(config.address())
            .app_info("essaim", Some(env!("CARGO_PKG_VERSION").to_owned()), None)
            .build()?;
        Ok(Self { calls: Caller { client, timeout: config.timeout } })
    }

    async fn by_session(&self, id: &str) -> Result<PaymentObject, GatewayError> {
        let expand = WITH_INTENT.map(|path| format!("payment_intent.{path}"));
        let request = RetrieveCheckoutSession::new(id).expand(expand);
        let session = self.calls.read(&request).await?;
        self.complete(Some(session), None).await
    }

    /// One call reads session, intent, charge and fee: the intent alone does not say whether its
    /// page is still open.
    async fn by_intent(&self, id: &str) -> Result<PaymentObject, GatewayError> {
        let expand = WITH_INTENT.map(|path| format!("data.payment_intent.{path}"));
        let request = ListCheckoutSession::new().payment_intent(id).limit(1).expand(expand);
        let session = self.calls.read(&request).await?.data.into_iter().next();
        if session.is_some() {
            return self.complete(session, None).await;
        }
        let request = RetrievePaymentIntent::new(id).expand(WITH_INTENT.map(str::to_owned));
        let intent = self.calls.read(&request).await?;
        self.complete(None, Some(intent)).await
    }

    async fn complete(
        &self,
        session: Option<CheckoutSession>,
        intent: Option<PaymentIntent>,
    ) -> Result<PaymentObject, GatewayError> {
        let behind = session.as_ref().and_then(|session| session.payment_intent.as_ref());
        let intent = intent.or_else(|| behind.and_then(Expandable::as_object).cloned());
        let charge = intent.as_ref().and_then(|intent| intent.latest_charge.as_ref()?.as_object());
        let (mut refunds, mut dispute) = (Vec::new(), None);
        if let (Some(charge), Some(intent)) = (charge, &intent) {
            refunds = self.refunds_of(charge, intent.id.as_str()).await?;
            if charge.disputed {
                dispute = self.dispute_of(intent.id.as_str()).await?;
            }
        }
        let seen = Seen {
            session: session.as_ref(),
            intent: intent.as_ref(),
            charge,
            refunds: &refunds,
            dispute: dispute.as_ref(),
        };
        Ok(seen.payment())
    }

    /// All refunds, the oldest first; failed ones too, which the charge's total does not count.
    async fn refunds_of(&self, charge: &Charge, id: &str) -> Result<Vec<Refund>, GatewayError> {
        let mut refunds = match &charge.refunds {
            Some(list) if !list.has_more => list.data.clone(),
            _ => self.calls.read(&ListRefund::new().payment_intent(id).limit(100)).await?.data,
        };
        refunds.reverse();
        Ok(refunds)
    }

    async fn dispute_of(&self, intent: &str) -> Result<Option<Dispute>, GatewayError> {
        let request = ListDispute::new().payment_intent(intent).limit(1);
        Ok(self.calls.read(&request).await?.data.into_iter().next())
    }

    /// An unpaid page has no intent, hence nothing that can be searched: sessions are listed.
    async fn unpaid_session(&self, gift: GiftId) -> Result<Option<String>, GatewayError> {
        let wanted = gift.to_string();
        let mut after: Option<String> = None;
        for _ in 0..LOOK_UP_PAGES {
            let mut request = ListCheckoutSession::new().limit(100);
            if let Some((seconds, _)) = gift.uuid().get_timestamp().map(|at| at.to_unix()) {
                // The id tells when the gift began.
                let begun = i64::try_from(seconds).unwrap_or(0);
                // Listed newest first: enough pages from then on hold it.
                request = request.created(RangeQueryTs::gte(begun - 300));
            }
            if let Some(after) = after {
                request = request.starting_after(after);
            }
            let page = self.calls.read(&request).await?;
            let ours = |one: &&CheckoutSession| one.client_reference_id.as_ref() == Some(&wanted);
            if let Some(session) = page.data.iter().find(ours) {
                return Ok(Some(session.id.to_string()));
            }
            after = page.data.last().filter(|_| page.has_more).map(|last| last.id.to_string());
            if after.is_none() {
                break;
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl Gateway for StripeGateway {
    async fn open_checkout(&self, request: &CheckoutRequest) -> Result<Checkout, GatewayError> {
        let key = format!("don:{}", request.gift);
        let session = self.calls.write(&new_session(request), &key).await?;
        let missing = || GatewayError::Unknown("the session has no address".to_owned());
        Ok(Checkout {
            session_id: session.id.to_string(),
            url: session.url.ok_or_else(missing)?,
            payment_intent: session.payment_intent.map(|intent| intent.id().to_string()),
        })
    }

    async fn expire_checkout(&self, session_id: &str) -> Result<(), GatewayError> {
        let key = format!("expire:{session_id}");
        self.calls.write(&ExpireCheckoutSession::new(session_id), &key).await?;
        Ok(())
    }

    async fn payment(&self, of: &ProviderRef) -> Result<PaymentObject, GatewayError> {
        let intent = match of {
            ProviderRef::Session(id) => return self.by_session(id).await,
            ProviderRef::PaymentIntent(id) => return self.by_intent(id).await,
            ProviderRef::Charge(id) => {
                self.calls.read(&RetrieveCharge::new(id.as_str())).await?.payment_intent
            }
            ProviderRef::Dispute(id) => {
                self.calls.read(&RetrieveDispute::new(id.as_str())).await?.payment_intent
            }
            ProviderRef::Refund(id) => {
                self.calls.read(&RetrieveRefund::new(id.as_str())).await?.payment_intent
            }
        };
        let Some(intent) = intent else {
            return Err(GatewayError::Refused {
                code: "no_payment_intent".to_owned(),
                message: "this object belongs to no payment of ours".to_owned(),
            });
        };
        self.by_intent(intent.id().as_str()).await
    }

    async fn find_by_gift(&self, gift: GiftId) -> Result<Option<PaymentObject>, GatewayError> {
        let query = format!("metadata['{}']:'{gift}'", words::GIFT);
        let found = self.calls.read(&SearchPaymentIntent::new(query).limit(1)).await?;
        if let Some(intent) = found.data.first() {
            // The search may be a minute old; the object is not.
            return self.by_intent(intent.id.as_str()).await.map(Some);
        }
        match self.unpaid_session(gift).await? {
            Some(session) => self.by_session(&session).await.map(Some),
            None => Ok(None),
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundObject, GatewayError> {
        let ours = (words::REFUND.to_owned(), request.refund.to_string());
        let call = CreateRefund::new()
            .payment_intent(request.payment_intent.as_str())
            .amount(request.amount.get())
            .reverse_transfer(true)
            .metadata(HashMap::from([ours]));
        let refund = self.calls.write(&call, &format!("remb:{}", request.refund)).await?;
        Ok(seen::refund_object(&refund))
    }

    /// Plain JSON, not the client's types: the event must be stored as a webhook would have
    /// brought it.
    async fn events_since(
        &self,
        since: OffsetDateTime,
        after: Option<&str>,
    ) -> Result<EventPage, GatewayError> {
        let mut request = ListEvent::new()
            .created(RangeQueryTs::gte(since.unix_timestamp()))
            .types(SUBSCRIBED.map(str::to_owned))
            .limit(100);
        if let Some(after) = after {
            request = request.starting_after(after);
        }
        let page = self.calls.read_plain(&request).await?;
        let page: serde_json::Value = serde_json::from_str(&miniserde::json::to_string(&page))
            .map_err(|error| GatewayError::Broken(error.into()))?;
        let listed = |event: &serde_json::Value| {
            let id = event["id"].as_str()?.to_owned();
            Some(ListedEvent { id, body: event.to_string().into_bytes() })
        };
        let data = page["data"].as_array().cloned().unwrap_or_default();
        let events: Vec<ListedEvent> = data.iter().filter_map(listed).collect();
        let more = page["has_more"] == true;
        let next = events.last().filter(|_| more).map(|last| last.id.clone());
        Ok(EventPage { events, next })
    }
}

/// A destination charge: the money is the holder's from the start, the fees are the fund's
/// (decision 17).
fn new_session(request: &CheckoutRequest) -> CreateCheckoutSession {
    let metadata = HashMap::from([
        (words::GIFT.to_owned(), request.gift.to_string()),
        (words::INSTANCE.to_owned(), request.instance.clone()),
    ]);
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::EUR);
    price.unit_amount = Some(request.amount.get());
    price.product_data = Some(ProductData::new(request.label.as_str()));
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = Some(1);
    let destination = request.destination.as_str();
    let mut intent = CreateCheckoutSessionPaymentIntentData::new();
    intent.metadata = Some(metadata.clone());
    intent.on_behalf_of = Some(destination.to_owned());
    intent.transfer_data =
        Some(CreateCheckoutSessionPaymentIntentDataTransferData::new(destination));
    let method = match request.method {
        PaymentMethod::Card => Method::Card,
        PaymentMethod::SepaDebit => Method::SepaDebit,
    };
    let session = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .submit_type(CheckoutSessionSubmitType::Donate)
        .locale(CheckoutSessionLocale::Fr)
        .client_reference_id(request.gift.to_string())
        .metadata(metadata)
        .line_items([line])
        .payment_intent_data(intent)
        .allowed_payment_method_types([method])
        .success_url(request.success_url.as_str())
        .cancel_url(request.cancel_url.as_str())
        .expires_at(request.expires_at.unix_timestamp());
    match &request.email {
        Some(email) => session.customer_email(email.as_str()),
        None => session,
    }
}
