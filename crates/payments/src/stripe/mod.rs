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
    CreateCheckoutSession, CreateCheckoutSessionAdaptivePricing,
    CreateCheckoutSessionAllowedPaymentMethodTypes as Method, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionPaymentIntentDataTransferData, ExpireCheckoutSession, ListCheckoutSession,
    ProductData, RetrieveCheckoutSession,
};
use stripe_core::{
    charge::RetrieveCharge,
    dispute::{ListDispute, RetrieveDispute},
    event::ListEvent,
    payment_intent::{RetrievePaymentIntent, SearchPaymentIntent},
    refund::{CreateRefund, ListRefund, RetrieveRefund},
};
use stripe_shared::{
    Charge, CheckoutSession, CheckoutSessionLocale, CheckoutSessionMode, CheckoutSessionStatus,
    CheckoutSessionSubmitType, Dispute, PaymentIntent, Refund,
};
use stripe_types::{Currency, Expandable, RangeQueryTs};
use time::OffsetDateTime;

use crate::{
    event::SUBSCRIBED,
    gateway::{
        Checkout, CheckoutRequest, DisputeStatus, EventPage, Gateway, GatewayError, ListedEvent,
        PaymentObject, ProviderRef, RefundObject, RefundRequest,
    },
};
use calls::{Caller, REUSED_KEY};
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
    /// Sets up the client; calls nothing yet. Installs ring as the provider of TLS unless the
    /// program has installed one, as `main` should, first thing: two in one tree, none of them
    /// installed, would make rustls panic.
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
        let currency = intent.as_ref().map(|intent| &intent.currency);
        let currency = currency.or_else(|| session.as_ref()?.currency.as_ref());
        if currency != Some(&Currency::EUR) {
            // Never counted as if it were.
            return Err(GatewayError::Broken(anyhow::anyhow!("a payment that is not in euros")));
        }
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
            _ => self.list_refunds(id).await?,
        };
        refunds.reverse();
        Ok(refunds)
    }

    async fn list_refunds(&self, intent: &str) -> Result<Vec<Refund>, GatewayError> {
        let page = self.calls.read(&ListRefund::new().payment_intent(intent).limit(100)).await?;
        if page.has_more {
            return Err(GatewayError::Broken(anyhow::anyhow!(
                "over a hundred refunds of a payment"
            )));
        }
        Ok(page.data)
    }

    /// Of several, the one that holds the money; else one that gave it back, which we may not have
    /// seen yet; the newest, which is listed first.
    async fn dispute_of(&self, intent: &str) -> Result<Option<Dispute>, GatewayError> {
        let request = ListDispute::new().payment_intent(intent).limit(100);
        let disputes = self.calls.read(&request).await?.data;
        let rank = |dispute: &Dispute| match words::dispute_status(dispute.status.as_str()) {
            DisputeStatus::Open => 0,
            DisputeStatus::Lost => 1,
            DisputeStatus::Won => 2,
            DisputeStatus::Inquiry => 3,
        };
        Ok(disputes.into_iter().min_by_key(rank))
    }

    /// The page of a gift, from the list of pages: an unpaid page has no intent, hence nothing that
    /// can be searched; and the list, unlike the search, knows what was done a second ago. It
    /// cannot be filtered by our reference, but the gift's id carries the time of its form.
    async fn listed_session(&self, gift: GiftId) -> Result<Option<CheckoutSession>, GatewayError> {
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
                return Ok(Some(session.clone()));
            }
            after = page.data.last().filter(|_| page.has_more).map(|last| last.id.to_string());
            if after.is_none() {
                return Ok(None);
            }
        }
        // Not "there is none": we did not see them all.
        let why = "too many payment pages since this gift to look through";
        Err(GatewayError::Unavailable(why.to_owned()))
    }

    /// The provider refuses a key that comes back with other words (a title was edited, say): the
    /// page that is already open is the answer, if it asks the same amount.
    async fn already_open(&self, request: &CheckoutRequest) -> Result<Checkout, GatewayError> {
        let session = self.listed_session(request.gift).await?;
        let session = session.filter(|one| one.amount_total == Some(request.amount.get()));
        let differs = || anyhow::anyhow!("the key of this gift has served for another request");
        checkout(session.ok_or_else(differs)?)
    }
}

