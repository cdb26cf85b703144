//! A pot as those who steer it see it: its money, tranche by tranche, and what its contributors'
//! money did.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Date as SqlDate, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::{Date, OffsetDateTime};

use crate::session::Reads;

/// A tranche, in cents. A reservation that is over counts as free.
#[derive(Clone, Debug, QueryableByName)]
pub struct TrancheLine {
    /// Its pot.
    #[diesel(sql_type = Text)]
    pub pot_id: String,
    /// Name of the pot.
    #[diesel(sql_type = Text)]
    pub pot_title: String,
    /// Its id in the pot.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// Who contributed.
    #[diesel(sql_type = Text)]
    pub contributor_name: String,
    /// Number of the contributor.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub contributor: Option<i64>,
    /// Origin code.
    #[diesel(sql_type = Text)]
    pub origin: String,
    /// As the matching rules see it.
    #[diesel(sql_type = Jsonb)]
    pub terms: Value,
    /// What it holds, used or not.
    #[diesel(sql_type = BigInt)]
    pub amount_cents: i64,
    /// Promised to gifts that were captured.
    #[diesel(sql_type = BigInt)]
    pub committed_cents: i64,
    /// Kept for payments under way.
    #[diesel(sql_type = BigInt)]
    pub reserved_cents: i64,
}

impl TrancheLine {
    /// What it can still add, in cents; negative in a shortfall.
    #[must_use]
    pub const fn left_cents(&self) -> i64 {
        self.amount_cents - self.committed_cents - self.reserved_cents
    }
}

const TRANCHES: &str = "
SELECT t.pot_id, p.title AS pot_title, t.id, t.contributor_name, c.number AS contributor,
    t.origin, t.terms, t.amount_cents,
    (t.used_cents - coalesce(r.held, 0))::bigint AS committed_cents,
    coalesce(r.live, 0)::bigint AS reserved_cents
FROM tranches t JOIN pots p ON p.id = t.pot_id
LEFT JOIN contributors c ON c.name = t.contributor_name AND c.origin = t.origin
LEFT JOIN (
    SELECT e.pot_id, e.tranche_id, sum(e.amount_cents) AS held,
        sum(e.amount_cents) FILTER (WHERE g.reservation_ends_at > $1) AS live
    FROM gifts g JOIN match_entries e ON e.gift_id = g.id
    WHERE g.match_state = 'reserved'
    GROUP BY e.pot_id, e.tranche_id) r ON r.pot_id = t.pot_id AND r.tranche_id = t.id
WHERE ($2 IS NULL OR t.pot_id = $2) AND ($3 IS NULL OR c.number = $3)
ORDER BY p.ordinal, p.id, t.terms ->> 'at', t.id";

/// Whose tranches.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    /// Of a pot.
    Pot(&'a str),
    /// Of a contributor.
    Contributor(i64),
}

/// The tranches of a pot or contributor. `freed_before` is now less the grace of a reservation.
///
/// # Errors
/// When the database refuses.
pub async fn tranches(
    db: &mut impl Reads,
    of: Of<'_>,
    freed_before: OffsetDateTime,
) -> QueryResult<Vec<TrancheLine>> {
    let (pot, contributor) = match of {
        Of::Pot(pot) => (Some(pot), None),
        Of::Contributor(number) => (None, Some(number)),
    };
    diesel::sql_query(TRANCHES)
        .bind::<Timestamptz, _>(freed_before)
        .bind::<Nullable<Text>, _>(pot)
        .bind::<Nullable<BigInt>, _>(contributor)
        .load(db.conn())
        .await
}

/// An agreement with what has come of it, in cents.
#[derive(Clone, Debug, QueryableByName)]
pub struct AgreementLine {
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// Its pot.
    #[diesel(sql_type = Text)]
    pub pot_id: String,
    /// Who promises.
    #[diesel(sql_type = Text)]
    pub contributor_name: String,
    /// Origin code.
    #[diesel(sql_type = Text)]
    pub origin: String,
    /// When it was signed.
    #[diesel(sql_type = SqlDate)]
    pub signed_on: Date,
    /// Its last day.
    #[diesel(sql_type = Nullable<SqlDate>)]
    pub ends_on: Option<Date>,
    /// Promised in all.
    #[diesel(sql_type = BigInt)]
    pub promised_cents: i64,
    /// Asked for, not here yet.
    #[diesel(sql_type = BigInt)]
    pub called_cents: i64,
    /// Received or guaranteed, less what was taken back.
    #[diesel(sql_type = BigInt)]
    pub received_cents: i64,
}

