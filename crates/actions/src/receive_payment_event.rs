//! The provider rings: its event is written down before anything else.

use payments::{PaymentEvent, UnverifiedEvent, VerifyError};
use store::inbox::{self, STRIPE, StoredEvent};
use time::OffsetDateTime;

use crate::{crash::crash_point, house::Actions, outcome::Stop, task::Task};

/// Seconds a signature stays good.
const TOLERANCE_SECONDS: i64 = 300;

/// What became of a verified event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Stored; a worker will look.
    New,
    /// It was there before: no effect.
    Again,
}

/// Why an event is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventRefused {
    /// Not signed by the provider.
    #[error("the signature is not the provider's")]
    Forged,
    /// Signed, but too long ago: our clock may be wrong.
    #[error("the signature is good but old")]
    Stale,
}

impl Actions {
    /// Verifies the signature on the raw bytes, stores them once, and promises to look.
    ///
    /// # Errors
    /// Refused when the signature does not hold; nothing is stored then.
    pub async fn receive_payment_event(
        &self,
        unverified: &UnverifiedEvent<'_>,
        now: OffsetDateTime,
    ) -> Result<Received, Stop<EventRefused>> {
        let secrets = &self.house().webhook_secrets;
        let event = payments::verify(unverified, secrets, now, TOLERANCE_SECONDS)
            .map_err(|error| Stop::Refused(refusal(&error)))?;
        let received = self.store_event(&event, unverified.body, now).await?;
        Ok(received)
    }

    /// Stores an event known to be the provider's: verified, or listed from its own records.
    pub(crate) async fn store_event(
        &self,
        event: &PaymentEvent,
        body: &[u8],
        now: OffsetDateTime,
    ) -> anyhow::Result<Received> {
        let mut tx = self.begin().await?;
        let row = StoredEvent {
            provider: STRIPE.to_owned(),
            id: event.id.clone(),
            kind: event.kind.clone(),
            body: body.to_vec(),
            livemode: event.livemode,
            gift_id: event.gift.map(domain::ids::GiftId::uuid),
            state: "stored".to_owned(),
            note: None,
            received_at: now,
            settled_at: None,
        };
        let new = inbox::store(&mut tx, &row).await?;
        if new {
            self.promise(&mut tx, &Task::RecordPayment { event: event.id.clone() }, None).await?;
        }
        tx.commit().await?;
        crash_point("receive_payment_event/stored");
        Ok(if new { Received::New } else { Received::Again })
    }
}

fn refusal(error: &VerifyError) -> EventRefused {
    match error {
        VerifyError::Stale => {
            tracing::error!(
                "a payment event has a good signature and an old time: check the clock"
            );
            EventRefused::Stale
        }
        _ => EventRefused::Forged,
    }
}
