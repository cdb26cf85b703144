//! Who gave what in the window of a round: read without a lock, for an estimate.

use std::collections::BTreeMap;

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use domain::Cents;
use matching::{
    case::{Holder, Settings},
    replay::{Contender, Vote},
};
use serde_json::Value;
use sql::Keep;

use crate::{rules::Published, session::Reads};

#[derive(QueryableByName)]
struct VoteRow {
    #[diesel(sql_type = Text)]
    campaign_id: String,
    #[diesel(sql_type = Text)]
    donor_group: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = BigInt)]
    leverage: i64,
}

const VOTES: &str = "
SELECT g.campaign_id, g.person_id::text AS donor_group,
    sum(least(n.net, coalesce($3, n.net)))::bigint AS amount,
    sum(greatest(0, n.net * $5 / 10000 - g.match_cents))::bigint AS leverage
FROM gifts g CROSS JOIN LATERAL
    (SELECT g.captured_cents - g.refunded_cents - g.lost_cents AS net) n
WHERE g.match_state = 'committed' AND n.net >= $4
    AND g.created_at >= $1 AND ($2 IS NULL OR g.created_at < $2)
GROUP BY g.campaign_id, g.person_id";

#[derive(QueryableByName)]
struct ContenderRow {
    #[diesel(sql_type = Jsonb)]
    facts: Value,
    #[diesel(sql_type = Text)]
    holder_id: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    undertaking: Option<String>,
    #[diesel(sql_type = Bool)]
    economic_activity: bool,
    #[diesel(sql_type = BigInt)]
    eu_cents: i64,
    #[diesel(sql_type = BigInt)]
    public_cents: i64,
    #[diesel(sql_type = BigInt)]
    match_cents: i64,
}

const CONTENDERS: &str = "
SELECT c.facts, o.id AS holder_id, o.kind, o.undertaking, o.economic_activity,
    d.eu_cents, d.public_cents, coalesce(u.match_cents, 0) AS match_cents
FROM campaigns c JOIN organisations o ON o.id = c.holder_id
JOIN campaign_draws d ON d.campaign_id = c.id
LEFT JOIN rule_usage u ON u.campaign_id = c.id AND u.rule_set_id = $3
WHERE c.status IN ('published', 'suspended', 'succeeded')
    AND c.ends_at >= $1 AND ($2 IS NULL OR c.starts_at < $2)
ORDER BY c.id";

/// The campaigns that took gifts in the window of a rule and have not failed, eligible or not,
/// each with one vote for each donor. The time of a gift is that of its reservation.
///
/// # Errors
/// When a stored campaign cannot be read, or the database refuses.
pub async fn contenders(
    db: &mut impl Reads,
    rule: &Published,
    settings: &Settings,
) -> anyhow::Result<Vec<Contender>> {
    let (from, to) = (rule.row.effective_from, rule.row.effective_to);
    let rule = &rule.rules;
    let cents = |cap: Option<Cents>| cap.map(Cents::get);
    let votes: Vec<VoteRow> = diesel::sql_query(VOTES)
        .bind::<Timestamptz, _>(from)
        .bind::<Nullable<Timestamptz>, _>(to)
        .bind::<Nullable<BigInt>, _>(cents(rule.caps.per_donation_base_cap))
        .bind::<BigInt, _>(cents(rule.caps.min_donation).unwrap_or_default())
        .bind::<BigInt, _>(settings.leverage_cap_bps.get())
        .kept()
        .load(db.conn())
        .await?;
    let mut of: BTreeMap<String, Vec<Vote>> = BTreeMap::new();
    for row in votes {
        of.entry(row.campaign_id).or_default().push(Vote {
            group: row.donor_group,
            amount: Cents::new(row.amount),
            leverage: Cents::new(row.leverage),
        });
    }
    let rows: Vec<ContenderRow> = diesel::sql_query(CONTENDERS)
        .bind::<Timestamptz, _>(from)
        .bind::<Nullable<Timestamptz>, _>(to)
        .bind::<Text, _>(&rule.id)
        .kept()
        .load(db.conn())
        .await?;
    rows.into_iter().map(|row| contender(row, &mut of)).collect()
}

fn contender(
    row: ContenderRow,
    votes: &mut BTreeMap<String, Vec<Vote>>,
) -> anyhow::Result<Contender> {
    let campaign: matching::case::Campaign =
        serde_json::from_value(row.facts).context("facts of a campaign cannot be read")?;
    Ok(Contender {
        votes: votes.remove(campaign.id.as_str()).unwrap_or_default(),
        campaign,
        holder: Holder {
            id: row.holder_id,
            kind: row.kind,
            undertaking: row.undertaking,
            economic_activity: row.economic_activity,
            de_minimis: Vec::new(),
        },
        eu_drawn: Cents::new(row.eu_cents),
        public_drawn: Cents::new(row.public_cents),
        used: Cents::new(row.match_cents),
    })
}
