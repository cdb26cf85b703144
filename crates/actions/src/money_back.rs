//! Refunds and disputes that the provider shows, folded into our rows and books.

use domain::{
    Cents,
    gift::{self, Observation, PaymentState, Step},
    ids::RefundId,
};
use ledger::{
    Cause,
    book::{self, GoneBack},
};
use payments::{DisputeObject, DisputeStatus, PaymentObject, RefundObject, RefundStatus};
use store::{
    Tx, journal,
    money_back::{self, DisputeRow, RefundRow},
    totals::{self, Change},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{house::Actions, matched, record_payment::Open, task::Task};

impl Actions {
    /// Refunds and the dispute of a payment, as they are now.
    pub(crate) async fn money_back(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        object: &PaymentObject,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        if gift::step(open.gift.payment_state(), Observation::Refund) == Step::CaptureFirst {
            if !object.captured.is_positive() {
                open.parked = Some("money went back that was never captured".to_owned());
                return Ok(());
            }
            self.capture(tx, open, object, now).await?;
        }
        let net_before = open.gift.net();
        for refund in &object.refunds {
            self.fold_refund(tx, open, refund, now).await?;
        }
        if let Some(dispute) = &object.dispute {
            self.fold_dispute(tx, open, dispute, now).await?;
        }
        if open.gift.net() != net_before {
            let gift = open.gift.gift();
            self.promise(tx, &Task::IssueReceipt { gift }, None).await?;
            let campaign = open.scene.campaign.campaign();
            self.promise(tx, &Task::FoldTotals { campaign }, None).await?;
        }
        Ok(())
    }

    async fn fold_refund(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        seen: &RefundObject,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let known = money_back::refunds_of(tx, open.gift.gift()).await?;
        let ours = known.into_iter().find(|row| {
            row.provider_id.as_deref() == Some(&seen.id) || seen.ours == Some(RefundId::new(row.id))
        });
        let mut row = ours.unwrap_or_else(|| found_at_provider(open, seen, now));
        let before = row.state.clone();
        row.provider_id = Some(seen.id.clone());
        row.amount_cents = seen.amount.get();
        row.state = refund_state(&seen.status).to_owned();
        if row.state != before && matches!(row.state.as_str(), "succeeded" | "failed") {
            row.ended_at = Some(now);
        }
        let (went, failed) = (row.state == "succeeded", row.state == "failed");
        let cause = Cause { kind: "refund", id: row.id.to_string() };
        if went && before != "succeeded" {
            if seen.amount > open.gift.net() {
                open.parked = Some("more is refunded than the gift holds".to_owned());
                return Ok(());
            }
            money_back::save_refund(tx, &row).await?;
            open.gift.refunded_cents += seen.amount.get();
            self.take_back(tx, open, (seen.amount, cause), now).await?;
            return self.write_refund_done(tx, open, &row, now).await;
        }
        money_back::save_refund(tx, &row).await?;
        if failed && before == "succeeded" {
            open.gift.refunded_cents -= seen.amount.get();
            let back = gone_back(open, cause, seen.amount, now);
            journal::append(tx, &book::refund_failed(&back)?).await?;
            count(tx, open, (seen.amount, Cents::ZERO, 0)).await?;
            open.parked = Some("a refund failed after it went through".to_owned());
            set_state(open);
        } else if failed && before != "failed" {
            open.parked = Some("a refund did not go through".to_owned());
        }
        Ok(())
    }

    /// Money left the holder's account: books, match and shown figures follow.
    async fn take_back(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        back: (Cents, Cause),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let (amount, cause) = back;
        let posting = book::gift_refunded(&gone_back(open, cause.clone(), amount, now))?;
        journal::append(tx, &posting).await?;
        let held = open.gift.match_state == "held";
        let counted = open.gift.match_state == "committed";
        let gone = !open.gift.net().is_positive();
        if counted || held {
            let (scene, gift) = (&open.scene, &mut open.gift);
            let released = matched::shrink(tx, scene, gift, (amount, cause), now).await?;
            if counted {
                let by = (negative(amount)?, negative(released)?, if gone { -1 } else { 0 });
                count(tx, open, by).await?;
            }
        }
        if gone {
            open.gift.match_state = "refunded".to_owned();
        }
        if !held {
            set_state(open);
        }
        Ok(())
    }

    async fn fold_dispute(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        seen: &DisputeObject,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        // An inquiry moves no money.
        if seen.status == DisputeStatus::Inquiry {
            return Ok(());
        }
        let known = money_back::disputes_of(tx, open.gift.gift()).await?;
        let before = known.into_iter().find(|row| row.id == seen.id);
        let ended = before.as_ref().is_some_and(|row| row.state != "open");
        if ended {
            return Ok(());
        }
        let new = before.is_none();
        let mut row = before.unwrap_or_else(|| new_dispute(open, seen, now));
        let cause = Cause { kind: "dispute", id: row.id.clone() };
        money_back::save_dispute(tx, &row).await?;
        if new {
            self.open_dispute(tx, open, (seen, cause.clone()), now).await?;
        }
        match seen.status {
            DisputeStatus::Won => {
                row.state = "won".to_owned();
                self.win_dispute(tx, open, (seen, cause), now).await?;
            }
            DisputeStatus::Lost => {
                row.state = "lost".to_owned();
                self.lose_dispute(tx, open, (seen, cause), now).await?;
            }
            _ => return Ok(()),
        }
        row.ended_at = Some(now);
        money_back::save_dispute(tx, &row).await?;
        Ok(())
    }

    /// The money leaves at once; the match stays drawn, the gift does not count.
    async fn open_dispute(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        (seen, cause): (&DisputeObject, Cause),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let back = gone_back(open, cause.clone(), seen.amount, now);
        journal::append(tx, &book::dispute_opened(&back)?).await?;
        if let Some(fee) = seen.fee.filter(|fee| fee.is_positive()) {
            journal::append(tx, &book::fee_charged(cause, fee, now)?).await?;
        }
        if open.gift.match_state == "committed" {
            let (net, matched) = (open.gift.net(), Cents::new(open.gift.match_cents));
            count(tx, open, (negative(net)?, negative(matched)?, -1)).await?;
            open.gift.match_state = "held".to_owned();
            let lines = store::matches::lines(tx, open.gift.gift()).await?;
            matched::note(tx, &open.gift, "dispute_open", &lines, now).await?;
        }
        open.gift.state = PaymentState::Disputed.code().to_owned();
        self.write_dispute_notice(tx, open, now).await
    }

    async fn win_dispute(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        (seen, cause): (&DisputeObject, Cause),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let back = gone_back(open, cause, seen.amount, now);
        journal::append(tx, &book::dispute_won(&back)?).await?;
        if open.gift.match_state == "held" {
            open.gift.match_state = "committed".to_owned();
            let (net, matched) = (open.gift.net(), Cents::new(open.gift.match_cents));
            count(tx, open, (net, matched, 1)).await?;
            let lines = store::matches::lines(tx, open.gift.gift()).await?;
            matched::note(tx, &open.gift, "dispute_won", &lines, now).await?;
        }
        set_state(open);
        self.pay_back_what_failed(tx, open, now).await
    }

    /// The campaign failed while the bank had the money: now it goes back.
    async fn pay_back_what_failed(
        &self,
        tx: &mut Tx,
        open: &Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let gift = open.gift.gift();
        let promised = money_back::promised_back(tx, gift).await?;
        let due = open.gift.captured_cents - open.gift.lost_cents - promised;
        if open.gift.match_state != "refund_due" || due <= 0 {
            return Ok(());
        }
        self.queue_refund(tx, gift, Cents::new(due), now).await
    }

    async fn lose_dispute(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        (seen, cause): (&DisputeObject, Cause),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let lost = seen.amount.min(open.gift.net());
        open.gift.lost_cents += lost.get();
        if open.gift.match_state == "held" {
            // What stays of a partly contested gift counts again, with what stays of its match.
            let (scene, gift) = (&open.scene, &mut open.gift);
            matched::shrink(tx, scene, gift, (lost, cause), now).await?;
            let (net, matched) = (open.gift.net(), Cents::new(open.gift.match_cents));
            let gone = !net.is_positive();
            count(tx, open, (net, matched, i64::from(!gone))).await?;
            open.gift.match_state = if gone { "refunded" } else { "committed" }.to_owned();
        }
        set_state(open);
        Ok(())
    }
}

/// The state that the totals say, unless a dispute is open.
fn set_state(open: &mut Open) {
    let gone = Cents::new(open.gift.refunded_cents + open.gift.lost_cents);
    let state = gift::by_totals(Cents::new(open.gift.captured_cents), gone);
    open.gift.state = state.code().to_owned();
}

fn negative(amount: Cents) -> anyhow::Result<Cents> {
    amount.negated().ok_or_else(|| anyhow::anyhow!("an amount has no opposite"))
}

/// Changes what is shown: gifts, match, number of gifts.
async fn count(tx: &mut Tx, open: &Open, by: (Cents, Cents, i64)) -> anyhow::Result<()> {
    let (raised, matched, gifts) = by;
    let change = Change { raised, matched, gifts };
    totals::append(tx, &open.scene.campaign.campaign(), change).await?;
    Ok(())
}

fn gone_back(open: &Open, cause: Cause, amount: Cents, at: OffsetDateTime) -> GoneBack {
    GoneBack {
        cause,
        campaign: open.scene.campaign.campaign(),
        account: open.payment.destination.clone(),
        amount,
        at,
    }
}

fn refund_state(status: &RefundStatus) -> &'static str {
    match status {
        RefundStatus::Pending => "pending",
        RefundStatus::Succeeded => "succeeded",
        RefundStatus::Failed | RefundStatus::Canceled => "failed",
    }
}

fn found_at_provider(open: &Open, seen: &RefundObject, now: OffsetDateTime) -> RefundRow {
    RefundRow {
        id: Uuid::now_v7(),
        gift_id: open.gift.id,
        provider_id: Some(seen.id.clone()),
        amount_cents: seen.amount.get(),
        origin: "provider".to_owned(),
        state: "asked".to_owned(),
        asked_at: now,
        ended_at: None,
    }
}

fn new_dispute(open: &Open, seen: &DisputeObject, now: OffsetDateTime) -> DisputeRow {
    DisputeRow {
        id: seen.id.clone(),
        gift_id: open.gift.id,
        amount_cents: seen.amount.get(),
        fee_cents: seen.fee.map_or(0, Cents::get),
        state: "open".to_owned(),
        opened_at: now,
        ended_at: None,
    }
}
