//! Every public campaign as a list shows it.

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;

use crate::{campaigns::folded, session::Reads, totals::beside};

/// A campaign in a list. Amounts are in cents and include what no worker has folded yet.
#[derive(Clone, Debug, QueryableByName)]
pub struct Listed {
    /// Its address.
    #[diesel(sql_type = Text)]
    pub slug: String,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Two sentences.
    #[diesel(sql_type = Text)]
    pub summary: String,
    /// Name of the organisation that carries it.
    #[diesel(sql_type = Text)]
    pub holder: String,
    /// INSEE code of the commune.
    #[diesel(sql_type = Text)]
    pub commune: String,
    /// Code of the département.
    #[diesel(sql_type = Text)]
    pub departement: String,
    /// Pathway code.
    #[diesel(sql_type = Text)]
    pub category: String,
    /// Stage code.
    #[diesel(sql_type = Text)]
    pub stage: String,
    /// Codes of the publics.
    #[diesel(sql_type = Array<Text>)]
    pub publics: Vec<String>,
    /// Codes of the services.
    #[diesel(sql_type = Array<Text>)]
    pub services: Vec<String>,
    /// Codes of the RSE axes.
    #[diesel(sql_type = Array<Text>)]
    pub axes_rse: Vec<String>,
    /// In a rural territory.
    #[diesel(sql_type = Bool)]
    pub rural: bool,
    /// In a priority territory.
    #[diesel(sql_type = Bool)]
    pub priority: bool,
    /// The match counts towards the minimum.
    #[diesel(sql_type = Bool)]
    pub counts_match: bool,
    /// Minimum.
    #[diesel(sql_type = BigInt)]
    pub goal_cents: i64,
    /// Optimum.
    #[diesel(sql_type = BigInt)]
    pub budget_cents: i64,
    /// Status code.
    #[diesel(sql_type = Text)]
    pub status: String,
    /// First instant.
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: OffsetDateTime,
    /// Last instant.
    #[diesel(sql_type = Timestamptz)]
    pub ends_at: OffsetDateTime,
    /// When it was closed.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub closed_at: Option<OffsetDateTime>,
    /// Gifts.
    #[diesel(sql_type = BigInt)]
    pub raised_cents: i64,
    /// Match.
    #[diesel(sql_type = BigInt)]
    pub matched_cents: i64,
    /// Of the match, what does not count for the minimum.
    #[diesel(sql_type = BigInt)]
    pub beside_cents: i64,
    /// How well it answers the search, in millionths; 0 without one.
    #[diesel(sql_type = BigInt)]
    pub relevance: i64,
}

/// Every public campaign whose words answer a search, or all of them when it is empty. Words are
/// compared by their French stems and without accents. In the order of their ids.
///
/// # Errors
/// When the database refuses.
pub async fn listed(db: &mut impl Reads, search: &str) -> QueryResult<Vec<Listed>> {
    diesel::sql_query(concat!(
        "SELECT c.slug, c.title, c.summary, o.name AS holder, c.commune, c.departement,
             c.category, c.stage, c.publics, c.services, c.axes_rse,
             coalesce((c.facts->>'rural')::boolean, false) AS rural,
             coalesce((c.facts->>'priority_territory')::boolean, false) AS priority,
             coalesce((c.facts->>'goal_counts_match')::boolean, false) AS counts_match,
             c.goal_cents, c.budget_cents, c.status, c.starts_at, c.ends_at, c.closed_at,
             (coalesce(t.raised_cents, 0) + coalesce(x.raised, 0))::bigint AS raised_cents,
             (coalesce(t.matched_cents, 0) + coalesce(x.matched, 0))::bigint AS matched_cents, ",
        beside!("c.id"),
        ",
             (CASE WHEN $1 = '' THEN 0 ELSE ts_rank(c.words, q.query) * 1000000 END)::bigint
                 AS relevance
         FROM campaigns c JOIN organisations o ON o.id = c.holder_id
         CROSS JOIN websearch_to_tsquery('french', $1) AS q (query)
         LEFT JOIN campaign_totals t ON t.campaign_id = c.id
         LEFT JOIN (SELECT campaign_id, sum(raised_cents) AS raised, sum(matched_cents) AS matched
             FROM total_changes GROUP BY campaign_id) x ON x.campaign_id = c.id
         WHERE c.status IN ('published', 'succeeded', 'failed', 'delivering', 'completed')
             AND ($1 = '' OR c.words @@ q.query)
         ORDER BY c.id"
    ))
    .bind::<Text, _>(folded(search.trim()))
    .load(db.conn())
    .await
}

/// The addresses of all public campaigns, for a site map.
///
/// # Errors
/// When the database refuses.
pub async fn public_slugs(db: &mut impl Reads) -> QueryResult<Vec<String>> {
    use crate::schema::campaigns;
    campaigns::table
        .filter(campaigns::status.eq_any([
            "published",
            "succeeded",
            "failed",
            "delivering",
            "completed",
        ]))
        .order(campaigns::id)
        .select(campaigns::slug)
        .load(db.conn())
        .await
}
