//! What follows when a payment is taken, under way, or refused.

use domain::{Cents, campaign::CampaignStatus, gift::PaymentState};
use ledger::{
    Posting,
    book::{self, Captured},
};
use matching::{Line, Terms};
use payments::PaymentObject;
use serde_json::json;
use store::{
    Tx, gifts, journal, matches,
    money_back::{self, RefundRow},
    operator,
    totals::{self, Change},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    house::Actions,
    matched::{self, Rewrite, facts},
    record_payment::Open,
    task::Task,
};

impl Actions {
    /// The provider has the money: books, match, letters, receipt, all in one transaction.
    pub(crate) async fn capture(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        object: &PaymentObject,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let paid_at = matched::whole_second(object.paid_at.unwrap_or(now));
        open.gift.state = PaymentState::Captured.code().to_owned();
        open.gift.captured_cents = object.captured.get();
        open.gift.paid_at = Some(paid_at);
        open.gift.cleared_at = Some(object.available_on.unwrap_or(paid_at));
        open.payment.fee_cents = object.fee.map(Cents::get);
        let mut postings = booked_capture(open, object, paid_at)?;
        if open.gift.captured_cents != open.gift.amount_cents {
            let details = json!({
                "asked_cents": open.gift.amount_cents,
                "captured_cents": open.gift.captured_cents,
            });
            let subject = open.gift.id.to_string();
            operator::raise(tx, "captured_amount", &subject, &details, now).await?;
        }
        if is_closed(open.scene.campaign.life()) {
            journal::append_all(tx, &postings).await?;
            return self.pay_back_late_gift(tx, open, now).await;
        }
        let lines = self.commit_match(tx, open, paid_at, now).await?;
        postings.extend(matched::award(&open.gift, &lines, now)?);
        journal::append_all(tx, &postings).await?;
        let campaign = open.scene.campaign.campaign();
        let change = Change {
            raised: open.gift.net(),
            matched: Cents::new(open.gift.match_cents),
            gifts: 1,
        };
        totals::append(tx, &campaign, change).await?;
        self.promise(tx, &Task::FoldTotals { campaign }, None).await?;
        self.promise_receipt(tx, open, now).await?;
        self.write_thanks(tx, open, &lines, now).await?;
        self.follow_as_donor(tx, open, now).await
    }

