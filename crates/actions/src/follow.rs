//! Following a project without giving: asked on its page, confirmed by e-mail, ended in one click.

use domain::people::EmailAddress;
use mail::{Letter, letter::FollowConfirm};
use store::{
    campaigns::{self, FollowerRow},
    people,
};
use time::{Duration, OffsetDateTime};

use crate::{
    admit::{Client, LETTERS_OF_ADDRESS},
    correspondence::Draft,
    house::Actions,
    outcome::Stop,
    tokens,
};

/// Days a confirmation link works.
const CONFIRM_DAYS: i64 = 7;

/// Why nobody follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FollowRefused {
    /// No such campaign.
    #[error("unknown campaign")]
    UnknownCampaign,
    /// Too many letters asked for.
    #[error("too many letters asked for")]
    TooMany,
    /// The link is not one of ours, or too old.
    #[error("unknown or old link")]
    UnknownLink,
}

impl Actions {
    /// Asks to follow: a letter goes out to confirm. The answer is the same whether the address
    /// follows already or not.
    ///
    /// # Errors
    /// Refused when the campaign is unknown or too many letters were asked for.
    pub async fn ask_to_follow(
        &self,
        slug: &str,
        email: &EmailAddress,
        client: &Client,
        now: OffsetDateTime,
    ) -> Result<(), Stop<FollowRefused>> {
        let mut tx = self.begin().await?;
        let who = (client.address.as_str(), client.shared);
        let address = email.key();
        let admitted = self.admit(&mut tx, &[LETTERS_OF_ADDRESS], who, now).await?
            && self.admit(&mut tx, &[LETTERS_OF_ADDRESS], (&address, false), now).await?;
        if !admitted {
            tx.commit().await?;
            return Err(Stop::Refused(FollowRefused::TooMany));
        }
        let Some(campaign) = campaigns::by_slug(&mut tx, slug).await? else {
            return Err(Stop::Refused(FollowRefused::UnknownCampaign));
        };
        let person = people::of_address(&mut tx, email, now).await?;
        let asked = FollowerRow {
            campaign_id: campaign.id.clone(),
            person_id: person.uuid(),
            token: tokens::fresh(),
            asked_at: now,
            confirmed_at: None,
            ended_at: None,
        };
        let follower = campaigns::follow(&mut tx, &asked).await?;
        if follower.confirmed_at.is_none() {
            let holder_id = domain::ids::OrganisationId::new(campaign.holder_id.clone());
            let holder = people::organisation(&mut tx, &holder_id).await?;
            let letter = Letter::FollowConfirm(FollowConfirm {
                project: self.project(&campaign, &holder),
                confirm_url: self.url(&format!("/suivi/{}", follower.token)),
                valid_until: (now + Duration::days(CONFIRM_DAYS)).into(),
            });
            let draft = Draft {
                dedupe_key: format!("follow:{}:{}", follower.token, now.date()),
                to: person,
                letter,
                receipt: None,
                unsubscribe_url: None,
            };
            self.write_letter(&mut tx, draft, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Confirms what was asked; returns the campaign's address.
    ///
    /// # Errors
    /// Refused when the link is unknown or too old.
    pub async fn confirm_follow(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<String, Stop<FollowRefused>> {
        let mut tx = self.begin().await?;
        let follower = campaigns::follower(&mut tx, token).await?.filter(|row| {
            row.confirmed_at.is_some() || now < row.asked_at + Duration::days(CONFIRM_DAYS)
        });
        let Some(follower) = follower else {
            return Err(Stop::Refused(FollowRefused::UnknownLink));
        };
        campaigns::confirm_follower(&mut tx, token, now).await?;
        let id = domain::ids::CampaignId::new(follower.campaign_id);
        let campaign = campaigns::read(&mut tx, &id).await?;
        tx.commit().await?;
        Ok(campaign.slug)
    }

    /// Ends the letters; ended twice is ended. Returns the campaign's address.
    ///
    /// # Errors
    /// Refused when the link is unknown.
    pub async fn end_follow(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<String, Stop<FollowRefused>> {
        let mut tx = self.begin().await?;
        let Some(follower) = campaigns::follower(&mut tx, token).await? else {
            return Err(Stop::Refused(FollowRefused::UnknownLink));
        };
        campaigns::end_follower(&mut tx, token, now).await?;
        let id = domain::ids::CampaignId::new(follower.campaign_id);
        let campaign = campaigns::read(&mut tx, &id).await?;
        tx.commit().await?;
        Ok(campaign.slug)
    }
}
