//! What the pot answered: lines as they stand, entries that only grow, decisions with their
//! reasons.

use std::collections::BTreeMap;

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;
use domain::ids::{CampaignId, GiftId};
use matching::Line;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{decisions, match_entries, match_lines},
    session::{Reads, Tx},
};

/// Whose lines are written.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// The gift.
    pub gift: GiftId,
    /// Its campaign.
    pub campaign: &'a CampaignId,
    /// The donor's group, opaque.
    pub donor_group: &'a str,
    /// When, UTC.
    pub at: OffsetDateTime,
}

/// The lines of a gift as they stand.
///
/// # Errors
/// When a stored line cannot be read, or the database refuses.
pub async fn lines(db: &mut impl Reads, gift: GiftId) -> anyhow::Result<Vec<Line>> {
    let stored: Vec<Value> = match_lines::table
        .filter(match_lines::gift_id.eq(gift.uuid()))
        .order(match_lines::rank)
        .select(match_lines::line)
        .load(db.conn())
        .await?;
    stored
        .into_iter()
        .map(|line| serde_json::from_value(line).context("a stored match line cannot be read"))
        .collect()
}

type PerTranche = BTreeMap<(String, String), i64>;

fn per_tranche(lines: &[Line]) -> PerTranche {
    let mut sums = PerTranche::new();
    for line in lines {
        for source in &line.sources {
            let key = (line.pot.as_str().to_owned(), source.tranche.clone());
            *sums.entry(key).or_default() += source.amount.get();
        }
    }
    sums
}

fn per_rule(lines: &[Line]) -> BTreeMap<&str, i64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(line.rule_set.id.as_str()).or_default() += line.granted.get();
    }
    sums
}

fn differences<K: Ord>(old: BTreeMap<K, i64>, new: BTreeMap<K, i64>) -> Vec<(K, i64)> {
    let mut all = new;
    for (key, amount) in old {
        *all.entry(key).or_default() -= amount;
    }
    all.into_iter().filter(|(_, amount)| *amount != 0).collect()
}

/// Replaces the lines of a gift; what differs per tranche becomes an entry, and the counters
/// follow. Pots, campaign and gift are locked by the caller.
///
/// # Errors
/// When a tranche would be overdrawn or an earmark passed, or the database refuses.
pub async fn replace(tx: &mut Tx, of: Of<'_>, old: &[Line], new: &[Line]) -> anyhow::Result<()> {
    write_lines(tx, of, new).await?;
    let moved = differences(per_tranche(old), per_tranche(new));
    append_entries(tx, of, &moved).await?;
    for ((pot, tranche), amount) in &moved {
        use_tranche(tx, of.campaign, (pot, tranche), *amount).await?;
    }
    for (rule, amount) in differences(per_rule(old), per_rule(new)) {
        use_rule(tx, of.campaign, rule, amount).await?;
    }
    Ok(())
}

