//! What an operator sees of the queue, and what a person may do to a job.

use std::time::Duration;

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, QueryableByName,
    dsl::sql,
    sql_types::{BigInt, Double, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;

use crate::schema::jobs;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// To be run when due.
    Waiting,
    /// In somebody's hands, under a lease.
    Running,
    /// A person must look.
    Parked,
    /// Over.
    Done,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Parked, Self::Done];

    /// Its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Parked => "parked",
            Self::Done => "done",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A job as an operator sees it: its payload is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Listed {
    /// Its number.
    pub id: i64,
    /// Which task it is.
    pub kind: String,
    /// Its key.
    pub key: Option<String>,
    /// Where it stands, as [`State::as_str`].
    pub state: String,
    /// Not before this, in UTC; `None`: at once.
    pub run_at: Option<OffsetDateTime>,
    /// Attempts counted.
    pub attempts: i32,
    /// The last attempt.
    pub max_attempts: i32,
    /// End of its lease, in UTC.
    pub lease_until: Option<OffsetDateTime>,
    /// Why it failed last, or is parked.
    pub last_error: Option<String>,
    /// When it was promised, in UTC.
    pub created_at: OffsetDateTime,
    /// When it was done, in UTC.
    pub finished_at: Option<OffsetDateTime>,
}

/// Jobs in one state, or all; the oldest first, at most `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    conn: &mut AsyncPgConnection,
    state: Option<State>,
    limit: i64,
) -> QueryResult<Vec<Listed>> {
    let mut query = jobs::table.into_boxed();
    if let Some(state) = state {
        query = query.filter(jobs::state.eq(state.as_str()));
    }
    query
        .order(jobs::id)
        .limit(limit)
        .select((
            jobs::id,
            jobs::kind,
            jobs::key,
            jobs::state,
            sql::<Nullable<Timestamptz>>("nullif(run_at, '-infinity')"),
            jobs::attempts,
            jobs::max_attempts,
            jobs::lease_until,
            jobs::last_error,
            jobs::created_at,
            jobs::finished_at,
        ))
        .load(conn)
        .await
}

/// Runs a parked or waiting job at once, with all its attempts before it. `false` when there is no
/// such job, or it is running or done.
///
/// # Errors
/// When the database refuses.
pub async fn retry(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<bool> {
    let retried: Option<Touched> = diesel::sql_query(
        "WITH back AS (
             UPDATE jobs SET state = 'waiting', attempts = 0, run_at = '-infinity'
             WHERE id = $1 AND state IN ('waiting', 'parked') RETURNING id)
         SELECT id, pg_notify('jobs', '')::text AS told FROM back",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .optional()?;
    Ok(retried.is_some())
}

#[derive(QueryableByName)]
struct Touched {
    #[diesel(sql_type = BigInt)]
    #[allow(dead_code, reason = "its presence says that there was such a job")]
    id: i64,
}

/// Parks a waiting or running job with a reason; whoever runs it can no longer finish it. `false`
/// when there is no such job, or it is parked or done.
///
/// # Errors
/// When the database refuses.
pub async fn park(conn: &mut AsyncPgConnection, id: i64, reason: &str) -> QueryResult<bool> {
    let open = [State::Waiting.as_str(), State::Running.as_str()];
    let parked = diesel::update(jobs::table.find(id).filter(jobs::state.eq_any(open)))
        .set((
            jobs::state.eq(State::Parked.as_str()),
            jobs::token.eq(None::<uuid::Uuid>),
            jobs::lease_until.eq(None::<OffsetDateTime>),
            jobs::again.eq(false),
            jobs::last_error.eq(reason),
        ))
        .execute(conn)
        .await?;
    Ok(parked == 1)
}

/// How many jobs of one kind are in one state.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Count {
    /// Which task it is.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// The state, as [`State::as_str`].
    #[diesel(sql_type = Text)]
    pub state: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub jobs: i64,
}

/// Unfinished jobs by kind and state, for metrics; done ones are not counted, they are many.
///
/// # Errors
/// When the database refuses.
pub async fn counts(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Count>> {
    diesel::sql_query(
        "SELECT kind, state, count(*) AS jobs FROM jobs WHERE state <> 'done'
         GROUP BY kind, state ORDER BY kind, state",
    )
    .load(conn)
    .await
}

/// For how long the oldest job that is due has been waiting; `None` when none is due.
///
/// # Errors
/// When the database refuses.
pub async fn oldest_waiting(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
) -> QueryResult<Option<Duration>> {
    let age: Age = diesel::sql_query(
        "SELECT extract(epoch FROM $1 - min(greatest(run_at, created_at)))::float8 AS seconds
         FROM jobs WHERE state = 'waiting' AND run_at <= $1",
    )
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await?;
    Ok(age.seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
}

#[derive(QueryableByName)]
struct Age {
    #[diesel(sql_type = Nullable<Double>)]
    seconds: Option<f64>,
}

/// How many running jobs have no live lease, for a check of the house: not 0 for longer than a
/// heartbeat means that nobody works.
///
/// # Errors
/// When the database refuses.
pub async fn expired(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    jobs::table
        .filter(jobs::state.eq(State::Running.as_str()))
        .filter(sql::<diesel::sql_types::Bool>("lease_until < clock_timestamp()"))
        .count()
        .get_result(conn)
        .await
}

/// Forgets jobs done before a date; answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn sweep(
    conn: &mut AsyncPgConnection,
    done_before: OffsetDateTime,
) -> QueryResult<usize> {
    diesel::delete(
        jobs::table
            .filter(jobs::state.eq(State::Done.as_str()))
            .filter(jobs::finished_at.lt(done_before)),
    )
    .execute(conn)
    .await
}
