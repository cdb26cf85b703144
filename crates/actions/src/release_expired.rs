//! Reservations that are over count as free when read; this appends their release.

use domain::ids::GiftId;
use jobs::Claim;
use store::{Reads, gifts};
use time::{Duration, OffsetDateTime};

use crate::{
    house::Actions,
    matched::{self, Scene},
    settings,
};

/// Released by one job.
const BATCH: i64 = 200;

impl Actions {
    /// Appends the release of reservations that are over, one transaction each.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn release_expired(
        &self,
        claim: &Claim,
        now: OffsetDateTime,
    ) -> anyhow::Result<usize> {
        let released = self.release_over(now).await?;
        let mut tx = self.begin().await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(released)
    }

    /// The same, for who needs the money at once.
    pub(crate) async fn release_over(&self, now: OffsetDateTime) -> anyhow::Result<usize> {
        let mut db = self.reader().get().await?;
        let settings = settings::matching(&mut db).await?;
        let before = now - Duration::seconds(settings.reservation_grace_s);
        let over = gifts::expired_reservations(&mut db, before, BATCH).await?;
        drop(db);
        for gift in &over {
            self.release_one(*gift, now).await?;
        }
        Ok(over.len())
    }

    async fn release_one(&self, gift: GiftId, now: OffsetDateTime) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let Some(seen) = gifts::read(&mut tx, gift).await? else { return Ok(()) };
        let scene = Scene::lock(&mut tx, &seen.campaign(), Some(seen.person())).await?;
        let mut row = gifts::lock(&mut tx, gift).await?;
        if row.match_state == "reserved" && scene.is_over(&row, now) {
            let end = row.reservation_ends_at;
            matched::release(&mut tx, &scene, &mut row, "expire", now).await?;
            // Kept, so that a late payment still knows whether it was made in time.
            row.reservation_ends_at = end;
            gifts::save(&mut tx, &row).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
