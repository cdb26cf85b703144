//! Events of the payment provider, written down before anything else.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::GiftId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{provider_events, provider_sweeps},
    session::{Reads, Tx},
};

/// The provider we know.
pub const STRIPE: &str = "stripe";

/// A verified event, as received.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = provider_events, check_for_backend(diesel::pg::Pg))]
pub struct StoredEvent {
    /// Which provider.
    pub provider: String,
    /// Its id there.
    pub id: String,
    /// Its type, known to us or not.
    pub kind: String,
    /// The raw bytes.
    pub body: Vec<u8>,
    /// Real money, or a trial.
    pub livemode: bool,
    /// The gift it names.
    pub gift_id: Option<Uuid>,
    /// `stored`, `processed`, `parked` or `foreign`.
    pub state: String,
    /// Why it is parked or foreign.
    pub note: Option<String>,
    /// When it came, UTC.
    pub received_at: OffsetDateTime,
    /// When we were done with it.
    pub settled_at: Option<OffsetDateTime>,
}

/// Stores an event; false when it was there before.
///
/// # Errors
/// When the database refuses.
pub async fn store(tx: &mut Tx, event: &StoredEvent) -> QueryResult<bool> {
    let rows = diesel::insert_into(provider_events::table)
        .values(event)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(rows == 1)
}

/// Reads an event.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn read(db: &mut impl Reads, id: &str) -> QueryResult<StoredEvent> {
    provider_events::table
        .find((STRIPE, id))
        .select(StoredEvent::as_select())
        .first(db.conn())
        .await
}

/// How an event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled<'a> {
    /// Its object was folded into our rows.
    Processed,
    /// A person must look: why.
    Parked(&'a str),
    /// It is not about us: why.
    Foreign(&'a str),
}

/// Notes that we are done with an event, and which gift it turned out to be about.
///
/// # Errors
/// When the database refuses.
pub async fn settle(
    tx: &mut Tx,
    (id, gift): (&str, Option<GiftId>),
    how: Settled<'_>,
    now: OffsetDateTime,
) -> QueryResult<()> {
    let (state, note) = match how {
        Settled::Processed => ("processed", None),
        Settled::Parked(why) => ("parked", Some(why)),
        Settled::Foreign(why) => ("foreign", Some(why)),
    };
    diesel::update(provider_events::table.find((STRIPE, id)))
        .set((
            provider_events::state.eq(state),
            provider_events::note.eq(note),
            provider_events::settled_at.eq(now),
            gift.map(|gift| provider_events::gift_id.eq(gift.uuid())),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How far the provider's events were listed.
///
/// # Errors
/// When the database refuses.
pub async fn swept_to(db: &mut impl Reads) -> QueryResult<Option<OffsetDateTime>> {
    provider_sweeps::table
        .find(STRIPE)
        .select(provider_sweeps::swept_to)
        .first(db.conn())
        .await
        .optional()
}

/// Notes how far the provider's events were listed.
///
/// # Errors
/// When the database refuses.
pub async fn note_sweep(
    tx: &mut Tx,
    swept_to: OffsetDateTime,
    now: OffsetDateTime,
) -> QueryResult<()> {
    let values = (
        provider_sweeps::provider.eq(STRIPE),
        provider_sweeps::swept_to.eq(swept_to),
        provider_sweeps::at.eq(now),
    );
    diesel::insert_into(provider_sweeps::table)
        .values(values)
        .on_conflict(provider_sweeps::provider)
        .do_update()
        .set((provider_sweeps::swept_to.eq(swept_to), provider_sweeps::at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}
