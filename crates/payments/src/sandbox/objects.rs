//! The provider's objects as the sandbox keeps them. Amounts in euro cents, times in seconds since
//! 1970 (UTC), as the provider writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Notes that a caller attaches to an object.
pub type Metadata = BTreeMap<String, String>;

/// What can be paid with here, by the provider's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// Bank card.
    Card,
    /// SEPA direct debit.
    SepaDebit,
}

impl Means {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::SepaDebit => "sepa_debit",
        }
    }
}

/// Whether a payment page can still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// It waits for the donor.
    Open,
    /// It was used.
    Complete,
    /// It closed unused.
    Expired,
}

impl SessionStatus {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// What a caller asks of a new payment page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOrder {
    /// How much, in cents.
    pub amount: i64,
    /// Only card, only debit, or none said: then card.
    pub means: Option<Means>,
    /// What the donor reads.
    pub label: String,
    /// Filled in for the donor.
    pub email: Option<String>,
    /// Where the donor comes back; `{CHECKOUT_SESSION_ID}` is filled in.
    pub success_url: String,
    /// Where the donor comes back without paying.
    pub cancel_url: Option<String>,
    /// The caller's own reference.
    pub client_reference_id: Option<String>,
    /// Notes on the session.
    pub metadata: Metadata,
    /// Notes on the payment.
    pub payment_metadata: Metadata,
    /// The payment's description.
    pub description: Option<String>,
    /// The connected account the money goes to.
    pub destination: Option<String>,
    /// The connected account in whose name it is taken.
    pub on_behalf_of: Option<String>,
    /// When the page closes; a day later when not said.
    pub expires_at: Option<i64>,
    /// The language asked for.
    pub locale: Option<String>,
}

/// A payment page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// `cs_test_…`
    pub id: String,
    /// When it was opened.
    pub created: i64,
    /// When it closes.
    pub expires_at: i64,
    /// Whether it can still be used.
    pub status: SessionStatus,
    /// Whether the money has been taken.
    pub paid: bool,
    /// What was asked.
    pub order: SessionOrder,
    /// The payment, from the first try on.
    pub payment_intent: Option<String>,
}

impl Session {
    /// How it is paid.
    #[must_use]
    pub fn means(&self) -> Means {
        self.order.means.unwrap_or(Means::Card)
    }
}

/// Where a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// Nothing has been paid; maybe something was refused.
    RequiresPaymentMethod,
    /// A debit is under way.
    Processing,
    /// Paid.
    Succeeded,
    /// It will not be.
    Canceled,
}

impl IntentStatus {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// `pi_…`
    pub id: String,
    /// When it was made.
    pub created: i64,
    /// Where it is.
    pub status: IntentStatus,
    /// The page it belongs to.
    pub session: String,
    /// How much.
    pub amount: i64,
    /// How.
    pub means: Means,
    /// Notes.
    pub metadata: Metadata,
    /// Its description.
    pub description: Option<String>,
    /// The connected account the money goes to.
    pub destination: Option<String>,
    /// The connected account in whose name it is taken.
    pub on_behalf_of: Option<String>,
    /// The last try.
    pub latest_charge: Option<String>,
    /// When it was given up.
    pub canceled_at: Option<i64>,
}

/// Where a try is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeStatus {
    /// A debit is under way.
    Pending,
    /// Taken.
    Succeeded,
    /// Refused.
    Failed,
}

impl ChargeStatus {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// One try at taking the money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// `ch_…`
    pub id: String,
    /// When it was tried.
    pub created: i64,
    /// Where it is.
    pub status: ChargeStatus,
    /// The payment it belongs to.
    pub intent: String,
    /// How much.
    pub amount: i64,
    /// Refunds under way or gone.
    pub amount_refunded: i64,
    /// How.
    pub means: Means,
    /// The number of the test card, or of the test account.
    pub number: String,
    /// The donor showed who they are to their bank.
    pub three_d_secure: bool,
    /// Notes, copied from the payment.
    pub metadata: Metadata,
    /// The donor's address for receipts.
    pub email: Option<String>,
    /// The connected account the money goes to.
    pub destination: Option<String>,
    /// The connected account in whose name it is taken.
    pub on_behalf_of: Option<String>,
    /// The movement, once there is one.
    pub balance_transaction: Option<String>,
    /// The bank contests it, or has.
    pub disputed: bool,
    /// Why it was refused.
    pub decline_code: Option<String>,
}

/// Where a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Under way.
    Pending,
    /// Gone.
    Succeeded,
    /// It came back.
    Failed,
}

impl RefundState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// `re_…`
    pub id: String,
    /// When it was asked.
    pub created: i64,
    /// Where it is.
    pub status: RefundState,
    /// Of which charge.
    pub charge: String,
    /// Of which payment.
    pub intent: String,
    /// How much.
    pub amount: i64,
    /// How it goes back.
    pub means: Means,
    /// Notes.
    pub metadata: Metadata,
    /// Why, by the provider's words.
    pub reason: Option<String>,
    /// The movement.
    pub balance_transaction: String,
    /// The connected account gives its share back.
    pub transfer_reversal: Option<String>,
}

/// Where a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// The bank asks; no money moves.
    WarningNeedsResponse,
    /// The bank asked, and is content.
    WarningClosed,
    /// The money is gone for now.
    NeedsResponse,
    /// It came back.
    Won,
    /// It is gone.
    Lost,
}

impl DisputeState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::WarningNeedsResponse => "warning_needs_response",
            Self::WarningClosed => "warning_closed",
            Self::NeedsResponse => "needs_response",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// `dp_…`
    pub id: String,
    /// When it was opened.
    pub created: i64,
    /// Where it is.
    pub status: DisputeState,
    /// Of which charge.
    pub charge: String,
    /// Of which payment.
    pub intent: String,
    /// How much.
    pub amount: i64,
    /// The movements.
    pub balance_transactions: Vec<String>,
}

/// A movement on the balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// `txn_…`
    pub id: String,
    /// When.
    pub created: i64,
    /// When the money can be used.
    pub available_on: i64,
    /// How much, negative when it leaves.
    pub amount: i64,
    /// The provider's fee.
    pub fee: i64,
    /// `charge`, `refund`, `adjustment`…
    pub kind: String,
    /// What it is about.
    pub source: String,
}

/// An object as it was when something happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Snapshot {
    /// A payment page.
    Session(Session),
    /// A payment.
    Intent(Intent),
    /// A try.
    Charge(Charge),
    /// A refund.
    Refund(Refund),
    /// A dispute.
    Dispute(Dispute),
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// `evt_…`
    pub id: String,
    /// When.
    pub created: i64,
    /// `payment_intent.succeeded`…
    pub kind: String,
    /// The object, as it was then.
    pub about: Snapshot,
    /// Told, or given up.
    pub told: bool,
}
