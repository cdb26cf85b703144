//! A visitor sends the form: the match is reserved and the payment page opens.

use domain::{
    Cents,
    gift::{AmountRefused, PaymentMethod, PaymentState},
    ids::GiftId,
    people::{EmailAddress, PersonName, PostalAddress},
};
use payments::{CheckoutRequest, GatewayError};
use serde::{Deserialize, Serialize};
use store::{
    Tx, campaigns,
    gifts::{self, GiftRow, PaymentRow},
    people, pots,
};
use time::{Duration, OffsetDateTime};

use crate::{
    admit::{Client, INTENTS_OF_ADDRESS, INTENTS_OF_PERSON},
    crash::crash_point,
    gift_rows::{donor_row, new_gift, new_payment},
    house::Actions,
    matched::{self, Rewrite, Scene},
    outcome::Stop,
    settings,
    task::Task,
};

/// A gift asked for. Kept as JSON while its donor confirms, without where it came from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginGift {
    /// Made by the form: a second click carries the same.
    pub gift: GiftId,
    /// Address of the campaign.
    pub slug: String,
    /// In cents.
    pub amount: Cents,
    /// How it will be paid.
    pub method: PaymentMethod,
    /// Who gives.
    pub donor: DonorDetails,
    /// The donor confirmed that a gift just like the last one is meant.
    pub again: bool,
    /// Where the request comes from.
    #[serde(skip)]
    pub client: Client,
}

/// What a donor says of themselves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DonorDetails {
    /// Where letters go.
    pub email: EmailAddress,
    /// Name; may be empty without a receipt.
    pub name: PersonName,
    /// Address, when a receipt is wanted.
    pub address: Option<PostalAddress>,
    /// A tax receipt is wanted.
    pub wants_receipt: bool,
    /// The name may be shown on the page of the project.
    pub public_name: bool,
    /// News of the project are wanted.
    pub wants_news: bool,
}

/// The gift is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Began {
    /// Address of the donor's page.
    pub token: String,
    /// The payment page; none when there is nothing left to pay.
    pub checkout_url: Option<String>,
}

/// Why a gift does not begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginRefused {
    /// No such campaign.
    #[error("unknown campaign")]
    UnknownCampaign,
    /// It takes no gift now.
    #[error("campaign closed")]
    CampaignClosed,
    /// The operator stopped giving.
    #[error("giving is stopped")]
    GivingStopped,
    /// Outside the bounds.
    #[error("amount outside the bounds")]
    Amount(AmountRefused),
    /// The same gift was made minutes ago: is another one meant?
    #[error("a gift like this one was just made")]
    Twin,
    /// Too many attempts.
    #[error("too many attempts")]
    TooMany,
    /// A letter was sent: the donor confirms by its link, then pays.
    #[error("confirmation by e-mail needed")]
    ConfirmByMail,
    /// The confirmation link is unknown or too old.
    #[error("the link is too old")]
    LinkTooOld,
    /// Name or address has letters that no font of ours can print on a receipt.
    #[error("name or address cannot be printed")]
    NotPrintable,
    /// The form was changed after it was sent: it needs a new id.
    #[error("this gift is already something else")]
    Changed,
    /// The provider refuses to open a payment.
    #[error("the provider refused")]
    PaymentRefused,
    /// The provider cannot be reached: the same form may be sent again.
    #[error("the provider cannot be reached")]
    ProviderDown,
}

/// Same donor, campaign and amount within this time: ask first.
const TWIN_MINUTES: i64 = 10;
/// Stripe keeps a checkout open for thirty minutes at least, counted from when it opens it: a few
/// more, for a first attempt that was slow. The reservation's grace covers them.
const CHECKOUT_MINUTES: i64 = 35;

/// A gift that has its row, and what its checkout needs.
struct Opened {
    gift: GiftRow,
    payment: PaymentRow,
    label: String,
}

impl Actions {
    /// Begins a gift: reserves its match, then opens the payment page.
    ///
    /// # Errors
    /// Refused with a reason the form can show; nothing is lost, the same form may be sent again.
    pub async fn begin_gift(
        &self,
        ask: &BeginGift,
        now: OffsetDateTime,
    ) -> Result<Began, Stop<BeginRefused>> {
        self.house()
            .bounds
            .check(ask.amount)
            .map_err(|refused| Stop::Refused(BeginRefused::Amount(refused)))?;
        if ask.donor.wants_receipt && !self.can_print(&ask.donor) {
            return Err(Stop::Refused(BeginRefused::NotPrintable));
        }
        match self.begin_once(ask, now).await {
            // What is over counts as free, but its tranche holds it until somebody releases it.
            Err(Stop::Broken(error)) if pots::is_overdrawn(&error) => {
                self.release_over(now).await?;
                self.begin_once(ask, now).await
            }
            began => began,
        }
    }

