//! Tax receipts and the files of the house.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Integer, Text},
};
use diesel_async::RunQueryDsl;
use domain::{
    ids::{GiftId, OrganisationId, ReceiptId},
    receipt::NoReceipt,
};
use serde_json::Value;
use sql::Keep;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{campaigns, documents, gifts, receipts},
    session::{Reads, Tx},
};

/// A receipt as its row says.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = receipts, check_for_backend(diesel::pg::Pg))]
pub struct ReceiptRow {
    /// Its id.
    pub id: Uuid,
    /// Of which gift.
    pub gift_id: Uuid,
    /// Who issues it.
    pub issuer_id: String,
    /// Year of the gift in Paris.
    pub year: i32,
    /// Rank in that year.
    pub rank: i64,
    /// As printed.
    pub number: String,
    /// Its private address.
    pub token: String,
    /// Asked with the number to verify it.
    pub code: String,
    /// Eligible amount, in cents.
    pub amount_cents: i64,
    /// All that is printed, frozen.
    pub content: Value,
    /// Digest of the PDF, once drawn.
    pub document: Option<Vec<u8>>,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
    /// When it was cancelled.
    pub cancelled_at: Option<OffsetDateTime>,
    /// Why.
    pub cancel_reason: Option<String>,
}

#[derive(QueryableByName)]
struct Rank {
    #[diesel(sql_type = BigInt)]
    last_rank: i64,
}

/// The next number of an issuer in a year: the last lock of the order, held until the commit, so
/// that a rollback gives the number back.
///
/// # Errors
/// When the database refuses.
pub async fn next_rank(tx: &mut Tx, issuer: &OrganisationId, year: i32) -> QueryResult<i64> {
    let row: Rank = diesel::sql_query(
        "INSERT INTO receipt_counters AS c (issuer_id, year, last_rank) VALUES ($1, $2, 1)
         ON CONFLICT (issuer_id, year) DO UPDATE SET last_rank = c.last_rank + 1
         RETURNING last_rank",
    )
    .bind::<Text, _>(issuer.as_str())
    .bind::<Integer, _>(year)
    .kept()
    .get_result(tx.conn())
    .await?;
    Ok(row.last_rank)
}

/// Adds a receipt.
///
/// # Errors
/// When the gift has a live one, or the database refuses.
pub async fn add(tx: &mut Tx, row: &ReceiptRow) -> QueryResult<()> {
    diesel::insert_into(receipts::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// The live receipt of a gift.
///
/// # Errors
/// When the database refuses.
pub async fn live_of(db: &mut impl Reads, gift: GiftId) -> QueryResult<Option<ReceiptRow>> {
    receipts::table
        .filter(receipts::gift_id.eq(gift.uuid()))
        .filter(receipts::cancelled_at.is_null())
        .select(ReceiptRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Reads a receipt.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn read(db: &mut impl Reads, id: ReceiptId) -> QueryResult<ReceiptRow> {
    receipts::table.find(id.uuid()).select(ReceiptRow::as_select()).first(db.conn()).await
}

/// The receipt behind a private address.
///
/// # Errors
/// When the database refuses.
pub async fn by_token(db: &mut impl Reads, token: &str) -> QueryResult<Option<ReceiptRow>> {
    receipts::table
        .filter(receipts::token.eq(token))
        .select(ReceiptRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// The receipt of a number and code, both printed on it.
///
/// # Errors
/// When the database refuses.
pub async fn by_number(
    db: &mut impl Reads,
    number: &str,
    code: &str,
) -> QueryResult<Option<ReceiptRow>> {
    receipts::table
        .filter(receipts::number.eq(number))
        .filter(receipts::code.eq(code))
        .select(ReceiptRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Cancels a receipt; its number is never used again.
///
/// # Errors
/// When the database refuses.
pub async fn cancel(
    tx: &mut Tx,
    id: ReceiptId,
    reason: &str,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(receipts::table.find(id.uuid()).filter(receipts::cancelled_at.is_null()))
        .set((receipts::cancelled_at.eq(now), receipts::cancel_reason.eq(reason)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A file to keep.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = documents, check_for_backend(diesel::pg::Pg))]
pub struct Document {
    /// Its name: the digest of its bytes.
    pub sha256: Vec<u8>,
    /// `application/pdf`, `image/svg+xml`.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Since when it is kept.
    pub created_at: OffsetDateTime,
}

/// Keeps the PDF of a receipt.
///
/// # Errors
/// When the database refuses.
pub async fn keep_document(tx: &mut Tx, id: ReceiptId, document: &Document) -> QueryResult<()> {
    add_document(tx, document).await?;
    diesel::update(receipts::table.find(id.uuid()).filter(receipts::document.is_null()))
        .set(receipts::document.eq(&document.sha256))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Gifts to the campaigns of an organisation whose receipt waits for its signature, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn awaiting_signature(
    db: &mut impl Reads,
    holder: &OrganisationId,
) -> QueryResult<Vec<GiftId>> {
    let held = campaigns::table.filter(campaigns::holder_id.eq(holder.as_str()));
    let held = held.select(campaigns::id);
    let ids: Vec<Uuid> = gifts::table
        .filter(gifts::campaign_id.eq_any(held))
        .filter(gifts::no_receipt_reason.eq(NoReceipt::NoSignature.code()))
        .order(gifts::id)
        .select(gifts::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(GiftId::new).collect())
}

/// Keeps a file; one that is there already stays.
///
/// # Errors
/// When the database refuses.
pub async fn add_document(tx: &mut Tx, document: &Document) -> QueryResult<()> {
    diesel::insert_into(documents::table)
        .values(document)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Reads a file.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn document(db: &mut impl Reads, sha256: &[u8]) -> QueryResult<Document> {
    documents::table.find(sha256).select(Document::as_select()).first(db.conn()).await
}
