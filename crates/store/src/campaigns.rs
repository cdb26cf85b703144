//! Campaigns, their news and who follows them.

use diesel::{prelude::*, sql_types::Text};
use diesel_async::RunQueryDsl;
use domain::{
    campaign::CampaignStatus,
    ids::{CampaignId, PersonId},
};
use serde_json::Value;
use time::OffsetDateTime;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use uuid::Uuid;

use crate::{
    people::Organisation,
    schema::{
        campaign_draws, campaign_totals, campaign_updates, campaigns, followers, organisations,
        problem_reports,
    },
    session::{Reads, Tx},
};

/// A campaign as its row says.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = campaigns, check_for_backend(diesel::pg::Pg))]
pub struct CampaignRow {
    /// Its id.
    pub id: String,
    /// Its address.
    pub slug: String,
    /// Who holds it.
    pub holder_id: String,
    /// Its title.
    pub title: String,
    /// Two sentences.
    pub summary: String,
    /// Markdown.
    pub story: String,
    /// Budget lines, needs, milestones: for people only.
    pub details: Value,
    /// The campaign as the matching rules see it.
    pub facts: Value,
    /// Pathway code.
    pub category: String,
    /// Stage code.
    pub stage: String,
    /// Département code.
    pub departement: String,
    /// INSEE code of the commune.
    pub commune: String,
    /// Codes of the publics.
    pub publics: Vec<String>,
    /// Codes of the services.
    pub services: Vec<String>,
    /// Codes of the RSE axes.
    pub axes_rse: Vec<String>,
    /// Minimum, in cents.
    pub goal_cents: i64,
    /// Optimum, in cents.
    pub budget_cents: i64,
    /// Below the minimum everything is paid back.
    pub all_or_nothing: bool,
    /// Code of its status.
    pub status: String,
    /// First instant.
    pub starts_at: OffsetDateTime,
    /// Last instant.
    pub ends_at: OffsetDateTime,
    /// When gifts and match reached the minimum.
    pub minimum_reached_at: Option<OffsetDateTime>,
    /// When it was closed.
    pub closed_at: Option<OffsetDateTime>,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

impl CampaignRow {
    /// Its id.
    #[must_use]
    pub fn campaign(&self) -> CampaignId {
        CampaignId::new(self.id.clone())
    }

    /// Where it is in its life. The database's own constraint admits no other code.
    #[must_use]
    pub fn life(&self) -> CampaignStatus {
        CampaignStatus::from_code(&self.status).unwrap_or(CampaignStatus::Suspended)
    }

    /// True when it takes gifts at an instant.
    #[must_use]
    pub fn takes_gifts_at(&self, now: OffsetDateTime) -> bool {
        self.life().takes_gifts() && self.starts_at <= now && now < self.ends_at
    }
}

/// Text in lower case without accents: what is searched and what is typed meet there.
#[must_use]
pub fn folded(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c == '’' { '\'' } else { c })
        .collect::<String>()
        .to_lowercase()
}

