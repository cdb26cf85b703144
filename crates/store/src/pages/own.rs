//! What a person finds behind the door.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::{OrganisationId, PersonId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    gifts::GiftRow,
    schema::{campaign_totals, campaigns, gifts, people},
    session::Reads,
};

/// A gift and the title of its campaign.
#[derive(Clone, Debug)]
pub struct OwnRow {
    /// The gift.
    pub gift: GiftRow,
    /// Title of its campaign.
    pub campaign: String,
}

/// Gifts shown.
const SHOWN: i64 = 500;

/// The ids of a person, and of those who were merged into them.
#[diesel::dsl::auto_type(no_type_alias)]
fn same_person(person: PersonId) -> _ {
    let id: Uuid = person.uuid();
    people::table.filter(people::id.eq(id).or(people::merged_into.eq(id))).select(people::id)
}

/// The gifts of a person that are paid or under way, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn gifts(db: &mut impl Reads, person: PersonId) -> QueryResult<Vec<OwnRow>> {
    let rows: Vec<(GiftRow, String)> = gifts::table
        .inner_join(campaigns::table.on(campaigns::id.eq(gifts::campaign_id)))
        .filter(gifts::person_id.eq_any(same_person(person)))
        .filter(gifts::captured_cents.gt(0).or(gifts::state.eq("processing")))
        .order(gifts::created_at.desc())
        .limit(SHOWN)
        .select((GiftRow::as_select(), campaigns::title))
        .load(db.conn())
        .await?;
    Ok(rows.into_iter().map(|(gift, campaign)| OwnRow { gift, campaign }).collect())
}

/// A campaign of an organisation, amounts in cents.
#[derive(Clone, Debug, Queryable)]
pub struct CampaignOfRow {
    /// Its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Its minimum.
    pub goal_cents: i64,
    /// Its last instant.
    pub ends_at: OffsetDateTime,
    /// Gifts.
    pub raised_cents: i64,
    /// Match.
    pub matched_cents: i64,
}

/// The campaigns of an organisation, those that end last first.
///
/// # Errors
/// When the database refuses.
pub async fn campaigns_of(
    db: &mut impl Reads,
    organisation: &OrganisationId,
) -> QueryResult<Vec<CampaignOfRow>> {
    campaigns::table
        .inner_join(campaign_totals::table.on(campaign_totals::campaign_id.eq(campaigns::id)))
        .filter(campaigns::holder_id.eq(organisation.as_str()))
        .order(campaigns::ends_at.desc())
        .select((
            campaigns::slug,
            campaigns::title,
            campaigns::goal_cents,
            campaigns::ends_at,
            campaign_totals::raised_cents,
            campaign_totals::matched_cents,
        ))
        .load(db.conn())
        .await
}
