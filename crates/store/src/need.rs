//! Imported tables: where the need is, and which communes are rural or hold priority
//! neighbourhoods. Versions are numbered from 1 and never change.

use diesel::{
    dsl::max,
    prelude::*,
    sql_types::{Array, BigInt, Binary, Bool, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use domain::ids::{CampaignId, PersonId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{campaigns, need_tables, territory_flags},
    session::{Reads, Tx},
};

/// Whoever imports is alone: versions follow each other.
const IMPORTING: Uuid = Uuid::from_u128(0x5e_ed);

/// A table of need to keep.
#[derive(Clone, Copy, Debug)]
pub struct NewTable<'a> {
    /// Who published its figures.
    pub source: &'a str,
    /// Which year they tell of.
    pub vintage: &'a str,
    /// The table as it was read.
    pub document: &'a Value,
    /// The file as it was sent.
    pub file: &'a [u8],
    /// SHA-256 of the file.
    pub sha256: &'a [u8],
}

/// Keeps a table of need as the next version.
///
/// # Errors
/// When the database refuses.
pub async fn add_table(
    tx: &mut Tx,
    new: NewTable<'_>,
    (by, now): (PersonId, OffsetDateTime),
) -> QueryResult<i64> {
    tx.alone_with(IMPORTING).await?;
    let last: Option<i64> =
        need_tables::table.select(max(need_tables::version)).first(tx.conn()).await?;
    let version = last.unwrap_or_default() + 1;
    diesel::insert_into(need_tables::table)
        .values((
            need_tables::version.eq(version),
            need_tables::source.eq(new.source),
            need_tables::vintage.eq(new.vintage),
            need_tables::document.eq(new.document),
            need_tables::file.eq(new.file),
            need_tables::sha256.eq(new.sha256),
            need_tables::imported_by.eq(by.uuid()),
            need_tables::imported_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(version)
}

/// A table of need, as a list shows it.
#[derive(Clone, Debug, QueryableByName)]
pub struct TableRow {
    /// Its version.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// Who published its figures.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// Which year they tell of.
    #[diesel(sql_type = Text)]
    pub vintage: String,
    /// `departement` or `commune`.
    #[diesel(sql_type = Text)]
    pub scale: String,
    /// Rows.
    #[diesel(sql_type = BigInt)]
    pub places: i64,
    /// SHA-256 of the file.
    #[diesel(sql_type = Binary)]
    pub sha256: Vec<u8>,
    /// Address of who imported it.
    #[diesel(sql_type = Text)]
    pub by: String,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub imported_at: OffsetDateTime,
}

/// Tables of need, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn tables(db: &mut impl Reads) -> QueryResult<Vec<TableRow>> {
    diesel::sql_query(
        "SELECT t.version, t.source, t.vintage, t.document ->> 'scale' AS scale,
             jsonb_array_length(t.document -> 'places')::bigint AS places, t.sha256,
             coalesce(p.email, '') AS by, t.imported_at
         FROM need_tables t JOIN people p ON p.id = t.imported_by ORDER BY t.version DESC",
    )
    .load(db.conn())
    .await
}

/// The table of a version as it was read.
///
/// # Errors
/// When the database refuses.
pub async fn document(db: &mut impl Reads, version: i64) -> QueryResult<Option<Value>> {
    let found = need_tables::table.find(version).select(need_tables::document);
    found.first(db.conn()).await.optional()
}

/// The file of a version as it was sent.
///
/// # Errors
/// When the database refuses.
pub async fn file(db: &mut impl Reads, version: i64) -> QueryResult<Option<Vec<u8>>> {
    let found = need_tables::table.find(version).select(need_tables::file);
    found.first(db.conn()).await.optional()
}

/// Flags of communes to keep.
#[derive(Clone, Copy, Debug)]
pub struct NewFlags<'a> {
    /// Which year they tell of.
    pub vintage: &'a str,
    /// The column that says who is rural.
    pub rural_column: &'a str,
    /// The column that says who holds priority neighbourhoods.
    pub priority_column: &'a str,
    /// Communes that the file told of.
    pub communes: i64,
    /// INSEE codes of the rural ones.
    pub rural: &'a [String],
    /// INSEE codes of those with priority neighbourhoods.
    pub priority: &'a [String],
    /// SHA-256 of the file.
    pub sha256: &'a [u8],
}

/// Keeps flags as the next version.
///
/// # Errors
/// When the database refuses.
pub async fn add_flags(
    tx: &mut Tx,
    new: NewFlags<'_>,
    (by, now): (PersonId, OffsetDateTime),
) -> QueryResult<i64> {
    tx.alone_with(IMPORTING).await?;
    let last: Option<i64> =
        territory_flags::table.select(max(territory_flags::version)).first(tx.conn()).await?;
    let version = last.unwrap_or_default() + 1;
    diesel::insert_into(territory_flags::table)
        .values((
            territory_flags::version.eq(version),
            territory_flags::vintage.eq(new.vintage),
            territory_flags::rural_column.eq(new.rural_column),
            territory_flags::priority_column.eq(new.priority_column),
            territory_flags::communes.eq(new.communes),
            territory_flags::rural.eq(new.rural),
            territory_flags::priority.eq(new.priority),
            territory_flags::sha256.eq(new.sha256),
            territory_flags::imported_by.eq(by.uuid()),
            territory_flags::imported_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(version)
}

/// Flags of communes, as a list shows them.
#[derive(Clone, Debug, QueryableByName)]
pub struct FlagsRow {
    /// Their version.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// Which year they tell of.
    #[diesel(sql_type = Text)]
    pub vintage: String,
    /// The columns that were read: rural, priority.
    #[diesel(sql_type = Array<Text>)]
    pub columns: Vec<String>,
    /// Communes that the file told of.
    #[diesel(sql_type = BigInt)]
    pub communes: i64,
    /// Rural ones.
    #[diesel(sql_type = BigInt)]
    pub rural: i64,
    /// Those with priority neighbourhoods.
    #[diesel(sql_type = BigInt)]
    pub priority: i64,
    /// Campaigns whose flags come from it.
    #[diesel(sql_type = BigInt)]
    pub campaigns: i64,
    /// Address of who imported it.
    #[diesel(sql_type = Text)]
    pub by: String,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub imported_at: OffsetDateTime,
}

/// Flags of communes, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn flags(db: &mut impl Reads) -> QueryResult<Vec<FlagsRow>> {
    diesel::sql_query(
        "SELECT f.version, f.vintage, ARRAY[f.rural_column, f.priority_column] AS columns,
             f.communes, cardinality(f.rural)::bigint AS rural,
             cardinality(f.priority)::bigint AS priority, coalesce(p.email, '') AS by,
             (SELECT count(*) FROM campaigns c WHERE c.flags_version = f.version) AS campaigns,
             f.imported_at
         FROM territory_flags f JOIN people p ON p.id = f.imported_by ORDER BY f.version DESC",
    )
    .load(db.conn())
    .await
}

/// How many campaigns said their flags themselves.
///
/// # Errors
/// When the database refuses.
pub async fn campaigns_without_flags(db: &mut impl Reads) -> QueryResult<i64> {
    let own = campaigns::table.filter(campaigns::flags_version.is_null());
    own.count().get_result(db.conn()).await
}

/// What the newest table says of a commune.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Flags {
    /// The version of the table.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// It is rural.
    #[diesel(sql_type = Bool)]
    pub rural: bool,
    /// It holds priority neighbourhoods.
    #[diesel(sql_type = Bool)]
    pub priority: bool,
}

/// What the newest table says of a commune; nothing before the first.
///
/// # Errors
/// When the database refuses.
pub async fn flags_of(db: &mut impl Reads, commune: &str) -> QueryResult<Option<Flags>> {
    diesel::sql_query(
        "SELECT version, $1 = ANY(rural) AS rural, $1 = ANY(priority) AS priority
         FROM territory_flags ORDER BY version DESC LIMIT 1",
    )
    .bind::<Text, _>(commune)
    .get_result(db.conn())
    .await
    .optional()
}

/// Notes which table the flags of a campaign come from.
///
/// # Errors
/// When the database refuses.
pub async fn note_flags(tx: &mut Tx, campaign: &CampaignId, version: i64) -> QueryResult<()> {
    diesel::update(campaigns::table.find(campaign.as_str()))
        .set(campaigns::flags_version.eq(version))
        .execute(tx.conn())
        .await?;
    Ok(())
}
