//! What contributors promise a pot, and what has come of it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::pot::InstalmentState;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    schema::{agreements, instalments},
    session::{Reads, Tx},
};

/// A promise of money for a pot.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = agreements, check_for_backend(diesel::pg::Pg))]
pub struct AgreementRow {
    /// Its number.
    pub number: i64,
    /// Its pot.
    pub pot_id: String,
    /// Number of the contributor.
    pub contributor: i64,
    /// Which campaigns its money is for.
    pub earmark: Value,
    /// When it was signed.
    pub signed_on: Date,
    /// The last day on which its money answers gifts, in Paris.
    pub ends_on: Option<Date>,
    /// In cents.
    pub promised_cents: i64,
    /// Digest of the signed document.
    pub document: Option<Vec<u8>>,
    /// Who attached it.
    pub document_by: Option<Uuid>,
    /// When.
    pub document_at: Option<OffsetDateTime>,
    /// Who entered it.
    pub begun_by: Uuid,
    /// When.
    pub begun_at: OffsetDateTime,
}

/// An agreement that is entered.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = agreements)]
pub struct NewAgreementRow {
    /// Its pot.
    pub pot_id: String,
    /// Number of the contributor.
    pub contributor: i64,
    /// Which campaigns its money is for.
    pub earmark: Value,
    /// When it was signed.
    pub signed_on: Date,
    /// The last day on which its money answers gifts, in Paris.
    pub ends_on: Option<Date>,
    /// In cents.
    pub promised_cents: i64,
    /// Who enters it.
    pub begun_by: Uuid,
    /// When.
    pub begun_at: OffsetDateTime,
}

/// A part of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = instalments, check_for_backend(diesel::pg::Pg))]
pub struct InstalmentRow {
    /// Number of the agreement.
    pub agreement: i64,
    /// Its place, from 1.
    pub rank: i32,
    /// In cents.
    pub amount_cents: i64,
    /// When the money is due.
    pub due_on: Date,
    /// State code.
    pub state: String,
    /// The pot, once it matches.
    pub pot_id: Option<String>,
    /// Its tranche, once it matches.
    pub tranche_id: Option<String>,
    /// Taken back, in cents.
    pub withdrawn_cents: i64,
    /// Who changed it last.
    pub changed_by: Uuid,
    /// When.
    pub changed_at: OffsetDateTime,
}

impl InstalmentRow {
    /// Its state. The database holds no other code; were there one, it would match nothing.
    #[must_use]
    pub fn state(&self) -> InstalmentState {
        InstalmentState::from_code(&self.state).unwrap_or(InstalmentState::Cancelled)
    }
}

/// Enters an agreement; says its number.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, row: &NewAgreementRow) -> QueryResult<i64> {
    diesel::insert_into(agreements::table)
        .values(row)
        .returning(agreements::number)
        .get_result(tx.conn())
        .await
}

/// An agreement.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, number: i64) -> QueryResult<Option<AgreementRow>> {
    let found = agreements::table.find(number).select(AgreementRow::as_select());
    found.first(db.conn()).await.optional()
}

/// Locks an agreement, and with it its instalments.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, number: i64) -> QueryResult<Option<AgreementRow>> {
    let found = agreements::table.find(number).select(AgreementRow::as_select());
    found.for_no_key_update().first(tx.conn()).await.optional()
}

/// The instalments of an agreement, in order.
///
/// # Errors
/// When the database refuses.
pub async fn instalments_of(db: &mut impl Reads, number: i64) -> QueryResult<Vec<InstalmentRow>> {
    instalments::table
        .filter(instalments::agreement.eq(number))
        .order(instalments::rank)
        .select(InstalmentRow::as_select())
        .load(db.conn())
        .await
}

/// The instalment that a tranche is, when it is one.
///
/// # Errors
/// When the database refuses.
pub async fn of_tranche(
    db: &mut impl Reads,
    (pot, tranche): (&str, &str),
) -> QueryResult<Option<InstalmentRow>> {
    instalments::table
        .filter(instalments::pot_id.eq(pot))
        .filter(instalments::tranche_id.eq(tranche))
        .select(InstalmentRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Adds an instalment to a locked agreement.
///
/// # Errors
/// When the database refuses.
pub async fn add_instalment(tx: &mut Tx, row: &InstalmentRow) -> QueryResult<()> {
    diesel::insert_into(instalments::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Writes an instalment of a locked agreement as it is now.
///
/// # Errors
/// When the database refuses.
pub async fn save(tx: &mut Tx, row: &InstalmentRow) -> QueryResult<()> {
    diesel::update(instalments::table.find((row.agreement, row.rank)))
        .set((
            instalments::state.eq(&row.state),
            instalments::pot_id.eq(&row.pot_id),
            instalments::tranche_id.eq(&row.tranche_id),
            instalments::withdrawn_cents.eq(row.withdrawn_cents),
            instalments::changed_by.eq(row.changed_by),
            instalments::changed_at.eq(row.changed_at),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Attaches a kept document to an agreement.
///
/// # Errors
/// When the database refuses.
pub async fn attach(
    tx: &mut Tx,
    (number, sha256): (i64, &[u8]),
    by: Uuid,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(agreements::table.find(number))
        .set((
            agreements::document.eq(sha256),
            agreements::document_by.eq(by),
            agreements::document_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}
