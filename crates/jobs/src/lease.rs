//! A claim is a lease, not an open transaction. Its token is the fence: when the lease ran out and
//! somebody else took the job, the late one can finish nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use diesel::{
    OptionalExtension, QueryResult, QueryableByName,
    sql_types::{
        Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
    },
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use sql::Keep;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Clock, Pool};

/// Why a job could not be finished by the one who held it.
#[derive(Debug, thiserror::Error)]
pub enum LeaseLost {
    /// The token is stale: another took the job over, or it is over already. Roll back.
    #[error("job {0} is no longer ours: its lease ran out or it was finished")]
    Stale(i64),
    /// The database refused; whether it was finished is then said by the transaction.
    #[error("finishing a job: {0}")]
    Database(#[from] diesel::result::Error),
    /// No connection to say it on; the lease will run out and the job is run again.
    #[error("no connection to finish a job: {0}")]
    Unavailable(String),
}

/// A job in somebody's hands.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its number.
    pub id: i64,
    /// Which task it is.
    pub kind: String,
    /// Its key, if it has one.
    pub key: Option<String>,
    /// What the task needs.
    pub payload: Value,
    /// This attempt, from 1; counted already.
    pub attempt: i32,
    /// The last attempt.
    pub max_attempts: i32,
    /// When it was due, in UTC; `None`: at once. For a recurring entry, its occurrence.
    pub run_at: Option<OffsetDateTime>,
    /// The fence.
    pub token: Uuid,
    clock: Clock,
    /// Its handler ended it, in the handler's own transaction.
    ended: Arc<AtomicBool>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    max_attempts: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due_at: Option<OffsetDateTime>,
    #[diesel(sql_type = SqlUuid)]
    token: Uuid,
}

/// Which kinds a claim may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// All but these; none excluded: all.
    AllBut(Vec<String>),
    /// This one.
    Only(String),
    /// One of these.
    OneOf(Vec<String>),
}

/// The choice is a query of its own, planned and run once: as a condition it might be run per row,
/// and take more than its limit.
const CLAIM: &str = "
WITH due AS (
    SELECT id FROM jobs
    WHERE state = 'waiting' AND run_at <= $1 AND (kind = ANY($3)) = $4
    ORDER BY run_at, id LIMIT $5 FOR UPDATE SKIP LOCKED)
UPDATE jobs SET state = 'running', attempts = attempts + 1, again = false,
    token = gen_random_uuid(), lease_until = clock_timestamp() + $2 * interval '1 millisecond'
FROM due WHERE jobs.id = due.id
RETURNING jobs.id, kind, key, payload, attempts, max_attempts, token,
    nullif(run_at, '-infinity') AS due_at";

/// Takes up to `limit` jobs that are due by the clock, oldest first, for the length of `lease`.
///
/// # Errors
/// When the database refuses.
pub async fn claim_due(
    conn: &mut AsyncPgConnection,
    clock: &Clock,
    lease: Duration,
    kinds: &Kinds,
    limit: usize,
) -> QueryResult<Vec<Claim>> {
    let (named, only) = match kinds {
        Kinds::AllBut(kinds) => (kinds.as_slice(), false),
        Kinds::Only(kind) => (std::slice::from_ref(kind), true),
        Kinds::OneOf(kinds) => (kinds.as_slice(), true),
    };
    let rows: Vec<Row> = diesel::sql_query(CLAIM)
        .bind::<Timestamptz, _>(clock.now())
        .bind::<BigInt, _>(millis(lease))
        .bind::<Array<Text>, _>(named)
        .bind::<Bool, _>(only)
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .kept()
        .load(conn)
        .await?;
    let mut claims: Vec<Claim> = rows.into_iter().map(|row| row.claimed(clock)).collect();
    claims.sort_by_key(|claim| (claim.run_at, claim.id));
    Ok(claims)
}

/// What was done with jobs whose holder was not heard of before the end of its lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Waiting again.
    pub waiting: usize,
    /// Parked: that was their last attempt. Such a job may kill the process that runs it.
    pub parked: usize,
}

const RECOVER: &str = "
WITH expired AS (
    SELECT id FROM jobs WHERE state = 'running' AND lease_until < clock_timestamp()
    FOR UPDATE SKIP LOCKED)
