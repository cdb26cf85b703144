//! The queue on a real PostgreSQL: crashes, expired leases, fences, poison, two runners.
#![allow(clippy::unwrap_used, reason = "a failed test stops at once")]

mod calendar;
mod doorbell;
mod leases;
mod operator;
mod runners;

use std::time::Duration;

use diesel_async::AsyncConnection;
use jobs::{Claim, Clock, Kinds, NewJob, Pool, claim_due};
use serde_json::json;
use testkit::database::TestDatabase;
use time::{OffsetDateTime, macros::datetime};

const NOON: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);
const LONG: Duration = Duration::from_secs(600);

/// A queue of one test's own.
struct Queue {
    pool: Pool,
    database: TestDatabase,
}

impl Queue {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        Self { pool: database.pool(12), database }
    }

    async fn enqueue(&self, job: &NewJob) {
        let mut conn = self.pool.get().await.unwrap();
        jobs::enqueue(&mut conn, job).await.unwrap();
    }

    /// The one job that is due at noon, held for `lease`.
    async fn claim(&self, lease: Duration) -> Option<Claim> {
        let mut conn = self.pool.get().await.unwrap();
        let all = Kinds::AllBut(vec![]);
        let claims = claim_due(&mut conn, &Clock::fixed(NOON), lease, &all, 10).await.unwrap();
        assert!(claims.len() < 2, "one at most in these tests");
        claims.into_iter().next()
    }

    /// State, attempts and last error of each job, in order of arrival.
    async fn states(&self) -> Vec<(String, i32, Option<String>)> {
        let mut conn = self.pool.get().await.unwrap();
        let all = jobs::admin::list(&mut conn, None, 1_000).await.unwrap();
        all.into_iter().map(|job| (job.state, job.attempts, job.last_error)).collect()
    }

    async fn recover(&self) {
        let mut conn = self.pool.get().await.unwrap();
        jobs::recover_expired(&mut conn).await.unwrap();
    }

    /// Ends the job in a transaction, as a verb does.
    async fn finish(&self, claim: &Claim) -> Result<(), jobs::LeaseLost> {
        let mut conn = self.pool.get().await.unwrap();
        conn.transaction(async |conn| claim.done(conn).await).await
    }
}

fn job(kind: &str) -> NewJob {
    let (kind, payload) = (kind.to_owned(), json!({ "gift": 7 }));
    NewJob { kind, key: None, payload, run_at: None, max_attempts: 3, wake: true }
}

fn keyed(key: &str) -> NewJob {
    NewJob { key: Some(key.to_owned()), ..job("receipt") }
}
