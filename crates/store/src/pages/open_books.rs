//! The public accounts.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::session::Reads;

/// The journal in four figures, amounts in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, QueryableByName)]
pub struct Journal {
    /// Number of postings.
    #[diesel(sql_type = BigInt)]
    pub postings: i64,
    /// All debits less all credits: zero.
    #[diesel(sql_type = BigInt)]
    pub imbalance_cents: i64,
    /// Payment fees, borne by the fund.
    #[diesel(sql_type = BigInt)]
    pub fees_cents: i64,
}

/// Sums the whole journal.
///
/// # Errors
/// When the database refuses.
pub async fn journal(db: &mut impl Reads) -> QueryResult<Journal> {
    diesel::sql_query(
        "SELECT (SELECT count(*) FROM journal_postings) AS postings,
             coalesce(sum(amount_cents), 0)::bigint AS imbalance_cents,
             coalesce(sum(amount_cents) FILTER (WHERE account = 'psp_fees'), 0)::bigint
                 AS fees_cents
         FROM journal_entries",
    )
    .get_result(db.conn())
    .await
}

/// A posting that visitors are shown.
#[derive(Clone, Debug, QueryableByName)]
pub struct ShownPosting {
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: OffsetDateTime,
    /// Its kind in the journal.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Its number in the journal.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// About which gift.
    #[diesel(sql_type = Nullable<diesel::sql_types::Uuid>)]
    pub gift_id: Option<Uuid>,
    /// Title of the campaign.
    #[diesel(sql_type = Nullable<Text>)]
    pub campaign: Option<String>,
    /// What moved, in cents, always positive.
    #[diesel(sql_type = BigInt)]
    pub amount_cents: i64,
}

/// The last postings about gifts and their match, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn last_postings(db: &mut impl Reads, limit: i64) -> QueryResult<Vec<ShownPosting>> {
    diesel::sql_query(
        "SELECT p.at, p.kind, p.id AS number, g.id AS gift_id, c.title AS campaign,
             (SELECT sum(e.amount_cents) FROM journal_entries e
                 WHERE e.posting_id = p.id AND e.amount_cents > 0)::bigint AS amount_cents
         FROM (SELECT id, at, kind, cause_kind, cause_id FROM journal_postings
             WHERE kind IN ('gift_captured', 'match_awarded', 'match_released', 'gift_refunded')
             ORDER BY id DESC LIMIT $1) p
         LEFT JOIN refunds r
             ON r.id = CASE WHEN p.cause_kind = 'refund' THEN p.cause_id::uuid END
         LEFT JOIN gifts g ON g.id = coalesce(r.gift_id,
             CASE WHEN p.cause_kind = 'gift' THEN p.cause_id::uuid END)
         LEFT JOIN campaigns c ON c.id = coalesce(g.campaign_id, CASE
             WHEN p.cause_kind IN ('close', 'round') THEN split_part(p.cause_id, ' ', 1) END)
         ORDER BY p.id DESC",
    )
    .bind::<BigInt, _>(limit)
    .load(db.conn())
    .await
}
