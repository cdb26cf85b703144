//! All that a pot's answers can be counted again from: every event, and what they looked at
//! (decision 38).

use std::collections::BTreeSet;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use domain::ids::PotId;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    pots::{PotRow, TrancheRow},
    rules::RuleSetRow,
    schema::{ledger_keys, pots, rule_sets, tranches},
    session::{Reads, Tx},
};

/// Pots that share campaigns, or undertakings, and therefore limits: one ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circle {
    /// The pots.
    pub pots: BTreeSet<String>,
    /// The campaigns that they may give to.
    pub campaigns: BTreeSet<String>,
}

/// A campaign as an export needs it.
#[derive(Clone, Debug, QueryableByName)]
pub struct CampaignFacts {
    /// As frozen at publication.
    #[diesel(sql_type = Jsonb)]
    pub facts: Value,
    /// Since when it can no longer fail.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub minimum_reached_at: Option<OffsetDateTime>,
    /// Its holder.
    #[diesel(sql_type = Text)]
    pub holder_id: String,
    /// Type of the holder.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Single undertaking of the holder.
    #[diesel(sql_type = Nullable<Text>)]
    pub undertaking: Option<String>,
    /// Whether the holder has an economic activity.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub economic_activity: bool,
}

/// A decision, as far as an event of a case file needs it.
#[derive(Clone, Debug, QueryableByName)]
pub struct EventRow {
    /// Rank of the decision: the order in which locks were had.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// What happened.
    #[diesel(sql_type = Text)]
    pub event: String,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: OffsetDateTime,
    /// The gift, when it is about one.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub gift_id: Option<Uuid>,
    /// Who gave.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub person_id: Option<Uuid>,
    /// The campaign, of the gift or itself.
    #[diesel(sql_type = Nullable<Text>)]
    pub campaign_id: Option<String>,
    /// What was asked for, in cents.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub asked_cents: Option<i64>,
    /// When the provider took the money.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub paid_at: Option<OffsetDateTime>,
    /// The unit of donor caps, as the rules saw it.
    #[diesel(sql_type = Nullable<Text>)]
    pub donor_group: Option<String>,
    /// The amount that the record names, in cents.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub amount_cents: Option<i64>,
    /// What stays of the gift after it, in cents.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub net_cents: Option<i64>,
    /// The new end of a reservation, as the record writes it.
    #[diesel(sql_type = Nullable<Text>)]
    pub expires_at: Option<String>,
    /// The whole record of an event that is no gift's.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub record: Option<Value>,
}

/// All that an export is written from.
#[derive(Clone, Debug)]
pub struct Holdings {
    /// The pots.
    pub pots: Vec<PotRow>,
    /// Their money, as it was before any event; what an event opens is not here.
    pub tranches: Vec<TrancheRow>,
    /// All versions of their rules.
    pub rules: Vec<RuleSetRow>,
    /// The campaigns they may give to.
    pub campaigns: Vec<CampaignFacts>,
    /// What happened, in order.
    pub events: Vec<EventRow>,
}

/// Cents that something holds.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Held {
    /// `gift`, `tranche`, `award`, `public` or `eu`.
    #[diesel(sql_type = Text)]
    pub what: String,
    /// Which one.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Cents.
    #[diesel(sql_type = BigInt)]
    pub cents: i64,
}

/// An export of everything may take longer than a page; all of it is of one instant.
const ONE_INSTANT: &str = "
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '60s'";

/// Gives a transaction the time to read a whole ledger.
///
/// # Errors
/// When the database refuses.
pub async fn take_time(tx: &mut Tx) -> QueryResult<()> {
    tx.conn().batch_execute("SET LOCAL statement_timeout = '60s'").await
}

/// Makes a new transaction read one instant, and have the time for it.
///
/// # Errors
/// When something was asked before, or the database refuses.
pub async fn at_one_instant(tx: &mut Tx) -> QueryResult<()> {
    tx.conn().batch_execute(ONE_INSTANT).await
}

