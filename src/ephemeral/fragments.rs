//! Pieces of pages that can be made again at any time.

use std::{
    future::Future,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::body::Bytes;
use moka::{Expiry, future::Cache};

use super::{Ephemeral, Shared};

/// Memory given to fragments, in entries.
const FRAGMENTS: u64 = 4_096;
/// Lives for which a fragment is still given while a new one is made.
const GRACE: u32 = 4;

/// The fragments of this process.
#[derive(Clone)]
pub(super) struct Fragments(Cache<String, Fragment>);

impl Fragments {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(FRAGMENTS).expire_after(SomeLives).build())
    }
}

impl Deref for Fragments {
    type Target = Cache<String, Fragment>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

#[derive(Clone)]
pub(super) struct Fragment {
    bytes: Bytes,
    life: Duration,
    made: Instant,
    /// Somebody makes it anew.
    renewed: Arc<AtomicBool>,
}

impl Fragment {
    fn new(bytes: Bytes, life: Duration) -> Self {
        Self { bytes, life, made: Instant::now(), renewed: Arc::default() }
    }

    /// True when nobody has to make it anew: it is young, or somebody is at it.
    fn will_do(&self) -> bool {
        self.made.elapsed() < self.life || self.renewed.swap(true, Ordering::Relaxed)
    }
}

/// Somebody is at it; when they fail or leave, the next may try.
struct Renewal<'a>(&'a AtomicBool);

impl Drop for Renewal<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Ephemeral {
    /// A fragment, from the nearest place that still has it, else made now; made once however many
    /// ask at the same time. When its life is over, the first to ask makes it anew while the others
    /// are given the old one, for three lives more.
    ///
    /// # Errors
    /// What making it failed with; failures are not kept.
    pub async fn fragment<E: Send + Sync + 'static>(
        &self,
        key: &str,
        life: Duration,
        make: impl Future<Output = Result<Bytes, E>>,
    ) -> Result<Bytes, Arc<E>> {
        let fill = async {
            if let Some(bytes) = self.shared_fragment(key).await {
                return Ok(Fragment::new(bytes, life));
            }
            let bytes = make.await?;
            if let Some(redis) = &self.redis {
                redis.keep(key, &bytes, life).await;
            }
            Ok(Fragment::new(bytes, life))
        };
        let Some(known) = self.fragments.get(key).await else {
            return self.fragments.try_get_with_by_ref(key, fill).await.map(|new| new.bytes);
        };
        if known.will_do() {
            return Ok(known.bytes);
        }
        let _others_may = Renewal(&known.renewed);
        let renewed = fill.await?;
        let bytes = renewed.bytes.clone();
        self.fragments.insert(key.to_owned(), renewed).await;
        Ok(bytes)
    }

    async fn shared_fragment(&self, key: &str) -> Option<Bytes> {
        let redis = self.redis.as_ref()?;
        let mut command = redis::cmd("GET");
        command.arg(redis.key("fragment", key));
        let found: Option<Vec<u8>> = redis.ask(&command).await?;
        found.map(Bytes::from)
    }
}

impl Shared {
    async fn keep(&self, key: &str, bytes: &Bytes, life: Duration) {
        let mut command = redis::cmd("SET");
        let millis = u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1);
        command.arg(self.key("fragment", key)).arg(bytes.as_ref()).arg("PX").arg(millis);
        let _: Option<()> = self.ask(&command).await;
    }
}

/// A fragment stays some lives after it was made.
struct SomeLives;

impl Expiry<String, Fragment> for SomeLives {
    fn expire_after_create(&self, _: &String, made: &Fragment, _: Instant) -> Option<Duration> {
        Some(made.life * GRACE)
    }

    fn expire_after_update(
        &self,
        _: &String,
        made: &Fragment,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(made.life * GRACE)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time;

    use super::{super::tests::made_twice, *};

    #[tokio::test]
    async fn a_fragment_is_made_once_and_a_failure_is_not_kept() {
        let ephemeral = Ephemeral::local();
        let failed = ephemeral.fragment("k", Duration::from_secs(60), async { Err("no") }).await;
        assert_eq!(failed, Err(Arc::new("no")));
        assert_eq!(made_twice(&ephemeral).await, 1);
    }

    #[tokio::test]
    async fn an_old_fragment_is_given_while_one_visitor_makes_it_anew() {
        let ephemeral = Ephemeral::local();
        let life = Duration::from_millis(200);
        let page = |text: &'static str| async { Ok::<_, ()>(Bytes::from_static(text.as_bytes())) };
        assert_eq!(ephemeral.fragment("k", life, page("old")).await.unwrap(), "old");
        time::sleep(life).await;
        let (release, wait) = tokio::sync::oneshot::channel::<()>();
        let slow = ephemeral.fragment("k", life, async {
            wait.await.unwrap();
            page("new").await
        });
        let others = async {
            let given = ephemeral.fragment("k", life, page("another")).await.unwrap();
            release.send(()).unwrap();
            given
        };
        let (renewed, given) = tokio::join!(slow, others);
        assert_eq!(given, "old", "made a second time, or waited for");
        assert_eq!(renewed.unwrap(), "new");
        assert_eq!(ephemeral.fragment("k", Duration::MAX, page("another")).await.unwrap(), "new");
        time::sleep(life).await;
        let failed = ephemeral.fragment("k", life, async { Err("no") }).await;
        assert_eq!(failed, Err(Arc::new("no")));
        assert_eq!(ephemeral.fragment("k", life, page("again")).await.unwrap(), "again");
        time::sleep(life * GRACE).await;
        assert_eq!(ephemeral.fragment("k", life, page("last")).await.unwrap(), "last", "too old");
    }
}
