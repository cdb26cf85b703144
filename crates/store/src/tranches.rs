//! Money that enters, leaves or changes tranche, under the lock of its pot.

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use matching::{case::Campaign, tranche::Tranche};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    pots::{PotRow, TrancheRow, read_tranche},
    schema::{campaigns, contributors, pots, tranche_fits, tranches},
    session::{Reads, Tx},
};

/// Campaigns that may still receive.
const RECEIVING: [&str; 2] = ["published", "suspended"];

/// Locks one pot.
///
/// # Errors
/// When the database refuses.
pub async fn lock_pot(tx: &mut Tx, pot: &str) -> QueryResult<Option<PotRow>> {
    let found = pots::table.find(pot).select(PotRow::as_select());
    found.for_no_key_update().first(tx.conn()).await.optional()
}

/// A tranche of a locked pot, with what is left of it: negative in a shortfall.
#[derive(Clone, Debug)]
pub struct Held {
    /// The row.
    pub row: TrancheRow,
    /// As the rules see it.
    pub tranche: Tranche,
    /// Cents left; reservations that are over count as free.
    pub left_cents: i64,
}

#[derive(QueryableByName)]
struct Freed {
    #[diesel(sql_type = BigInt)]
    cents: i64,
}

const FREED: &str = "
SELECT coalesce(sum(e.amount_cents), 0)::bigint AS cents
FROM gifts g JOIN match_entries e ON e.gift_id = g.id
WHERE g.match_state = 'reserved' AND g.reservation_ends_at <= $1
    AND e.pot_id = $2 AND e.tranche_id = $3";

/// Reads a tranche; its pot is locked by the caller. `freed_before` is now less the grace of a
/// reservation.
///
/// # Errors
/// When it cannot be read, or the database refuses.
pub async fn read(
    db: &mut impl Reads,
    (pot, id): (&str, &str),
    freed_before: OffsetDateTime,
) -> anyhow::Result<Option<Held>> {
    let found = tranches::table.find((pot, id)).select(TrancheRow::as_select());
    let Some(row) = found.first(db.conn()).await.optional()? else { return Ok(None) };
    let freed: Freed = diesel::sql_query(FREED)
        .bind::<Timestamptz, _>(freed_before)
        .bind::<Text, _>(pot)
        .bind::<Text, _>(id)
        .get_result(db.conn())
        .await?;
    let tranche = read_tranche(&row.terms, row.amount_cents)?;
    let left_cents = row.amount_cents - row.used_cents + freed.cents;
    Ok(Some(Held { row, tranche, left_cents }))
}

/// What all tranches of a pot hold, in cents.
///
/// # Errors
/// When the database refuses.
pub async fn total(db: &mut impl Reads, pot: &str) -> QueryResult<i64> {
    let held: Vec<i64> = tranches::table
        .filter(tranches::pot_id.eq(pot))
        .select(tranches::amount_cents)
        .load(db.conn())
        .await?;
    Ok(held.iter().fold(0, |sum: i64, cents| sum.saturating_add(*cents)))
}

/// Locks the campaigns that may still receive and fit a tranche, second in the one order, and says
/// which. A gift that was decided before this lock was decided before the tranche.
///
/// # Errors
/// When facts of a campaign cannot be read, or the database refuses.
pub async fn lock_fitting(tx: &mut Tx, tranche: &Tranche) -> anyhow::Result<Vec<String>> {
    let all: Vec<(String, Value)> = campaigns::table
        .filter(campaigns::status.eq_any(RECEIVING))
        .select((campaigns::id, campaigns::facts))
        .load(tx.conn())
        .await?;
    let mut fitting = Vec::new();
    for (id, facts) in all {
        let campaign: Campaign = serde_json::from_value(facts)?;
        if tranche.earmark.fits(&campaign) {
            fitting.push(id);
        }
    }
    let locked = "SELECT campaign_id FROM campaign_draws WHERE campaign_id = ANY($1)
        ORDER BY campaign_id FOR NO KEY UPDATE";
    diesel::sql_query(locked).bind::<Array<Text>, _>(&fitting).execute(tx.conn()).await?;
    Ok(fitting)
}

/// Opens a tranche of a locked pot for locked campaigns. An event of the pot says so too.
///
/// # Errors
/// When one of that name is there, or the database refuses.
pub async fn open(tx: &mut Tx, row: &TrancheRow, fitting: &[String]) -> QueryResult<()> {
    diesel::insert_into(tranches::table).values(row).execute(tx.conn()).await?;
    let fits: Vec<_> = fitting
        .iter()
        .map(|campaign| {
            (
                tranche_fits::pot_id.eq(&row.pot_id),
                tranche_fits::tranche_id.eq(&row.id),
                tranche_fits::campaign_id.eq(campaign),
            )
        })
        .collect();
    diesel::insert_into(tranche_fits::table).values(fits).execute(tx.conn()).await?;
    Ok(())
}

/// Lines keep what they drew: what is used may then pass what is there, by the shortfall.
const CHANGE: &str = "
UPDATE tranches SET amount_cents = amount_cents + $3,
    withdrawn_cents = greatest(withdrawn_cents, used_cents - amount_cents - $3)
WHERE pot_id = $1 AND id = $2";

/// Changes what a tranche holds. Its pot is locked by the caller.
///
/// # Errors
/// When it would hold less than nothing, or the database refuses.
pub async fn change(
    tx: &mut Tx,
    (pot, id): (&str, &str),
    difference_cents: i64,
) -> QueryResult<()> {
    diesel::sql_query(CHANGE)
        .bind::<Text, _>(pot)
        .bind::<Text, _>(id)
        .bind::<BigInt, _>(difference_cents)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Who brings money.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = contributors, check_for_backend(diesel::pg::Pg))]
pub struct ContributorRow {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Origin code.
    pub origin: String,
    /// Its group, whose own gifts its money never matches.
    pub siren: Option<String>,
}

/// A group that is named for the first time is kept; another than the known one is for the caller
/// to refuse.
const CONTRIBUTOR: &str = "
INSERT INTO contributors AS c (name, origin, siren) VALUES ($1, $2, $3)
ON CONFLICT (name, origin) DO UPDATE SET siren = coalesce(c.siren, excluded.siren)
RETURNING number, name, origin, siren";

/// The contributor of a name and origin, added when new.
///
/// # Errors
/// When the database refuses.
pub async fn contributor(
    tx: &mut Tx,
    (name, origin): (&str, &str),
    siren: Option<&str>,
) -> QueryResult<ContributorRow> {
    diesel::sql_query(CONTRIBUTOR)
        .bind::<Text, _>(name)
        .bind::<Text, _>(origin)
        .bind::<Nullable<Text>, _>(siren)
        .get_result(tx.conn())
        .await
}

/// A contributor by its number.
///
/// # Errors
/// When the database refuses.
pub async fn contributor_of(
    db: &mut impl Reads,
    number: i64,
) -> QueryResult<Option<ContributorRow>> {
    let found = contributors::table.find(number).select(ContributorRow::as_select());
    found.first(db.conn()).await.optional()
}

/// Every contributor, by name.
///
/// # Errors
/// When the database refuses.
pub async fn contributors(db: &mut impl Reads) -> QueryResult<Vec<ContributorRow>> {
    let order = (contributors::name, contributors::origin);
    contributors::table.order(order).select(ContributorRow::as_select()).load(db.conn()).await
}