    /// The reservation becomes the commitment; one that is over is decided anew, with what the pots
    /// have now (6.3).
    async fn commit_match(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        paid_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> anyhow::Result<Vec<Line>> {
        let reserved = open.gift.match_state == "reserved";
        let in_time = reserved && !open.scene.is_over(&open.gift, now);
        let lines = if in_time {
            self.keep_reservation(tx, open, now).await?
        } else {
            self.decide_late(tx, open, paid_at, now).await?
        };
        open.gift.reservation_ends_at = None;
        Ok(lines)
    }

    async fn keep_reservation(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<Vec<Line>> {
        open.gift.match_state = "committed".to_owned();
        let lines = matches::lines(tx, open.gift.gift()).await?;
        let missing = open.gift.amount_cents - open.gift.captured_cents;
        if missing <= 0 {
            matched::note(tx, &open.gift, "pay", &lines, now).await?;
            return Ok(lines);
        }
        // Less was captured than asked: the match follows what was captured (A16).
        let asked = Cents::new(open.gift.amount_cents);
        let settings = &open.scene.settings;
        let smaller = matching::refund(&lines, asked, Cents::new(missing), settings)?;
        let campaign = open.scene.campaign.campaign();
        let of = open.scene.of(&campaign, open.gift.gift(), now);
        matches::replace(tx, of, &lines, &smaller.lines_after).await?;
        open.gift.match_cents = smaller.lines_after.iter().map(|line| line.granted.get()).sum();
        matched::note(tx, &open.gift, "pay", &smaller.lines_after, now).await?;
        Ok(smaller.lines_after)
    }

    async fn decide_late(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        paid_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> anyhow::Result<Vec<Line>> {
        let promised = open.gift.reservation_ends_at.is_some_and(|end| paid_at <= end);
        if open.gift.match_state == "reserved" {
            let (scene, gift) = (&open.scene, &mut open.gift);
            matched::release(tx, scene, gift, "expire", now).await?;
        }
        let pinned = matched::promised_terms(tx, open.gift.gift()).await?.filter(|_| promised);
        let terms = pinned.unwrap_or(Terms::InForce(paid_at.into()));
        let snapshot = open.scene.snapshot(tx, now).await?;
        let net = Cents::new(open.gift.captured_cents);
        let decision = matching::decide_under(&snapshot, &facts(net), &terms)?;
        open.gift.match_state = "committed".to_owned();
        open.gift.match_cents = decision.granted().get();
        let change = Rewrite { gift: &open.gift, old: &[], event: "pay_late", at: now };
        matched::write(tx, &open.scene, change, &decision).await?;
        Ok(decision.lines)
    }

    /// The campaign closed meanwhile: no match, the donor is paid back by itself.
    async fn pay_back_late_gift(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        if open.gift.match_state == "reserved" {
            let (scene, gift) = (&open.scene, &mut open.gift);
            matched::release(tx, scene, gift, "cancel", now).await?;
        }
        open.gift.match_state = "refund_due".to_owned();
        matched::note(tx, &open.gift, "campaign_closed", &[], now).await?;
        self.queue_refund(tx, open.gift.gift(), open.gift.net(), now).await
    }

    /// Asks for a refund nobody had to ask for.
    pub(crate) async fn queue_refund(
        &self,
        tx: &mut Tx,
        gift: domain::ids::GiftId,
        amount: Cents,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let row = RefundRow {
            id: Uuid::now_v7(),
            gift_id: gift.uuid(),
            provider_id: None,
            amount_cents: amount.get(),
            origin: "campaign_failed".to_owned(),
            state: "asked".to_owned(),
            asked_at: now,
            ended_at: None,
        };
        money_back::save_refund(tx, &row).await?;
        let refund = domain::ids::RefundId::new(row.id);
        self.promise(tx, &Task::SendRefund { refund }, None).await
    }

    /// A debit is under way: its match is kept for it (decision 16).
    pub(crate) async fn extend(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        open.gift.state = PaymentState::Processing.code().to_owned();
        if open.gift.match_state == "reserved" && !open.scene.is_over(&open.gift, now) {
            let end = matched::whole_second(now + Duration::days(self.house().debit_days));
            open.gift.reservation_ends_at = open.gift.reservation_ends_at.max(Some(end));
            let lines = matches::lines(tx, open.gift.gift()).await?;
            let until = open.gift.reservation_ends_at.map(domain::UtcSeconds::from);
            let said = ("extend", json!({ "expires_at": until }));
            matched::note_with(tx, &open.gift, said, &lines, now).await?;
        }
        self.write_pending_debit(tx, open, now).await
    }

    /// Refused, expired or given up: the match is free at once.
    pub(crate) async fn fail(
        &self,
        tx: &mut Tx,
        open: &mut Open,
        before: PaymentState,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let kept = Cents::new(open.gift.match_cents);
        open.gift.state = PaymentState::Failed.code().to_owned();
        if open.gift.match_state == "reserved" {
            let (scene, gift) = (&open.scene, &mut open.gift);
            matched::release(tx, scene, gift, "cancel", now).await?;
        }
        if before == PaymentState::Processing {
            self.write_debit_failed(tx, open, kept, now).await?;
        }
        Ok(())
    }

    /// A receipt is looked at when the money has cleared: at once for a card.
    async fn promise_receipt(
        &self,
        tx: &mut Tx,
        open: &Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let at = open.gift.cleared_at.filter(|at| *at > now && self.waits_to_clear(&open.gift));
        self.promise(tx, &Task::IssueReceipt { gift: open.gift.gift() }, at).await
    }
}

pub(crate) const fn is_closed(life: CampaignStatus) -> bool {
    !matches!(life, CampaignStatus::Published | CampaignStatus::Suspended)
}

fn booked_capture(
    open: &Open,
    object: &PaymentObject,
    at: OffsetDateTime,
) -> anyhow::Result<Vec<Posting>> {
    let captured = Captured {
        gift: open.gift.gift(),
        campaign: open.scene.campaign.campaign(),
        account: open.payment.destination.clone(),
        amount: object.captured,
        at,
    };
    let mut postings = vec![book::gift_captured(&captured)?];
    if let Some(fee) = object.fee.filter(|fee| fee.is_positive()) {
        postings.push(book::fee_charged(book::of_gift(open.gift.gift()), fee, at)?);
    }
    Ok(postings)
}

impl Actions {
    /// A debit waits until its money has cleared; a card does not.
    pub(crate) fn waits_to_clear(&self, gift: &gifts::GiftRow) -> bool {
        gift.payment_method() == domain::gift::PaymentMethod::SepaDebit
    }
}
