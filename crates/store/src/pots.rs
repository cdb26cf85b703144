//! The fund: pots, tranches, rules, and the snapshot a decision looks at.

use std::collections::BTreeMap;

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Jsonb, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use domain::{Cents, ids::CampaignId, ids::PotId};
use matching::{
    PotSnapshot, RuleSet, Snapshot, Usage,
    case::{Campaign, Donor, Holder, Settings},
    tranche::Tranche,
};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::{
    campaigns::CampaignRow,
    people::Organisation,
    schema::{campaign_draws, pots, rule_sets, tranche_fits, tranches},
    session::{Reads, Tx},
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

/// A published rule set.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = rule_sets, check_for_backend(diesel::pg::Pg))]
pub struct RuleSetRow {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// Of which pot.
    pub pot_id: String,
    /// The rule set as the matching rules read it.
    pub document: Value,
    /// In French, for people.
    pub sentences: Value,
    /// When it was published.
    pub published_at: OffsetDateTime,
    /// From when it holds.
    pub effective_from: OffsetDateTime,
    /// Until when.
    pub effective_to: Option<OffsetDateTime>,
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
    diesel::insert_into(tranches::table).values(contributions).execute(tx.conn()).await?;
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
    .execute(tx.conn())
    .await?;
    campaign_draws::table
        .find(campaign.as_str())
        .for_no_key_update()
        .select(campaign_draws::campaign_id)
        .first::<String>(tx.conn())
        .await?;
    Ok(())
}

/// What a snapshot is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The campaign.
    pub campaign: &'a CampaignRow,
    /// Its holder.
    pub holder: &'a Organisation,
    /// Who gives.
    pub donor: &'a Donor,
    /// What holds for all gifts.
    pub settings: &'a Settings,
    /// The instant of the decision.
    pub now: OffsetDateTime,
}

impl Ask<'_> {
    fn freed_before(&self) -> OffsetDateTime {
        self.now - Duration::seconds(self.settings.reservation_grace_s)
    }

    fn holder(&self) -> Holder {
        Holder {
            id: self.holder.id.clone(),
            kind: self.holder.kind.clone(),
            undertaking: self.holder.undertaking.clone(),
            economic_activity: self.holder.economic_activity,
            de_minimis: Vec::new(),
        }
    }
}

/// All that a decision may look at. Expired reservations count as free. For a decision that will
/// write, [`lock_for`] comes first; for a quote no lock is needed.
///
/// # Errors
/// When something stored cannot be read, or the database refuses.
pub async fn snapshot(db: &mut impl Reads, ask: Ask<'_>) -> anyhow::Result<Snapshot> {
    let campaign: Campaign = serde_json::from_value(ask.campaign.facts.clone())
        .context("facts of a campaign cannot be read")?;
    let draws = draws(db, &ask).await?;
    let pots = pot_snapshots(db, &ask).await?;
    Ok(Snapshot {
        at: ask.now.into(),
        settings: ask.settings.clone(),
        campaign,
        holder: ask.holder(),
        donor: ask.donor.clone(),
        eu_drawn: Cents::new(draws.eu_cents),
        public_drawn: Cents::new(draws.public_cents),
        undertaking_public_drawn: Cents::new(draws.undertaking_cents),
        undertaking_aid: Vec::new(),
        pots,
    })
}

#[derive(QueryableByName)]
struct Draws {
    #[diesel(sql_type = BigInt)]
    eu_cents: i64,
    #[diesel(sql_type = BigInt)]
    public_cents: i64,
    #[diesel(sql_type = BigInt)]
    undertaking_cents: i64,
}

