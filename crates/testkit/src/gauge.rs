//! What a database says about a run that is being measured.

use anyhow::Context;
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Double, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use time::OffsetDateTime;
use uuid::Uuid;

/// A connection that looks on, beside those that are looked at.
pub struct Gauge(AsyncPgConnection);

/// A statement that was run, in the words of pg_stat_statements.
#[derive(Clone, Debug, QueryableByName)]
pub struct Statement {
    /// With `$1` in place of values.
    #[diesel(sql_type = Text)]
    pub text: String,
    /// How often.
    #[diesel(sql_type = BigInt)]
    pub calls: i64,
    /// In the server, without the way there and back; milliseconds.
    #[diesel(sql_type = Double)]
    pub total_ms: f64,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Instant {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<OffsetDateTime>,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = Jsonb)]
    content: serde_json::Value,
}

/// Makes a server count statements from its next start on; false when it has not the extension.
///
/// # Errors
/// When the database refuses.
pub async fn count_statements(url: &str) -> anyhow::Result<bool> {
    let mut conn = AsyncPgConnection::establish(url).await?;
    let known: Option<Word> = diesel::sql_query(
        "SELECT name::text AS word FROM pg_available_extensions WHERE name = 'pg_stat_statements'",
    )
    .get_result(&mut conn)
    .await
    .optional()?;
    if known.is_none() {
        return Ok(false);
    }
    conn.batch_execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'").await?;
    Ok(true)
}

impl Gauge {
    /// Looks on.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self(AsyncPgConnection::establish(url).await?))
    }

    /// Begins to count statements anew; call [`count_statements`] before the server starts.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_statements(&mut self) -> anyhow::Result<()> {
        let reset = "CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
                     SELECT pg_stat_statements_reset()";
        Ok(self.0.batch_execute(reset).await?)
    }

    /// The statements run since, the most frequent first, without those of the gauge itself.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn statements(&mut self) -> anyhow::Result<Vec<Statement>> {
        let query = "SELECT query AS text, calls, total_exec_time AS total_ms
             FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid
             WHERE d.datname = current_database() AND query NOT LIKE '%/* gauge */%'
                 AND query NOT LIKE '%pg_stat_statements%'
             ORDER BY calls DESC";
        Ok(diesel::sql_query(query).load(&mut self.0).await?)
    }

    /// How many of these gifts are captured.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn captured(&mut self, gifts: &[Uuid]) -> anyhow::Result<usize> {
        let query = "SELECT /* gauge */ count(*) AS n FROM gifts
             WHERE id = ANY($1) AND state = 'captured'";
        let count: Count = diesel::sql_query(query)
            .bind::<Array<SqlUuid>, _>(gifts)
            .get_result(&mut self.0)
            .await?;
        Ok(usize::try_from(count.n)?)
    }

    /// When the last of these gifts was booked.
    ///
    /// # Errors
    /// When none was, or the database refuses.
    pub async fn last_booked(&mut self, gifts: &[Uuid]) -> anyhow::Result<OffsetDateTime> {
        let query = "SELECT /* gauge */ max(booked_at) AS at FROM journal_postings
             WHERE cause_id = ANY($1) AND cause_kind = 'gift' AND kind = 'gift_captured'";
        let ids: Vec<String> = gifts.iter().map(Uuid::to_string).collect();
        let instant: Instant =
            diesel::sql_query(query).bind::<Array<Text>, _>(ids).get_result(&mut self.0).await?;
        instant.at.context("no gift was booked")
    }

    /// Jobs that are due or under way.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unfinished_jobs(&mut self) -> anyhow::Result<i64> {
        let query = "SELECT /* gauge */ count(*) AS n FROM jobs
             WHERE state = 'running' OR state = 'waiting' AND run_at <= now()";
        let count: Count = diesel::sql_query(query).get_result(&mut self.0).await?;
        Ok(count.n)
    }

    /// Addresses of open campaigns of the load, a spread sample in the order of their ids.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn slugs(&mut self, limit: i64) -> anyhow::Result<Vec<String>> {
        let query = "SELECT /* gauge */ slug AS word FROM campaigns
             WHERE id LIKE 'load-%' AND status = 'published'
             ORDER BY md5(id) LIMIT $1";
        let words: Vec<Word> =
            diesel::sql_query(query).bind::<BigInt, _>(limit).load(&mut self.0).await?;
        Ok(words.into_iter().map(|row| row.word).collect())
    }

    /// The number that the load gave to a campaign.
    ///
    /// # Errors
    /// When there is no such campaign, or the database refuses.
    pub async fn number_of(&mut self, slug: &str) -> anyhow::Result<u32> {
        let query = "SELECT /* gauge */ replace(id, 'load-', '') AS word FROM campaigns
             WHERE slug = $1";
        let row: Word =
            diesel::sql_query(query).bind::<Text, _>(slug).get_result(&mut self.0).await?;
        Ok(row.word.parse()?)
    }

    /// What is printed on the receipts issued so far, at most so many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn receipts(&mut self, limit: i64) -> anyhow::Result<Vec<serde_json::Value>> {
        let query = "SELECT /* gauge */ content FROM receipts ORDER BY id LIMIT $1";
        let rows: Vec<Content> =
            diesel::sql_query(query).bind::<BigInt, _>(limit).load(&mut self.0).await?;
        Ok(rows.into_iter().map(|row| row.content).collect())
    }
}
