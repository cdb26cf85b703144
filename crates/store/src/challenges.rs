//! Gifts that wait for their donor to confirm by e-mail.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::gift_challenges,
    session::{Reads, Tx},
};

/// A gift that waits.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = gift_challenges, check_for_backend(diesel::pg::Pg))]
pub struct ChallengeRow {
    /// The word in the letter.
    pub token: String,
    /// The gift's id, made by the form.
    pub gift_id: Uuid,
    /// The gift as asked.
    pub form: Value,
    /// When it was asked.
    pub asked_at: OffsetDateTime,
    /// When its donor confirmed.
    pub confirmed_at: Option<OffsetDateTime>,
}

/// Adds a challenge, or finds the one that the same form made before.
///
/// # Errors
/// When the database refuses.
pub async fn ask(tx: &mut Tx, row: &ChallengeRow) -> QueryResult<ChallengeRow> {
    diesel::insert_into(gift_challenges::table)
        .values(row)
        .on_conflict(gift_challenges::gift_id)
        .do_nothing()
        .execute(tx.conn())
        .await?;
    gift_challenges::table
        .filter(gift_challenges::gift_id.eq(row.gift_id))
        .select(ChallengeRow::as_select())
        .first(tx.conn())
        .await
}

/// The challenge of a word.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, token: &str) -> QueryResult<Option<ChallengeRow>> {
    gift_challenges::table
        .find(token)
        .select(ChallengeRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// True when the donor of a gift has confirmed.
///
/// # Errors
/// When the database refuses.
pub async fn is_confirmed(db: &mut impl Reads, gift: Uuid) -> QueryResult<bool> {
    let found = gift_challenges::table
        .filter(gift_challenges::gift_id.eq(gift))
        .filter(gift_challenges::confirmed_at.is_not_null());
    diesel::select(diesel::dsl::exists(found)).get_result(db.conn()).await
}

/// Notes that the donor confirmed.
///
/// # Errors
/// When the database refuses.
pub async fn confirm(tx: &mut Tx, token: &str, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(gift_challenges::table.find(token))
        .filter(gift_challenges::confirmed_at.is_null())
        .set(gift_challenges::confirmed_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Checkouts asked for since an instant, and how many of them saw a card declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, diesel::QueryableByName)]
pub struct Attempts {
    /// All.
    #[diesel(sql_type = BigInt)]
    pub asked: i64,
    /// Those with a decline.
    #[diesel(sql_type = BigInt)]
    pub declined: i64,
}

/// Counts attempts on the whole site.
///
/// # Errors
/// When the database refuses.
pub async fn attempts_since(db: &mut impl Reads, since: OffsetDateTime) -> QueryResult<Attempts> {
    diesel::sql_query(
        "SELECT count(*) AS asked, count(decline_code) AS declined FROM gift_payments
         WHERE asked_at > $1",
    )
    .bind::<Timestamptz, _>(since)
    .get_result(db.conn())
    .await
}
