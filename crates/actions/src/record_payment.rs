//! A worker reads the provider's object as it is now and folds it into our rows (decision 19).

use anyhow::Context;
use domain::{
    Cents,
    gift::{self, Observation, PaymentState, Step},
    ids::GiftId,
};
use jobs::Claim;
use payments::{GatewayError, PaymentObject, PaymentStatus, ProviderRef};
use serde_json::json;
use store::{
    Reads, Tx,
    gifts::{self, GiftRow, PaymentRow},
    inbox::{self, Settled, StoredEvent},
    operator, people,
};
use time::{Duration, OffsetDateTime};

use crate::{capture, crash::crash_point, house::Actions, matched::Scene};

/// The provider's event for a card that was refused.
const DECLINED: &str = "payment_intent.payment_failed";

/// A gift under its locks, with what belongs to it.
pub(crate) struct Open {
    pub scene: Scene,
    pub gift: GiftRow,
    pub payment: PaymentRow,
    /// What a person must look at, if anything.
    pub parked: Option<String>,
}

impl Actions {
    /// Folds the object behind a stored event.
    ///
    /// # Errors
    /// When the provider or the database fails; the job is tried again.
    pub async fn record_payment(
        &self,
        claim: &Claim,
        event: &str,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut db = self.reader().get().await?;
        let stored = inbox::read(&mut db, event).await?;
        drop(db);
        if stored.state != "stored" {
            return self.finish(claim).await;
        }
        match self.gift_of(&stored).await? {
            Found::Ours(known) => {
                let object = self.current(&known.1, &stored).await?;
                self.fold(claim, (*known, Some(&stored)), object, now).await
            }
            Found::Foreign(why) => self.set_aside(claim, event, Settled::Foreign(why), now).await,
            Found::Unreadable => {
                let why = "the event names no object we know";
                self.set_aside(claim, event, Settled::Foreign(why), now).await
            }
        }
    }

    /// Looks a gift up at the provider: by its own reference when our row has one, else by ours,
    /// which takes a search and perhaps a long list.
    ///
    /// # Errors
    /// When the provider or the database fails; the job is tried again.
    pub async fn read_payment(
        &self,
        claim: &Claim,
        gift: GiftId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let known = self.known(gift).await?.context("the gift is gone")?;
        let object = match provider_name(&known.1) {
            Some(named) => Some(self.gateway().payment(&named).await?),
            None => self.gateway().find_by_gift(gift).await?,
        };
        match object {
            Some(object) => self.fold(claim, (known, None), object, now).await,
            None => {
                self.give_up_unopened(gift, now).await?;
                self.finish(claim).await
            }
        }
    }

    /// The provider never heard of this gift, and no attempt can still be on its way.
    async fn give_up_unopened(&self, gift: GiftId, now: OffsetDateTime) -> anyhow::Result<()> {
        let mut db = self.reader().get().await?;
        let row = gifts::read(&mut db, gift).await?;
        drop(db);
        if row.is_some_and(|row| row.created_at + Duration::hours(1) < now) {
            self.cancel_gift(gift, now).await?;
        }
        Ok(())
    }

