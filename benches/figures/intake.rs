//! From the provider's webhook to a captured gift, through the real house.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actions::{Actions, BeginGift, Client, DonorDetails};
use anyhow::{Context, ensure};
use domain::{
    Cents,
    gift::PaymentMethod,
    ids::GiftId,
    people::{PersonName, PostalAddress},
};
use payments::sandbox::{Outcome, sign};
use secrecy::SecretString;
use testkit::gauge::{Gauge, Statement};
use time::OffsetDateTime;
use tokio::{sync::Mutex, task::JoinSet, time::sleep};
use uuid::Uuid;

use crate::town::{Town, WEBHOOK_SECRET};

/// Gifts begun, and webhooks rung, at once.
const AT_ONCE: usize = 8;
const LOOK: Duration = Duration::from_millis(250);
/// A crowd that takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// What a crowd of gifts took. Rates are per second.
pub struct Intake {
    /// Gifts whose match was reserved and whose checkout was opened.
    pub begun: f64,
    /// Webhooks written down and answered.
    pub rung: f64,
    /// Gifts in the books, from the first webhook to the last capture.
    pub captured: f64,
    /// Gifts with their letters and receipts too.
    pub served: f64,
    /// Until the last capture, by frequency; none when the server cannot count.
    pub statements: Vec<Statement>,
}

/// Gives `gifts` times, in turn to each of some campaigns.
pub async fn measure(
    town: &Town,
    gauge: (&mut Gauge, bool),
    actions: &Actions,
    slugs: &[String],
    gifts: usize,
) -> anyhow::Result<Intake> {
    let (gauge, counts) = gauge;
    let asks: Vec<BeginGift> =
        slugs.iter().cycle().take(gifts).enumerate().map(|(n, slug)| ask(n, slug)).collect();
    let ids: Vec<Uuid> = asks.iter().map(|ask| ask.gift.uuid()).collect();
    let began = Instant::now();
    begin_all(actions, asks).await?;
    let begun = rate(gifts, began.elapsed());
    for id in &ids {
        let session = actions.session_of(GiftId::new(*id)).await?.context("a session")?;
        town.sandbox.pay(&session, &Outcome::Pay)?;
    }
    let events = town.sandbox.take_events();
    let webhooks = events.len();
    if counts {
        gauge.forget_statements().await?;
    }
    let started = OffsetDateTime::now_utc();
    let began = Instant::now();
    ring_all(&town.site, events).await?;
    let rung = rate(webhooks, began.elapsed());
    until(began, async || Ok(gauge.captured(&ids).await? == gifts)).await?;
    let statements = if counts { gauge.statements().await? } else { Vec::new() };
    let last = gauge.last_booked(&ids).await?;
    until(began, async || Ok(gauge.unfinished_jobs().await? == 0)).await?;
    let served = rate(gifts, began.elapsed());
    let took = (last - started).unsigned_abs();
    Ok(Intake { begun, rung, captured: rate(gifts, took), served, statements })
}

#[allow(clippy::cast_precision_loss, reason = "a rate needs no more than fifty bits")]
fn rate(number: usize, took: Duration) -> f64 {
    number as f64 / took.as_secs_f64()
}

/// Seven of ten want a receipt, four of ten the news.
fn ask(n: usize, slug: &str) -> BeginGift {
    let gift = Uuid::now_v7();
    BeginGift {
        gift: GiftId::new(gift),
        slug: slug.to_owned(),
        amount: Cents::new(1_000),
        method: PaymentMethod::Card,
        donor: DonorDetails {
            email: format!("{}@exemple.fr", gift.simple()).parse().expect("an address"),
            name: PersonName { first: "Camille".into(), last: format!("Lestrade {n}") },
            address: Some(PostalAddress {
                line: "12, rue des Écoles".into(),
                postcode: "23000".into(),
                city: "Guéret".into(),
                country: "FR".into(),
            }),
            wants_receipt: n % 10 < 7,
            public_name: n % 10 < 3,
            wants_news: n % 10 < 4,
        },
        again: false,
        client: Client { address: gift.to_string(), flow: gift.to_string(), shared: false },
    }
}

async fn begin_all(actions: &Actions, asks: Vec<BeginGift>) -> anyhow::Result<()> {
    let queue = Arc::new(Mutex::new(asks));
    let mut visitors = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (actions, queue) = (actions.clone(), queue.clone());
        visitors.spawn(async move {
            loop {
                let Some(ask) = queue.lock().await.pop() else { return anyhow::Ok(()) };
                let began = actions.begin_gift(&ask, OffsetDateTime::now_utc()).await;
                began.map_err(|stop| anyhow::anyhow!("{} did not begin: {stop:?}", ask.slug))?;
            }
        });
    }
    while let Some(visitor) = visitors.join_next().await {
        visitor??;
    }
    Ok(())
}

async fn ring_all(site: &str, mut events: Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    events.reverse();
    let queue = Arc::new(Mutex::new(events));
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let address = format!("{site}/webhooks/stripe");
    let mut bells = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, address, queue) = (client.clone(), address.clone(), queue.clone());
        bells.spawn(async move {
            let secret = SecretString::from(WEBHOOK_SECRET);
            loop {
                let Some((id, body)) = queue.lock().await.pop() else { return anyhow::Ok(()) };
                let signature = sign(&secret, &body, OffsetDateTime::now_utc());
                let request = client.post(&address).header("stripe-signature", signature);
                let status = request.body(body).send().await?.status();
                ensure!(status.is_success(), "the webhook {id} was answered {status}");
            }
        });
    }
    while let Some(bell) = bells.join_next().await {
        bell??;
    }
    Ok(())
}

async fn until(
    began: Instant,
    mut is_so: impl AsyncFnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    while !is_so().await? {
        ensure!(began.elapsed() < PATIENCE, "the house stands still");
        sleep(LOOK).await;
    }
    Ok(())
}
