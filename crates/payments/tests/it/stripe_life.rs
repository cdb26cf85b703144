//! The adapter against the sandbox, over HTTP, when the network lies.

use std::time::Duration;

use domain::{Cents, gift::PaymentMethod};
use payments::{
    CheckoutRequest, Gateway, GatewayError, PaymentStatus, ProviderRef, StripeConfig,
    StripeGateway, sandbox::Outcome,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    sandbox::{Bank, KEY},
    stripe_answers::request,
};

const SESSIONS: &str = "/v1/checkout/sessions";

fn adapter(bank: &Bank) -> StripeGateway {
    StripeGateway::new(StripeConfig {
        base_url: Some(bank.base.clone()),
        secret_key: SecretString::from(KEY.to_owned()),
        timeout: Duration::from_secs(8),
    })
    .unwrap()
}

async fn script(bank: &Bank, calls: Value) {
    let url = format!("{}/_sandbox/faults", bank.base);
    let sent = bank.client.post(url).json(&json!({ "calls": calls })).send().await.unwrap();
    assert_eq!(sent.status(), 204);
}

async fn sessions(bank: &Bank) -> usize {
    bank.get(SESSIONS).await["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn an_unknown_outcome_then_the_same_key_is_one_session() {
    let bank = Bank::open().await;
    let stripe = adapter(&bank);
    let asked = request();
    // Done, and the answer is lost; then turned away until the adapter gives up.
    let lost = json!([
        { "method": "POST", "path": SESSIONS, "reset": true, "when": "after" },
        { "method": "POST", "path": SESSIONS, "index": 1, "status": 429 },
        { "method": "POST", "path": SESSIONS, "index": 2, "status": 429 },
        { "method": "POST", "path": SESSIONS, "index": 3, "status": 429 },
    ]);
    script(&bank, lost).await;
    let failed = stripe.open_checkout(&asked).await;
    assert!(matches!(failed, Err(GatewayError::Unknown(_))), "{failed:?}");
    let found = stripe.find_by_gift(asked.gift).await.unwrap().unwrap();
    assert_eq!((&found.status, found.amount), (&PaymentStatus::Open, Cents::new(2_000)));
    let opened = stripe.open_checkout(&asked).await.unwrap();
    assert_eq!(Some(opened.session_id), found.session_id);
    assert_eq!(sessions(&bank).await, 1);
}

#[tokio::test]
async fn a_lost_answer_is_found_by_the_next_try() {
    let bank = Bank::open().await;
    let lost = json!([{ "method": "POST", "path": SESSIONS, "reset": true, "when": "after" }]);
    script(&bank, lost).await;
    adapter(&bank).open_checkout(&request()).await.unwrap();
    assert_eq!(sessions(&bank).await, 1);
}

#[tokio::test]
async fn the_same_gift_in_other_words_is_the_same_page() {
    let bank = Bank::open().await;
    let stripe = adapter(&bank);
    let asked = request();
    let opened = stripe.open_checkout(&asked).await.unwrap();
    let edited = CheckoutRequest { label: "Un bus tout neuf".into(), ..asked.clone() };
    assert_eq!(stripe.open_checkout(&edited).await.unwrap(), opened);
    let dearer = CheckoutRequest { amount: Cents::new(2_001), ..asked.clone() };
    let failed = stripe.open_checkout(&dearer).await;
    assert!(matches!(failed, Err(GatewayError::Broken(_))), "{failed:?}");
    // Paid meanwhile: never refused, for the gift would be given up.
    bank.sandbox.pay(&opened.session_id, &Outcome::Pay).unwrap();
    let failed = stripe.open_checkout(&edited).await;
    assert!(matches!(failed, Err(GatewayError::Unknown(_))), "{failed:?}");
    assert_eq!(sessions(&bank).await, 1);
}

#[tokio::test]
async fn a_page_closes_once_and_a_paid_one_does_not() {
    let bank = Bank::open().await;
    let stripe = adapter(&bank);
    let opened = stripe.open_checkout(&request()).await.unwrap();
    bank.sandbox.gateway().expire_checkout(&opened.session_id).await.unwrap();
    stripe.expire_checkout(&opened.session_id).await.unwrap();
    let paid = stripe.open_checkout(&request()).await.unwrap();
    bank.sandbox.pay(&paid.session_id, &Outcome::Pay).unwrap();
    let failed = stripe.expire_checkout(&paid.session_id).await;
    assert!(matches!(failed, Err(GatewayError::Refused { .. })), "{failed:?}");
}

#[tokio::test]
async fn a_debit_under_way_has_taken_nothing() {
    let bank = Bank::open().await;
    let stripe = adapter(&bank);
    let debit = CheckoutRequest { method: PaymentMethod::SepaDebit, ..request() };
    let opened = stripe.open_checkout(&debit).await.unwrap();
    let session = ProviderRef::Session(opened.session_id.clone());
    bank.sandbox.pay(&opened.session_id, &Outcome::SepaProcessing).unwrap();
    let under_way = stripe.payment(&session).await.unwrap();
    assert_eq!(under_way.status, PaymentStatus::Processing);
    let (taken, fee, paid_at) = (under_way.captured, under_way.fee, under_way.paid_at);
    assert_eq!((taken, fee, paid_at), (Cents::ZERO, None, None));
    bank.sandbox.settle_debit(&opened.session_id, true).unwrap();
    let intent = ProviderRef::PaymentIntent(under_way.payment_intent.unwrap());
    let cleared = stripe.payment(&intent).await.unwrap();
    assert_eq!((cleared.status, cleared.captured), (PaymentStatus::Captured, Cents::new(2_000)));
    assert!(cleared.fee.is_some() && cleared.paid_at.is_some() && cleared.available_on.is_some());
    assert_eq!(cleared.destination.as_deref(), Some("acct_bus"));
}
