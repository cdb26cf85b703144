//! Running what is due, here and now, until nothing is: for tests, the demo's history and the
//! simulator, which turn the clock themselves.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use time::OffsetDateTime;

use crate::{
    Backoff, Broken, Claim, Clock, Kinds, Outcome, Pool, claim_due,
    runner::{Settled, attempt, settle},
};

/// What a drain did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Jobs done.
    pub done: usize,
    /// Runs that ended in a wait: failures to be retried, and jobs that asked for later.
    pub waiting: usize,
    /// Jobs parked.
    pub parked: usize,
}

/// Longer than any job of a test takes, since nothing beats here.
const LEASE: Duration = Duration::from_secs(900);

/// Runs the jobs due at `now`, one after the other, and those that they enqueue, until none is due.
/// A failed job waits for its back-off, which starts at `now`: drain again later to retry it.
///
/// # Errors
/// When the database does not answer.
pub async fn drain<H, F>(pool: &Pool, now: OffsetDateTime, handler: H) -> anyhow::Result<Drained>
where
    H: Fn(Claim) -> F,
    F: Future<Output = Result<Outcome, Broken>>,
{
    drain_at_once(pool, now, 1, handler).await
}

/// As [`drain`], with up to `width` jobs under way at once, on the caller's task.
///
/// # Errors
/// When the database does not answer.
pub async fn drain_at_once<H, F>(
    pool: &Pool,
    now: OffsetDateTime,
    width: usize,
    handler: H,
) -> anyhow::Result<Drained>
where
    H: Fn(Claim) -> F,
    F: Future<Output = Result<Outcome, Broken>>,
{
    drain_kinds(pool, now, (&Kinds::AllBut(Vec::new()), width), handler).await
}

/// As [`drain_at_once`], for some kinds only.
///
/// # Errors
/// When the database does not answer.
pub async fn drain_kinds<H, F>(
    pool: &Pool,
    now: OffsetDateTime,
    (kinds, width): (&Kinds, usize),
    handler: H,
) -> anyhow::Result<Drained>
where
    H: Fn(Claim) -> F,
    F: Future<Output = Result<Outcome, Broken>>,
{
    let clock = Clock::fixed(now);
    let width = width.max(1);
    let mut drained = Drained::default();
    loop {
        let claims = claim_due(&mut *pool.get().await?, &clock, LEASE, kinds, width).await?;
        if claims.is_empty() {
            return Ok(drained);
        }
        let handler = &handler;
        let ended: Vec<_> = stream::iter(claims)
            .map(|claim| async move {
                let result = attempt(handler, &claim, LEASE).await;
                settle(pool, &claim, result, &Backoff::default()).await
            })
            .buffer_unordered(width)
            .collect()
            .await;
        for settled in ended {
            match settled? {
                Settled::Done => drained.done += 1,
                Settled::Waiting => drained.waiting += 1,
                Settled::Parked => drained.parked += 1,
            }
        }
    }
}
