//! Shown figures: appended by gifts, folded by a worker, exact when read.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Integer, Text},
};
use diesel_async::RunQueryDsl;
use domain::{Cents, ids::CampaignId};
use sql::Keep;

use crate::{
    schema::{campaign_totals, total_changes},
    session::{Reads, Tx},
};

/// What a campaign has gathered, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, QueryableByName)]
pub struct Totals {
    /// Captured gifts less what went back.
    #[diesel(sql_type = BigInt)]
    pub raised_cents: i64,
    /// Match committed to them.
    #[diesel(sql_type = BigInt)]
    pub matched_cents: i64,
    /// Of the match, what does not count for the minimum (6.7): lines that wait for a threshold,
    /// and awards.
    #[diesel(sql_type = BigInt)]
    pub beside_cents: i64,
    /// Number of gifts that stand.
    #[diesel(sql_type = BigInt)]
    pub gifts: i64,
    /// Last milestone announced.
    #[diesel(sql_type = Integer)]
    pub milestone: i32,
}

impl Totals {
    /// Gifts and match together.
    #[must_use]
    pub const fn gathered(self) -> Cents {
        Cents::new(self.raised_cents.saturating_add(self.matched_cents))
    }

    /// What of them counts for the minimum.
    #[must_use]
    pub const fn counted(self) -> Cents {
        Cents::new(self.gathered().get().saturating_sub(self.beside_cents))
    }
}

/// What of the match of a campaign does not count for its minimum; `$campaign` names it in SQL.
macro_rules! beside {
    ($campaign:literal) => {
        concat!(
            "(coalesce((SELECT sum(l.granted_cents) FROM match_lines l
                 JOIN gifts lg ON lg.id = l.gift_id
                 WHERE l.line ->> 'state' = 'conditional' AND lg.match_state = 'committed'
                     AND l.campaign_id = ",
            $campaign,
            "), 0) + coalesce((SELECT sum(a.granted_cents) FROM awards a WHERE a.campaign_id = ",
            $campaign,
            "), 0))::bigint AS beside_cents"
        )
    };
}
pub(crate) use beside;

/// A change to what is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// In cents, may be negative.
    pub raised: Cents,
    /// In cents, may be negative.
    pub matched: Cents,
    /// One more gift, one less, or none.
    pub gifts: i64,
}

/// Appends a change.
///
/// # Errors
/// When the database refuses.
pub async fn append(tx: &mut Tx, campaign: &CampaignId, change: Change) -> QueryResult<()> {
    if change == Change::default() {
        return Ok(());
    }
    diesel::insert_into(total_changes::table)
        .values((
            total_changes::campaign_id.eq(campaign.as_str()),
            total_changes::raised_cents.eq(change.raised.get()),
            total_changes::matched_cents.eq(change.matched.get()),
            total_changes::gifts.eq(change.gifts),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Folds what was appended; returns the totals after.
///
/// # Errors
/// When the database refuses.
pub async fn fold(tx: &mut Tx, campaign: &CampaignId) -> QueryResult<Totals> {
    diesel::sql_query(concat!(
        "WITH eaten AS (DELETE FROM total_changes WHERE campaign_id = $1
             RETURNING raised_cents, matched_cents, gifts),
         sums AS (SELECT coalesce(sum(raised_cents), 0)::bigint AS raised,
             coalesce(sum(matched_cents), 0)::bigint AS matched,
             coalesce(sum(gifts), 0)::bigint AS gifts FROM eaten)
         INSERT INTO campaign_totals AS t (campaign_id, raised_cents, matched_cents, gifts)
             SELECT $1, raised, matched, gifts FROM sums
         ON CONFLICT (campaign_id) DO UPDATE SET
             raised_cents = t.raised_cents + excluded.raised_cents,
             matched_cents = t.matched_cents + excluded.matched_cents,
             gifts = t.gifts + excluded.gifts
         RETURNING raised_cents, matched_cents, gifts, milestone, ",
        beside!("$1")
    ))
    .bind::<Text, _>(campaign.as_str())
    .kept()
    .get_result(tx.conn())
    .await
}

/// The totals as they are now, folded or not.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, campaign: &CampaignId) -> QueryResult<Totals> {
    diesel::sql_query(concat!(
        "SELECT (coalesce(t.raised_cents, 0) + coalesce(c.raised, 0))::bigint AS raised_cents,
             (coalesce(t.matched_cents, 0) + coalesce(c.matched, 0))::bigint AS matched_cents,
             (coalesce(t.gifts, 0) + coalesce(c.gifts, 0))::bigint AS gifts,
             coalesce(t.milestone, 0) AS milestone, ",
        beside!("$1"),
        "
         FROM (SELECT sum(raised_cents) AS raised, sum(matched_cents) AS matched,
                 sum(gifts) AS gifts FROM total_changes WHERE campaign_id = $1) c
         LEFT JOIN campaign_totals t ON t.campaign_id = $1"
    ))
    .bind::<Text, _>(campaign.as_str())
    .kept()
    .get_result(db.conn())
    .await
}

/// Notes the milestone announced.
///
/// # Errors
/// When the database refuses.
pub async fn note_milestone(tx: &mut Tx, campaign: &CampaignId, milestone: i32) -> QueryResult<()> {
    diesel::update(campaign_totals::table.find(campaign.as_str()))
        .set(campaign_totals::milestone.eq(milestone))
        .execute(tx.conn())
        .await?;
    Ok(())
}
