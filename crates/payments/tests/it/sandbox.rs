//! A sandbox on a port of its own, somebody who calls it, and somebody who listens to its webhooks.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use payments::{
    PaymentEvent, UnverifiedEvent,
    sandbox::{Sandbox, SandboxConfig, WebhookTarget},
    verify,
};
use reqwest::{Client, Method, Response, redirect::Policy};
use secrecy::SecretString;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

pub const KEY: &str = "sk_test_for_the_tests";
pub const SECRET: &str = "whsec_for_the_tests";
const PATIENCE: Duration = Duration::from_secs(30);

/// A webhook as it arrived.
pub struct Rung {
    pub body: Vec<u8>,
    pub signature: String,
}

impl Rung {
    /// Believes it, as the product does.
    pub fn verified(&self, now: OffsetDateTime) -> PaymentEvent {
        let event = UnverifiedEvent { body: &self.body, signature: &self.signature };
        verify(&event, &[SecretString::from(SECRET.to_owned())], now, 300).unwrap()
    }
}

#[derive(Clone)]
struct Door {
    ring: mpsc::UnboundedSender<Rung>,
    /// Answers to give first, before 200.
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
    calls: Arc<AtomicU16>,
}

pub struct Bank {
    pub sandbox: Sandbox,
    pub base: String,
    pub client: Client,
    rung: mpsc::UnboundedReceiver<Rung>,
    door: Door,
    _stop: DropGuard,
}

impl Bank {
    pub async fn open() -> Self {
        Self::with_state(None).await
    }

    pub async fn with_state(state_file: Option<std::path::PathBuf>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let (ring, rung) = mpsc::unbounded_channel();
        let door = Door { ring, answers: Arc::default(), calls: Arc::default() };
        let sandbox = Sandbox::new(SandboxConfig {
            accounts: vec!["acct_bus".into()],
            state_file,
            webhook: Some(WebhookTarget {
                url: answer_the_door(door.clone(), stop.clone()).await,
                secret: SecretString::from(SECRET.to_owned()),
            }),
            secret_key: SecretString::from(KEY.to_owned()),
            public_url: base.clone(),
        })
        .unwrap();
        let (serving, token) = (sandbox.clone(), stop.clone());
        tokio::spawn(async move { serving.serve(listener, token).await.unwrap() });
        let client = client();
        Self { sandbox, base, client, rung, door, _stop: stop.drop_guard() }
    }

    /// The receiver fails so many times before it takes an event.
    pub fn fail_first(&self, answers: &[StatusCode]) {
        self.door.answers.lock().unwrap().extend(answers);
    }

    pub fn webhook_calls(&self) -> u16 {
        self.door.calls.load(Ordering::SeqCst)
    }

    pub async fn next_ring(&mut self) -> Rung {
        tokio::time::timeout(PATIENCE, self.rung.recv()).await.unwrap().unwrap()
    }

    /// The types of the next events.
    pub async fn next_kinds(&mut self, count: usize) -> Vec<String> {
        let mut kinds = Vec::new();
        for _ in 0..count {
            kinds.push(self.next_ring().await.verified(self.sandbox.now()).kind);
        }
        kinds
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        (key, form): (Option<&str>, &[(&str, &str)]),
    ) -> Result<Response, reqwest::Error> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        request = request.bearer_auth(KEY);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if !form.is_empty() {
            request = request.form(form);
        }
        request.send().await
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, (None, &[])).await.unwrap();
        json(answer).await.1
    }

    /// A POST: its status and JSON.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        json(self.call(Method::POST, path, (None, form)).await.unwrap()).await
    }

    /// A page to pay `amount` cents, by `card` or `sepa_debit`.
    pub async fn session(&self, means: &str, amount: &str) -> Value {
        let (status, session) = self.post("/v1/checkout/sessions", &order(means, amount)).await;
        assert_eq!(status, 200, "{session}");
        session
    }

    /// The donor's gesture on the page: the status, and where it leads.
    pub async fn gesture(&self, session: &Value, fields: &[(&str, &str)]) -> (u16, String) {
        let page = format!("{}/c/pay/{}", self.base, session["id"].as_str().unwrap());
        let answer = self.client.post(page).form(fields).send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default())
    }

    pub async fn page(&self, path: &str) -> (u16, HeaderMap, String) {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.text().await.unwrap())
    }
}

pub async fn json(answer: Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().await.unwrap())
}

pub const GIFT: &str = "0193a5c2-0000-7000-8000-00000000beef";

pub fn order<'a>(means: &'a str, amount: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("mode", "payment"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", amount),
        ("line_items[0][price_data][product_data][name]", "Un bus <numérique> & l’été"),
        ("line_items[0][quantity]", "1"),
        ("allowed_payment_method_types[0]", means),
        ("payment_intent_data[metadata][gift]", GIFT),
        ("payment_intent_data[metadata][instance]", "here"),
        ("payment_intent_data[transfer_data][destination]", "acct_bus"),
        ("payment_intent_data[on_behalf_of]", "acct_bus"),
        ("metadata[gift]", GIFT),
        ("metadata[instance]", "here"),
        ("client_reference_id", GIFT),
        ("customer_email", "camille@example.org"),
        ("success_url", "http://site.example/dons/abc?s={CHECKOUT_SESSION_ID}"),
        ("cancel_url", "http://site.example/campagnes/bus/don"),
        ("locale", "fr"),
    ]
}

fn client() -> Client {
    // Somebody may have installed one before: any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).no_proxy().timeout(PATIENCE).build().unwrap()
}

async fn answer_the_door(door: Door, stop: CancellationToken) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
    let router = Router::new().route("/webhooks", post(ring)).with_state(door);
    tokio::spawn(async move {
        let serving = axum::serve(listener, router);
        serving.with_graceful_shutdown(stop.cancelled_owned()).await.unwrap();
    });
    url
}

async fn ring(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> StatusCode {
    door.calls.fetch_add(1, Ordering::SeqCst);
    if let Some(answer) = door.answers.lock().unwrap().pop_front() {
        return answer;
    }
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    door.ring.send(Rung { body: body.to_vec(), signature }).unwrap();
    StatusCode::OK
}
