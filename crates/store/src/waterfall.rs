//! The order in which the pots answer a gift, and the pots that have answered one.

use std::collections::BTreeSet;

use diesel::{
    prelude::*,
    sql_types::{Array, Text},
};
use diesel_async::RunQueryDsl;

use crate::{
    pots::PotRow,
    schema::pots,
    session::{Reads, Tx},
};

/// Between two pots, so that another finds a place.
const STEP: i64 = 10;

/// Locks every pot, in the order of the waterfall: no gift is decided meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx) -> QueryResult<Vec<PotRow>> {
    let order = (pots::ordinal, pots::id);
    pots::table.order(order).for_no_key_update().select(PotRow::as_select()).load(tx.conn()).await
}

/// Keeps pots and tranches as they are until the transaction ends, while others read and gifts
/// wait: for who notes which tranches a new campaign fits.
///
/// # Errors
/// When the database refuses.
pub async fn hold(tx: &mut Tx) -> QueryResult<()> {
    let held = "SELECT id FROM pots ORDER BY ordinal, id FOR SHARE";
    diesel::sql_query(held).execute(tx.conn()).await?;
    Ok(())
}

/// Adds an empty pot after all others.
///
/// Returns false when one of that name is there.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, (id, title): (&str, &str)) -> QueryResult<bool> {
    let last: Option<i64> =
        pots::table.select(diesel::dsl::max(pots::ordinal)).first(tx.conn()).await?;
    let pot = PotRow {
        id: id.to_owned(),
        ordinal: last.unwrap_or_default() + STEP,
        title: title.to_owned(),
    };
    let added = diesel::insert_into(pots::table)
        .values(&pot)
        .on_conflict(pots::id)
        .do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(added > 0)
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    id: String,
}

/// A pot whose rules were in force when a gift was decided may have answered it: its place among
/// the others is part of what was decided.
const ANSWERED: &str = "
SELECT DISTINCT r.pot_id AS id FROM rule_sets r
WHERE r.effective_from <= (
    SELECT at FROM decisions WHERE gift_id IS NOT NULL ORDER BY id DESC LIMIT 1)";

/// The pots that may have answered a gift.
///
/// # Errors
/// When the database refuses.
pub async fn answered(db: &mut impl Reads) -> QueryResult<BTreeSet<String>> {
    let rows: Vec<Named> = diesel::sql_query(ANSWERED).load(db.conn()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// No two pots share a place, not even halfway.
const AWAY: &str = "UPDATE pots SET ordinal = -1 - abs(ordinal)";
const BACK: &str = "
UPDATE pots SET ordinal = o.place * 10
FROM unnest($1) WITH ORDINALITY AS o (id, place) WHERE pots.id = o.id";

/// Puts the pots, all of them, in an order. They are locked by the caller.
///
/// # Errors
/// When the database refuses.
pub async fn reorder(tx: &mut Tx, ids: &[&str]) -> QueryResult<()> {
    diesel::sql_query(AWAY).execute(tx.conn()).await?;
    diesel::sql_query(BACK).bind::<Array<Text>, _>(ids).execute(tx.conn()).await?;
    Ok(())
}
