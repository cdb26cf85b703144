//! Sealed days of decisions, and the public files of pots sealed with them (decision 38).

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{calendar::paris_midnight, ids::CampaignId, ids::GiftId, ids::PotId};
use matching::seal::Digest;
use time::{Date, OffsetDateTime};

use crate::{
    schema::{decisions, ledger_keys, pots, sealed_days, sealed_ledgers, tranche_fits},
    session::{Reads, Tx},
};

/// A sealed civil day in Paris.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sealed_days, check_for_backend(diesel::pg::Pg))]
pub struct SealedDay {
    /// The day.
    pub day: Date,
    /// Decisions recorded on it.
    pub records: i64,
    /// Root of their tree.
    pub root: Vec<u8>,
    /// The seal of the day before; zeros before the first.
    pub previous: Vec<u8>,
    /// Its seal.
    pub seal: Vec<u8>,
    /// When it was sealed.
    pub sealed_at: OffsetDateTime,
}

/// The public file of a pot.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sealed_ledgers, check_for_backend(diesel::pg::Pg))]
pub struct SealedLedger {
    /// The pot.
    pub pot_id: String,
    /// The last day it holds.
    pub day: Date,
    /// SHA-256 of the file.
    pub sha256: Vec<u8>,
    /// Bytes.
    pub size_bytes: i64,
    /// The file; only the latest of a pot is kept.
    pub body: Option<Vec<u8>>,
    /// When it was written.
    pub written_at: OffsetDateTime,
}

/// A digest as stored.
#[must_use]
pub fn digest(bytes: &[u8]) -> Option<Digest> {
    bytes.try_into().ok().map(Digest::new)
}

/// Every sealed day, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn days(db: &mut impl Reads) -> QueryResult<Vec<SealedDay>> {
    let all = sealed_days::table.order(sealed_days::day).select(SealedDay::as_select());
    all.load(db.conn()).await
}

/// The days sealed last, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn last_days(db: &mut impl Reads, limit: i64) -> QueryResult<Vec<Date>> {
    let newest = sealed_days::table.order(sealed_days::day.desc()).limit(limit);
    newest.select(sealed_days::day).load(db.conn()).await
}

/// A sealed day.
///
/// # Errors
/// When the database refuses.
pub async fn day(db: &mut impl Reads, day: Date) -> QueryResult<Option<SealedDay>> {
    let one = sealed_days::table.find(day).select(SealedDay::as_select());
    one.first(db.conn()).await.optional()
}

/// When the first decision was recorded.
///
/// # Errors
/// When the database refuses.
pub async fn first_record(db: &mut impl Reads) -> QueryResult<Option<OffsetDateTime>> {
    let first = decisions::table.select(diesel::dsl::min(decisions::recorded_at));
    first.first(db.conn()).await
}

/// The decisions recorded on a day with their digests, in the order of its tree.
///
/// # Errors
/// When the database refuses.
pub async fn leaves(db: &mut impl Reads, day: Date) -> QueryResult<Vec<(i64, Vec<u8>)>> {
    let next = day.next_day().unwrap_or(day);
    decisions::table
        .filter(decisions::recorded_at.ge(paris_midnight(day)))
        .filter(decisions::recorded_at.lt(paris_midnight(next)))
        .order((decisions::recorded_at, decisions::id))
        .select((decisions::id, decisions::digest))
        .load(db.conn())
        .await
}

/// Keeps a seal; there is no way to change it.
///
/// # Errors
/// When the day is sealed already, or the database refuses.
pub async fn add(tx: &mut Tx, sealed: &SealedDay) -> QueryResult<()> {
    diesel::insert_into(sealed_days::table).values(sealed).execute(tx.conn()).await?;
    Ok(())
}

