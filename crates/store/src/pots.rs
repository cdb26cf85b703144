//! The fund: pots and tranches, and the locks of whoever draws on them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{Array, Text},
};
use diesel_async::RunQueryDsl;
use domain::{
    Cents,
    ids::{CampaignId, PotId},
    pot::Origin,
};
use matching::{case::Campaign, tranche::Tranche};
use serde_json::Value;
use sql::Keep;

use crate::{
    rules::RuleSetRow,
    schema::{campaign_draws, pots, rule_sets, tranche_fits, tranches},
    session::{QueryError, Reads, Tx},
};

/// A pot of the fund.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = pots, check_for_backend(diesel::pg::Pg))]
pub struct PotRow {
    /// Its id.
    pub id: String,
    /// Its place in the waterfall.
    pub ordinal: i64,
    /// Its name in French.
    pub title: String,
}

/// A contribution.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = tranches, check_for_backend(diesel::pg::Pg))]
pub struct TrancheRow {
    /// Its pot.
    pub pot_id: String,
    /// Its id in the pot.
    pub id: String,
    /// Who contributed.
    pub contributor_name: String,
    /// Origin code.
    pub origin: String,
    /// The tranche as the matching rules see it.
    pub terms: Value,
    /// In cents.
    pub amount_cents: i64,
    /// In cents.
    pub used_cents: i64,
    /// In cents.
    pub withdrawn_cents: i64,
}

/// Adds a pot with its tranches and rules, as a contribution or the demonstration brings them.
///
/// # Errors
/// When one is there already, or the database refuses.
pub async fn add(
    tx: &mut Tx,
    pot: &PotRow,
    contributions: &[TrancheRow],
    rules: &[RuleSetRow],
) -> QueryResult<()> {
    diesel::insert_into(pots::table).values(pot).execute(tx.conn()).await?;
    for row in contributions.iter().filter(|row| !row.contributor_name.is_empty()) {
        crate::tranches::contributor(tx, (&row.contributor_name, &row.origin), None).await?;
    }
    diesel::insert_into(tranches::table).values(contributions).execute(tx.conn()).await?;
    // No event opens them: a replay begins with what they hold now.
    diesel::update(tranches::table.filter(tranches::pot_id.eq(&pot.id)))
        .set(tranches::opened_cents.eq(tranches::amount_cents.nullable()))
        .execute(tx.conn())
        .await?;
    diesel::insert_into(rule_sets::table).values(rules).execute(tx.conn()).await?;
    Ok(())
}

/// Notes which tranches a campaign fits; each draw refers to such a row.
///
/// # Errors
/// When a stored tranche cannot be read, or the database refuses.
pub async fn note_fits(tx: &mut Tx, campaign: &Campaign) -> anyhow::Result<()> {
    let rows: Vec<TrancheRow> =
        tranches::table.select(TrancheRow::as_select()).load(tx.conn()).await?;
    let mut fits = Vec::new();
    for row in rows {
        if tranche(&row)?.earmark.fits(campaign) {
            fits.push((
                tranche_fits::pot_id.eq(row.pot_id),
                tranche_fits::tranche_id.eq(row.id),
                tranche_fits::campaign_id.eq(campaign.id.as_str().to_owned()),
            ));
        }
    }
    diesel::insert_into(tranche_fits::table)
        .values(fits)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The name of a pot, if there is one.
///
/// # Errors
/// When the database refuses.
pub async fn title(db: &mut impl Reads, pot: &str) -> QueryResult<Option<String>> {
    pots::table.find(pot).select(pots::title).first(db.conn()).await.optional()
}

/// Every pot, in the order of the waterfall.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: &mut impl Reads) -> QueryResult<Vec<PotRow>> {
    let order = (pots::ordinal, pots::id);
    pots::table.order(order).select(PotRow::as_select()).load(db.conn()).await
}

/// The tranches of a pot as the matching rules see them.
///
/// # Errors
/// When a stored one cannot be read, or the database refuses.
pub async fn tranches_of(db: &mut impl Reads, pot: &str) -> anyhow::Result<Vec<Tranche>> {
    let rows: Vec<TrancheRow> = tranches::table
        .filter(tranches::pot_id.eq(pot))
        .order(tranches::id)
        .select(TrancheRow::as_select())
        .load(db.conn())
        .await?;
    rows.iter().map(tranche).collect()
}

