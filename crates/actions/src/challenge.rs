//! The brake against card testing (reliability B2): past a threshold, a donor confirms by e-mail
//! before any payment page opens. No third party, no script; nobody is shut out.

use mail::{Letter, letter::GiftConfirm};
use store::{
    Reads, Tx, campaigns,
    challenges::{self, ChallengeRow},
    gifts::PaymentRow,
    operator::{self, Bucket},
    people,
};
use time::{Duration, OffsetDateTime};

use crate::{
    admit::{
        Client, DECLINES_OF_ADDRESS, DECLINES_OF_CARD, DECLINES_OF_PERSON, INTENTS_OF_CAMPAIGN,
        Limit,
    },
    begin_gift::{Began, BeginGift, BeginRefused},
    correspondence::Draft,
    house::Actions,
    outcome::Stop,
    tokens,
};

/// Minutes a confirmation link works.
const VALID_MINUTES: i64 = 60;
/// The site's own breaker: so many attempts in ten minutes...
const BREAKER_ATTEMPTS: i64 = 20;
/// ...of which more than this share is declined, in per cent.
const BREAKER_PERCENT: i64 = 60;

impl Actions {
    /// True when this gift must be confirmed by e-mail first.
    pub(crate) async fn needs_challenge(
        &self,
        tx: &mut Tx,
        ask: &BeginGift,
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        if self.is_history() || challenges::is_confirmed(tx, ask.gift.uuid()).await? {
            return Ok(false);
        }
        let email = ask.donor.email.key();
        let address = ask.client.address.as_str();
        let campaign = self.admit(tx, &[INTENTS_OF_CAMPAIGN], (&ask.slug, false), now).await?;
        let attempts = challenges::attempts_since(tx, now - Duration::minutes(10)).await?;
        let broken = attempts.asked >= BREAKER_ATTEMPTS
            && attempts.declined * 100 > attempts.asked * BREAKER_PERCENT;
        Ok(!campaign
            || broken
            || self.is_full(tx, DECLINES_OF_PERSON, &email, now).await?
            || self.is_full(tx, DECLINES_OF_ADDRESS, &self.hidden(address)?, now).await?)
    }

    async fn is_full(
        &self,
        db: &mut impl Reads,
        limit: Limit,
        who: &str,
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        let key = format!("{}/{}", limit.name, self.hidden(who)?);
        let bucket = Bucket { key: &key, size: limit.uses, period_seconds: limit.seconds };
        Ok(operator::is_full(db, &bucket, now).await?)
    }

    /// A card was declined: counted for its donor, the address it came from, and the card itself.
    /// A card that is tried too often fills the buckets of whoever tries it.
    pub(crate) async fn count_decline(
        &self,
        tx: &mut Tx,
        payment: &PaymentRow,
        email: &str,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let card = payment.card_fingerprint.as_deref();
        let worn = match card {
            Some(card) => !self.admit(tx, &[DECLINES_OF_CARD], (card, false), now).await?,
            None => false,
        };
        let times = if worn { DECLINES_OF_PERSON.uses } else { 1 };
        for _ in 0..times {
            self.admit(tx, &[DECLINES_OF_PERSON], (email, false), now).await?;
            self.admit(tx, &[DECLINES_OF_ADDRESS], (&payment.asked_from, false), now).await?;
        }
        Ok(())
    }

    /// Keeps the form and writes the letter with the link.
    pub(crate) async fn challenge(
        &self,
        tx: &mut Tx,
        ask: &BeginGift,
        now: OffsetDateTime,
    ) -> Result<(), Stop<BeginRefused>> {
        let Some(campaign) = campaigns::by_slug(tx, &ask.slug).await? else {
            return Err(Stop::Refused(BeginRefused::UnknownCampaign));
        };
        let holder_id = domain::ids::OrganisationId::new(campaign.holder_id.clone());
        let holder = people::organisation(tx, &holder_id).await?;
        let to = people::of_address(tx, &ask.donor.email, now).await?;
        let row = ChallengeRow {
            token: tokens::fresh(),
            gift_id: ask.gift.uuid(),
            form: serde_json::to_value(ask)?,
            asked_at: now,
            confirmed_at: None,
        };
        let kept = challenges::ask(tx, &row).await?;
        let letter = Letter::GiftConfirm(GiftConfirm {
            amount: ask.amount,
            project: self.project(&campaign, &holder),
            confirm_url: self.url(&format!("/dons/confirmer/{}", kept.token)),
            valid_until: (now + Duration::minutes(VALID_MINUTES)).into(),
        });
        let dedupe_key = format!("gift_confirm:{}", ask.gift);
        let draft = Draft { dedupe_key, to, letter, receipt: None, unsubscribe_url: None };
        self.write_letter(tx, draft, now).await?;
        Ok(())
    }

    /// The donor followed the link and confirmed: the gift begins as it was asked. `again` says
    /// that a gift just like the last one is meant.
    ///
    /// # Errors
    /// Refused when the link is unknown or too old, or as [`Actions::begin_gift`] refuses.
    pub async fn confirm_gift(
        &self,
        (token, again): (&str, bool),
        client: Client,
        now: OffsetDateTime,
    ) -> Result<Began, Stop<BeginRefused>> {
        let mut tx = self.begin().await?;
        let fresh = |row: &ChallengeRow| now < row.asked_at + Duration::minutes(VALID_MINUTES);
        let Some(row) = challenges::read(&mut tx, token).await?.filter(fresh) else {
            return Err(Stop::Refused(BeginRefused::LinkTooOld));
        };
        challenges::confirm(&mut tx, token, now).await?;
        tx.commit().await?;
        let mut ask: BeginGift = serde_json::from_value(row.form)?;
        ask.client = client;
        ask.again |= again;
        self.begin_gift(&ask, now).await
    }

    /// What a confirmation page shows before its button: the campaign and the amount in cents.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn gift_to_confirm(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> anyhow::Result<Option<BeginGift>> {
        let mut db = self.reader().get().await?;
        let fresh = |row: &ChallengeRow| now < row.asked_at + Duration::minutes(VALID_MINUTES);
        let row = challenges::read(&mut db, token).await?.filter(fresh);
        Ok(row.map(|row| serde_json::from_value(row.form)).transpose()?)
    }

    /// The digest under which the address of a client is counted.
    pub(crate) fn asked_from(&self, client: &Client) -> anyhow::Result<String> {
        self.hidden(&client.address)
    }
}