UPDATE jobs SET token = NULL, lease_until = NULL, again = false,
    state = CASE WHEN attempts < max_attempts THEN 'waiting' ELSE 'parked' END,
    last_error = 'the lease of attempt ' || attempts || ' of ' || max_attempts
        || ' ran out: the process that held it stopped without a word'
FROM expired WHERE jobs.id = expired.id
RETURNING state = 'parked' AS parked";

#[derive(QueryableByName)]
struct RecoveredRow {
    #[diesel(sql_type = Bool)]
    parked: bool,
}

/// Frees the jobs whose lease ran out.
///
/// # Errors
/// When the database refuses.
pub async fn recover_expired(conn: &mut AsyncPgConnection) -> QueryResult<Recovered> {
    let rows: Vec<RecoveredRow> = diesel::sql_query(RECOVER).kept().load(conn).await?;
    let parked = rows.iter().filter(|row| row.parked).count();
    Ok(Recovered { waiting: rows.len().saturating_sub(parked), parked })
}

/// Rows that are locked are being finished at this moment: they need no longer lease.
const EXTEND: &str = "
WITH held AS (SELECT * FROM unnest($1, $2) AS h(id, token)),
alive AS (
    SELECT jobs.id FROM jobs JOIN held USING (id, token) FOR UPDATE OF jobs SKIP LOCKED),
kept AS (
    UPDATE jobs SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
    WHERE id IN (SELECT id FROM alive))
SELECT held.token FROM held JOIN jobs USING (id)
WHERE jobs.token IS DISTINCT FROM held.token AND jobs.state <> 'done'";

#[derive(QueryableByName)]
struct TokenRow {
    #[diesel(sql_type = SqlUuid)]
    token: Uuid,
}

/// The heartbeat: lengthens leases, and answers which of them were lost to somebody else.
pub(crate) async fn extend(
    conn: &mut AsyncPgConnection,
    held: &[(i64, Uuid)],
    lease: Duration,
) -> QueryResult<Vec<Uuid>> {
    let (ids, tokens): (Vec<i64>, Vec<Uuid>) = held.iter().copied().unzip();
    let lost: Vec<TokenRow> = diesel::sql_query(EXTEND)
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<SqlUuid>, _>(tokens)
        .bind::<BigInt, _>(millis(lease))
        .kept()
        .load(conn)
        .await?;
    Ok(lost.into_iter().map(|row| row.token).collect())
}

const DONE: &str = "
WITH over AS (
    UPDATE jobs SET token = NULL, lease_until = NULL, again = false, last_error = NULL,
        state = CASE WHEN again THEN 'waiting' ELSE 'done' END,
        attempts = CASE WHEN again THEN 0 ELSE attempts END,
        finished_at = CASE WHEN again THEN NULL ELSE clock_timestamp() END
    WHERE id = $1 AND token = $2
    RETURNING state)
SELECT count(CASE WHEN state = 'waiting' THEN pg_notify('jobs', '')::text END) AS woken,
    count(*) AS ended FROM over";

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = BigInt)]
    ended: i64,
}

/// `$3` is the state to go to; the bound on attempts turns waiting into parked.
const LET_GO: &str = "
UPDATE jobs SET token = NULL, lease_until = NULL, again = false,
    state = CASE WHEN $3 THEN 'parked' ELSE 'waiting' END, last_error = coalesce($4, last_error),
    run_at = coalesce($5, run_at), attempts = CASE WHEN $6 THEN attempts ELSE attempts - 1 END
WHERE id = $1 AND token = $2
RETURNING attempts";

#[derive(QueryableByName)]
struct LetGo {
    #[diesel(sql_type = Integer)]
    #[allow(dead_code, reason = "its presence says that the token was good")]
    attempts: i32,
}

/// How a claim is given back unfinished.
struct GiveBack<'a> {
    parked: bool,
    error: Option<&'a str>,
    run_at: Option<OffsetDateTime>,
    counted: bool,
}

impl Claim {
    /// The time by the clock that found the job due.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// No further attempt follows this one.
    #[must_use]
    pub const fn is_last_attempt(&self) -> bool {
        self.attempt >= self.max_attempts
    }

