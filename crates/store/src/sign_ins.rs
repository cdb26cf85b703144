//! Letters asked for by who wants to sign in.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::sign_ins,
    session::{Reads, Tx},
};

/// A letter asked for.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_ins, check_for_backend(diesel::pg::Pg))]
pub struct SignInRow {
    /// Its id.
    pub id: Uuid,
    /// Digest of the thread of the visit that asked.
    pub browser: String,
    /// The address as typed.
    pub email: String,
    /// The path of ours that was wanted.
    pub next: String,
    /// SHA-256 of the word in the link, once the letter was written.
    pub link: Option<Vec<u8>>,
    /// SHA-256 of id and code, once the letter was written.
    pub code: Option<Vec<u8>>,
    /// Codes that were wrong.
    pub tries: i32,
    /// When it was asked.
    pub asked_at: OffsetDateTime,
    /// When somebody came in by it.
    pub used_at: Option<OffsetDateTime>,
}

/// Adds one.
///
/// # Errors
/// When the database refuses.
pub async fn ask(tx: &mut Tx, row: &SignInRow) -> QueryResult<()> {
    diesel::insert_into(sign_ins::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Reads one by its id.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, id: Uuid) -> QueryResult<Option<SignInRow>> {
    let found = sign_ins::table.find(id).select(SignInRow::as_select());
    found.first(db.conn()).await.optional()
}

/// The last one that a browser asked for since an instant and that nobody came in by.
///
/// # Errors
/// When the database refuses.
pub async fn last_of(
    db: &mut impl Reads,
    browser: &str,
    since: OffsetDateTime,
) -> QueryResult<Option<SignInRow>> {
    sign_ins::table
        .filter(sign_ins::browser.eq(browser))
        .filter(sign_ins::asked_at.gt(since))
        .filter(sign_ins::used_at.is_null())
        .order(sign_ins::asked_at.desc())
        .select(SignInRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Locks the last one that a browser asked for since an instant and that nobody came in by.
///
/// # Errors
/// When the database refuses.
pub async fn lock_last_of(
    tx: &mut Tx,
    browser: &str,
    since: OffsetDateTime,
) -> QueryResult<Option<SignInRow>> {
    let Some(last) = last_of(tx, browser, since).await? else { return Ok(None) };
    lock(tx, last.id).await
}

async fn lock(tx: &mut Tx, id: Uuid) -> QueryResult<Option<SignInRow>> {
    let found = sign_ins::table.find(id).select(SignInRow::as_select());
    found.for_update().first(tx.conn()).await.optional()
}

/// Locks the one of a link, used or not.
///
/// # Errors
/// When the database refuses.
pub async fn lock_by_link(tx: &mut Tx, link: &[u8]) -> QueryResult<Option<SignInRow>> {
    sign_ins::table
        .filter(sign_ins::link.eq(link))
        .select(SignInRow::as_select())
        .for_update()
        .first(tx.conn())
        .await
        .optional()
}

/// Notes what the letter says, in place of what an earlier one said.
///
/// # Errors
/// When the database refuses.
pub async fn write(tx: &mut Tx, id: Uuid, (link, code): (&[u8], &[u8])) -> QueryResult<()> {
    diesel::update(sign_ins::table.find(id))
        .set((sign_ins::link.eq(link), sign_ins::code.eq(code)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Counts a wrong code.
///
/// # Errors
/// When there were five already, or the database refuses.
pub async fn count_try(tx: &mut Tx, id: Uuid) -> QueryResult<()> {
    diesel::update(sign_ins::table.find(id))
        .set(sign_ins::tries.eq(sign_ins::tries + 1))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Somebody came in by it.
///
/// # Errors
/// When the database refuses.
pub async fn use_up(tx: &mut Tx, id: Uuid, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(sign_ins::table.find(id))
        .set(sign_ins::used_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets those asked for before an instant: they hold addresses that may be nobody's.
///
/// # Errors
/// When the database refuses.
pub async fn forget(tx: &mut Tx, before: OffsetDateTime) -> QueryResult<usize> {
    let old = sign_ins::table.filter(sign_ins::asked_at.lt(before));
    diesel::delete(old).execute(tx.conn()).await
}
