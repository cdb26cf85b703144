//! Who changed what about access.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use domain::ids::PersonId;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    schema::trail,
    session::{Reads, Tx},
};

/// A change to note.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Who made it; nobody for who works on the machine itself.
    pub actor: Option<PersonId>,
    /// What was done, as a code.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// What was before.
    pub before: Option<&'a Value>,
    /// What is now.
    pub after: Option<&'a Value>,
}

/// Notes a change in the transaction that makes it.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &mut Tx, change: Change<'_>, now: OffsetDateTime) -> QueryResult<()> {
    diesel::insert_into(trail::table)
        .values((
            trail::at.eq(now),
            trail::actor_id.eq(change.actor.map(|actor| actor.uuid())),
            trail::action.eq(change.action),
            trail::subject.eq(change.subject),
            trail::before.eq(change.before),
            trail::after.eq(change.after),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The actions noted about something, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn actions_on(db: &mut impl Reads, subject: &str) -> QueryResult<Vec<String>> {
    trail::table
        .filter(trail::subject.eq(subject))
        .order(trail::id)
        .select(trail::action)
        .load(db.conn())
        .await
}

/// What to read of the trail; nothing means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Action code.
    pub action: Option<&'a str>,
    /// Kind of subject, such as `setting`, or one subject, such as `setting:giving_open`.
    pub subject: Option<&'a str>,
    /// Part of the address of who did it.
    pub actor: Option<&'a str>,
    /// From this instant on.
    pub from: Option<OffsetDateTime>,
    /// Before this instant.
    pub until: Option<OffsetDateTime>,
    /// Older than this line.
    pub before: Option<i64>,
    /// Without the lines of who only looked at somebody.
    pub changes_only: bool,
}

/// A line of the trail.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct Line {
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: OffsetDateTime,
    /// Address of who did it; nobody for what the platform did by itself.
    #[diesel(sql_type = Nullable<Text>)]
    pub actor: Option<String>,
    /// What was done, as a code.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// To what.
    #[diesel(sql_type = Text)]
    pub subject: String,
    /// What was before.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<Value>,
    /// What is now.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<Value>,
}

const LINES: &str = "
SELECT t.id, t.at, p.email AS actor, t.action, t.subject, t.before, t.after
FROM trail t LEFT JOIN people p ON p.id = t.actor_id
WHERE ($1 IS NULL OR t.action = $1)
    AND ($2 IS NULL OR t.subject = $2 OR starts_with(t.subject, $2 || ':'))
    AND ($3 IS NULL OR strpos(p.email_key, lower($3)) > 0)
    AND ($4 IS NULL OR t.at >= $4) AND ($5 IS NULL OR t.at < $5)
    AND ($6 IS NULL OR t.id < $6)
    AND NOT ($8 AND t.action IN ('find', 'look_at'))
ORDER BY t.id DESC LIMIT $7";

/// Lines of the trail, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn lines(db: &mut impl Reads, asked: &Asked<'_>, limit: i64) -> QueryResult<Vec<Line>> {
    diesel::sql_query(LINES)
        .bind::<Nullable<Text>, _>(asked.action)
        .bind::<Nullable<Text>, _>(asked.subject)
        .bind::<Nullable<Text>, _>(asked.actor)
        .bind::<Nullable<Timestamptz>, _>(asked.from)
        .bind::<Nullable<Timestamptz>, _>(asked.until)
        .bind::<Nullable<BigInt>, _>(asked.before)
        .bind::<BigInt, _>(limit)
        .bind::<Bool, _>(asked.changes_only)
        .load(db.conn())
        .await
}
