//! What Redis may lose, and its in-process twins.
//!
//! Three things only: fragments of pages that can be made again, the news that a figure has moved,
//! and a guard against floods. With Redis, several processes share them; without it, or while it is
//! slow, gone or full, each process has its own. Nobody sees an error and no cent depends on it:
//! money limits and sessions live in PostgreSQL.

mod breaker;
mod fragments;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use moka::{Expiry, future::Cache};
use redis::{
    Client, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::ExposeSecret;
use tokio::{sync::broadcast, time};
use tokio_util::sync::CancellationToken;

use crate::config;
use breaker::{Breaker, REST};
use fragments::Fragments;

/// Memory given to flood counters, in entries.
const COUNTERS: u64 = 100_000;
/// News a slow listener may be late by; it reads the figures again anyway.
const NEWS: usize = 256;

/// A shown figure has moved. The figure itself is read again by who listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Those of the fund.
    Pot,
    /// Those of the campaign of this slug.
    Campaign(String),
}

/// The caches, the news and the guard.
#[derive(Clone)]
pub struct Ephemeral {
    fragments: Fragments,
    counters: Cache<String, Counter>,
    news: broadcast::Sender<Moved>,
    redis: Option<Arc<Shared>>,
}

#[derive(Clone)]
struct Counter {
    uses: Arc<AtomicU32>,
    life: Duration,
}

struct Shared {
    client: Client,
    connection: ConnectionManager,
    patience: Duration,
    breaker: Breaker,
    prefix: String,
    process: String,
}

impl Ephemeral {
    /// In-process twins only.
    #[must_use]
    pub fn local() -> Self {
        Self {
            fragments: Fragments::new(),
            counters: Cache::builder().max_capacity(COUNTERS).expire_after(ByItself).build(),
            news: broadcast::Sender::new(NEWS),
            redis: None,
        }
    }

    /// With Redis when the settings name one. Nothing is asked of it yet: the start does not
    /// depend on it.
    ///
    /// # Errors
    /// When its address is not one.
    pub fn new(settings: &config::Redis, instance: &str) -> anyhow::Result<Self> {
        let mut ephemeral = Self::local();
        if let Some(url) = &settings.url {
            let client = Client::open(url.expose_secret())
                .map_err(|_| anyhow::anyhow!("redis.url is not a Redis address"))?;
            let patience = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(settings.timeout))
                .set_response_timeout(Some(settings.timeout))
                .set_number_of_retries(1);
            ephemeral.redis = Some(Arc::new(Shared {
                connection: ConnectionManager::new_lazy_with_config(client.clone(), patience)?,
                client,
                patience: settings.timeout,
                breaker: Breaker::new(),
                prefix: format!("essaim:{instance}"),
                process: uuid::Uuid::new_v4().simple().to_string(),
            }));
        }
        Ok(ephemeral)
    }

    /// Counts one use of `key`; false when there were more than `limit` within `period`.
    pub async fn has_room(&self, key: &str, limit: u32, period: Duration) -> bool {
        if let Some(redis) = &self.redis
            && let Some(uses) = redis.count(key, period).await
        {
            return uses <= i64::from(limit);
        }
        let fresh = async { Counter { uses: Arc::default(), life: period } };
        let counter = self.counters.get_with_by_ref(key, fresh).await;
        counter.uses.fetch_add(1, Ordering::Relaxed) < limit
    }

    /// Tells every process that a figure has moved.
    pub fn announce(&self, moved: Moved) {
        if let Some(redis) = self.redis.clone() {
            let message = format!("{} {}", redis.process, written(&moved));
            tokio::spawn(async move {
                let mut command = redis::cmd("PUBLISH");
                command.arg(redis.channel()).arg(message);
                let _: Option<i64> = redis.ask(&command).await;
            });
        }
        // An error means that nobody listens in this process, which is fine.
        let _ = self.news.send(moved);
    }

    /// Hears what moves from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Moved> {
        self.news.subscribe()
    }

    /// Passes on the news of other processes until `stop`. Returns at once without Redis.
    pub async fn hear_the_others(&self, stop: CancellationToken) {
        let Some(redis) = self.redis.clone() else { return };
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                ended = redis.hear(&self.news) => {
                    let reason = ended.err().map(|error| error.category().to_owned());
                    tracing::warn!(reason, "the news from Redis stopped; trying again");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = time::sleep(REST) => {}
            }
        }
    }
}

impl Shared {
    fn key(&self, kind: &str, key: &str) -> String {
        format!("{}:{kind}:{key}", self.prefix)
    }

    fn channel(&self) -> String {
        format!("{}:moved", self.prefix)
    }

    async fn ask<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Option<T> {
        let mut connection = self.connection.clone();
        self.within(command.query_async(&mut connection)).await
    }

