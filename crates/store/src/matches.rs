//! What the pot answered: lines as they stand, entries that only grow, decisions with their
//! reasons.

use std::collections::BTreeMap;

use anyhow::Context;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{CampaignId, GiftId, PotId};
use matching::Line;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::try_join;
use uuid::Uuid;

use crate::{
    draws::{self, Holder, PerTranche, differences},
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

fn per_tranche(lines: &[Line]) -> PerTranche {
    draws::per_tranche(lines.iter().map(|line| (&line.pot, line.sources.as_slice())))
}

fn per_rule(lines: &[Line]) -> BTreeMap<&str, i64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(line.rule_set.id.as_str()).or_default() += line.granted.get();
    }
    sums
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
    let rules = differences(per_rule(old), per_rule(new));
    let of_gift = draws::Of { holder: Holder::Gift(of.gift), campaign: of.campaign, at: of.at };
    // None of them needs another: one round trip, since others wait for our locks.
    let conn: &AsyncPgConnection = tx.conn();
    try_join!(
        write_lines(conn, of, new),
        draws::move_tranches(conn, of_gift, &moved),
        draws::move_rules(conn, of_gift, rules),
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

/// Keeps a decision; there is no way to change it. Says its rank.
///
/// # Errors
/// When the database refuses.
pub async fn keep_decision(tx: &mut Tx, decision: NewDecision<'_>) -> QueryResult<i64> {
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
        .returning(decisions::id)
        .get_result(tx.conn())
        .await
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
