//! A promise is a row: jobs are enqueued in the transaction that made them necessary.

use diesel::{
    QueryResult,
    sql_types::{Bool, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use sql::Keep;
use time::OffsetDateTime;

/// The channel on which PostgreSQL says that something was enqueued.
pub const CHANNEL: &str = "jobs";

/// Something that must happen.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// Which task it is; the queue does not know what it means.
    pub kind: String,
    /// One unfinished job per key. Enqueued again while it waits, it stays one job, at the earlier
    /// of both times; while it runs, it runs once more afterwards, so that no news is missed; while
    /// it is parked, nothing happens: it is a person's turn.
    pub key: Option<String>,
    /// What the task needs: ids, never names nor addresses.
    pub payload: Value,
    /// Not before this, in UTC; `None`: at once, whatever the clock says.
    pub run_at: Option<OffsetDateTime>,
    /// After so many failures it is parked; at least 1.
    pub max_attempts: i32,
    /// Whether waiting runners are told at the commit. Whoever drains the queue by hand needs no
    /// telling, and commits that tell wait for one another.
    pub wake: bool,
}

/// `ON CONFLICT DO UPDATE` waits for the transaction that is finishing the running job, and then
/// sees whether it is still unfinished: news is either seen by it or runs after it.
const ENQUEUE: &str = "
WITH put AS (
    INSERT INTO jobs (kind, key, payload, run_at, max_attempts)
    VALUES ($1, $2, $3, coalesce($4, '-infinity'), $5)
    ON CONFLICT (key) WHERE key IS NOT NULL AND state <> 'done' DO UPDATE SET
        again = jobs.state = 'running',
        run_at = CASE WHEN jobs.state = 'running' AND NOT jobs.again THEN excluded.run_at
            ELSE least(jobs.run_at, excluded.run_at) END
    WHERE jobs.state IN ('waiting', 'running')
    RETURNING 1)
SELECT CASE WHEN $6 THEN pg_notify('jobs', '')::text END FROM put";

/// Promises a job inside the caller's transaction: nobody sees it before that commits, and it
/// vanishes with it. Waiting runners wake at the commit.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(conn: &mut AsyncPgConnection, job: &NewJob) -> QueryResult<()> {
    diesel::sql_query(ENQUEUE)
        .bind::<Text, _>(&job.kind)
        .bind::<Nullable<Text>, _>(&job.key)
        .bind::<Jsonb, _>(&job.payload)
        .bind::<Nullable<Timestamptz>, _>(job.run_at)
        .bind::<Integer, _>(job.max_attempts)
        .bind::<Bool, _>(job.wake)
        .kept()
        .execute(conn)
        .await?;
    Ok(())
}