/// The key of the pseudonyms of a pot's file; `fresh` becomes it when there is none yet.
///
/// # Errors
/// When there is no such pot, or the database refuses.
pub async fn key(tx: &mut Tx, pot: &PotId, fresh: &[u8]) -> QueryResult<Vec<u8>> {
    diesel::insert_into(ledger_keys::table)
        .values((ledger_keys::pot_id.eq(pot.as_str()), ledger_keys::key.eq(fresh)))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    ledger_keys::table.find(pot.as_str()).select(ledger_keys::key).first(tx.conn()).await
}

/// Every pot, in waterfall order.
///
/// # Errors
/// When the database refuses.
pub async fn pots(db: &mut impl Reads) -> QueryResult<Vec<PotRow>> {
    let order = (pots::ordinal, pots::id);
    pots::table.order(order).select(PotRow::as_select()).load(db.conn()).await
}

#[derive(QueryableByName)]
struct Fit {
    #[diesel(sql_type = Text)]
    pot_id: String,
    #[diesel(sql_type = Text)]
    campaign_id: String,
    #[diesel(sql_type = Text)]
    undertaking: String,
}

/// The pots and campaigns that share limits with a pot, directly or not.
///
/// # Errors
/// When the database refuses.
pub async fn circle(db: &mut impl Reads, pot: &PotId) -> QueryResult<Circle> {
    let fits: Vec<Fit> = diesel::sql_query(
        "SELECT DISTINCT f.pot_id, f.campaign_id, coalesce(o.undertaking, o.id) AS undertaking
         FROM tranche_fits f JOIN campaigns c ON c.id = f.campaign_id
         JOIN organisations o ON o.id = c.holder_id",
    )
    .load(db.conn())
    .await?;
    let mut circle = Circle { pots: [pot.as_str().to_owned()].into(), ..Circle::default() };
    let mut undertakings = BTreeSet::new();
    loop {
        let before = (circle.pots.len(), circle.campaigns.len());
        for fit in &fits {
            if circle.pots.contains(&fit.pot_id) || undertakings.contains(&fit.undertaking) {
                circle.pots.insert(fit.pot_id.clone());
                circle.campaigns.insert(fit.campaign_id.clone());
                undertakings.insert(fit.undertaking.clone());
            }
        }
        if before == (circle.pots.len(), circle.campaigns.len()) {
            return Ok(circle);
        }
    }
}

const EVENTS: &str = "
SELECT d.id, d.event, d.at, d.gift_id, g.person_id, coalesce(g.campaign_id, d.campaign_id)
        AS campaign_id, g.amount_cents AS asked_cents, g.paid_at,
    CASE WHEN d.gift_id IS NOT NULL
        THEN coalesce(d.donor_group, d.explanation ->> 'donor_group') END AS donor_group,
    CASE WHEN d.gift_id IS NOT NULL THEN (d.explanation ->> 'amount')::bigint END
        AS amount_cents,
    (d.explanation ->> 'net')::bigint AS net_cents,
    d.explanation ->> 'expires_at' AS expires_at,
    CASE WHEN d.gift_id IS NULL THEN d.explanation END AS record
FROM decisions d LEFT JOIN gifts g ON g.id = d.gift_id
WHERE d.recorded_at < $1
    AND (g.campaign_id = ANY($2) OR d.campaign_id = ANY($2) OR d.pot_id = ANY($3))
ORDER BY d.id";

const CAMPAIGNS: &str = "
SELECT c.facts, c.minimum_reached_at, o.id AS holder_id, o.kind, o.undertaking,
    o.economic_activity
FROM campaigns c JOIN organisations o ON o.id = c.holder_id
WHERE c.id = ANY($1) ORDER BY c.id";

