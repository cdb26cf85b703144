//! Refunds and disputes.

use diesel::{prelude::*, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use domain::ids::{GiftId, RefundId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{disputes, refunds},
    session::{Reads, Tx},
};

/// A refund we asked for, or found at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = refunds, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
pub struct RefundRow {
    /// Our id: the idempotency key.
    pub id: Uuid,
    /// Of which gift.
    pub gift_id: Uuid,
    /// The provider's id.
    pub provider_id: Option<String>,
    /// How much, in cents.
    pub amount_cents: i64,
    /// `donor`, `operator`, `campaign_failed` or `provider`.
    pub origin: String,
    /// `queued`, `asked`, `unknown`, `pending`, `succeeded`, `failed`.
    pub state: String,
    /// When it was asked.
    pub asked_at: OffsetDateTime,
    /// When it went through or failed.
    pub ended_at: Option<OffsetDateTime>,
}

/// A dispute, as the provider sees it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = disputes, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
pub struct DisputeRow {
    /// The provider's id.
    pub id: String,
    /// Of which gift.
    pub gift_id: Uuid,
    /// How much, in cents.
    pub amount_cents: i64,
    /// The provider's fee, in cents.
    pub fee_cents: i64,
    /// `open`, `won` or `lost`.
    pub state: String,
    /// When we first saw it.
    pub opened_at: OffsetDateTime,
    /// When it ended.
    pub ended_at: Option<OffsetDateTime>,
}

/// Refunds of a gift, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn refunds_of(db: &mut impl Reads, gift: GiftId) -> QueryResult<Vec<RefundRow>> {
    refunds::table
        .filter(refunds::gift_id.eq(gift.uuid()))
        .order((refunds::asked_at, refunds::id))
        .select(RefundRow::as_select())
        .load(db.conn())
        .await
}

/// Reads one refund.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn refund(db: &mut impl Reads, id: RefundId) -> QueryResult<RefundRow> {
    refunds::table.find(id.uuid()).select(RefundRow::as_select()).first(db.conn()).await
}

/// Writes a refund, new or known; its gift is locked.
///
/// # Errors
/// When the database refuses.
pub async fn save_refund(tx: &mut Tx, row: &RefundRow) -> QueryResult<()> {
    diesel::insert_into(refunds::table)
        .values(row)
        .on_conflict(refunds::id)
        .do_update()
        .set(row)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Disputes of a gift, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn disputes_of(db: &mut impl Reads, gift: GiftId) -> QueryResult<Vec<DisputeRow>> {
    disputes::table
        .filter(disputes::gift_id.eq(gift.uuid()))
        .order((disputes::opened_at, disputes::id))
        .select(DisputeRow::as_select())
        .load(db.conn())
        .await
}

/// Writes a dispute, new or known; its gift is locked.
///
/// # Errors
/// When the database refuses.
pub async fn save_dispute(tx: &mut Tx, row: &DisputeRow) -> QueryResult<()> {
    diesel::insert_into(disputes::table)
        .values(row)
        .on_conflict(disputes::id)
        .do_update()
        .set(row)
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// What refunds of a gift have taken or may still take, in cents: all but the failed ones.
///
/// # Errors
/// When the database refuses.
pub async fn promised_back(db: &mut impl Reads, gift: GiftId) -> QueryResult<i64> {
    let row: Sum = diesel::sql_query(
        "SELECT coalesce(sum(amount_cents), 0)::bigint AS total FROM refunds
         WHERE gift_id = $1 AND state <> 'failed'",
    )
    .bind::<diesel::sql_types::Uuid, _>(gift.uuid())
    .get_result(db.conn())
    .await?;
    Ok(row.total)
}
