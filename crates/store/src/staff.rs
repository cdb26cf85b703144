//! Who works for the platform, and the return of those who lost every passkey.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{ids::PersonId, role::StaffRole};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{people, recoveries, staff},
    session::{Reads, Tx},
};

/// Somebody who works for the platform.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct StaffRow {
    /// The person.
    pub person_id: Uuid,
    /// Their address.
    pub email: String,
    /// Role code.
    pub role: String,
    /// Since when.
    pub since: OffsetDateTime,
}

impl StaffRow {
    /// The role.
    #[must_use]
    pub fn role(&self) -> StaffRole {
        role(&self.role)
    }
}

/// The database holds no other code; were there one, it would be worth the least.
fn role(code: &str) -> StaffRole {
    StaffRole::from_code(code).unwrap_or(StaffRole::Auditor)
}

/// The role of a person, if they work for the platform.
///
/// # Errors
/// When the database refuses.
pub async fn role_of(db: &mut impl Reads, person: PersonId) -> QueryResult<Option<StaffRole>> {
    let code: Option<String> =
        staff::table.find(person.uuid()).select(staff::role).first(db.conn()).await.optional()?;
    Ok(code.as_deref().map(role))
}

/// Everybody who works for the platform, the longest first.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: &mut impl Reads) -> QueryResult<Vec<StaffRow>> {
    staff::table
        .inner_join(people::table.on(people::id.eq(staff::person_id)))
        .order((staff::since, people::email))
        .select((staff::person_id, people::email, staff::role, staff::since))
        .load(db.conn())
        .await
}

/// Locks the whole list, so that two who leave at once do not leave it empty.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx) -> QueryResult<()> {
    diesel::sql_query("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn()).await?;
    Ok(())
}

/// Gives a person a role, whatever theirs was.
///
/// # Errors
/// When the database refuses.
pub async fn put(
    tx: &mut Tx,
    (person, role): (PersonId, StaffRole),
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::insert_into(staff::table)
        .values((
            staff::person_id.eq(person.uuid()),
            staff::role.eq(role.code()),
            staff::since.eq(now),
        ))
        .on_conflict(staff::person_id)
        .do_update()
        .set((staff::role.eq(role.code()), staff::since.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A person works for the platform no more.
///
/// # Errors
/// When the database refuses.
pub async fn remove(tx: &mut Tx, person: PersonId) -> QueryResult<()> {
    diesel::delete(staff::table.find(person.uuid())).execute(tx.conn()).await?;
    Ok(())
}

/// Somebody lost every passkey: one administrator says so, another confirms.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = recoveries, check_for_backend(diesel::pg::Pg))]
pub struct RecoveryRow {
    /// Its id.
    pub id: Uuid,
    /// Who lost them.
    pub person_id: Uuid,
    /// How one knows that it is them.
    pub reason: String,
    /// The first administrator.
    pub asked_by: Uuid,
    /// When.
    pub asked_at: OffsetDateTime,
    /// Until when another may confirm.
    pub ends_at: OffsetDateTime,
    /// The second administrator.
    pub confirmed_by: Option<Uuid>,
    /// When it was confirmed or given up.
    pub ended_at: Option<OffsetDateTime>,
}

/// Asks for a recovery.
///
/// # Errors
/// When one is open, or the database refuses.
pub async fn ask_recovery(tx: &mut Tx, row: &RecoveryRow) -> QueryResult<()> {
    diesel::insert_into(recoveries::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// The recovery of a person that is open, expired or not.
///
/// # Errors
/// When the database refuses.
pub async fn open_recovery(
    db: &mut impl Reads,
    person: PersonId,
) -> QueryResult<Option<RecoveryRow>> {
    recoveries::table
        .filter(recoveries::person_id.eq(person.uuid()))
        .filter(recoveries::ended_at.is_null())
        .select(RecoveryRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Ends the open recovery of a person, confirmed or given up; false when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn end_recovery(
    tx: &mut Tx,
    person: PersonId,
    confirmed_by: Option<PersonId>,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let open = recoveries::table
        .filter(recoveries::person_id.eq(person.uuid()))
        .filter(recoveries::ended_at.is_null());
    let ended = diesel::update(open)
        .set((
            recoveries::confirmed_by.eq(confirmed_by.map(|one| one.uuid())),
            recoveries::ended_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(ended > 0)
}