async fn draws(db: &mut impl Reads, ask: &Ask<'_>) -> QueryResult<Draws> {
    diesel::sql_query(
        "SELECT (d.eu_cents - coalesce(f.eu, 0))::bigint AS eu_cents,
             (d.public_cents - coalesce(f.public, 0))::bigint AS public_cents,
             (SELECT coalesce(sum(x.public_cents), 0)::bigint FROM campaign_draws x
                 JOIN campaigns c ON c.id = x.campaign_id
                 JOIN organisations o ON o.id = c.holder_id
                 WHERE coalesce(o.undertaking, o.id) = $3) AS undertaking_cents
         FROM campaign_draws d LEFT JOIN LATERAL (
             SELECT sum(e.amount_cents) FILTER (WHERE t.origin = 'eu') AS eu,
                 sum(e.amount_cents)
                     FILTER (WHERE t.origin IN ('eu', 'state', 'local_authority')) AS public
             FROM gifts g JOIN match_entries e ON e.gift_id = g.id
             JOIN tranches t ON t.pot_id = e.pot_id AND t.id = e.tranche_id
             WHERE g.match_state = 'reserved' AND g.reservation_ends_at <= $2
                 AND g.campaign_id = $1) f ON true
         WHERE d.campaign_id = $1",
    )
    .bind::<Text, _>(&ask.campaign.id)
    .bind::<Timestamptz, _>(ask.freed_before())
    .bind::<Text, _>(ask.holder.undertaking.as_ref().unwrap_or(&ask.holder.id))
    .get_result(db.conn())
    .await
}

#[derive(QueryableByName)]
struct TrancheLeft {
    #[diesel(sql_type = Text)]
    pot_id: String,
    #[diesel(sql_type = Jsonb)]
    terms: Value,
    #[diesel(sql_type = BigInt)]
    amount_cents: i64,
    #[diesel(sql_type = BigInt)]
    left_cents: i64,
}

async fn pot_snapshots(db: &mut impl Reads, ask: &Ask<'_>) -> anyhow::Result<Vec<PotSnapshot>> {
    let rows: Vec<PotRow> = pots::table
        .order((pots::ordinal, pots::id))
        .select(PotRow::as_select())
        .load(db.conn())
        .await?;
    let lefts: Vec<TrancheLeft> = diesel::sql_query(
        "SELECT t.pot_id, t.terms, t.amount_cents,
             (t.amount_cents - t.used_cents + coalesce(f.freed, 0))::bigint AS left_cents
         FROM tranches t LEFT JOIN (
             SELECT e.pot_id, e.tranche_id, sum(e.amount_cents) AS freed
             FROM gifts g JOIN match_entries e ON e.gift_id = g.id
             WHERE g.match_state = 'reserved' AND g.reservation_ends_at <= $1
             GROUP BY e.pot_id, e.tranche_id) f ON f.pot_id = t.pot_id AND f.tranche_id = t.id
         ORDER BY t.pot_id, t.id",
    )
    .bind::<Timestamptz, _>(ask.freed_before())
    .load(db.conn())
    .await?;
    let rules = rule_sets(db).await?;
    let usage = usage(db, ask).await?;
    let mut found = Vec::new();
    for row in rows {
        let mut money = Vec::new();
        for left in lefts.iter().filter(|left| left.pot_id == row.id) {
            let terms = read_tranche(&left.terms, left.amount_cents)?;
            money.push((terms, Cents::new(left.left_cents)));
        }
        let rule_sets: Vec<RuleSet> =
            rules.iter().filter(|rule| rule.pot.as_str() == row.id).cloned().collect();
        let used = rule_sets
            .iter()
            .filter_map(|rule| usage.get(&rule.id).map(|used| (rule.id.clone(), *used)))
            .collect();
        found.push(PotSnapshot {
            id: PotId::new(row.id),
            order: row.ordinal,
            tranches: money,
            envelope_left: None,
            rule_sets,
            usage: used,
        });
    }
    Ok(found)
}

fn read_tranche(terms: &Value, amount_cents: i64) -> anyhow::Result<Tranche> {
    let mut tranche: Tranche =
        serde_json::from_value(terms.clone()).context("a stored tranche cannot be read")?;
    tranche.amount = Cents::new(amount_cents);
    Ok(tranche)
}

fn tranche(row: &TrancheRow) -> anyhow::Result<Tranche> {
    read_tranche(&row.terms, row.amount_cents)
}

