//! Webhooks: the signature, and the task that sends events until they are taken.

use std::{collections::BTreeMap, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use time::OffsetDateTime;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Sandbox, WebhookTarget, http::faults::EventFault, lock};

/// Deliveries under way at once.
const AT_ONCE: usize = 8;
/// Waiting for the receiver's answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first wait after a delivery that failed; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The clock brings news too: pages close, refunds arrive.
const TICK: Duration = Duration::from_secs(1);

/// The header `Stripe-Signature` of a body: `t=…,v1=…`.
#[must_use]
pub fn sign(secret: &SecretString, body: &[u8], now: OffsetDateTime) -> String {
    let at = now.unix_timestamp();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// An event on its way.
#[derive(Clone, Debug)]
struct Parcel {
    id: String,
    body: Vec<u8>,
    attempt: u32,
}

/// Sends events until asked to stop; without an address, only the clock runs.
pub fn run(
    sandbox: Sandbox,
    shutdown: CancellationToken,
) -> anyhow::Result<impl Future<Output = ()>> {
    // Somebody may have installed one before: any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let target = sandbox.shared.config.webhook.clone();
    Ok(async move {
        let mut sender = Sender {
            sandbox,
            waiting: BTreeMap::new(),
            counter: 0,
            held_back: Vec::new(),
            under_way: JoinSet::new(),
        };
        let work = async {
            loop {
                match &target {
                    Some(target) => sender.turn(target, &client).await,
                    None => {
                        tokio::time::sleep(TICK).await;
                        sender.sandbox.sweep();
                    }
                }
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = work => {}
        }
    })
}

struct Sender {
    sandbox: Sandbox,
    /// By the time of the next attempt, then by their order.
    waiting: BTreeMap<(Instant, u64), Parcel>,
    counter: u64,
    /// Sent after the event that follows.
    held_back: Vec<Parcel>,
    under_way: JoinSet<(Parcel, bool)>,
}

impl Sender {
    /// Takes what is new, sends what is due, waits for the first thing that happens.
    async fn turn(&mut self, target: &WebhookTarget, client: &reqwest::Client) {
        for (id, kind, body) in self.sandbox.take_parcels() {
            let fault = lock(&self.sandbox.shared.faults).of_event(&kind).unwrap_or_default();
            self.take(Parcel { id, body, attempt: 0 }, &fault);
        }
        let now = Instant::now();
        while self.under_way.len() < AT_ONCE {
            let due = self.waiting.first_entry().filter(|entry| entry.key().0 <= now);
            let Some(parcel) = due.map(|entry| entry.remove()) else { break };
            let signature = sign(&target.secret, &parcel.body, self.sandbox.now());
            let request = client
                .post(&target.url)
                .header("content-type", "application/json; charset=utf-8")
                .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
                .header("stripe-signature", signature)
                .body(parcel.body.clone());
            self.under_way.spawn(deliver(request, parcel));
        }
        let full = self.under_way.len() >= AT_ONCE;
        let next = self.waiting.first_key_value().map(|((at, _), _)| *at).filter(|_| !full);
        let tick = now + TICK;
        tokio::select! {
            Some(Ok((parcel, taken))) = self.under_way.join_next() => self.back(parcel, taken),
            () = self.sandbox.shared.news.notified() => {}
            () = tokio::time::sleep_until(next.unwrap_or(tick).min(tick)) => {
                self.sandbox.sweep();
                if next.is_none() {
                    self.release(tick);
                }
            }
        }
    }

    /// What was held back for another event goes out; when none follows, at the next tick.
    fn release(&mut self, at: Instant) {
        for held in std::mem::take(&mut self.held_back) {
            self.post(at, held);
        }
    }

    fn take(&mut self, parcel: Parcel, fault: &EventFault) {
        if fault.drop {
            self.sandbox.told(&parcel.id);
            return;
        }
        if fault.reorder {
            self.held_back.push(parcel);
            return;
        }
        let at = Instant::now() + Duration::from_millis(fault.delay_ms);
        for _ in 0..=fault.duplicate {
            self.post(at, parcel.clone());
        }
        self.release(at);
    }

    fn post(&mut self, at: Instant, parcel: Parcel) {
        self.counter += 1;
        self.waiting.insert((at, self.counter), parcel);
    }

    fn back(&mut self, parcel: Parcel, taken: bool) {
        if taken {
            self.sandbox.told(&parcel.id);
            return;
        }
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(parcel.attempt));
        let attempt = parcel.attempt + 1;
        let at = Instant::now() + wait.min(LONGEST_WAIT);
        self.post(at, Parcel { attempt, ..parcel });
    }
}

async fn deliver(request: reqwest::RequestBuilder, parcel: Parcel) -> (Parcel, bool) {
    let taken = match request.send().await {
        Ok(answer) if answer.status().is_success() => true,
        Ok(answer) => {
            let status = answer.status().as_u16();
            tracing::debug!(event.id = %parcel.id, status, "the webhook was not taken");
            false
        }
        Err(error) => {
            tracing::debug!(event.id = %parcel.id, %error, "the webhook cannot be reached");
            false
        }
    };
    (parcel, taken)
}