    async fn begin_once(
        &self,
        ask: &BeginGift,
        now: OffsetDateTime,
    ) -> Result<Began, Stop<BeginRefused>> {
        let mut tx = self.begin().await?;
        // The clicks of a double click wait here for one another, before any limit is counted.
        tx.alone_with(ask.gift.uuid()).await?;
        let opened = match gifts::read(&mut tx, ask.gift).await? {
            Some(gift) => known(&mut tx, gift, ask).await?,
            None => match self.insert(&mut tx, ask, now).await {
                Ok(opened) => opened,
                Err(Stop::Refused(why @ (BeginRefused::TooMany | BeginRefused::ConfirmByMail))) => {
                    // Limits that were taken stay taken, the letter is written.
                    tx.commit().await?;
                    return Err(Stop::Refused(why));
                }
                Err(stop) => return Err(stop),
            },
        };
        tx.commit().await?;
        crash_point("begin_gift/reserved");
        self.open_checkout(opened, now).await
    }

    /// A receipt must show name and address letter by letter: asked before a number is ever taken.
    fn can_print(&self, donor: &DonorDetails) -> bool {
        let documents = self.documents();
        let address = donor.address.iter().flat_map(|at| [&at.line, &at.postcode, &at.city]);
        [&donor.name.first, &donor.name.last]
            .into_iter()
            .chain(address)
            .all(|text| documents.can_print(text))
    }

    async fn insert(
        &self,
        tx: &mut Tx,
        ask: &BeginGift,
        now: OffsetDateTime,
    ) -> Result<Opened, Stop<BeginRefused>> {
        let refused = |why| Err(Stop::Refused(why));
        if !settings::giving_open(tx).await? {
            return refused(BeginRefused::GivingStopped);
        }
        if !self.is_history() && !self.admit_intent(tx, ask, now).await? {
            return refused(BeginRefused::TooMany);
        }
        let Some(campaign) = campaigns::by_slug(tx, &ask.slug).await? else {
            return refused(BeginRefused::UnknownCampaign);
        };
        if self.needs_challenge(tx, ask, now).await? {
            self.challenge(tx, ask, now).await?;
            return refused(BeginRefused::ConfirmByMail);
        }
        let person = people::of_address(tx, &ask.donor.email, now).await?;
        let scene = Scene::lock(tx, &campaign.campaign(), Some(person)).await?;
        let Some(account) = scene.holder.provider_account.clone() else {
            return refused(BeginRefused::CampaignClosed);
        };
        if !scene.campaign.takes_gifts_at(now) || !scene.holder.charges_enabled {
            return refused(BeginRefused::CampaignClosed);
        }
        let mut gift = new_gift(ask, &scene, person.uuid(), now);
        gift.reduction_bp = self.estimate(&scene, ask.amount, now).map(|found| found.rate.get());
        let since = now - Duration::minutes(TWIN_MINUTES);
        if !ask.again && gifts::twin_since(tx, &gift, since).await?.is_some() {
            return refused(BeginRefused::Twin);
        }
        let decision = matched::reserve(tx, &scene, &mut gift, now).await?;
        let mut payment = new_payment(ask.gift, account, now);
        payment.asked_from = self.asked_from(&ask.client)?;
        if !gifts::add(tx, &gift, &donor_row(ask), &payment).await? {
            return refused(BeginRefused::Changed);
        }
        let change = Rewrite { gift: &gift, old: &[], event: "reserve", at: now };
        matched::write(tx, &scene, change, &decision).await?;
        Ok(Opened { gift, payment, label: scene.campaign.title })
    }

    async fn admit_intent(
        &self,
        tx: &mut Tx,
        ask: &BeginGift,
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        let client = &ask.client;
        let address = (client.address.as_str(), client.shared);
        let email = ask.donor.email.key();
        Ok(self.admit(tx, &INTENTS_OF_ADDRESS, address, now).await?
            && self.admit(tx, &INTENTS_OF_PERSON, (&client.flow, client.shared), now).await?
            && self.admit(tx, &INTENTS_OF_PERSON, (&email, false), now).await?)
    }

