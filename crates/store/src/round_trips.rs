//! Browsers that went to an identity provider, and the sessions that began there.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::PersonId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{provider_sessions, round_trips, sessions},
    session::{Reads, Tx},
};

/// A round trip.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = round_trips, check_for_backend(diesel::pg::Pg))]
pub struct RoundTripRow {
    /// Its id.
    pub id: Uuid,
    /// Provider code.
    pub provider: String,
    /// SHA-256 of the word that comes back with the browser.
    pub state: Vec<u8>,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Shown to the provider for the code.
    pub verifier: String,
    /// Digest of the thread of the visit that went.
    pub browser: String,
    /// Of who is signed in and adds an identity.
    pub session_id: Option<Uuid>,
    /// The path of ours that was wanted.
    pub next: String,
    /// When it began.
    pub asked_at: OffsetDateTime,
    /// When the browser came back.
    pub used_at: Option<OffsetDateTime>,
}

/// Adds one.
///
/// # Errors
/// When the database refuses.
pub async fn begin(tx: &mut Tx, row: &RoundTripRow) -> QueryResult<()> {
    diesel::insert_into(round_trips::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Locks the one of a word, ended or not.
///
/// # Errors
/// When the database refuses.
pub async fn lock_by_state(tx: &mut Tx, state: &[u8]) -> QueryResult<Option<RoundTripRow>> {
    round_trips::table
        .filter(round_trips::state.eq(state))
        .select(RoundTripRow::as_select())
        .for_update()
        .first(tx.conn())
        .await
        .optional()
}

/// The browser came back.
///
/// # Errors
/// When the database refuses.
pub async fn use_up(tx: &mut Tx, id: Uuid, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(round_trips::table.find(id))
        .set(round_trips::used_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets those that began before an instant.
///
/// # Errors
/// When the database refuses.
pub async fn forget(tx: &mut Tx, before: OffsetDateTime) -> QueryResult<usize> {
    let old = round_trips::table.filter(round_trips::asked_at.lt(before));
    diesel::delete(old).execute(tx.conn()).await
}

/// Whose a session is, unless it was ended.
///
/// # Errors
/// When the database refuses.
pub async fn person_of(tx: &mut Tx, session: Uuid) -> QueryResult<Option<PersonId>> {
    let open = sessions::table.find(session).filter(sessions::ended_at.is_null());
    let found: Option<Uuid> = open.select(sessions::person_id).first(tx.conn()).await.optional()?;
    Ok(found.map(PersonId::new))
}

/// Notes at which provider a session is open too, in place of an earlier one.
///
/// # Errors
/// When the database refuses.
pub async fn keep_session(
    tx: &mut Tx,
    session: Uuid,
    (provider, id_token): (&str, &str),
) -> QueryResult<()> {
    let there =
        (provider_sessions::provider.eq(provider), provider_sessions::id_token.eq(id_token));
    diesel::insert_into(provider_sessions::table)
        .values((provider_sessions::session_id.eq(session), there))
        .on_conflict(provider_sessions::session_id)
        .do_update()
        .set(there)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes what a session has at a provider: provider code and token.
///
/// # Errors
/// When the database refuses.
pub async fn take_session(tx: &mut Tx, session: Uuid) -> QueryResult<Option<(String, String)>> {
    diesel::delete(provider_sessions::table.find(session))
        .returning((provider_sessions::provider, provider_sessions::id_token))
        .get_result(tx.conn())
        .await
        .optional()
}

/// Forgets what the ended sessions of a person had at a provider.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn forget_ended(tx: &mut Tx, person: PersonId) -> QueryResult<usize> {
    let ended = sessions::table
        .filter(sessions::person_id.eq(person.uuid()))
        .filter(sessions::ended_at.is_not_null())
        .select(sessions::id);
    let theirs = provider_sessions::table.filter(provider_sessions::session_id.eq_any(ended));
    diesel::delete(theirs).execute(tx.conn()).await
}
