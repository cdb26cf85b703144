//! Rehearsals: sets of rules side by side, on the past or on an invented year.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::rehearsals,
    session::{Reads, Tx},
};

/// A rehearsal of a draft.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = rehearsals, check_for_backend(diesel::pg::Pg))]
pub struct RehearsalRow {
    /// Its id.
    pub id: Uuid,
    /// The draft.
    pub draft: i64,
    /// The draft as it was rehearsed.
    pub document: Value,
    /// Who asked.
    pub asked_by: Uuid,
    /// When.
    pub asked_at: OffsetDateTime,
    /// In hundredths.
    pub progress: i32,
    /// Gifts that were played.
    pub gifts: Option<i64>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<i64>,
    /// What came of it.
    pub report: Option<Value>,
    /// Why nothing came of it.
    pub problem: Option<String>,
    /// When it ended.
    pub ended_at: Option<OffsetDateTime>,
    /// The pot whose gifts are played.
    pub pot_id: String,
    /// Other rules that are compared: which, and the document.
    pub beside: Value,
    /// Gifts of an invented year; none when the past is played.
    pub year_gifts: Option<i64>,
    /// Its seed.
    pub year_seed: Option<i64>,
}

/// What is asked for.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = rehearsals)]
pub struct NewRehearsal<'a> {
    /// Its id.
    pub id: Uuid,
    /// The draft.
    pub draft: i64,
    /// The draft as it is.
    pub document: &'a Value,
    /// Who asks.
    pub asked_by: Uuid,
    /// When.
    pub asked_at: OffsetDateTime,
    /// The pot.
    pub pot_id: &'a str,
    /// Other rules to compare.
    pub beside: Value,
    /// Gifts of an invented year.
    pub year_gifts: Option<i64>,
    /// Its seed.
    pub year_seed: Option<i64>,
}

/// Asks for a rehearsal; false when one of that pot is under way.
///
/// # Errors
/// When the database refuses.
pub async fn ask(tx: &mut Tx, asked: &NewRehearsal<'_>) -> QueryResult<bool> {
    let insert = diesel::insert_into(rehearsals::table).values(asked).on_conflict_do_nothing();
    Ok(insert.execute(tx.conn()).await? == 1)
}

/// The rehearsal of a pot that is under way.
///
/// # Errors
/// When the database refuses.
pub async fn under_way(db: &mut impl Reads, pot: &str) -> QueryResult<Option<Uuid>> {
    rehearsals::table
        .filter(rehearsals::pot_id.eq(pot).and(rehearsals::ended_at.is_null()))
        .select(rehearsals::id)
        .first(db.conn())
        .await
        .optional()
}

/// Ends rehearsals of a pot that were asked for before an instant and never came back.
///
/// # Errors
/// When the database refuses.
pub async fn give_up(
    tx: &mut Tx,
    pot: &str,
    before: OffsetDateTime,
    (problem, now): (&str, OffsetDateTime),
) -> QueryResult<()> {
    let open = rehearsals::pot_id.eq(pot).and(rehearsals::ended_at.is_null());
    diesel::update(rehearsals::table.filter(open.and(rehearsals::asked_at.lt(before))))
        .set((rehearsals::problem.eq(problem), rehearsals::ended_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A rehearsal.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, id: Uuid) -> QueryResult<Option<RehearsalRow>> {
    let found = rehearsals::table.find(id).select(RehearsalRow::as_select());
    found.first(db.conn()).await.optional()
}

/// Rehearsals of a draft, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_draft(db: &mut impl Reads, draft: i64) -> QueryResult<Vec<RehearsalRow>> {
    rehearsals::table
        .filter(rehearsals::draft.eq(draft))
        .order(rehearsals::asked_at.desc())
        .limit(20)
        .select(RehearsalRow::as_select())
        .load(db.conn())
        .await
}

/// How far a rehearsal is, in hundredths.
///
/// # Errors
/// When the database refuses.
pub async fn note_progress(tx: &mut Tx, id: Uuid, progress: i32) -> QueryResult<()> {
    diesel::update(rehearsals::table.find(id))
        .set(rehearsals::progress.eq(progress))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What came of a rehearsal that was not given up: gifts played, milliseconds, a report or a
/// problem.
///
/// # Errors
/// When the database refuses.
pub async fn end(
    tx: &mut Tx,
    id: Uuid,
    (gifts, took_ms, report): (i64, i64, Result<&Value, &str>),
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(rehearsals::table.find(id).filter(rehearsals::ended_at.is_null()))
        .set((
            rehearsals::progress.eq(100),
            rehearsals::gifts.eq(gifts),
            rehearsals::took_ms.eq(took_ms),
            rehearsals::report.eq(report.ok()),
            rehearsals::problem.eq(report.err()),
            rehearsals::ended_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}