    async fn finish(&self, claim: &Claim) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn set_aside(
        &self,
        claim: &Claim,
        event: &str,
        how: Settled<'_>,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        inbox::settle(&mut tx, (event, None), how, now).await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Which gift an event is about: by our own reference in it, else by the provider's.
    async fn gift_of(&self, stored: &StoredEvent) -> anyhow::Result<Found> {
        let event = payments::read_event(&stored.body);
        if event.instance.as_ref().is_some_and(|name| *name != self.house().instance) {
            return Ok(Found::Foreign("it belongs to another instance"));
        }
        if stored.livemode != self.house().livemode {
            return Ok(Found::Foreign("real money and trial money do not mix"));
        }
        let named = match event.gift {
            Some(gift) => Some(gift),
            None => {
                let Some(object) = event.object else { return Ok(Found::Unreadable) };
                self.gift_behind(&object).await?
            }
        };
        let Some(gift) = named else { return Ok(Found::Unreadable) };
        let known = self.known(gift).await?;
        Ok(known.map_or(Found::Foreign("no such gift"), |known| Found::Ours(Box::new(known))))
    }

    /// The gift of an object that does not name it in its event.
    async fn gift_behind(&self, object: &ProviderRef) -> anyhow::Result<Option<GiftId>> {
        let mut db = self.reader().get().await?;
        if let Some(gift) = gifts::by_provider_reference(&mut db, object.id()).await? {
            return Ok(Some(gift));
        }
        drop(db);
        match self.gateway().payment(object).await {
            Ok(found) => Ok(found.gift),
            Err(GatewayError::Refused { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn known(&self, gift: GiftId) -> anyhow::Result<Option<Known>> {
        let mut db = self.reader().get().await?;
        Ok(gifts::whole(&mut db, gift).await?)
    }

    /// The object as it is now, which may be newer than the event.
    async fn current(
        &self,
        payment: &PaymentRow,
        stored: &StoredEvent,
    ) -> anyhow::Result<PaymentObject> {
        let named = provider_name(payment).or_else(|| payments::read_event(&stored.body).object);
        let Some(reference) = named else {
            anyhow::bail!("neither the gift nor the event names an object");
        };
        Ok(self.gateway().payment(&reference).await?)
    }

    /// One transaction: locks in the one order, the table, its effects, the claim.
    async fn fold(
        &self,
        claim: &Claim,
        ((row, payment), event): (Known, Option<&StoredEvent>),
        object: PaymentObject,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        if is_known(&row, &payment, &object) {
            // The same fact told by another event: nothing to lock for.
            if let Some(event) = event {
                let of = (event.id.as_str(), Some(row.gift()));
                inbox::settle(&mut tx, of, Settled::Processed, now).await?;
            }
            claim.done(tx.conn()).await?;
            return Ok(tx.commit().await?);
        }
        let mut open = match open_promised(&mut tx, &row, &object, now).await? {
            Some(open) => open,
            None => {
                // Locks are taken in the one order: those of the promised case are given up.
                tx.roll_back().await?;
                tx = self.begin().await?;
                let scene = Scene::lock(&mut tx, &row.campaign(), Some(row.person())).await?;
                let (gift, payment) = gifts::lock_whole(&mut tx, row.gift()).await?;
                Open { scene, gift, payment, parked: None }
            }
        };
        self.apply(&mut tx, &mut open, &object, now).await?;
        gifts::save(&mut tx, &open.gift).await?;
        gifts::save_payment(&mut tx, &open.payment).await?;
        if event.is_some_and(|event| event.kind == DECLINED) {
            let email = people::addressee(&mut tx, open.gift.person()).await?.email.to_lowercase();
            self.count_decline(&mut tx, &open.payment, &email, now).await?;
        }
        let event = event.map(|event| event.id.as_str());
        self.settle_event(&mut tx, &open, event, now).await?;
        claim.done(tx.conn()).await?;
        crash_point("record_payment/before_commit");
        tx.commit().await?;
        crash_point("record_payment/committed");
        self.announce()
            .campaign_changed(&open.scene.campaign.campaign(), &open.scene.campaign.slug);
        Ok(())
    }

    async fn settle_event(
        &self,
        tx: &mut Tx,
        open: &Open,
        event: Option<&str>,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        if let Some(why) = &open.parked {
            let details = json!({ "why": why, "event": event });
            operator::raise(tx, "payment_parked", &open.gift.id.to_string(), &details, now).await?;
        }
        let Some(event) = event else { return Ok(()) };
        let how = open.parked.as_deref().map_or(Settled::Processed, Settled::Parked);
        inbox::settle(tx, (event, Some(open.gift.gift())), how, now).await?;
        Ok(())
    }

    /// Everything the object says, in the order of a payment's life.
    pub(crate) async fn apply(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        object: &PaymentObject,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        note_references(&mut open.payment, object);
        let seen = match &object.status {
            PaymentStatus::Open => None,
            PaymentStatus::Processing => Some(Observation::Processing),
            PaymentStatus::Captured => Some(Observation::Captured),
            PaymentStatus::Failed => Some(Observation::Failed),
            PaymentStatus::Other(status) => {
                open.parked = Some(format!("unknown status {status}"));
                None
            }
        };
        if let Some(seen) = seen {
            self.observe(tx, open, (object, seen), now).await?;
        }
        if !object.refunds.is_empty() || object.dispute.is_some() {
            self.money_back(tx, open, object, now).await?;
        }
        Ok(())
    }

    async fn observe(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        (object, seen): (&PaymentObject, Observation),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let state = open.gift.payment_state();
        match gift::step(state, seen) {
            Step::Move(PaymentState::Captured) => self.capture(tx, open, object, now).await,
            Step::Move(PaymentState::Processing) => self.extend(tx, open, now).await,
            Step::Move(PaymentState::Failed) => self.fail(tx, open, state, now).await,
            Step::Park => {
                open.parked = Some(format!("{} while {}", name(seen), state.code()));
                Ok(())
            }
            Step::Nothing
                if seen == Observation::Captured
                    && object.captured != Cents::new(open.gift.captured_cents) =>
            {
                self.other_amount(tx, open, object, now).await
            }
            _ => Ok(()),
        }
    }

    /// The provider took another amount than the one we booked: a person must look (A16).
    async fn other_amount(
        &self,
        tx: &mut Tx,
        open: &Open,
        object: &PaymentObject,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let details = json!({
            "booked_cents": open.gift.captured_cents,
            "provider_cents": object.captured,
        });
        operator::raise(tx, "captured_amount", &open.gift.id.to_string(), &details, now).await?;
        Ok(())
    }
}

/// Opens a gift whose whole amount was taken while its match is kept for it: the promise becomes
/// the commitment and no pot changes, so their locks, which all gifts share, are left alone. None
/// when there is more to it.
async fn open_promised(
    tx: &mut Tx,
    row: &GiftRow,
    object: &PaymentObject,
    now: OffsetDateTime,
) -> anyhow::Result<Option<Open>> {
    let whole = object.status == PaymentStatus::Captured
        && object.captured == Cents::new(row.amount_cents)
        && object.refunds.is_empty()
        && object.dispute.is_none();
    if !whole || row.match_state != "reserved" {
        return Ok(None);
    }
    let scene = Scene::lock_campaign(tx, &row.campaign(), Some(row.person())).await?;
    let (gift, payment) = gifts::lock_whole(tx, row.gift()).await?;
    let promised = scene.stands(&gift, now) && !capture::is_closed(scene.campaign.life());
    Ok(promised.then_some(Open { scene, gift, payment, parked: None }))
}

/// A captured gift of which the object says nothing that its row does not say.
fn is_known(row: &GiftRow, payment: &PaymentRow, object: &PaymentObject) -> bool {
    row.payment_state() == PaymentState::Captured
        && object.status == PaymentStatus::Captured
        && object.captured == Cents::new(row.captured_cents)
        && object.refunds.is_empty()
        && object.dispute.is_none()
        && payment.charge == object.charge
}

/// A gift with its payment, as read before any lock.
type Known = (GiftRow, PaymentRow);

/// What the provider calls a payment, once our row has it.
fn provider_name(payment: &PaymentRow) -> Option<ProviderRef> {
    let intent = payment.payment_intent.clone().map(ProviderRef::PaymentIntent);
    intent.or_else(|| payment.session_id.clone().map(ProviderRef::Session))
}

enum Found {
    Ours(Box<Known>),
    Foreign(&'static str),
    Unreadable,
}

const fn name(seen: Observation) -> &'static str {
    match seen {
        Observation::Processing => "processing",
        Observation::Captured => "captured",
        Observation::Failed => "failed",
        Observation::NoAnswer => "no answer",
        Observation::Refund => "refund",
        Observation::RefundFailed => "refund failed",
        Observation::DisputeOpened => "dispute opened",
        Observation::DisputeWon => "dispute won",
        Observation::DisputeLost => "dispute lost",
    }
}

fn note_references(payment: &mut PaymentRow, object: &PaymentObject) {
    let keep = |old: &mut Option<String>, new: &Option<String>| {
        if old.is_none() {
            old.clone_from(new);
        }
    };
    keep(&mut payment.session_id, &object.session_id);
    keep(&mut payment.payment_intent, &object.payment_intent);
    keep(&mut payment.charge, &object.charge);
    keep(&mut payment.card_fingerprint, &object.card_fingerprint);
    if object.decline_code.is_some() {
        payment.decline_code.clone_from(&object.decline_code);
    }
}
