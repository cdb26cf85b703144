//! A holder tells the news; everyone who follows gets one letter.

use domain::ids::PersonId;
use jobs::Claim;
use mail::{
    Letter,
    letter::{Reader, Update},
};
use store::{
    Reads,
    campaigns::{self, UpdateRow},
    people,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    correspondence::Draft,
    fold_totals::{PAGE, last_of_full},
    house::Actions,
    task::Task,
};

/// News to publish.
#[derive(Clone, Debug)]
pub struct NewUpdate {
    /// Made before the first attempt: published twice, it is one.
    pub id: Uuid,
    /// Address of the campaign.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Markdown.
    pub body: String,
}

impl Actions {
    /// Publishes news and promises the letters. Nothing when the campaign is unknown.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn publish_update(
        &self,
        update: &NewUpdate,
        now: OffsetDateTime,
    ) -> anyhow::Result<Option<Uuid>> {
        let mut tx = self.begin().await?;
        let Some(campaign) = campaigns::by_slug(&mut tx, &update.slug).await? else {
            return Ok(None);
        };
        let row = UpdateRow {
            id: update.id,
            campaign_id: campaign.id.clone(),
            title: update.title.clone(),
            body: update.body.clone(),
            published_at: now,
        };
        if campaigns::publish_update(&mut tx, &row).await? {
            let task = Task::SendUpdate { update: update.id, after: None };
            self.promise(&mut tx, &task, None).await?;
        }
        tx.commit().await?;
        Ok(Some(update.id))
    }

    /// Writes the news to a page of followers; the next page is another job.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn send_update(
        &self,
        claim: &Claim,
        update: Uuid,
        after: Option<PersonId>,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let news = campaigns::update(&mut tx, update).await?;
        let id = domain::ids::CampaignId::new(news.campaign_id.clone());
        let campaign = campaigns::read(&mut tx, &id).await?;
        let holder_id = domain::ids::OrganisationId::new(campaign.holder_id.clone());
        let holder = people::organisation(&mut tx, &holder_id).await?;
        let letter = Update {
            project: self.project(&campaign, &holder),
            reader: Reader::Follower,
            title: news.title,
            text: news.body,
            figures: Vec::new(),
            published_at: news.published_at.into(),
            update_url: self.url(&format!("/campagnes/{}#actualites", campaign.slug)),
        };
        let page = campaigns::followers_after(&mut tx, &id, after, PAGE).await?;
        for follower in &page {
            let draft = Draft {
                dedupe_key: format!("update:{update}:{}", follower.person_id),
                to: PersonId::new(follower.person_id),
                letter: Letter::Update(letter.clone()),
                receipt: None,
                unsubscribe_url: Some(self.unsubscribe_url(follower)),
            };
            self.write_letter(&mut tx, draft, now).await?;
        }
        if let Some(last) = last_of_full(&page) {
            let next = Task::SendUpdate { update, after: Some(last) };
            self.promise(&mut tx, &next, None).await?;
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }
}