/// Every published rule set, in order.
///
/// # Errors
/// When a stored one cannot be read, or the database refuses.
pub async fn rule_sets(db: &mut impl Reads) -> anyhow::Result<Vec<RuleSet>> {
    let documents: Vec<Value> = rule_sets::table
        .order((rule_sets::pot_id, rule_sets::id, rule_sets::version))
        .select(rule_sets::document)
        .load(db.conn())
        .await?;
    documents
        .into_iter()
        .map(|document| {
            serde_json::from_value(document).context("a stored rule set cannot be read")
        })
        .collect()
}

/// Every published rule set as its row, with its sentences for people.
///
/// # Errors
/// When the database refuses.
pub async fn rule_set_rows(db: &mut impl Reads) -> QueryResult<Vec<RuleSetRow>> {
    rule_sets::table
        .order((rule_sets::pot_id, rule_sets::id, rule_sets::version))
        .select(RuleSetRow::as_select())
        .load(db.conn())
        .await
}

#[derive(QueryableByName)]
struct UsageRow {
    #[diesel(sql_type = Text)]
    rule_set_id: String,
    #[diesel(sql_type = BigInt)]
    base_here: i64,
    #[diesel(sql_type = BigInt)]
    donor_match: i64,
    #[diesel(sql_type = BigInt)]
    campaign_match: i64,
}

/// Counters per rule id: those of the donor are summed from the lines that stand (few), those of
/// the campaign are kept in `rule_usage`; both leave expired reservations out.
async fn usage(db: &mut impl Reads, ask: &Ask<'_>) -> QueryResult<BTreeMap<String, Usage>> {
    let rows: Vec<UsageRow> = diesel::sql_query(
        "WITH donor AS (
             SELECT l.rule_set_id, sum(l.granted_cents) AS granted,
                 sum(l.base_used_cents) FILTER (WHERE l.campaign_id = $1) AS base
             FROM match_lines l JOIN gifts g ON g.id = l.gift_id
             WHERE l.donor_group = $2 AND g.match_state IN ('reserved', 'committed', 'held')
                 AND NOT (g.match_state = 'reserved' AND g.reservation_ends_at <= $3)
             GROUP BY l.rule_set_id),
         freed AS (
             SELECT l.rule_set_id, sum(l.granted_cents) AS granted
             FROM gifts g JOIN match_lines l ON l.gift_id = g.id
             WHERE g.match_state = 'reserved' AND g.reservation_ends_at <= $3
                 AND g.campaign_id = $1
             GROUP BY l.rule_set_id)
         SELECT r.rule_set_id, coalesce(d.base, 0)::bigint AS base_here,
             coalesce(d.granted, 0)::bigint AS donor_match,
             (coalesce(u.match_cents, 0) - coalesce(f.granted, 0))::bigint AS campaign_match
         FROM (SELECT DISTINCT id AS rule_set_id FROM rule_sets) r
         LEFT JOIN donor d USING (rule_set_id)
         LEFT JOIN freed f USING (rule_set_id)
         LEFT JOIN rule_usage u ON u.rule_set_id = r.rule_set_id AND u.campaign_id = $1",
    )
    .bind::<Text, _>(&ask.campaign.id)
    .bind::<Text, _>(ask.donor.group())
    .bind::<Timestamptz, _>(ask.freed_before())
    .load(db.conn())
    .await?;
    let figures = |row: &UsageRow| Usage {
        donor_campaign_base_used: Cents::new(row.base_here),
        donor_match: Cents::new(row.donor_match),
        campaign_match: Cents::new(row.campaign_match),
    };
    Ok(rows.iter().map(|row| (row.rule_set_id.clone(), figures(row))).collect())
}

/// Adds a pot's rule set; published ones never change.
///
/// # Errors
/// When it is retroactive or already there, or the database refuses.
pub async fn publish_rules(tx: &mut Tx, row: &RuleSetRow) -> QueryResult<()> {
    diesel::insert_into(rule_sets::table).values(row).execute(tx.conn()).await?;
    Ok(())
}
