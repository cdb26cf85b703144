//! What the adapter makes of bad answers: a server that says what it is told to say.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Cents,
    gift::PaymentMethod,
    ids::{GiftId, RefundId},
};
use payments::{
    CheckoutRequest, Gateway, GatewayError, ProviderRef, RefundRequest, StripeConfig, StripeGateway,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::sandbox::{Bank, KEY};

/// What the server says next.
enum Say {
    Json(u16, Value),
    Html(u16),
    /// Nothing, for longer than anybody waits.
    Silence,
}

/// What was asked: method and path, and the key.
type Asked = (String, Option<String>);

#[derive(Clone, Default)]
struct Stub {
    next: Arc<Mutex<VecDeque<Say>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// Answers in this order, then 404 as the provider writes it.
    async fn open(say: Vec<Say>, timeout: Duration) -> (Self, StripeGateway) {
        let stub = Self::default();
        stub.next.lock().unwrap().extend(say);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (stub, gateway(&base, timeout))
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn keys(&self) -> Vec<Option<String>> {
        self.asked().into_iter().map(|(_, key)| key).collect()
    }
}

async fn answer(State(stub): State<Stub>, request: Request) -> Response {
    let key = request.headers().get("idempotency-key");
    let key = key.map(|key| key.to_str().unwrap().to_owned());
    let asked = format!("{} {}", request.method(), request.uri().path());
    stub.asked.lock().unwrap().push((asked, key));
    let next = stub.next.lock().unwrap().pop_front();
    let (status, kind, body) = match next {
        Some(Say::Json(status, body)) => (status, "application/json", body.to_string()),
        Some(Say::Html(status)) => (status, "text/html", "<h1>Bad Gateway</h1>".to_owned()),
        Some(Say::Silence) => std::future::pending().await,
        None => (404, "application/json", error("invalid_request_error", "none_left").to_string()),
    };
    let answer = Response::builder().status(StatusCode::from_u16(status).unwrap());
    answer.header("content-type", kind).body(Body::from(body)).unwrap()
}

fn error(kind: &str, code: &str) -> Value {
    json!({ "error": { "type": kind, "code": code, "message": "because" } })
}

fn gateway(base: &str, timeout: Duration) -> StripeGateway {
    let secret_key = SecretString::from(KEY.to_owned());
    let base_url = Some(base.to_owned());
    StripeGateway::new(StripeConfig { base_url, secret_key, timeout }).unwrap()
}

pub fn request() -> CheckoutRequest {
    CheckoutRequest {
        gift: GiftId::new(Uuid::now_v7()),
        instance: "here".into(),
        amount: Cents::new(2_000),
        method: PaymentMethod::Card,
        label: "Un bus".into(),
        destination: "acct_bus".into(),
        email: None,
        success_url: "http://site.example/dons/abc".into(),
        cancel_url: "http://site.example/don".into(),
        expires_at: OffsetDateTime::now_utc() + time::Duration::minutes(31),
    }
}

/// A session as the provider writes one, from the sandbox.
async fn session() -> Value {
    Bank::open().await.session("card", "2000").await
}

const PATIENT: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_call_is_tried_again_under_the_same_key() {
    let busy = || Say::Json(503, error("api_error", "service_unavailable"));
    let limited = Say::Json(429, error("invalid_request_error", "rate_limit"));
    let opened = session().await;
    let say = vec![busy(), limited, Say::Html(502), Say::Json(200, opened.clone())];
    let (stub, stripe) = Stub::open(say, PATIENT).await;
    let asked = request();
    let checkout = stripe.open_checkout(&asked).await.unwrap();
    assert_eq!(checkout.session_id, opened["id"]);
    assert_eq!(checkout.url, opened["url"]);
    assert_eq!(stub.keys(), vec![Some(format!("don:{}", asked.gift)); 4]);
}

#[tokio::test]
async fn tries_are_bounded() {
    let busy = || Say::Json(503, error("api_error", "service_unavailable"));
    let say = (0..9).map(|_| busy()).collect();
    let (stub, stripe) = Stub::open(say, PATIENT).await;
    let begun = Instant::now();
    let failed = stripe.open_checkout(&request()).await;
    assert!(matches!(failed, Err(GatewayError::Unknown(_))), "{failed:?}");
    assert_eq!(stub.asked().len(), 4);
    assert!(begun.elapsed() < PATIENT);
}

#[tokio::test]
async fn a_refusal_is_final() {
    let card = json!({ "error": {
        "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.", "charge": "ch_1",
        "doc_url": "https://stripe.com/docs/error-codes/card-declined" } });
    let email = error("invalid_request_error", "email_invalid");
    let say = vec![Say::Json(402, card), Say::Json(400, email)];
    let (stub, stripe) = Stub::open(say, PATIENT).await;
    for (expected, words) in [
        ("card_declined", "Your card has insufficient funds."),
        ("email_invalid", "not an e-mail address"),
    ] {
        match stripe.open_checkout(&request()).await {
            Err(GatewayError::Refused { code, message }) => {
                assert_eq!((code.as_str(), message.as_str()), (expected, words));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(stub.asked().len(), 2);
}

#[tokio::test]
async fn a_key_that_is_not_believed_refuses_no_gift() {
    for status in [401, 403] {
        let (stub, stripe) =
            Stub::open(vec![Say::Json(status, error("invalid_request_error", "x"))], PATIENT).await;
        let failed = stripe.open_checkout(&request()).await;
        assert!(matches!(failed, Err(GatewayError::Broken(_))), "{failed:?}");
        assert_eq!(stub.asked().len(), 1);
    }
}

#[tokio::test]
async fn what_was_turned_away_was_not_done() {
    let limited = || Say::Json(429, error("invalid_request_error", "rate_limit"));
    let (_, stripe) = Stub::open((0..4).map(|_| limited()).collect(), PATIENT).await;
    let failed = stripe.open_checkout(&request()).await;
    assert!(matches!(failed, Err(GatewayError::Unavailable(_))), "{failed:?}");

    // A port that nobody listens to.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failed = gateway(&base, PATIENT).open_checkout(&request()).await;
    assert!(matches!(failed, Err(GatewayError::Unavailable(_))), "{failed:?}");
}

#[tokio::test]
async fn a_doubt_is_not_lifted_by_a_later_failure() {
    let in_use = Say::Json(409, error("invalid_request_error", "idempotency_key_in_use"));
    let limited = || Say::Json(429, error("invalid_request_error", "rate_limit"));
    for first in [in_use, Say::Html(502), Say::Json(200, json!({ "not": "a session" }))] {
        let say = vec![first, limited(), limited(), limited()];
        let (stub, stripe) = Stub::open(say, PATIENT).await;
        let failed = stripe.open_checkout(&request()).await;
        assert!(matches!(failed, Err(GatewayError::Unknown(_))), "{failed:?}");
        assert_eq!(stub.asked().len(), 4);
    }
}

#[tokio::test]
async fn silence_ends_in_time() {
    let patience = Duration::from_millis(900);
    let say = || (0..4).map(|_| Say::Silence).collect();
    let (stub, stripe) = Stub::open(say(), patience).await;
    let begun = Instant::now();
    let failed = stripe.open_checkout(&request()).await;
    assert!(matches!(failed, Err(GatewayError::Unknown(_))), "{failed:?}");
    assert!(begun.elapsed() >= Duration::from_millis(450), "{:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(stub.asked().len() >= 2, "a silent attempt leaves time for another");

    let (_, stripe) = Stub::open(say(), patience).await;
    let failed = stripe.payment(&ProviderRef::Session("cs_1".into())).await;
    assert!(matches!(failed, Err(GatewayError::Unavailable(_))), "{failed:?}");
}

#[tokio::test]
async fn a_read_leaves_no_doubt() {
    let garbage = || Say::Json(200, json!({ "object": "checkout.session" }));
    let say = vec![Say::Html(502), garbage(), garbage(), Say::Html(200)];
    let (stub, stripe) = Stub::open(say, PATIENT).await;
    let failed = stripe.payment(&ProviderRef::Session("cs_1".into())).await;
    assert!(matches!(failed, Err(GatewayError::Unavailable(_))), "{failed:?}");
    assert_eq!(stub.keys(), vec![None; 4]);
    let failed = stripe.payment(&ProviderRef::Session("cs_1".into())).await;
    assert!(matches!(failed, Err(GatewayError::Refused { .. })), "{failed:?}");
}

#[tokio::test]
async fn a_refund_is_looked_for_before_it_is_asked() {
    let refund = RefundId::new(Uuid::now_v7());
    let asked = RefundRequest { refund, payment_intent: "pi_1".into(), amount: Cents::new(500) };
    let done = json!({
        "id": "re_1", "object": "refund", "amount": 500, "charge": "ch_1", "created": 1_795_000_000,
        "currency": "eur", "metadata": { "refund": refund.to_string() }, "payment_intent": "pi_1",
        "reason": null, "receipt_number": null, "status": "succeeded", "balance_transaction": null,
        "source_transfer_reversal": null, "transfer_reversal": null });
    let list = |data: &[&Value]| {
        let body =
            json!({ "object": "list", "url": "/v1/refunds", "has_more": false, "data": data });
        Say::Json(200, body)
    };
    let reused =
        || Say::Json(400, json!({ "error": { "type": "idempotency_error", "message": "x" } }));
    let say = vec![list(&[&done]), list(&[]), Say::Json(200, done.clone()), list(&[]), reused()];
    let (stub, stripe) = Stub::open(say, PATIENT).await;
    let known = stripe.refund(&asked).await.unwrap();
    assert_eq!((known.ours, known.amount), (Some(refund), Cents::new(500)));
    assert_eq!(stub.asked(), [("GET /v1/refunds".to_owned(), None)]);
    assert_eq!(stripe.refund(&asked).await.unwrap(), known);
    let key = Some(format!("remb:{refund}"));
    assert_eq!(stub.asked()[2], ("POST /v1/refunds".to_owned(), key));
    let failed = stripe.refund(&asked).await;
    assert!(matches!(failed, Err(GatewayError::Broken(_))), "never called refused: {failed:?}");
}

#[tokio::test]
async fn another_currency_is_not_counted_as_euros() {
    let mut abroad = session().await;
    abroad["currency"] = "chf".into();
    let (_, stripe) = Stub::open(vec![Say::Json(200, abroad)], PATIENT).await;
    let failed = stripe.payment(&ProviderRef::Session("cs_1".into())).await;
    assert!(matches!(failed, Err(GatewayError::Broken(_))), "{failed:?}");
}

#[tokio::test]
async fn not_seen_is_not_absent() {
    let full = session().await;
    let none = json!({
        "object": "search_result", "url": "/v1/payment_intents/search", "has_more": false,
        "data": [] });
    let list = json!({
        "object": "list", "url": "/v1/checkout/sessions", "has_more": true, "data": [full] });
    let mut say = vec![Say::Json(200, none)];
    say.extend((0..99).map(|_| Say::Json(200, list.clone())));
    let (stub, stripe) = Stub::open(say, PATIENT).await;
    let failed = stripe.find_by_gift(GiftId::new(Uuid::now_v7())).await;
    assert!(matches!(failed, Err(GatewayError::Unavailable(_))), "{failed:?}");
    assert_eq!(stub.asked().len(), 21);
}