    /// The answer in time, or nothing; failures in a row open the breaker.
    async fn within<T>(&self, asked: impl Future<Output = RedisResult<T>>) -> Option<T> {
        if !self.breaker.lets_through() {
            return None;
        }
        match time::timeout(self.patience, asked).await {
            Ok(Ok(answer)) => {
                self.breaker.worked();
                Some(answer)
            }
            Ok(Err(_)) | Err(_) => {
                if self.breaker.failed() {
                    metrics::counter!("essaim_redis_breaker_opened_total").increment(1);
                    tracing::warn!("Redis does not answer: doing without it for a while");
                }
                None
            }
        }
    }

    async fn count(&self, key: &str, period: Duration) -> Option<i64> {
        let key = self.key("flood", key);
        let millis = u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut commands = redis::pipe();
        commands.atomic();
        commands.cmd("SET").arg(&key).arg(0).arg("PX").arg(millis).arg("NX").ignore();
        commands.cmd("INCR").arg(&key);
        let mut connection = self.connection.clone();
        let (uses,): (i64,) = self.within(commands.query_async(&mut connection)).await?;
        Some(uses)
    }

    async fn hear(&self, news: &broadcast::Sender<Moved>) -> RedisResult<()> {
        let subscribing = async {
            let mut heard = self.client.get_async_pubsub().await?;
            heard.subscribe(self.channel()).await?;
            RedisResult::Ok(heard)
        };
        // A frozen Redis takes the connection and never says a word.
        let silent = |_| std::io::Error::from(std::io::ErrorKind::TimedOut);
        let mut heard = time::timeout(REST, subscribing).await.map_err(silent)??;
        let mut messages = heard.on_message();
        while let Some(message) = messages.next().await {
            let text: String = message.get_payload().unwrap_or_default();
            if let Some((process, moved)) = text.split_once(' ')
                && process != self.process
                && let Some(moved) = read(moved)
            {
                let _ = news.send(moved);
            }
        }
        Ok(())
    }
}

fn written(moved: &Moved) -> String {
    match moved {
        Moved::Pot => "pot".into(),
        Moved::Campaign(slug) => format!("campaign {slug}"),
    }
}

fn read(text: &str) -> Option<Moved> {
    match text.split_once(' ') {
        None if text == "pot" => Some(Moved::Pot),
        Some(("campaign", slug)) => Some(Moved::Campaign(slug.to_owned())),
        _ => None,
    }
}

/// Each counter lives as long as it says, from its making.
struct ByItself;

impl Expiry<String, Counter> for ByItself {
    fn expire_after_create(&self, _: &String, made: &Counter, _: Instant) -> Option<Duration> {
        Some(made.life)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::*;

    fn redis_that_does_not_exist() -> Ephemeral {
        let settings = config::Redis {
            // A port nothing listens on: the discard service of the machine itself.
            url: Some("redis://127.0.0.1:9/0".into()),
            timeout: Duration::from_millis(100),
        };
        Ephemeral::new(&settings, "essai").unwrap()
    }

    pub(super) async fn made_twice(ephemeral: &Ephemeral) -> u32 {
        let made = AtomicU32::new(0);
        for _ in 0..2 {
            let make = async {
                made.fetch_add(1, Ordering::Relaxed);
                Ok::<_, ()>(Bytes::from_static(b"<p>"))
            };
            let got = ephemeral.fragment("k", Duration::from_secs(60), make).await;
            assert_eq!(got, Ok(Bytes::from_static(b"<p>")));
        }
        made.into_inner()
    }

    #[tokio::test]
    async fn without_the_redis_it_was_promised_everything_still_works() {
        let ephemeral = redis_that_does_not_exist();
        assert_eq!(made_twice(&ephemeral).await, 1);
        let mut news = ephemeral.listen();
        ephemeral.announce(Moved::Campaign("bus".into()));
        assert_eq!(news.recv().await, Ok(Moved::Campaign("bus".into())));
        assert!(ephemeral.has_room("v", 1, Duration::from_secs(60)).await);
        assert!(!ephemeral.has_room("v", 1, Duration::from_secs(60)).await);
    }

    #[tokio::test]
    async fn the_flood_guard_counts_each_key_apart() {
        let ephemeral = Ephemeral::local();
        let period = Duration::from_secs(60);
        for _ in 0..3 {
            assert!(ephemeral.has_room("a", 3, period).await);
        }
        assert!(!ephemeral.has_room("a", 3, period).await);
        assert!(ephemeral.has_room("b", 3, period).await);
    }

    #[test]
    fn news_is_read_as_it_was_written() {
        for moved in [Moved::Pot, Moved::Campaign("le-bus".into())] {
            assert_eq!(read(&written(&moved)), Some(moved));
        }
        assert_eq!(read("else"), None);
    }
}
