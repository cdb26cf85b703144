//! Who is signed in, and on what.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::PersonId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    round_trips,
    schema::{people, sessions},
    session::{Reads, Tx},
};

/// A session.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
pub struct SessionRow {
    /// Its id, which opens nothing.
    pub id: Uuid,
    /// SHA-256 of the word in the cookie.
    pub token: Vec<u8>,
    /// Whose.
    pub person_id: Uuid,
    /// Browser and system in words.
    pub device: String,
    /// When it began.
    pub began_at: OffsetDateTime,
    /// When it was last used, to the minute or so.
    pub seen_at: OffsetDateTime,
    /// When it was ended.
    pub ended_at: Option<OffsetDateTime>,
    /// When a passkey was last proven in it.
    pub strong_at: Option<OffsetDateTime>,
}

/// Opens one, and its person was there today; false when they are suspended. Who suspends them
/// meanwhile waits for the end of this transaction, then ends the session.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &mut Tx, row: &SessionRow) -> QueryResult<bool> {
    let there = people::table.find(row.person_id).filter(people::suspended_at.is_null());
    let noted =
        diesel::update(there).set(people::signed_in_at.eq(row.began_at)).execute(tx.conn()).await?;
    if noted == 0 {
        return Ok(false);
    }
    diesel::insert_into(sessions::table).values(row).execute(tx.conn()).await?;
    Ok(true)
}

/// The session of a word, unless it was ended.
///
/// # Errors
/// When the database refuses.
pub async fn by_token(db: &mut impl Reads, token: &[u8]) -> QueryResult<Option<SessionRow>> {
    sessions::table
        .filter(sessions::token.eq(token))
        .filter(sessions::ended_at.is_null())
        .select(SessionRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Sessions of a person that were used since an instant and were not ended, the last used first.
///
/// # Errors
/// When the database refuses.
pub async fn of_person(
    db: &mut impl Reads,
    person: PersonId,
    seen_since: OffsetDateTime,
) -> QueryResult<Vec<SessionRow>> {
    sessions::table
        .filter(sessions::person_id.eq(person.uuid()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::seen_at.gt(seen_since))
        .order(sessions::seen_at.desc())
        .select(SessionRow::as_select())
        .load(db.conn())
        .await
}

/// A proof by passkey that is older than this is over.
///
/// # Errors
/// When the database refuses.
pub async fn weaken(tx: &mut Tx, id: Uuid, older_than: OffsetDateTime) -> QueryResult<()> {
    diesel::update(sessions::table.find(id).filter(sessions::strong_at.le(older_than)))
        .set(sessions::strong_at.eq(None::<OffsetDateTime>))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Notes that it was used.
///
/// # Errors
/// When the database refuses.
pub async fn note_seen(tx: &mut Tx, id: Uuid, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(sessions::table.find(id))
        .set(sessions::seen_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A passkey was proven in it: it goes on under another word.
///
/// # Errors
/// When the database refuses.
pub async fn strengthen(
    tx: &mut Tx,
    id: Uuid,
    token: &[u8],
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(sessions::table.find(id))
        .set((sessions::token.eq(token), sessions::strong_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Which sessions of a person are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(Uuid),
    /// All but this one.
    AllBut(Uuid),
    /// All.
    All,
}

/// Ends sessions of a person, and of nobody else, with what they had at a provider; says how many.
///
/// # Errors
/// When the database refuses.
pub async fn end(
    tx: &mut Tx,
    person: PersonId,
    which: Which,
    now: OffsetDateTime,
) -> QueryResult<usize> {
    let open = sessions::table
        .filter(sessions::person_id.eq(person.uuid()))
        .filter(sessions::ended_at.is_null());
    let ended = sessions::ended_at.eq(now);
    let number = match which {
        Which::One(id) => {
            let one = open.filter(sessions::id.eq(id));
            diesel::update(one).set(ended).execute(tx.conn()).await?
        }
        Which::AllBut(id) => {
            let others = open.filter(sessions::id.ne(id));
            diesel::update(others).set(ended).execute(tx.conn()).await?
        }
        Which::All => diesel::update(open).set(ended).execute(tx.conn()).await?,
    };
    round_trips::forget_ended(tx, person).await?;
    Ok(number)
}