/// Adds a campaign and what the search finds of it. `places` are the names of its territory.
///
/// # Errors
/// When the slug is taken, or the database refuses.
pub async fn add(tx: &mut Tx, row: &CampaignRow, places: &str) -> QueryResult<()> {
    diesel::insert_into(campaigns::table).values(row).execute(tx.conn()).await?;
    diesel::sql_query(
        "UPDATE campaigns SET words = setweight(to_tsvector('french', $2), 'A')
             || setweight(to_tsvector('french', $3), 'B')
             || setweight(to_tsvector('french', $4), 'C') WHERE id = $1",
    )
    .bind::<Text, _>(&row.id)
    .bind::<Text, _>(folded(&row.title))
    .bind::<Text, _>(folded(&format!("{} {places}", row.summary)))
    .bind::<Text, _>(folded(&row.story))
    .execute(tx.conn())
    .await?;
    diesel::insert_into(campaign_totals::table)
        .values(campaign_totals::campaign_id.eq(&row.id))
        .execute(tx.conn())
        .await?;
    diesel::insert_into(campaign_draws::table)
        .values(campaign_draws::campaign_id.eq(&row.id))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Reads a campaign by its address.
///
/// # Errors
/// When the database refuses.
pub async fn by_slug(db: &mut impl Reads, slug: &str) -> QueryResult<Option<CampaignRow>> {
    campaigns::table
        .filter(campaigns::slug.eq(slug))
        .select(CampaignRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Reads a campaign.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn read(db: &mut impl Reads, id: &CampaignId) -> QueryResult<CampaignRow> {
    campaigns::table.find(id.as_str()).select(CampaignRow::as_select()).first(db.conn()).await
}

/// Reads a campaign with its holder.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn with_holder(
    db: &mut impl Reads,
    id: &CampaignId,
) -> QueryResult<(CampaignRow, Organisation)> {
    campaigns::table
        .inner_join(organisations::table.on(organisations::id.eq(campaigns::holder_id)))
        .filter(campaigns::id.eq(id.as_str()))
        .select((CampaignRow::as_select(), Organisation::as_select()))
        .first(db.conn())
        .await
}

/// Every campaign.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: &mut impl Reads) -> QueryResult<Vec<CampaignRow>> {
    campaigns::table.order(campaigns::id).select(CampaignRow::as_select()).load(db.conn()).await
}

/// Campaigns whose end has come and that are not closed.
///
/// # Errors
/// When the database refuses.
pub async fn ended(db: &mut impl Reads, now: OffsetDateTime) -> QueryResult<Vec<CampaignId>> {
    let ids: Vec<String> = campaigns::table
        .filter(campaigns::status.eq_any(["published", "suspended"]))
        .filter(campaigns::ends_at.le(now))
        .order(campaigns::id)
        .select(campaigns::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(CampaignId::new).collect())
}

/// Notes when the minimum was reached; false when it was noted before.
///
/// # Errors
/// When the database refuses.
pub async fn note_minimum(tx: &mut Tx, id: &CampaignId, now: OffsetDateTime) -> QueryResult<bool> {
    let open = campaigns::table.find(id.as_str()).filter(campaigns::minimum_reached_at.is_null());
    let rows =
        diesel::update(open).set(campaigns::minimum_reached_at.eq(now)).execute(tx.conn()).await?;
    Ok(rows == 1)
}

/// Closes a campaign.
///
/// # Errors
/// When the database refuses.
pub async fn close(
    tx: &mut Tx,
    id: &CampaignId,
    status: CampaignStatus,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(campaigns::table.find(id.as_str()))
        .set((campaigns::status.eq(status.code()), campaigns::closed_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// News of a project.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = campaign_updates, check_for_backend(diesel::pg::Pg))]
pub struct UpdateRow {
    /// Its id.
    pub id: Uuid,
    /// Of which campaign.
    pub campaign_id: String,
    /// Its title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// When it was published.
    pub published_at: OffsetDateTime,
}

/// Publishes news; false when this id was published before.
///
/// # Errors
/// When the database refuses.
pub async fn publish_update(tx: &mut Tx, row: &UpdateRow) -> QueryResult<bool> {
    let rows = diesel::insert_into(campaign_updates::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(rows == 1)
}

/// News of a campaign, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn updates(db: &mut impl Reads, id: &CampaignId) -> QueryResult<Vec<UpdateRow>> {
    campaign_updates::table
        .filter(campaign_updates::campaign_id.eq(id.as_str()))
        .order(campaign_updates::published_at.desc())
        .select(UpdateRow::as_select())
        .load(db.conn())
        .await
}

/// Reads one piece of news.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn update(db: &mut impl Reads, id: Uuid) -> QueryResult<UpdateRow> {
    campaign_updates::table.find(id).select(UpdateRow::as_select()).first(db.conn()).await
}

/// Someone who asked for the news of a project.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = followers, check_for_backend(diesel::pg::Pg))]
pub struct FollowerRow {
    /// Which campaign.
    pub campaign_id: String,
    /// Who.
    pub person_id: Uuid,
    /// The address at which they confirm and end.
    pub token: String,
    /// When they asked.
    pub asked_at: OffsetDateTime,
    /// When they confirmed.
    pub confirmed_at: Option<OffsetDateTime>,
    /// When they ended it.
    pub ended_at: Option<OffsetDateTime>,
}

/// Adds a follower, or starts one again; returns the row as it is.
///
/// # Errors
/// When the database refuses.
pub async fn follow(tx: &mut Tx, row: &FollowerRow) -> QueryResult<FollowerRow> {
    diesel::insert_into(followers::table)
        .values(row)
        .on_conflict((followers::campaign_id, followers::person_id))
        .do_update()
        .set((
            followers::ended_at.eq(None::<OffsetDateTime>),
            followers::confirmed_at
                .eq(diesel::dsl::sql("coalesce(followers.confirmed_at, excluded.confirmed_at)")),
        ))
        .returning(FollowerRow::as_returning())
        .get_result(tx.conn())
        .await
}

/// The follower of an address in a letter.
///
/// # Errors
/// When the database refuses.
pub async fn follower(db: &mut impl Reads, token: &str) -> QueryResult<Option<FollowerRow>> {
    followers::table
        .filter(followers::token.eq(token))
        .select(FollowerRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Confirms a follower.
///
/// # Errors
/// When the database refuses.
pub async fn confirm_follower(tx: &mut Tx, token: &str, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(followers::table.filter(followers::token.eq(token)))
        .set((
            followers::confirmed_at.eq(diesel::dsl::sql("coalesce(followers.confirmed_at, ")
                .bind::<diesel::sql_types::Timestamptz, _>(now)
                .sql(")")),
            followers::ended_at.eq(None::<OffsetDateTime>),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends the letters of news to a follower.
///
/// # Errors
/// When the database refuses.
pub async fn end_follower(tx: &mut Tx, token: &str, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(followers::table.filter(followers::token.eq(token)))
        .filter(followers::ended_at.is_null())
        .set(followers::ended_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A page of people to write news to, after a person, in id order.
///
/// # Errors
/// When the database refuses.
pub async fn followers_after(
    db: &mut impl Reads,
    id: &CampaignId,
    after: Option<PersonId>,
    limit: i64,
) -> QueryResult<Vec<FollowerRow>> {
    followers::table
        .filter(followers::campaign_id.eq(id.as_str()))
        .filter(followers::confirmed_at.is_not_null())
        .filter(followers::ended_at.is_null())
        .filter(followers::person_id.gt(after.map_or(Uuid::nil(), PersonId::uuid)))
        .order(followers::person_id)
        .limit(limit)
        .select(FollowerRow::as_select())
        .load(db.conn())
        .await
}

/// Stores what a visitor finds wrong with a campaign.
///
/// # Errors
/// When the database refuses.
pub async fn report_problem(
    tx: &mut Tx,
    id: &CampaignId,
    reason: &str,
    message: &str,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::insert_into(problem_reports::table)
        .values((
            problem_reports::id.eq(Uuid::now_v7()),
            problem_reports::campaign_id.eq(id.as_str()),
            problem_reports::reason.eq(reason),
            problem_reports::message.eq(message),
            problem_reports::reported_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}