    /// Ends the job inside the caller's own transaction, so that its effect happens once: with a
    /// stale token it fails, and so must the transaction. The row stays locked until that ends, so
    /// call it last. If the key was enqueued meanwhile, the job waits again.
    ///
    /// # Errors
    /// [`LeaseLost::Stale`] when another took the job over, or it is finished.
    pub async fn done(&self, conn: &mut AsyncPgConnection) -> Result<(), LeaseLost> {
        let ended: Ended = diesel::sql_query(DONE)
            .bind::<BigInt, _>(self.id)
            .bind::<SqlUuid, _>(self.token)
            .kept()
            .get_result(conn)
            .await?;
        if ended.ended != 1 {
            return Err(LeaseLost::Stale(self.id));
        }
        self.ended.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// True once [`Claim::done`] was called with a good token. Were its transaction to fail and the
    /// handler to hide that, the lease would run out and the job be run again.
    pub(crate) fn is_ended(&self) -> bool {
        AtomicBool::load(&self.ended, Ordering::Relaxed)
    }

    /// It failed: it waits for `delay` and is tried again, or is parked after its last attempt.
    /// The error's text is kept, shortened.
    ///
    /// # Errors
    /// [`LeaseLost`] when it is no longer ours, or the database does not answer.
    pub async fn retry(&self, pool: &Pool, error: &str, delay: Duration) -> Result<(), LeaseLost> {
        let parked = self.is_last_attempt();
        let run_at = Some(self.now() + delay);
        let error = Some(error);
        self.give_back(pool, GiveBack { parked, error, run_at, counted: true }).await
    }

    /// It waits for `delay`, through nobody's fault: the attempt is not counted.
    ///
    /// # Errors
    /// [`LeaseLost`] when it is no longer ours, or the database does not answer.
    pub async fn later(&self, pool: &Pool, delay: Duration) -> Result<(), LeaseLost> {
        let run_at = Some(self.now() + delay);
        self.give_back(pool, GiveBack { parked: false, error: None, run_at, counted: false }).await
    }

    /// A person must look: parked with the reason, until retried by hand.
    ///
    /// # Errors
    /// [`LeaseLost`] when it is no longer ours, or the database does not answer.
    pub async fn park(&self, pool: &Pool, reason: &str) -> Result<(), LeaseLost> {
        let error = Some(reason);
        self.give_back(pool, GiveBack { parked: true, error, run_at: None, counted: true }).await
    }

    /// We are stopping: as if it had never been claimed, so that another can take it at once.
    ///
    /// # Errors
    /// [`LeaseLost`] when it is no longer ours, or the database does not answer.
    pub async fn release(&self, pool: &Pool) -> Result<(), LeaseLost> {
        self.give_back(pool, GiveBack { parked: false, error: None, run_at: None, counted: false })
            .await
    }

    async fn give_back(&self, pool: &Pool, how: GiveBack<'_>) -> Result<(), LeaseLost> {
        let unavailable = |error| LeaseLost::Unavailable(format!("{error}"));
        let mut conn = pool.get().await.map_err(unavailable)?;
        let kept: Option<LetGo> = diesel::sql_query(LET_GO)
            .bind::<BigInt, _>(self.id)
            .bind::<SqlUuid, _>(self.token)
            .bind::<Bool, _>(how.parked)
            .bind::<Nullable<Text>, _>(how.error.map(shorten))
            .bind::<Nullable<Timestamptz>, _>(how.run_at)
            .bind::<Bool, _>(how.counted)
            .kept()
            .get_result(&mut *conn)
            .await
            .optional()?;
        kept.map(|_| ()).ok_or(LeaseLost::Stale(self.id))
    }
}

impl Row {
    fn claimed(self, clock: &Clock) -> Claim {
        Claim {
            id: self.id,
            kind: self.kind,
            key: self.key,
            payload: self.payload,
            attempt: self.attempts,
            max_attempts: self.max_attempts,
            run_at: self.due_at,
            token: self.token,
            clock: clock.clone(),
            ended: Arc::default(),
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A text that fits on a screen, and that PostgreSQL accepts.
fn shorten(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(2_000).collect()
}
