//! Somebody asks to be known by another address; both addresses answer.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::PersonId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::address_changes,
    session::{Reads, Tx},
};

/// A change that is asked.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = address_changes, check_for_backend(diesel::pg::Pg))]
pub struct AddressChangeRow {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub person_id: Uuid,
    /// The session that asked.
    pub session_id: Uuid,
    /// The new address as typed.
    pub email: String,
    /// SHA-256 of the word in the letter to the new address, once written.
    pub new_link: Option<Vec<u8>>,
    /// SHA-256 of the word in the letter to the old address, once written.
    pub old_link: Option<Vec<u8>>,
    /// When it was asked.
    pub asked_at: OffsetDateTime,
    /// When the new address said yes.
    pub new_said_at: Option<OffsetDateTime>,
    /// When the old address said yes.
    pub old_said_at: Option<OffsetDateTime>,
    /// When it was done, stopped, or replaced by another.
    pub ended_at: Option<OffsetDateTime>,
}

/// One of the two addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one to come.
    New,
    /// The one until now.
    Old,
}

/// Adds one in place of one that is open.
///
/// # Errors
/// When the database refuses.
pub async fn ask(tx: &mut Tx, row: &AddressChangeRow) -> QueryResult<()> {
    let open = address_changes::table
        .filter(address_changes::person_id.eq(row.person_id))
        .filter(address_changes::ended_at.is_null());
    diesel::update(open).set(address_changes::ended_at.eq(row.asked_at)).execute(tx.conn()).await?;
    diesel::insert_into(address_changes::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Reads one by its id.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, id: Uuid) -> QueryResult<Option<AddressChangeRow>> {
    let found = address_changes::table.find(id).select(AddressChangeRow::as_select());
    found.first(db.conn()).await.optional()
}

/// The one that is open for a person.
///
/// # Errors
/// When the database refuses.
pub async fn open_of(
    db: &mut impl Reads,
    person: PersonId,
    asked_since: OffsetDateTime,
) -> QueryResult<Option<AddressChangeRow>> {
    address_changes::table
        .filter(address_changes::person_id.eq(person.uuid()))
        .filter(address_changes::ended_at.is_null())
        .filter(address_changes::asked_at.gt(asked_since))
        .select(AddressChangeRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Locks the one of a link.
///
/// # Errors
/// When the database refuses.
pub async fn lock_by_link(
    tx: &mut Tx,
    side: Side,
    link: &[u8],
) -> QueryResult<Option<AddressChangeRow>> {
    let all = address_changes::table.into_boxed();
    let found = match side {
        Side::New => all.filter(address_changes::new_link.eq(link)),
        Side::Old => all.filter(address_changes::old_link.eq(link)),
    };
    let found: Option<Uuid> =
        found.select(address_changes::id).first(tx.conn()).await.optional()?;
    let Some(id) = found else { return Ok(None) };
    let row = address_changes::table.find(id).select(AddressChangeRow::as_select());
    row.for_update().first(tx.conn()).await.optional()
}

/// Notes what the letter to one address says, in place of what an earlier one said.
///
/// # Errors
/// When the database refuses.
pub async fn write(tx: &mut Tx, id: Uuid, side: Side, link: &[u8]) -> QueryResult<()> {
    let row = address_changes::table.find(id);
    match side {
        Side::New => {
            let said = address_changes::new_link.eq(link);
            diesel::update(row).set(said).execute(tx.conn()).await?
        }
        Side::Old => {
            let said = address_changes::old_link.eq(link);
            diesel::update(row).set(said).execute(tx.conn()).await?
        }
    };
    Ok(())
}

/// One address said yes.
///
/// # Errors
/// When the database refuses.
pub async fn say_yes(tx: &mut Tx, id: Uuid, side: Side, now: OffsetDateTime) -> QueryResult<()> {
    let row = address_changes::table.find(id);
    match side {
        Side::New => {
            let said = address_changes::new_said_at.eq(now);
            diesel::update(row).set(said).execute(tx.conn()).await?
        }
        Side::Old => {
            let said = address_changes::old_said_at.eq(now);
            diesel::update(row).set(said).execute(tx.conn()).await?
        }
    };
    Ok(())
}

/// It is over.
///
/// # Errors
/// When the database refuses.
pub async fn end(tx: &mut Tx, id: Uuid, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(address_changes::table.find(id))
        .set(address_changes::ended_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}
