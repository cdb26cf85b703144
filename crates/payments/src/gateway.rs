//! What we ask of a payment provider. Amounts in cents, times in UTC.

use async_trait::async_trait;
use domain::{
    Cents,
    gift::PaymentMethod,
    ids::{GiftId, RefundId},
    people::EmailAddress,
};
use time::OffsetDateTime;

/// The provider.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Opens the payment page of a gift; asked again with the same gift, it is the same page.
    async fn open_checkout(&self, request: &CheckoutRequest) -> Result<Checkout, GatewayError>;
    /// Closes a payment page nobody used.
    async fn expire_checkout(&self, session_id: &str) -> Result<(), GatewayError>;
    /// A payment as it is now.
    async fn payment(&self, of: &ProviderRef) -> Result<PaymentObject, GatewayError>;
    /// The payment of a gift, looked up by our own reference.
    async fn find_by_gift(&self, gift: GiftId) -> Result<Option<PaymentObject>, GatewayError>;
    /// Pays back; asked again with the same refund, it is the same refund.
    async fn refund(&self, request: &RefundRequest) -> Result<RefundObject, GatewayError>;
    /// Events since an instant, a page at a time, for the reconciler.
    async fn events_since(
        &self,
        since: OffsetDateTime,
        after: Option<&str>,
    ) -> Result<EventPage, GatewayError>;
}

/// A payment page to open.
#[derive(Clone, Debug)]
pub struct CheckoutRequest {
    /// The gift; the idempotency key is made from it.
    pub gift: GiftId,
    /// Our name, so that another instance's events are not taken for ours.
    pub instance: String,
    /// How much.
    pub amount: Cents,
    /// How it is paid.
    pub method: PaymentMethod,
    /// What the donor reads there: the campaign's title.
    pub label: String,
    /// The holder's connected account: the money goes there (decision 17).
    pub destination: String,
    /// Filled in for the donor.
    pub email: Option<EmailAddress>,
    /// Where the donor comes back.
    pub success_url: String,
    /// Where the donor comes back without paying.
    pub cancel_url: String,
    /// When the page closes.
    pub expires_at: OffsetDateTime,
}

/// A payment page that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Its id.
    pub session_id: String,
    /// Its address.
    pub url: String,
    /// The payment behind it, once there is one.
    pub payment_intent: Option<String>,
}

/// One of the provider's objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderRef {
    /// A checkout session.
    Session(String),
    /// A payment intent.
    PaymentIntent(String),
    /// A charge.
    Charge(String),
    /// A dispute.
    Dispute(String),
    /// A refund.
    Refund(String),
}

impl ProviderRef {
    /// The provider's id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Session(id)
            | Self::PaymentIntent(id)
            | Self::Charge(id)
            | Self::Dispute(id)
            | Self::Refund(id) => id,
        }
    }
}

/// Where a payment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// The donor may still pay.
    Open,
    /// A debit is under way.
    Processing,
    /// The provider has the money.
    Captured,
    /// It will not happen.
    Failed,
    /// A status we do not know: a person must look.
    Other(String),
}

/// A payment as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentObject {
    /// The gift it names.
    pub gift: Option<GiftId>,
    /// The instance it names.
    pub instance: Option<String>,
    /// Its checkout.
    pub session_id: Option<String>,
    /// Its intent.
    pub payment_intent: Option<String>,
    /// Its charge.
    pub charge: Option<String>,
    /// Where it is.
    pub status: PaymentStatus,
    /// What was asked.
    pub amount: Cents,
    /// What was taken.
    pub captured: Cents,
    /// Refunds, whoever asked.
    pub refunds: Vec<RefundObject>,
    /// The dispute, if any.
    pub dispute: Option<DisputeObject>,
    /// The provider's fee.
    pub fee: Option<Cents>,
    /// How it was paid.
    pub method: Option<PaymentMethod>,
    /// Same card, same mark.
    pub card_fingerprint: Option<String>,
    /// The account it goes to.
    pub destination: Option<String>,
    /// When it was taken.
    pub paid_at: Option<OffsetDateTime>,
    /// When the money is available.
    pub available_on: Option<OffsetDateTime>,
    /// Why it was refused.
    pub decline_code: Option<String>,
    /// Real money.
    pub livemode: bool,
}

/// A refund to ask for; the holder's share goes back with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Ours; the idempotency key is made from it.
    pub refund: RefundId,
    /// Of which payment.
    pub payment_intent: String,
    /// How much.
    pub amount: Cents,
}

/// Where a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// Under way.
    Pending,
    /// Gone.
    Succeeded,
    /// It did not go through.
    Failed,
    /// Taken back before it went.
    Canceled,
}

/// A refund as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundObject {
    /// The provider's id.
    pub id: String,
    /// Ours, when we asked.
    pub ours: Option<RefundId>,
    /// How much.
    pub amount: Cents,
    /// Where it is.
    pub status: RefundStatus,
}

/// Where a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStatus {
    /// A question of the bank, open or closed: no money moves.
    Inquiry,
    /// The money is gone for now.
    Open,
    /// It came back.
    Won,
    /// It is gone for good.
    Lost,
}

/// A dispute as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeObject {
    /// The provider's id.
    pub id: String,
    /// Where it is.
    pub status: DisputeStatus,
    /// How much.
    pub amount: Cents,
    /// The provider's fee for it.
    pub fee: Option<Cents>,
}

/// An event as the provider lists it: its JSON, as a webhook would have carried it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEvent {
    /// Its id.
    pub id: String,
    /// Its JSON.
    pub body: Vec<u8>,
}

/// A page of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// The events.
    pub events: Vec<ListedEvent>,
    /// After which event the next page begins; none at the end.
    pub next: Option<String>,
}

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The provider said no.
    #[error("refused ({code}): {message}")]
    Refused {
        /// The provider's code.
        code: String,
        /// Its message, for us.
        message: String,
    },
    /// It was certainly not done: no connection, or turned away.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// It may have been done.
    #[error("unknown outcome: {0}")]
    Unknown(String),
    /// A mistake of ours or of the answer.
    #[error("broken: {0}")]
    Broken(#[from] anyhow::Error),
}
