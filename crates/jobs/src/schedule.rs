//! What happens by itself, again and again. Many processes may tick the same calendar: each
//! occurrence is enqueued once. After a silence only the latest missed occurrence is made up for;
//! an entry seen for the first time waits for its next one.

use std::time::Duration;

use diesel::{
    OptionalExtension, QueryResult,
    sql_types::{Text, Timestamptz},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde_json::Value;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::{Clock, NewJob, Pool, enqueue};

/// When an entry is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Every so many seconds, counted from 1970, so that all processes agree; at least 1.
    EverySeconds(u32),
    /// Each day at this time in Europe/Paris. A time that the spring skips comes an hour later; one
    /// that the autumn repeats comes once, the first time.
    Daily {
        /// 0 to 23.
        hour: i8,
        /// 0 to 59.
        minute: i8,
    },
}

/// A recurring job.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name, unique in the calendar.
    pub name: String,
    /// When.
    pub when: When,
    /// The kind of the job.
    pub kind: String,
    /// Its payload. The occurrence is told by [`crate::Claim::run_at`].
    pub payload: Value,
    /// After so many failures an occurrence is parked.
    pub max_attempts: i32,
}

/// A time of day or a rhythm that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no rhythm")]
pub struct NoSuchRhythm(When);

impl When {
    /// The latest occurrence at or before `now`, in UTC.
    ///
    /// # Errors
    /// When hour or minute do not exist, or the rhythm is 0 seconds.
    pub fn latest(self, now: OffsetDateTime) -> Result<OffsetDateTime, NoSuchRhythm> {
        match self {
            Self::EverySeconds(0) => None,
            Self::EverySeconds(seconds) => {
                let now = now.unix_timestamp();
                OffsetDateTime::from_unix_timestamp(now - now.rem_euclid(i64::from(seconds))).ok()
            }
            Self::Daily { hour, minute } => latest_daily(now, hour, minute),
        }
        .ok_or(NoSuchRhythm(self))
    }
}

fn latest_daily(now: OffsetDateTime, hour: i8, minute: i8) -> Option<OffsetDateTime> {
    let paris = TimeZone::get("Europe/Paris").ok()?;
    let instant = Timestamp::from_second(now.unix_timestamp()).ok()?;
    let today = Zoned::new(instant, paris.clone()).date();
    let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
    for date in [today, today.yesterday().ok()?] {
        let at = date.to_datetime(time).to_zoned(paris.clone()).ok()?.timestamp();
        if at <= instant {
            return OffsetDateTime::from_unix_timestamp(at.as_second()).ok();
        }
    }
    None
}

/// Moves an entry on, unless somebody did: `old` is absent when it is seen for the first time.
const ADVANCE: &str = "
INSERT INTO job_schedules AS s (name, last_at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET last_at = excluded.last_at WHERE s.last_at < excluded.last_at
RETURNING (xmax <> 0) AS known";

#[derive(diesel::QueryableByName)]
struct Advanced {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    known: bool,
}

/// Enqueues what came due up to `now`; answers how many jobs that made.
///
/// # Errors
/// When an entry is nonsense (nothing is then enqueued for it) or the database does not answer.
pub async fn tick(
    conn: &mut AsyncPgConnection,
    entries: &[Entry],
    now: OffsetDateTime,
) -> anyhow::Result<usize> {
    let mut enqueued = 0;
    for entry in entries {
        let occurrence = entry.when.latest(now)?;
        if conn.transaction(async |conn| occur(conn, entry, occurrence).await).await? {
            enqueued += 1;
        }
    }
    Ok(enqueued)
}

async fn occur(
    conn: &mut AsyncPgConnection,
    entry: &Entry,
    occurrence: OffsetDateTime,
) -> QueryResult<bool> {
    let advanced: Option<Advanced> = diesel::sql_query(ADVANCE)
        .bind::<Text, _>(&entry.name)
        .bind::<Timestamptz, _>(occurrence)
        .get_result(conn)
        .await
        .optional()?;
    if !advanced.is_some_and(|advanced| advanced.known) {
        return Ok(false);
    }
    let job = NewJob {
        kind: entry.kind.clone(),
        key: Some(format!("{}@{}", entry.name, occurrence.unix_timestamp())),
        payload: entry.payload.clone(),
        run_at: Some(occurrence),
        max_attempts: entry.max_attempts,
        wake: true,
    };
    enqueue(conn, &job).await?;
    Ok(true)
}

/// Ticks the calendar every `pause` until told to stop.
pub async fn run(
    pool: Pool,
    entries: Vec<Entry>,
    clock: Clock,
    pause: Duration,
    shutdown: CancellationToken,
) {
    while !shutdown.is_cancelled() {
        let ticked = async { tick(&mut *pool.get().await?, &entries, clock.now()).await };
        if let Err(error) = ticked.await {
            tracing::warn!(error = format!("{error:#}"), "the calendar missed a tick");
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn every_so_many_seconds_is_the_same_for_all() {
        let when = When::EverySeconds(900);
        let now = datetime!(2026-11-24 10:29:59 UTC);
        assert_eq!(when.latest(now).unwrap(), datetime!(2026-11-24 10:15 UTC));
        let on_time = datetime!(2026-11-24 10:30 UTC);
        assert_eq!(when.latest(on_time).unwrap(), on_time);
    }

    #[test]
    fn daily_follows_paris_through_winter_and_summer() {
        let when = When::Daily { hour: 3, minute: 0 };
        let winter = when.latest(datetime!(2026-11-24 12:00 UTC)).unwrap();
        assert_eq!(winter, datetime!(2026-11-24 02:00 UTC));
        let summer = when.latest(datetime!(2026-07-14 00:30 UTC)).unwrap();
        assert_eq!(summer, datetime!(2026-07-13 01:00 UTC));
        let on_time = when.latest(datetime!(2026-07-14 01:00 UTC)).unwrap();
        assert_eq!(on_time, datetime!(2026-07-14 01:00 UTC));
    }

    #[test]
    fn a_time_that_spring_skips_comes_an_hour_later_and_one_that_autumn_repeats_comes_once() {
        let when = When::Daily { hour: 2, minute: 30 };
        let spring = when.latest(datetime!(2026-03-29 12:00 UTC)).unwrap();
        assert_eq!(spring, datetime!(2026-03-29 01:30 UTC));
        let between = when.latest(datetime!(2026-10-25 01:00 UTC)).unwrap();
        assert_eq!(between, datetime!(2026-10-25 00:30 UTC));
        let autumn = when.latest(datetime!(2026-10-25 12:00 UTC)).unwrap();
        assert_eq!(autumn, datetime!(2026-10-25 00:30 UTC));
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(When::EverySeconds(0).latest(datetime!(2026-11-24 12:00 UTC)).is_err());
        let when = When::Daily { hour: 24, minute: 0 };
        assert!(when.latest(datetime!(2026-11-24 12:00 UTC)).is_err());
    }
}