    async fn open_checkout(
        &self,
        opened: Opened,
        now: OffsetDateTime,
    ) -> Result<Began, Stop<BeginRefused>> {
        let Opened { gift, payment, label } = opened;
        let token = gift.token.clone();
        let may_open =
            matches!(gift.payment_state(), PaymentState::Created | PaymentState::Unknown);
        if payment.checkout_url.is_some() || !may_open {
            let checkout_url = payment.checkout_url.filter(|_| may_open);
            return Ok(Began { token, checkout_url });
        }
        let request = CheckoutRequest {
            gift: gift.gift(),
            instance: self.house().instance.clone(),
            amount: Cents::new(gift.amount_cents),
            method: gift.payment_method(),
            label,
            destination: payment.destination.clone(),
            email: None,
            success_url: self.url(&format!("/dons/{token}")),
            cancel_url: self.url(&format!("/dons/{token}?abandon=1")),
            expires_at: gift.created_at + Duration::minutes(CHECKOUT_MINUTES),
        };
        match self.gateway().open_checkout(&request).await {
            Ok(checkout) => {
                crash_point("begin_gift/opened");
                let url = checkout.url.clone();
                self.note_checkout(gift.gift(), checkout).await?;
                crash_point("begin_gift/noted");
                Ok(Began { token, checkout_url: Some(url) })
            }
            Err(GatewayError::Refused { code, .. }) => {
                tracing::info!(gift.id = %gift.id, code, "the provider refused a checkout");
                self.cancel_gift(gift.gift(), now).await?;
                Err(Stop::Refused(BeginRefused::PaymentRefused))
            }
            Err(error) => {
                // The other click of a double click asks under the same key: it may have its
                // answer.
                if let Some(url) = self.checkout_of(gift.gift()).await? {
                    return Ok(Began { token, checkout_url: Some(url) });
                }
                tracing::warn!(gift.id = %gift.id, %error, "a checkout did not open");
                if !matches!(error, GatewayError::Unavailable(_)) {
                    self.note_unknown(gift.gift(), now).await?;
                }
                Err(Stop::Refused(BeginRefused::ProviderDown))
            }
        }
    }

    async fn note_checkout(
        &self,
        gift: GiftId,
        checkout: payments::Checkout,
    ) -> anyhow::Result<()> {
        let intent = checkout.payment_intent.as_deref();
        let mut tx = self.begin().await?;
        gifts::note_checkout(&mut tx, gift, (&checkout.session_id, &checkout.url, intent)).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn checkout_of(&self, gift: GiftId) -> anyhow::Result<Option<String>> {
        let mut db = self.reader().get().await?;
        Ok(gifts::payment(&mut db, gift).await?.checkout_url)
    }

    async fn note_unknown(&self, gift: GiftId, now: OffsetDateTime) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let mut row = gifts::lock(&mut tx, gift).await?;
        if row.payment_state() == PaymentState::Created {
            row.state = PaymentState::Unknown.code().to_owned();
            gifts::save(&mut tx, &row).await?;
        }
        self.promise(&mut tx, &Task::ReadPayment { gift }, Some(now + Duration::minutes(1)))
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The payment will not happen: the match is free at once.
    pub(crate) async fn cancel_gift(
        &self,
        gift: GiftId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let Some(row) = gifts::read(&mut tx, gift).await? else { return Ok(()) };
        let scene = Scene::lock(&mut tx, &row.campaign(), Some(row.person())).await?;
        let mut row = gifts::lock(&mut tx, gift).await?;
        if matches!(row.payment_state(), PaymentState::Created | PaymentState::Unknown) {
            row.state = PaymentState::Failed.code().to_owned();
            if row.match_state == "reserved" {
                matched::release(&mut tx, &scene, &mut row, "cancel", now).await?;
            }
            gifts::save(&mut tx, &row).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl Actions {
    /// The address of the donor's page of a gift, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn token_of(&self, gift: GiftId) -> anyhow::Result<Option<String>> {
        let mut db = self.reader().get().await?;
        Ok(gifts::read(&mut db, gift).await?.map(|row| row.token))
    }

    /// The provider's checkout of a gift, once it is open.
    ///
    /// # Errors
    /// When there is no such gift, or the database cannot be read.
    pub async fn session_of(&self, gift: GiftId) -> anyhow::Result<Option<String>> {
        let mut db = self.reader().get().await?;
        Ok(gifts::payment(&mut db, gift).await?.session_id)
    }
}

/// The gift is there already: a double click, or the form sent again.
async fn known(tx: &mut Tx, gift: GiftRow, ask: &BeginGift) -> Result<Opened, Stop<BeginRefused>> {
    let campaign = campaigns::read(tx, &gift.campaign()).await?;
    let same = campaign.slug == ask.slug
        && gift.amount_cents == ask.amount.get()
        && gift.method == ask.method.code();
    if !same || gift.payment_state() == PaymentState::Failed {
        return Err(Stop::Refused(BeginRefused::Changed));
    }
    let payment = gifts::payment(tx, ask.gift).await?;
    Ok(Opened { gift, payment, label: campaign.title })
}
