//! The pots as visitors see them.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;

use crate::session::Reads;

/// One contribution to a pot, in cents. A reservation that is over counts as free.
#[derive(Clone, Debug, QueryableByName)]
pub struct TrancheFigures {
    /// Its pot.
    #[diesel(sql_type = Text)]
    pub pot_id: String,
    /// Name of the pot.
    #[diesel(sql_type = Text)]
    pub pot_title: String,
    /// Who contributed.
    #[diesel(sql_type = Text)]
    pub contributor_name: String,
    /// Origin code.
    #[diesel(sql_type = Text)]
    pub origin: String,
    /// Brought.
    #[diesel(sql_type = BigInt)]
    pub contributed_cents: i64,
    /// Promised to gifts that were captured.
    #[diesel(sql_type = BigInt)]
    pub committed_cents: i64,
    /// Kept for payments under way.
    #[diesel(sql_type = BigInt)]
    pub reserved_cents: i64,
}

impl TrancheFigures {
    /// What it can still add, in cents.
    #[must_use]
    pub const fn available_cents(&self) -> i64 {
        self.contributed_cents - self.committed_cents - self.reserved_cents
    }
}

/// Every contribution, in the order in which the pots answer. `freed_before` is now less the grace
/// of a reservation.
///
/// # Errors
/// When the database refuses.
pub async fn tranches(
    db: &mut impl Reads,
    freed_before: OffsetDateTime,
) -> QueryResult<Vec<TrancheFigures>> {
    diesel::sql_query(
        "SELECT t.pot_id, p.title AS pot_title, t.contributor_name, t.origin,
             t.amount_cents AS contributed_cents,
             (t.used_cents - coalesce(r.held, 0))::bigint AS committed_cents,
             coalesce(r.live, 0)::bigint AS reserved_cents
         FROM tranches t JOIN pots p ON p.id = t.pot_id
         LEFT JOIN (
             SELECT e.pot_id, e.tranche_id, sum(e.amount_cents) AS held,
                 sum(e.amount_cents) FILTER (WHERE g.reservation_ends_at > $1) AS live
             FROM gifts g JOIN match_entries e ON e.gift_id = g.id
             WHERE g.match_state = 'reserved'
             GROUP BY e.pot_id, e.tranche_id) r ON r.pot_id = t.pot_id AND r.tranche_id = t.id
         ORDER BY p.ordinal, p.id, t.id",
    )
    .bind::<Timestamptz, _>(freed_before)
    .load(db.conn())
    .await
}

/// What citizens gave since an instant, in cents, with the match added to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, QueryableByName)]
pub struct Given {
    /// Gifts that stand.
    #[diesel(sql_type = BigInt)]
    pub gifts: i64,
    /// What stays of them.
    #[diesel(sql_type = BigInt)]
    pub given_cents: i64,
    /// Match committed to them, and awards given since.
    #[diesel(sql_type = BigInt)]
    pub matched_cents: i64,
    /// Paid back or lost in disputes.
    #[diesel(sql_type = BigInt)]
    pub returned_cents: i64,
}

/// Sums the gifts paid since an instant.
///
/// # Errors
/// When the database refuses.
pub async fn given_since(db: &mut impl Reads, since: OffsetDateTime) -> QueryResult<Given> {
    diesel::sql_query(
        "SELECT count(*) FILTER (WHERE captured_cents > refunded_cents + lost_cents) AS gifts,
             coalesce(sum(captured_cents - refunded_cents - lost_cents), 0)::bigint
                 AS given_cents,
             (coalesce(sum(match_cents) FILTER (WHERE match_state IN ('committed', 'held')), 0)
                 + (SELECT coalesce(sum(granted_cents), 0) FROM awards WHERE given_at >= $1))
                 ::bigint AS matched_cents,
             coalesce(sum(refunded_cents + lost_cents), 0)::bigint AS returned_cents
         FROM gifts WHERE paid_at >= $1",
    )
    .bind::<Timestamptz, _>(since)
    .get_result(db.conn())
    .await
}