const AGREEMENTS: &str = "
SELECT a.number, a.pot_id, c.name AS contributor_name, c.origin, a.signed_on, a.ends_on,
    a.promised_cents,
    coalesce(sum(i.amount_cents) FILTER (WHERE i.state = 'called'), 0)::bigint AS called_cents,
    coalesce(sum(i.amount_cents - i.withdrawn_cents)
        FILTER (WHERE i.state IN ('received', 'guaranteed')), 0)::bigint AS received_cents
FROM agreements a JOIN contributors c ON c.number = a.contributor
LEFT JOIN instalments i ON i.agreement = a.number
WHERE ($1 IS NULL OR a.pot_id = $1) AND ($2 IS NULL OR a.contributor = $2)
GROUP BY a.number, c.number ORDER BY a.number DESC";

/// The agreements of a pot or contributor, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn agreements(db: &mut impl Reads, of: Of<'_>) -> QueryResult<Vec<AgreementLine>> {
    let (pot, contributor) = match of {
        Of::Pot(pot) => (Some(pot), None),
        Of::Contributor(number) => (None, Some(number)),
    };
    diesel::sql_query(AGREEMENTS)
        .bind::<Nullable<Text>, _>(pot)
        .bind::<Nullable<BigInt>, _>(contributor)
        .load(db.conn())
        .await
}

/// Something that happened to the money of a pot.
#[derive(Clone, Debug, QueryableByName)]
pub struct PotEvent {
    /// `contribute`, `withdraw`, `transfer`…
    #[diesel(sql_type = Text)]
    pub event: String,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: OffsetDateTime,
    /// Its record.
    #[diesel(sql_type = Jsonb)]
    pub record: Value,
}

/// What happened to the money of a pot, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn events(db: &mut impl Reads, pot: &str) -> QueryResult<Vec<PotEvent>> {
    diesel::sql_query(
        "SELECT event, at, explanation AS record FROM decisions WHERE pot_id = $1
         ORDER BY id DESC LIMIT 100",
    )
    .bind::<Text, _>(pot)
    .load(db.conn())
    .await
}

/// What the money of a contributor did for one campaign, in cents.
#[derive(Clone, Debug, QueryableByName)]
pub struct Reached {
    /// The campaign.
    #[diesel(sql_type = Text)]
    pub campaign_id: String,
    /// Its address.
    #[diesel(sql_type = Text)]
    pub slug: String,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Its département.
    #[diesel(sql_type = Text)]
    pub departement: String,
    /// Its pathway.
    #[diesel(sql_type = Text)]
    pub category: String,
    /// Whom it serves.
    #[diesel(sql_type = diesel::sql_types::Array<Text>)]
    pub publics: Vec<String>,
    /// Gifts that it answered.
    #[diesel(sql_type = BigInt)]
    pub gifts: i64,
    /// Added to them, and to the campaign as a whole.
    #[diesel(sql_type = BigInt)]
    pub cents: i64,
}

const REACHED: &str = "
SELECT c.id AS campaign_id, c.slug, c.title, c.departement, c.category, c.publics,
    count(s.gift_id) AS gifts, sum(s.cents)::bigint AS cents
FROM (SELECT e.gift_id, e.award_id, e.campaign_id, sum(e.amount_cents) AS cents
    FROM match_entries e LEFT JOIN gifts g ON g.id = e.gift_id
    JOIN tranches t ON t.pot_id = e.pot_id AND t.id = e.tranche_id
    JOIN contributors o ON o.name = t.contributor_name AND o.origin = t.origin
    WHERE o.number = $1 AND g.match_state IS DISTINCT FROM 'reserved'
    GROUP BY e.gift_id, e.award_id, e.campaign_id HAVING sum(e.amount_cents) > 0) s
JOIN campaigns c ON c.id = s.campaign_id
GROUP BY c.id ORDER BY cents DESC, c.id";

/// What the money of a contributor did, campaign by campaign: gifts that were paid, what it added
/// to them, and to the campaign as a whole.
///
/// # Errors
/// When the database refuses.
pub async fn reached(db: &mut impl Reads, contributor: i64) -> QueryResult<Vec<Reached>> {
    diesel::sql_query(REACHED).bind::<BigInt, _>(contributor).load(db.conn()).await
}