#[async_trait]
impl Gateway for StripeGateway {
    async fn open_checkout(&self, request: &CheckoutRequest) -> Result<Checkout, GatewayError> {
        let key = format!("don:{}", request.gift);
        match self.calls.write(&new_session(request), &key).await {
            Ok(session) => checkout(session),
            Err(GatewayError::Refused { code, .. }) if code == REUSED_KEY => {
                self.already_open(request).await
            }
            Err(error) => Err(error),
        }
    }

    async fn expire_checkout(&self, session_id: &str) -> Result<(), GatewayError> {
        let key = format!("expire:{session_id}");
        match self.calls.write(&ExpireCheckoutSession::new(session_id), &key).await {
            Ok(_) => Ok(()),
            Err(GatewayError::Refused { code, message }) => {
                // A page that is closed already is closed.
                let session = self.calls.read(&RetrieveCheckoutSession::new(session_id)).await?;
                if session.status == Some(CheckoutSessionStatus::Expired) {
                    return Ok(());
                }
                Err(GatewayError::Refused { code, message })
            }
            Err(error) => Err(error),
        }
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
        match self.listed_session(gift).await? {
            Some(session) => self.by_session(session.id.as_str()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Looks first: the provider may forget a key after 24 hours, and a refund whose outcome was
    /// not known may be asked again much later.
    async fn refund(&self, request: &RefundRequest) -> Result<RefundObject, GatewayError> {
        let known = self.list_refunds(&request.payment_intent).await?;
        let mut known = known.iter().map(seen::refund_object);
        if let Some(same) = known.find(|known| known.ours == Some(request.refund)) {
            return Ok(same);
        }
        let ours = (words::REFUND.to_owned(), request.refund.to_string());
        let call = CreateRefund::new()
            .payment_intent(request.payment_intent.as_str())
            .amount(request.amount.get())
            .reverse_transfer(true)
            .metadata(HashMap::from([ours]));
        match self.calls.write(&call, &format!("remb:{}", request.refund)).await {
            Ok(refund) => Ok(seen::refund_object(&refund)),
            // Something was asked under this key that the list does not show: a person must look
            // before it is called refused.
            Err(GatewayError::Refused { code, message }) if code == REUSED_KEY => {
                Err(GatewayError::Broken(anyhow::anyhow!("{code}: {message}")))
            }
            Err(error) => Err(error),
        }
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
        let Some(data) = page["data"].as_array() else {
            return Err(GatewayError::Unavailable("the list of events is not a list".to_owned()));
        };
        let events: Vec<ListedEvent> = data.iter().filter_map(listed).collect();
        let more = page["has_more"] == true;
        let next = events.last().filter(|_| more).map(|last| last.id.clone());
        Ok(EventPage { events, next })
    }
}

fn checkout(session: CheckoutSession) -> Result<Checkout, GatewayError> {
    // The provider takes the address away once the page is over: expired, or perhaps paid.
    let Some(url) = session.url else {
        if session.status == Some(CheckoutSessionStatus::Expired) {
            let code = "checkout_expired".to_owned();
            return Err(GatewayError::Refused { code, message: session.id.to_string() });
        }
        return Err(GatewayError::Unknown("the payment page is no longer open".to_owned()));
    };
    Ok(Checkout {
        session_id: session.id.to_string(),
        url,
        payment_intent: session.payment_intent.map(|intent| intent.id().to_string()),
    })
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
    // The donor reads euros, wherever the donor is.
    let mut pricing = CreateCheckoutSessionAdaptivePricing::new();
    pricing.enabled = Some(false);
    let session = CreateCheckoutSession::new()
        .adaptive_pricing(pricing)
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
