//! The end of a campaign (decision 28): closed when no debit is open any more, 21 days later at
//! most.

use domain::{
    Cents,
    campaign::CampaignStatus,
    ids::{CampaignId, GiftId},
};
use jobs::Claim;
use ledger::Cause;
use matching::rules::Mode;
use store::{
    Reads, Tx, campaigns, gifts, pots,
    rules::{self, Published},
    totals,
};
use time::{Duration, OffsetDateTime};

use crate::{
    awarded,
    by_ledger::{Happened, LockedLedger},
    house::Actions,
    matched::{self, Scene},
};

impl Actions {
    /// Closes campaigns whose end has come; returns how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_what_ended(&self, now: OffsetDateTime) -> anyhow::Result<usize> {
        let mut db = self.reader().get().await?;
        let ended = campaigns::ended(&mut db, now).await?;
        drop(db);
        let mut closed = 0;
        for campaign in ended {
            closed += usize::from(self.close_campaign(&campaign, now).await?);
        }
        Ok(closed)
    }

    /// The same, as a job.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_ended(&self, claim: &Claim, now: OffsetDateTime) -> anyhow::Result<usize> {
        let closed = self.close_what_ended(now).await? + self.close_rounds(now).await?;
        let mut tx = self.begin().await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(closed)
    }

    /// Closes one campaign, unless a payment is still under way; true when it closed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_campaign(
        &self,
        id: &CampaignId,
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        let mut tx = self.begin().await?;
        let ledger = ledger_that_decides(&mut tx, id).await?;
        let mut scene = Scene::lock(&mut tx, id, None).await?;
        let latest = scene.campaign.ends_at + Duration::days(self.house().debit_days);
        let open = gifts::open_reservations_of(&mut tx, id).await?;
        let ended =
            !matches!(scene.campaign.life(), CampaignStatus::Published | CampaignStatus::Suspended);
        if ended || (!open.is_empty() && now < latest) {
            return Ok(false);
        }
        for gift in open {
            cancel_reservation(&mut tx, &mut scene, gift, now).await?;
        }
        let counted = totals::fold(&mut tx, id).await?.counted();
        let reached = counted.get() >= scene.campaign.goal_cents
            || scene.campaign.minimum_reached_at.is_some();
        let failed = scene.campaign.all_or_nothing && !reached;
        let status = if failed { CampaignStatus::Failed } else { CampaignStatus::Succeeded };
        campaigns::close(&mut tx, id, status, now).await?;
        let decision = matched::note_close(&mut tx, id, now).await?;
        if failed {
            for gift in gifts::captured_of_campaign(&mut tx, id).await? {
                self.pay_back(&mut tx, &mut scene, gift, now).await?;
            }
            awarded::release_all(&mut tx, id, now).await?;
        } else if let Some(ledger) = ledger {
            let close = (Happened::Close, decision, vec![id.clone()]);
            self.follow_ledger(&mut tx, &ledger, close, now).await?;
        }
        tx.commit().await?;
        self.announce().campaign_changed(id, &scene.campaign.slug);
        Ok(true)
    }

    /// All or nothing, and nothing it is: the match returns, the donor is paid back. Of a contested
    /// gift the bank has the money: it is paid back when the dispute is won.
    async fn pay_back(
        &self,
        tx: &mut Tx,
        scene: &mut Scene,
        gift: GiftId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut row = gifts::lock(tx, gift).await?;
        scene.donor = matched::donor(Some(row.person()));
        let net = row.net();
        let cause = Cause { kind: "gift", id: gift.to_string() };
        let held = row.match_state == "held";
        let released = matched::release_committed(tx, scene, &mut row, cause, now).await?;
        row.match_state = "refund_due".to_owned();
        gifts::save(tx, &row).await?;
        if held {
            // It was taken off the totals when the dispute opened.
            return Ok(());
        }
        let change = totals::Change {
            raised: Cents::new(-net.get()),
            matched: Cents::new(-released.get()),
            gifts: -1,
        };
        totals::append(tx, &row.campaign(), change).await?;
        self.queue_refund(tx, gift, net, now).await
    }
}

/// The ledger that says what a close brings, its pots locked, when a rule of a pot that may give to
/// the campaign decides at the close.
async fn ledger_that_decides(
    tx: &mut Tx,
    campaign: &CampaignId,
) -> anyhow::Result<Option<LockedLedger>> {
    let pots = pots::that_fit(tx, campaign).await?;
    let rules = rules::published(tx).await?;
    let decides = |one: &&Published| {
        let rule = &one.rules;
        pots.contains(&rule.pot) && (rule.mode == Mode::Threshold || rule.rematch_at_close)
    };
    match rules.iter().find(decides) {
        Some(rule) => Ok(Some(LockedLedger::lock(tx, &rule.rules.pot).await?)),
        None => Ok(None),
    }
}

async fn cancel_reservation(
    tx: &mut Tx,
    scene: &mut Scene,
    gift: GiftId,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let mut row = gifts::lock(tx, gift).await?;
    if row.match_state == "reserved" {
        scene.donor = matched::donor(Some(row.person()));
        matched::release(tx, scene, &mut row, "cancel", now).await?;
        gifts::save(tx, &row).await?;
    }
    Ok(())
}