/// Where the money of each tranche of each pot comes from.
pub type Origins = BTreeMap<(PotId, String), Origin>;

/// Reads the origins of all tranches.
///
/// # Errors
/// When the database refuses.
pub async fn origins(db: &mut impl Reads) -> QueryResult<Origins> {
    let rows: Vec<(String, String, String)> = tranches::table
        .select((tranches::pot_id, tranches::id, tranches::origin))
        .load(db.conn())
        .await?;
    let known = rows.into_iter().filter_map(|(pot, tranche, origin)| {
        Some(((PotId::new(pot), tranche), Origin::from_code(&origin)?))
    });
    Ok(known.collect())
}

/// Locks the pots that may answer gifts to a campaign, then the campaign: the first two locks of
/// the one order.
///
/// # Errors
/// When the database refuses.
pub async fn lock_for(tx: &mut Tx, campaign: &CampaignId) -> QueryResult<()> {
    diesel::sql_query(
        "SELECT id FROM pots WHERE id IN
             (SELECT pot_id FROM tranche_fits WHERE campaign_id = $1)
         ORDER BY ordinal, id FOR NO KEY UPDATE",
    )
    .bind::<Text, _>(campaign.as_str())
    .kept()
    .execute(tx.conn())
    .await?;
    lock_campaign(tx, campaign).await
}

/// True when the database refused to draw more than a tranche has.
#[must_use]
pub fn is_overdrawn(error: &anyhow::Error) -> bool {
    let told = error.downcast_ref::<QueryError>();
    matches!(told, Some(QueryError::DatabaseError(_, info))
        if info.constraint_name() == Some("tranches_are_never_overdrawn"))
}

/// Locks pots in the order of the waterfall.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, ids: &BTreeSet<String>) -> QueryResult<()> {
    diesel::sql_query(
        "SELECT id FROM pots WHERE id = ANY($1) ORDER BY ordinal, id FOR NO KEY UPDATE",
    )
    .bind::<Array<Text>, _>(ids.iter().collect::<Vec<_>>())
    .kept()
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The pots that may give to a campaign.
///
/// # Errors
/// When the database refuses.
pub async fn that_fit(db: &mut impl Reads, campaign: &CampaignId) -> QueryResult<Vec<PotId>> {
    let ids: Vec<String> = tranche_fits::table
        .filter(tranche_fits::campaign_id.eq(campaign.as_str()))
        .select(tranche_fits::pot_id)
        .distinct()
        .order(tranche_fits::pot_id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(PotId::new).collect())
}

/// The campaigns that a pot may give to.
///
/// # Errors
/// When the database refuses.
pub async fn fitting(db: &mut impl Reads, pot: &PotId) -> QueryResult<Vec<CampaignId>> {
    let ids: Vec<String> = tranche_fits::table
        .filter(tranche_fits::pot_id.eq(pot.as_str()))
        .select(tranche_fits::campaign_id)
        .distinct()
        .order(tranche_fits::campaign_id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(CampaignId::new).collect())
}

/// Locks the campaign alone: enough where no pot is drawn on and nothing goes back to one.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn lock_campaign(tx: &mut Tx, campaign: &CampaignId) -> QueryResult<()> {
    campaign_draws::table
        .find(campaign.as_str())
        .for_no_key_update()
        .select(campaign_draws::campaign_id)
        .first::<String>(tx.conn())
        .await?;
    Ok(())
}

pub(crate) fn read_tranche(terms: &Value, amount_cents: i64) -> anyhow::Result<Tranche> {
    let mut tranche: Tranche =
        serde_json::from_value(terms.clone()).context("a stored tranche cannot be read")?;
    tranche.amount = Cents::new(amount_cents);
    Ok(tranche)
}

fn tranche(row: &TrancheRow) -> anyhow::Result<Tranche> {
    read_tranche(&row.terms, row.amount_cents)
}
