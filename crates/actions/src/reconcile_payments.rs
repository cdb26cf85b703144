//! Assume that events get lost: list the provider's own, look up what is unsettled.

use jobs::Claim;
use store::{Reads, gifts, inbox};
use time::{Duration, OffsetDateTime};

use crate::{house::Actions, task::Task};

/// How far a first sweep looks back; the provider keeps events for thirty days.
const FIRST_SWEEP_DAYS: i64 = 30;
/// Sweeps overlap, since events are listed in the order they were made, not seen.
const OVERLAP_MINUTES: i64 = 10;
/// A checkout this old has an outcome.
const UNSETTLED_MINUTES: i64 = 50;

impl Actions {
    /// Stores every event of the provider that we do not have, and promises to look at gifts whose
    /// outcome is still open.
    ///
    /// # Errors
    /// When the provider or the database fails.
    pub async fn reconcile_payments(
        &self,
        claim: &Claim,
        now: OffsetDateTime,
    ) -> anyhow::Result<usize> {
        let mut db = self.reader().get().await?;
        let swept = inbox::swept_to(&mut db).await?;
        let before = now - Duration::minutes(UNSETTLED_MINUTES);
        let unsettled = gifts::unsettled_before(&mut db, before, 500).await?;
        drop(db);
        let since = swept.unwrap_or(now - Duration::days(FIRST_SWEEP_DAYS))
            - Duration::minutes(OVERLAP_MINUTES);
        let missed = self.sweep(since, now).await?;
        let mut tx = self.begin().await?;
        for gift in unsettled {
            self.promise(&mut tx, &Task::ReadPayment { gift }, None).await?;
        }
        inbox::note_sweep(&mut tx, now, now).await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(missed)
    }

    async fn sweep(&self, since: OffsetDateTime, now: OffsetDateTime) -> anyhow::Result<usize> {
        let mut missed = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self.gateway().events_since(since, after.as_deref()).await?;
            for listed in &page.events {
                let event = payments::read_event(&listed.body);
                let received = self.store_event(&event, &listed.body, now).await?;
                if received == crate::Received::New {
                    missed += 1;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if missed > 0 {
            tracing::warn!(missed, "the sweep found events that no webhook brought");
        }
        Ok(missed)
    }
}

impl Actions {
    /// Stores an event read from the provider itself, as the sweep does.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_listed_event(&self, body: &[u8], now: OffsetDateTime) -> anyhow::Result<()> {
        let event = payments::read_event(body);
        self.store_event(&event, body, now).await?;
        Ok(())
    }
}
