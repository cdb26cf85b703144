//! What gifts and awards draw from tranches: entries that only grow, and the counters that follow.

use std::collections::BTreeMap;

use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{CampaignId, GiftId, PotId};
use matching::Source;
use sql::Keep;
use time::OffsetDateTime;
use tokio::try_join;

/// Who holds what was drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holder {
    /// A gift, by its lines.
    Gift(GiftId),
    /// An award, by its number.
    Award(i64),
}

/// For whom something is drawn, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    pub holder: Holder,
    pub campaign: &'a CampaignId,
    pub at: OffsetDateTime,
}

/// Cents by pot and tranche.
pub(crate) type PerTranche = BTreeMap<(String, String), i64>;

/// What all sources of some pots hold.
pub(crate) fn per_tranche<'a>(held: impl Iterator<Item = (&'a PotId, &'a [Source])>) -> PerTranche {
    let mut sums = PerTranche::new();
    for (pot, sources) in held {
        for source in sources {
            let key = (pot.as_str().to_owned(), source.tranche.clone());
            *sums.entry(key).or_default() += source.amount.get();
        }
    }
    sums
}

/// What is more or less after than before.
pub(crate) fn differences<K: Ord>(old: BTreeMap<K, i64>, new: BTreeMap<K, i64>) -> Vec<(K, i64)> {
    let mut all = new;
    for (key, amount) in old {
        *all.entry(key).or_default() -= amount;
    }
    all.into_iter().filter(|(_, amount)| *amount != 0).collect()
}

/// One statement: entries, what is used of each tranche, and the sums of the campaign. Tranches of
/// one pot are held by the lock of their pot.
const MOVE_TRANCHES: &str = "
WITH moved AS (SELECT * FROM unnest($1, $2, $3) AS m(pot, tranche, amount)),
entries AS (
    INSERT INTO match_entries
        (gift_id, award_id, pot_id, tranche_id, campaign_id, kind, amount_cents, at)
    SELECT $4, $7, pot, tranche, $5, CASE WHEN amount > 0 THEN 'draw' ELSE 'release' END, amount, $6
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

/// Moves what a holder has drawn from each tranche.
pub(crate) async fn move_tranches(
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
    let (gift, award) = match of.holder {
        Holder::Gift(gift) => (Some(gift.uuid()), None),
        Holder::Award(award) => (None, Some(award)),
    };
    diesel::sql_query(MOVE_TRANCHES)
        .bind::<Array<Text>, _>(pots)
        .bind::<Array<Text>, _>(tranches)
        .bind::<Array<BigInt>, _>(amounts)
        .bind::<Nullable<SqlUuid>, _>(gift)
        .bind::<Text, _>(of.campaign.as_str())
        .bind::<Timestamptz, _>(of.at)
        .bind::<Nullable<BigInt>, _>(award)
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

/// Moves what each rule has given to the campaign.
pub(crate) async fn move_rules(
    conn: &AsyncPgConnection,
    of: Of<'_>,
    changes: Vec<(&str, i64)>,
) -> anyhow::Result<()> {
    let (more, less) = changes.into_iter().partition(|(_, amount)| *amount > 0);
    try_join!(count(conn, of, USE_RULES, more), count(conn, of, SPARE_RULES, less))?;
    Ok(())
}

async fn count(
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
