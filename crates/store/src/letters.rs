//! Letters waiting, sent, refused. One recipient, one row.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::{LetterId, PersonId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::letters,
    session::{Reads, Tx},
};

/// A letter to one person.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = letters, check_for_backend(diesel::pg::Pg))]
pub struct StoredLetter {
    /// Also its Message-ID.
    pub id: Uuid,
    /// The same key is never written twice: `receipt:<id>`.
    pub dedupe_key: String,
    /// To whom.
    pub person_id: Uuid,
    /// Which letter.
    pub kind: String,
    /// Its content.
    pub letter: Value,
    /// The receipt attached.
    pub receipt_id: Option<Uuid>,
    /// Where its reader stops such letters.
    pub unsubscribe_url: Option<String>,
    /// `queued`, `sent`, `unsure`, `refused`, `history`.
    pub state: String,
    /// When it was written, UTC.
    pub created_at: OffsetDateTime,
    /// When the server took it.
    pub sent_at: Option<OffsetDateTime>,
    /// What the server said.
    pub problem: Option<String>,
}

/// Writes a letter; false when the same was written before.
///
/// # Errors
/// When the database refuses.
pub async fn write(tx: &mut Tx, letter: &StoredLetter) -> QueryResult<bool> {
    let rows = diesel::insert_into(letters::table)
        .values(letter)
        .on_conflict(letters::dedupe_key)
        .do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(rows == 1)
}

/// Reads a letter.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn read(db: &mut impl Reads, id: LetterId) -> QueryResult<StoredLetter> {
    letters::table.find(id.uuid()).select(StoredLetter::as_select()).first(db.conn()).await
}

/// Notes what became of a letter.
///
/// # Errors
/// When the database refuses.
pub async fn settle(
    tx: &mut Tx,
    id: LetterId,
    state: &str,
    problem: Option<&str>,
    now: OffsetDateTime,
) -> QueryResult<()> {
    let sent = (state == "sent" || state == "unsure").then_some(now);
    diesel::update(letters::table.find(id.uuid()))
        .set((letters::state.eq(state), letters::problem.eq(problem), letters::sent_at.eq(sent)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Letters of a person, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_person(
    db: &mut impl Reads,
    person: PersonId,
    limit: i64,
) -> QueryResult<Vec<StoredLetter>> {
    letters::table
        .filter(letters::person_id.eq(person.uuid()))
        .order(letters::created_at.desc())
        .limit(limit)
        .select(StoredLetter::as_select())
        .load(db.conn())
        .await
}