async fn write_lines(tx: &mut Tx, of: Of<'_>, new: &[Line]) -> anyhow::Result<()> {
    diesel::delete(match_lines::table.filter(match_lines::gift_id.eq(of.gift.uuid())))
        .execute(tx.conn())
        .await?;
    let mut rows = Vec::new();
    for (rank, line) in (1_i32..).zip(new) {
        rows.push((
            match_lines::gift_id.eq(of.gift.uuid()),
            match_lines::rank.eq(rank),
            match_lines::campaign_id.eq(of.campaign.as_str()),
            match_lines::donor_group.eq(of.donor_group),
            match_lines::pot_id.eq(line.pot.as_str()),
            match_lines::rule_set_id.eq(&line.rule_set.id),
            match_lines::rule_set_version.eq(line.rule_set.version),
            match_lines::granted_cents.eq(line.granted.get()),
            match_lines::base_used_cents.eq(line.base_used.get()),
            match_lines::line.eq(serde_json::to_value(line)?),
        ));
    }
    diesel::insert_into(match_lines::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

async fn append_entries(
    tx: &mut Tx,
    of: Of<'_>,
    moved: &[((String, String), i64)],
) -> QueryResult<()> {
    let rows: Vec<_> = moved
        .iter()
        .map(|((pot, tranche), amount)| {
            (
                match_entries::gift_id.eq(of.gift.uuid()),
                match_entries::pot_id.eq(pot),
                match_entries::tranche_id.eq(tranche),
                match_entries::campaign_id.eq(of.campaign.as_str()),
                match_entries::kind.eq(if *amount > 0 { "draw" } else { "release" }),
                match_entries::amount_cents.eq(*amount),
                match_entries::at.eq(of.at),
            )
        })
        .collect();
    diesel::insert_into(match_entries::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

async fn use_tranche(
    tx: &mut Tx,
    campaign: &CampaignId,
    (pot, tranche): (&str, &str),
    amount: i64,
) -> QueryResult<()> {
    diesel::sql_query(
        "WITH used AS (UPDATE tranches SET used_cents = used_cents + $4
             WHERE pot_id = $2 AND id = $3 RETURNING origin)
         UPDATE campaign_draws SET
             eu_cents = eu_cents + CASE WHEN u.origin = 'eu' THEN $4 ELSE 0 END,
             public_cents = public_cents
                 + CASE WHEN u.origin IN ('eu', 'state', 'local_authority') THEN $4 ELSE 0 END
         FROM used u WHERE campaign_id = $1",
    )
    .bind::<Text, _>(campaign.as_str())
    .bind::<Text, _>(pot)
    .bind::<Text, _>(tranche)
    .bind::<BigInt, _>(amount)
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn use_rule(tx: &mut Tx, campaign: &CampaignId, rule: &str, amount: i64) -> QueryResult<()> {
    diesel::sql_query(
        "INSERT INTO rule_usage AS u (rule_set_id, campaign_id, match_cents) VALUES ($1, $2, 0)
         ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(rule)
    .bind::<Text, _>(campaign.as_str())
    .execute(tx.conn())
    .await?;
    diesel::sql_query(
        "UPDATE rule_usage SET match_cents = match_cents + $3
         WHERE rule_set_id = $1 AND campaign_id = $2",
    )
    .bind::<Text, _>(rule)
    .bind::<Text, _>(campaign.as_str())
    .bind::<BigInt, _>(amount)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A decision to keep.
#[derive(Clone, Copy, Debug)]
pub struct NewDecision<'a> {
    /// About which gift.
    pub gift: GiftId,
    /// `reserve`, `pay`, `extend`, `cancel`, `expire`, `refund`, `dispute_open`…
    pub event: &'a str,
    /// When it was taken.
    pub at: OffsetDateTime,
    /// Why it is what it is.
    pub explanation: &'a Value,
    /// SHA-256 of the explanation in canonical JSON.
    pub digest: &'a [u8],
}

/// Keeps a decision; there is no way to change it.
///
/// # Errors
/// When the database refuses.
pub async fn keep_decision(tx: &mut Tx, decision: NewDecision<'_>) -> QueryResult<()> {
    diesel::insert_into(decisions::table)
        .values((
            decisions::gift_id.eq(decision.gift.uuid()),
            decisions::event.eq(decision.event),
            decisions::at.eq(decision.at),
            decisions::explanation.eq(decision.explanation),
            decisions::digest.eq(decision.digest),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A decision as kept.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = decisions, check_for_backend(diesel::pg::Pg))]
pub struct DecisionRow {
    /// Its rank.
    pub id: i64,
    /// About which gift.
    pub gift_id: Uuid,
    /// What happened.
    pub event: String,
    /// When it was taken.
    pub at: OffsetDateTime,
    /// When it was appended.
    pub recorded_at: OffsetDateTime,
    /// Why.
    pub explanation: Value,
    /// SHA-256 of the explanation in canonical JSON.
    pub digest: Vec<u8>,
}

/// Decisions about a gift, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn decisions_of(db: &mut impl Reads, gift: GiftId) -> QueryResult<Vec<DecisionRow>> {
    decisions::table
        .filter(decisions::gift_id.eq(gift.uuid()))
        .order(decisions::id)
        .select(DecisionRow::as_select())
        .load(db.conn())
        .await
}

/// A decision by its number.
///
/// # Errors
/// When the database refuses.
pub async fn decision(db: &mut impl Reads, id: i64) -> QueryResult<Option<DecisionRow>> {
    decisions::table.find(id).select(DecisionRow::as_select()).first(db.conn()).await.optional()
}
