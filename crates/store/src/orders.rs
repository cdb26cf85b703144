//! Money of a tranche directed to a narrower target: two people sign.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    schema::allocation_orders,
    session::{Reads, Tx},
};

/// An allocation order.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = allocation_orders, check_for_backend(diesel::pg::Pg))]
pub struct OrderRow {
    /// Its number.
    pub number: i64,
    /// The pot.
    pub pot_id: String,
    /// The tranche that the money leaves.
    pub tranche_id: String,
    /// The target.
    pub earmark: Value,
    /// The last day on which it answers gifts, in Paris; that of the tranche it leaves when there
    /// is none.
    pub ends_on: Option<Date>,
    /// In cents.
    pub amount_cents: i64,
    /// What for.
    pub reason: String,
    /// `open`, `signed` or `withdrawn`.
    pub state: String,
    /// Who asked, the first to sign.
    pub asked_by: Uuid,
    /// When.
    pub asked_at: OffsetDateTime,
    /// From here on nobody signs it any more.
    pub lapses_at: OffsetDateTime,
    /// The second to sign.
    pub signed_by: Option<Uuid>,
    /// When it was signed or withdrawn.
    pub ended_at: Option<OffsetDateTime>,
}

impl OrderRow {
    /// It may be signed.
    #[must_use]
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.state == "open" && now < self.lapses_at
    }
}

/// An order that is asked for.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = allocation_orders)]
pub struct NewOrderRow {
    /// The pot.
    pub pot_id: String,
    /// The tranche that the money leaves.
    pub tranche_id: String,
    /// The target.
    pub earmark: Value,
    /// The last day on which it answers gifts, in Paris.
    pub ends_on: Option<Date>,
    /// In cents.
    pub amount_cents: i64,
    /// What for.
    pub reason: String,
    /// `open`.
    pub state: String,
    /// Who asks.
    pub asked_by: Uuid,
    /// When.
    pub asked_at: OffsetDateTime,
    /// Until when it may be signed.
    pub lapses_at: OffsetDateTime,
}

/// Keeps an order; says its number.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, row: &NewOrderRow) -> QueryResult<i64> {
    diesel::insert_into(allocation_orders::table)
        .values(row)
        .returning(allocation_orders::number)
        .get_result(tx.conn())
        .await
}

/// An order.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, number: i64) -> QueryResult<Option<OrderRow>> {
    let found = allocation_orders::table.find(number).select(OrderRow::as_select());
    found.first(db.conn()).await.optional()
}

/// Locks an order. Its pot, if it is wanted, was locked before.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, number: i64) -> QueryResult<Option<OrderRow>> {
    let found = allocation_orders::table.find(number).select(OrderRow::as_select());
    found.for_update().first(tx.conn()).await.optional()
}

/// Orders of a pot, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_pot(db: &mut impl Reads, pot: &str) -> QueryResult<Vec<OrderRow>> {
    allocation_orders::table
        .filter(allocation_orders::pot_id.eq(pot))
        .order(allocation_orders::number.desc())
        .limit(50)
        .select(OrderRow::as_select())
        .load(db.conn())
        .await
}

/// Ends a locked order: signed by somebody, or withdrawn.
///
/// # Errors
/// When the database refuses, as for a second signature by who asked.
pub async fn end(
    tx: &mut Tx,
    number: i64,
    signed_by: Option<Uuid>,
    now: OffsetDateTime,
) -> QueryResult<()> {
    let state = if signed_by.is_some() { "signed" } else { "withdrawn" };
    diesel::update(allocation_orders::table.find(number))
        .set((
            allocation_orders::state.eq(state),
            allocation_orders::signed_by.eq(signed_by),
            allocation_orders::ended_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}