/// Keeps the public file of a pot and lets the bodies of earlier ones go; a file that is there
/// stays as it is.
///
/// # Errors
/// When the database refuses.
pub async fn keep_ledger(tx: &mut Tx, file: &SealedLedger) -> QueryResult<()> {
    let earlier = sealed_ledgers::table
        .filter(sealed_ledgers::pot_id.eq(&file.pot_id))
        .filter(sealed_ledgers::day.lt(file.day));
    diesel::insert_into(sealed_ledgers::table)
        .values(file)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    let nothing = sealed_ledgers::body.eq(None::<Vec<u8>>);
    diesel::update(earlier).set(nothing).execute(tx.conn()).await?;
    Ok(())
}

/// True when a pot has its file of a day.
///
/// # Errors
/// When the database refuses.
pub async fn has_ledger(db: &mut impl Reads, pot: &str, day: Date) -> QueryResult<bool> {
    let found = sealed_ledgers::table.find((pot, day));
    diesel::select(diesel::dsl::exists(found)).get_result(db.conn()).await
}

/// The latest public file of a pot.
///
/// # Errors
/// When the database refuses.
pub async fn latest_ledger(db: &mut impl Reads, pot: &PotId) -> QueryResult<Option<SealedLedger>> {
    sealed_ledgers::table
        .filter(sealed_ledgers::pot_id.eq(pot.as_str()))
        .filter(sealed_ledgers::body.is_not_null())
        .order(sealed_ledgers::day.desc())
        .select(SealedLedger::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// The latest public file of a pot, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct ListedLedger {
    /// The pot.
    pub pot_id: String,
    /// Its name.
    pub title: String,
    /// The last day the file holds, its SHA-256 and its bytes; nothing before the first night.
    pub file: Option<(Date, Vec<u8>, i64)>,
}

/// Every pot with its latest public file, in the order in which they answer a gift.
///
/// # Errors
/// When the database refuses.
pub async fn latest_ledgers(db: &mut impl Reads) -> QueryResult<Vec<ListedLedger>> {
    let latest = sealed_ledgers::pot_id.eq(pots::id).and(sealed_ledgers::body.is_not_null());
    let file = (sealed_ledgers::day, sealed_ledgers::sha256, sealed_ledgers::size_bytes);
    pots::table
        .left_join(sealed_ledgers::table.on(latest))
        .order((pots::ordinal, pots::id))
        .select((pots::id, pots::title, file.nullable()))
        .load(db.conn())
        .await
}

/// What names the gifts of a campaign in the public file of a pot.
#[derive(Clone, Debug, Queryable)]
pub struct Naming {
    /// The pot.
    pub pot_id: String,
    /// Its name.
    pub title: String,
    /// The last day the file holds.
    pub day: Date,
    /// The key of its pseudonyms.
    pub key: Vec<u8>,
}

/// The public files of the pots that may give to a campaign, with their keys.
///
/// # Errors
/// When the database refuses.
pub async fn namings(db: &mut impl Reads, campaign: &CampaignId) -> QueryResult<Vec<Naming>> {
    let fits = tranche_fits::table
        .filter(tranche_fits::campaign_id.eq(campaign.as_str()))
        .select(tranche_fits::pot_id);
    pots::table
        .inner_join(ledger_keys::table.on(ledger_keys::pot_id.eq(pots::id)))
        .inner_join(sealed_ledgers::table.on(sealed_ledgers::pot_id.eq(pots::id)))
        .filter(pots::id.eq_any(fits).and(sealed_ledgers::body.is_not_null()))
        .order((pots::ordinal, pots::id))
        .select((pots::id, pots::title, sealed_ledgers::day, ledger_keys::key))
        .load(db.conn())
        .await
}

/// When the first decision about a gift was recorded.
///
/// # Errors
/// When the database refuses.
pub async fn first_record_of(
    db: &mut impl Reads,
    gift: GiftId,
) -> QueryResult<Option<OffsetDateTime>> {
    decisions::table
        .filter(decisions::gift_id.eq(gift.uuid()))
        .select(diesel::dsl::min(decisions::recorded_at))
        .first(db.conn())
        .await
}
