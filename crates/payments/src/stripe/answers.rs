//! What we read in Stripe's answers, and nothing else.

use std::collections::HashMap;

use serde::Deserialize;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub data: Vec<T>,
    pub has_more: bool,
}

/// An id, or the object itself when it was asked for.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Id(String),
    Object(Box<T>),
}

impl<T: Identified> Expandable<T> {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(object) => object.id(),
        }
    }
}

impl<T> Expandable<T> {
    pub(super) fn object(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

/// An object that has an id.
pub(super) trait Identified {
    fn id(&self) -> &str;
}

macro_rules! identified {
    ($($name:ident),*) => {
        $(impl Identified for $name {
            fn id(&self) -> &str {
                &self.id
            }
        })*
    };
}
identified!(Session, Intent, Charge, Account, Refund, Dispute);

pub(super) type Metadata = HashMap<String, String>;

#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub id: String,
    pub url: Option<String>,
    pub status: Option<String>,
    pub payment_intent: Option<Expandable<Intent>>,
    pub client_reference_id: Option<String>,
    pub metadata: Option<Metadata>,
    pub amount_total: Option<i64>,
    pub currency: Option<String>,
    #[serde(default)]
    pub payment_method_types: Vec<String>,
    pub livemode: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub id: String,
    pub status: String,
    pub amount: i64,
    pub amount_received: Option<i64>,
    pub currency: String,
    pub metadata: Option<Metadata>,
    pub latest_charge: Option<Expandable<Charge>>,
    pub last_payment_error: Option<PaymentError>,
    pub transfer_data: Option<TransferData>,
    #[serde(default)]
    pub payment_method_types: Vec<String>,
    pub livemode: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaymentError {
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub payment_method: Option<MethodDetails>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TransferData {
    pub destination: Option<Expandable<Account>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Account {
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Charge {
    pub id: String,
    pub payment_intent: Option<Expandable<Intent>>,
    pub created: i64,
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    pub payment_method_details: Option<MethodDetails>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MethodDetails {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub card: Option<Card>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Card {
    pub fingerprint: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct BalanceTransaction {
    pub fee: i64,
    pub currency: String,
    pub created: i64,
    pub available_on: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub status: Option<String>,
    pub payment_intent: Option<Expandable<Intent>>,
    pub metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dispute {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub payment_intent: Option<Expandable<Intent>>,
    #[serde(default)]
    pub balance_transactions: Vec<BalanceTransaction>,
}
