//! What the pot answered: lines as they stand, entries that only grow, decisions with their
//! reasons.

use std::collections::BTreeMap;

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{CampaignId, GiftId, PotId};
use matching::Line;
use serde_json::Value;
use sql::Keep;
use time::OffsetDateTime;
use tokio::try_join;
use uuid::Uuid;

use crate::{
    schema::{decisions, match_lines},
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
    if !old.is_empty() {
        diesel::delete(match_lines::table.filter(match_lines::gift_id.eq(of.gift.uuid())))
            .execute(tx.conn())
            .await?;
    }
    let moved = differences(per_tranche(old), per_tranche(new));
    let (more, less): (Vec<_>, Vec<_>) =
        differences(per_rule(old), per_rule(new)).into_iter().partition(|(_, amount)| *amount > 0);
    // None of them needs another: one round trip, since others wait for our locks.
    let conn: &AsyncPgConnection = tx.conn();
    try_join!(
        write_lines(conn, of, new),
        move_tranches(conn, of, &moved),
        move_rules(conn, of, USE_RULES, more),
        move_rules(conn, of, SPARE_RULES, less),
    )?;
    Ok(())
}

async fn write_lines(mut conn: &AsyncPgConnection, of: Of<'_>, new: &[Line]) -> anyhow::Result<()> {
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
    if !rows.is_empty() {
        diesel::insert_into(match_lines::table).values(rows).execute(&mut conn).await?;
    }
    Ok(())
}

/// One statement: entries, what is used of each tranche, and the sums of the campaign. Tranches of
/// one pot are held by the lock of their pot.
const MOVE_TRANCHES: &str = "
WITH moved AS (SELECT * FROM unnest($1, $2, $3) AS m(pot, tranche, amount)),
entries AS (
    INSERT INTO match_entries (gift_id, pot_id, tranche_id, campaign_id, kind, amount_cents, at)
    SELECT $4, pot, tranche, $5, CASE WHEN amount > 0 THEN 'draw' ELSE 'release' END, amount, $6
    FROM moved ORDER BY pot, tranche),
used AS (
    UPDATE tranches t SET used_cents = t.used_cents + m.amount
    FROM moved m WHERE t.pot_id = m.pot AND t.id = m.tranche
    RETURNING t.origin, m.amount)
UPDATE campaign_draws SET eu_cents = eu_cents + u.eu, public_cents = public_cents + u.public
FROM (SELECT
        coalesce(sum(amount) FILTER (WHERE origin = 'eu'), 0)::bigint AS eu,
        coalesce(sum(amount)
            FILTER (WHERE origin IN ('eu', 'state', 'local_authority')), 0)::bigint AS public
    FROM used) u
WHERE campaign_id = $5";

async fn move_tranches(
    mut conn: &AsyncPgConnection,
    of: Of<'_>,
    moved: &[((String, String), i64)],
) -> anyhow::Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    let pots: Vec<&str> = moved.iter().map(|((pot, _), _)| pot.as_str()).collect();
    let tranches: Vec<&str> = moved.iter().map(|((_, tranche), _)| tranche.as_str()).collect();
    let amounts: Vec<i64> = moved.iter().map(|(_, amount)| *amount).collect();
    diesel::sql_query(MOVE_TRANCHES)
        .bind::<Array<Text>, _>(pots)
        .bind::<Array<Text>, _>(tranches)
        .bind::<Array<BigInt>, _>(amounts)
        .bind::<SqlUuid, _>(of.gift.uuid())
        .bind::<Text, _>(of.campaign.as_str())
        .bind::<Timestamptz, _>(of.at)
        .kept()
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// A counter is made when a rule first gives to a campaign.
const USE_RULES: &str = "
INSERT INTO rule_usage AS u (rule_set_id, campaign_id, match_cents)
SELECT rule, $3, amount FROM unnest($1, $2) AS m(rule, amount)
ON CONFLICT (rule_set_id, campaign_id) DO UPDATE
SET match_cents = u.match_cents + excluded.match_cents";

/// It is there when a rule takes back.
const SPARE_RULES: &str = "
UPDATE rule_usage u SET match_cents = u.match_cents + m.amount
FROM unnest($1, $2) AS m(rule, amount)
WHERE u.rule_set_id = m.rule AND u.campaign_id = $3";

async fn move_rules(
    mut conn: &AsyncPgConnection,
    of: Of<'_>,
    statement: &str,
    changes: Vec<(&str, i64)>,
) -> anyhow::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let (rules, amounts): (Vec<&str>, Vec<i64>) = changes.into_iter().unzip();
    diesel::sql_query(statement)
        .bind::<Array<Text>, _>(rules)
        .bind::<Array<BigInt>, _>(amounts)
        .bind::<Text, _>(of.campaign.as_str())
        .kept()
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// What a decision is about.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// A gift.
    Gift(GiftId),
    /// A gift that the rules decided about, and the donor's group as they saw it: the record
    /// itself names it by a pseudonym (decision 44).
    Decided(GiftId, &'a str),
    /// A campaign itself: its close.
    Campaign(&'a CampaignId),
    /// A pot itself: the record holds the keys of the event in a case file (decision 38).
    Pot(&'a PotId),
}

/// A decision to keep.
#[derive(Clone, Copy, Debug)]
pub struct NewDecision<'a> {
    /// About what.
    pub about: About<'a>,
    /// `reserve`, `pay`, `extend`, `cancel`, `expire`, `refund`, `dispute_open`, `close`…
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
    let donor_group = match decision.about {
        About::Decided(_, group) => Some(group),
        _ => None,
    };
    let (gift, campaign, pot) = match decision.about {
        About::Gift(gift) | About::Decided(gift, _) => (Some(gift.uuid()), None, None),
        About::Campaign(campaign) => (None, Some(campaign.as_str()), None),
        About::Pot(pot) => (None, None, Some(pot.as_str())),
    };
    diesel::insert_into(decisions::table)
        .values((
            decisions::gift_id.eq(gift),
            decisions::campaign_id.eq(campaign),
            decisions::pot_id.eq(pot),
            decisions::donor_group.eq(donor_group),
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
    /// About which gift, when it is about one.
    pub gift_id: Option<Uuid>,
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
