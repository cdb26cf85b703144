//! The operator's desk: switches, limits on money, what does not agree.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use sql::Keep;
use time::OffsetDateTime;

use crate::{
    schema::{discrepancies, settings},
    session::{Reads, Tx},
};

/// A switch; nothing when never set.
///
/// # Errors
/// When the database refuses.
pub async fn setting(db: &mut impl Reads, key: &str) -> QueryResult<Option<Value>> {
    settings::table.find(key).select(settings::value).first(db.conn()).await.optional()
}

/// Turns a switch.
///
/// # Errors
/// When the database refuses.
pub async fn set(tx: &mut Tx, key: &str, value: &Value, now: OffsetDateTime) -> QueryResult<()> {
    diesel::insert_into(settings::table)
        .values((settings::key.eq(key), settings::value.eq(value), settings::changed_at.eq(now)))
        .on_conflict(settings::key)
        .do_update()
        .set((settings::value.eq(value), settings::changed_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A leaky bucket: so many uses at once, emptied evenly over a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket<'a> {
    /// What is limited, hashed by the caller.
    pub key: &'a str,
    /// Uses it holds.
    pub size: u32,
    /// Seconds in which a full bucket empties.
    pub period_seconds: u32,
}

const USE_MICRO: i64 = 1_000_000;

/// Takes one use from a bucket; false when it is full. One statement, so no two callers race.
///
/// # Errors
/// When the database refuses.
pub async fn admit(tx: &mut Tx, bucket: &Bucket<'_>, now: OffsetDateTime) -> QueryResult<bool> {
    let capacity = i64::from(bucket.size) * USE_MICRO;
    let leak_per_second = capacity / i64::from(bucket.period_seconds.max(1));
    let admitted = diesel::sql_query(
        "INSERT INTO limits AS l (key, level_micro, at) VALUES ($1, $4, $2)
         ON CONFLICT (key) DO UPDATE SET at = greatest(l.at, $2), level_micro = $4 + greatest(0,
             l.level_micro - (greatest(0, extract(epoch FROM $2 - l.at)) * $3)::bigint)
         WHERE $4 + greatest(0, l.level_micro
             - (greatest(0, extract(epoch FROM $2 - l.at)) * $3)::bigint) <= $5",
    )
    .bind::<Text, _>(bucket.key)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(leak_per_second)
    .bind::<BigInt, _>(USE_MICRO)
    .bind::<BigInt, _>(capacity)
    .kept()
    .execute(tx.conn())
    .await?;
    Ok(admitted == 1)
}

#[derive(QueryableByName)]
struct Level {
    #[diesel(sql_type = BigInt)]
    level_micro: i64,
}

/// True when a bucket has no room for one more use; takes none.
///
/// # Errors
/// When the database refuses.
pub async fn is_full(
    db: &mut impl Reads,
    bucket: &Bucket<'_>,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let capacity = i64::from(bucket.size) * USE_MICRO;
    let leak_per_second = capacity / i64::from(bucket.period_seconds.max(1));
    let level: Option<Level> = diesel::sql_query(
        "SELECT greatest(0, level_micro - (greatest(0, extract(epoch FROM $2 - at)) * $3)::bigint)
             AS level_micro FROM limits WHERE key = $1",
    )
    .bind::<Text, _>(bucket.key)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(leak_per_second)
    .kept()
    .get_result(db.conn())
    .await
    .optional()?;
    Ok(level.is_some_and(|level| level.level_micro + USE_MICRO > capacity))
}

/// Raises a numbered discrepancy, unless the same one is open.
///
/// # Errors
/// When the database refuses.
pub async fn raise(
    tx: &mut Tx,
    kind: &str,
    subject: &str,
    details: &Value,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::insert_into(discrepancies::table)
        .values((
            discrepancies::kind.eq(kind),
            discrepancies::subject.eq(subject),
            discrepancies::details.eq(details),
            discrepancies::raised_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A discrepancy that is open.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = discrepancies, check_for_backend(diesel::pg::Pg))]
pub struct Discrepancy {
    /// Its number.
    pub number: i64,
    /// What does not agree.
    pub kind: String,
    /// About what: an id.
    pub subject: String,
    /// Both figures, and what is known.
    pub details: Value,
    /// Since when.
    pub raised_at: OffsetDateTime,
}

/// Discrepancies still open, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn open_discrepancies(db: &mut impl Reads) -> QueryResult<Vec<Discrepancy>> {
    discrepancies::table
        .filter(discrepancies::closed_at.is_null())
        .order(discrepancies::number)
        .select(Discrepancy::as_select())
        .load(db.conn())
        .await
}
