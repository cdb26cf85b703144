//! Passkeys of a person, and the question that a session waits to have answered.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::PersonId;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{ceremonies, passkeys},
    session::{Reads, Tx},
};

/// A passkey.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = passkeys, check_for_backend(diesel::pg::Pg))]
pub struct PasskeyRow {
    /// Its id here.
    pub id: Uuid,
    /// Whose.
    pub person_id: Uuid,
    /// Its id on the device.
    pub credential: Vec<u8>,
    /// What its owner calls it.
    pub name: String,
    /// Public key and counter.
    pub key: Value,
    /// Since when.
    pub added_at: OffsetDateTime,
    /// When it last proved something.
    pub used_at: Option<OffsetDateTime>,
}

/// The passkeys of a person, the oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn of(db: &mut impl Reads, person: PersonId) -> QueryResult<Vec<PasskeyRow>> {
    passkeys::table
        .filter(passkeys::person_id.eq(person.uuid()))
        .order(passkeys::added_at)
        .select(PasskeyRow::as_select())
        .load(db.conn())
        .await
}

/// Keeps a new one.
///
/// # Errors
/// When it is somebody's already, or the database refuses.
pub async fn add(tx: &mut Tx, row: &PasskeyRow) -> QueryResult<()> {
    diesel::insert_into(passkeys::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Notes what a proof changed.
///
/// # Errors
/// When the database refuses.
pub async fn note_use(
    tx: &mut Tx,
    (credential, key): (&[u8], &Value),
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(passkeys::table.filter(passkeys::credential.eq(credential)))
        .set((passkeys::key.eq(key), passkeys::used_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets one of a person, and of nobody else; says how many.
///
/// # Errors
/// When the database refuses.
pub async fn remove(tx: &mut Tx, person: PersonId, id: Uuid) -> QueryResult<usize> {
    let one = passkeys::table.find(id).filter(passkeys::person_id.eq(person.uuid()));
    diesel::delete(one).execute(tx.conn()).await
}

/// Forgets every key of a person.
///
/// # Errors
/// When the database refuses.
pub async fn remove_all(tx: &mut Tx, person: PersonId) -> QueryResult<usize> {
    let theirs = passkeys::table.filter(passkeys::person_id.eq(person.uuid()));
    diesel::delete(theirs).execute(tx.conn()).await
}

/// Keeps a question of a session, in place of an earlier one.
///
/// # Errors
/// When the database refuses.
pub async fn begin(
    tx: &mut Tx,
    session: Uuid,
    (kind, state): (&str, &Value),
    now: OffsetDateTime,
) -> QueryResult<()> {
    let row = (
        ceremonies::session_id.eq(session),
        ceremonies::kind.eq(kind),
        ceremonies::state.eq(state),
        ceremonies::begun_at.eq(now),
    );
    diesel::insert_into(ceremonies::table)
        .values(row)
        .on_conflict(ceremonies::session_id)
        .do_update()
        .set((ceremonies::kind.eq(kind), ceremonies::state.eq(state), ceremonies::begun_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes the question of a session away, answered or not: an answer is good once.
///
/// # Errors
/// When the database refuses.
pub async fn take(
    tx: &mut Tx,
    session: Uuid,
    (kind, since): (&str, OffsetDateTime),
) -> QueryResult<Option<Value>> {
    let taken: Option<(String, Value, OffsetDateTime)> =
        diesel::delete(ceremonies::table.find(session))
            .returning((ceremonies::kind, ceremonies::state, ceremonies::begun_at))
            .get_result(tx.conn())
            .await
            .optional()?;
    let fits =
        |(of, _, begun_at): &(String, Value, OffsetDateTime)| of == kind && *begun_at > since;
    Ok(taken.filter(fits).map(|(_, state, _)| state))
}