/// All that an export of a circle is written from, with the events recorded before an instant.
///
/// # Errors
/// When the database refuses.
pub async fn holdings(
    db: &mut impl Reads,
    circle: &Circle,
    before: OffsetDateTime,
) -> QueryResult<Holdings> {
    let (names, campaigns): (Vec<&String>, Vec<&String>) =
        (circle.pots.iter().collect(), circle.campaigns.iter().collect());
    let rule_order = (rule_sets::pot_id, rule_sets::id, rule_sets::version);
    Ok(Holdings {
        pots: pots(db).await?.into_iter().filter(|pot| circle.pots.contains(&pot.id)).collect(),
        tranches: opening(db, &names).await?,
        rules: rule_sets::table
            .filter(rule_sets::pot_id.eq_any(&names))
            .filter(rule_sets::published_at.lt(before))
            .order(rule_order)
            .select(RuleSetRow::as_select())
            .load(db.conn())
            .await?,
        campaigns: diesel::sql_query(CAMPAIGNS)
            .bind::<Array<Text>, _>(&campaigns)
            .load(db.conn())
            .await?,
        events: diesel::sql_query(EVENTS)
            .bind::<Timestamptz, _>(before)
            .bind::<Array<Text>, _>(&campaigns)
            .bind::<Array<Text>, _>(&names)
            .load(db.conn())
            .await?,
    })
}

/// The tranches that no event opened, with what they held before any.
async fn opening(db: &mut impl Reads, pots: &[&String]) -> QueryResult<Vec<TrancheRow>> {
    let rows: Vec<(TrancheRow, i64)> = tranches::table
        .filter(tranches::pot_id.eq_any(pots))
        .filter(tranches::opened_cents.is_not_null())
        .order((tranches::pot_id, tranches::id))
        .select((TrancheRow::as_select(), tranches::opened_cents.assume_not_null()))
        .load(db.conn())
        .await?;
    Ok(rows.into_iter().map(|(row, opened)| TrancheRow { amount_cents: opened, ..row }).collect())
}

/// What gifts, tranches and campaigns hold; reservations that ended before `$1` hold nothing.
const HELD: &str = "
WITH over AS (SELECT id FROM gifts
    WHERE match_state = 'reserved' AND reservation_ends_at <= $1),
kept AS (SELECT e.*, t.origin FROM match_entries e
    JOIN tranches t ON t.pot_id = e.pot_id AND t.id = e.tranche_id
    WHERE e.campaign_id = ANY($2)
        AND (e.gift_id IS NULL OR e.gift_id NOT IN (SELECT id FROM over)))
SELECT 'gift' AS what, g.id::text AS name,
    CASE WHEN g.id IN (SELECT id FROM over) THEN 0 ELSE g.match_cents END AS cents
FROM gifts g WHERE g.campaign_id = ANY($2)
UNION ALL SELECT 'tranche', t.pot_id || '/' || t.id, t.used_cents - coalesce((
    SELECT sum(e.amount_cents) FROM match_entries e
    WHERE e.pot_id = t.pot_id AND e.tranche_id = t.id
        AND e.gift_id IN (SELECT id FROM over)), 0)::bigint
FROM tranches t WHERE t.pot_id = ANY($3)
UNION ALL SELECT 'award', concat(campaign_id, ' ', rule_set_id, '@', rule_set_version),
    granted_cents FROM awards WHERE campaign_id = ANY($2)
UNION ALL SELECT 'public', c.id, coalesce(sum(k.amount_cents)
    FILTER (WHERE k.origin IN ('eu', 'state', 'local_authority')), 0)::bigint
FROM campaigns c LEFT JOIN kept k ON k.campaign_id = c.id WHERE c.id = ANY($2) GROUP BY c.id
UNION ALL SELECT 'eu', c.id, coalesce(sum(k.amount_cents)
    FILTER (WHERE k.origin = 'eu'), 0)::bigint
FROM campaigns c LEFT JOIN kept k ON k.campaign_id = c.id WHERE c.id = ANY($2) GROUP BY c.id";

/// What the database says that everything in a circle holds; reservations that ended before an
/// instant hold nothing.
///
/// # Errors
/// When the database refuses.
pub async fn held(
    db: &mut impl Reads,
    circle: &Circle,
    freed_before: OffsetDateTime,
) -> QueryResult<Vec<Held>> {
    let (names, campaigns): (Vec<&String>, Vec<&String>) =
        (circle.pots.iter().collect(), circle.campaigns.iter().collect());
    diesel::sql_query(HELD)
        .bind::<Timestamptz, _>(freed_before)
        .bind::<Array<Text>, _>(campaigns)
        .bind::<Array<Text>, _>(names)
        .load(db.conn())
        .await
}
