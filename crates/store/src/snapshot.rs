//! All that a decision looks at, read in four queries and two round trips.

use std::collections::BTreeMap;

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{Cents, ids::PotId};
use matching::{
    PotSnapshot, Snapshot, Usage,
    case::{Campaign, Donor, Settings},
};
use serde_json::Value;
use sql::Keep;
use time::{Duration, OffsetDateTime};
use tokio::try_join;

use crate::{
    campaigns::CampaignRow,
    people::Organisation,
    pots::read_tranche,
    rules::{Published, published},
    session::Reads,
};

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
}

/// All that a decision may look at. Expired reservations count as free. For a decision that will
/// write, [`crate::pots::lock_for`] comes first; for a quote no lock is needed.
///
/// # Errors
/// When something stored cannot be read, or the database refuses.
pub async fn snapshot(db: &mut impl Reads, ask: Ask<'_>) -> anyhow::Result<Snapshot> {
    let campaign: Campaign = serde_json::from_value(ask.campaign.facts.clone())
        .context("facts of a campaign cannot be read")?;
    let rules = published(db).await?;
    // One round trip for the three: whoever decides holds locks that others wait for.
    let conn: &AsyncPgConnection = db.conn();
    let (draws, tranches, usage) =
        try_join!(draws(conn, &ask), tranches(conn, &ask), usage(conn, &ask))?;
    let pots = pot_snapshots(tranches, &rules, &usage)?;
    Ok(Snapshot {
        at: ask.now.into(),
        settings: ask.settings.clone(),
        campaign,
        holder: ask.holder.as_the_rules_see_it(),
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

async fn draws(mut conn: &AsyncPgConnection, ask: &Ask<'_>) -> QueryResult<Draws> {
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
    .kept()
    .get_result(&mut conn)
    .await
}

/// A tranche with what is left of it; a pot that nobody has fed is a row without one.
#[derive(QueryableByName)]
struct TrancheLeft {
    #[diesel(sql_type = Text)]
    pot_id: String,
    #[diesel(sql_type = BigInt)]
    ordinal: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    terms: Option<Value>,
    #[diesel(sql_type = BigInt)]
    amount_cents: i64,
    #[diesel(sql_type = BigInt)]
    left_cents: i64,
}

const POTS: &str = "
SELECT p.id AS pot_id, p.ordinal, t.terms, coalesce(t.amount_cents, 0) AS amount_cents,
    coalesce(t.amount_cents - t.used_cents + coalesce(f.freed, 0), 0)::bigint AS left_cents
FROM pots p LEFT JOIN tranches t ON t.pot_id = p.id LEFT JOIN (
    SELECT e.pot_id, e.tranche_id, sum(e.amount_cents) AS freed
    FROM gifts g JOIN match_entries e ON e.gift_id = g.id
    WHERE g.match_state = 'reserved' AND g.reservation_ends_at <= $1
    GROUP BY e.pot_id, e.tranche_id) f ON f.pot_id = t.pot_id AND f.tranche_id = t.id
ORDER BY p.ordinal, p.id, t.id";

async fn tranches(mut conn: &AsyncPgConnection, ask: &Ask<'_>) -> QueryResult<Vec<TrancheLeft>> {
    diesel::sql_query(POTS).bind::<Timestamptz, _>(ask.freed_before()).kept().load(&mut conn).await
}

fn pot_snapshots(
    rows: Vec<TrancheLeft>,
    rules: &[Published],
    usage: &BTreeMap<String, Usage>,
) -> anyhow::Result<Vec<PotSnapshot>> {
    let mut found: Vec<PotSnapshot> = Vec::new();
    for row in rows {
        if found.last().is_none_or(|pot| pot.id.as_str() != row.pot_id) {
            found.push(empty_pot(&row, rules, usage));
        }
        if let (Some(pot), Some(terms)) = (found.last_mut(), &row.terms) {
            let tranche = read_tranche(terms, row.amount_cents)?;
            pot.tranches.push((tranche, Cents::new(row.left_cents)));
        }
    }
    Ok(found)
}

fn empty_pot(
    row: &TrancheLeft,
    rules: &[Published],
    usage: &BTreeMap<String, Usage>,
) -> PotSnapshot {
    let of_pot = rules.iter().filter(|one| one.row.pot_id == row.pot_id);
    let rule_sets: Vec<_> = of_pot.map(|one| one.rules.clone()).collect();
    let used = rule_sets
        .iter()
        .filter_map(|rule| usage.get(&rule.id).map(|used| (rule.id.clone(), *used)))
        .collect();
    PotSnapshot {
        id: PotId::new(row.pot_id.clone()),
        order: row.ordinal,
        tranches: Vec::new(),
        envelope_left: None,
        rule_sets,
        usage: used,
    }
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
async fn usage(
    mut conn: &AsyncPgConnection,
    ask: &Ask<'_>,
) -> QueryResult<BTreeMap<String, Usage>> {
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
    .kept()
    .load(&mut conn)
    .await?;
    let figures = |row: &UsageRow| Usage {
        donor_campaign_base_used: Cents::new(row.base_here),
        donor_match: Cents::new(row.donor_match),
        campaign_match: Cents::new(row.campaign_match),
    };
    Ok(rows.iter().map(|row| (row.rule_set_id.clone(), figures(row))).collect())
}
