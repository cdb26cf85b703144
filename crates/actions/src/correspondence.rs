//! Letters that a verb writes: a row and a promise to send it, in the verb's own transaction.

use domain::{
    BasisPoints, Cents, UtcSeconds,
    ids::{LetterId, PersonId},
    receipt::NoReceipt,
};
use ledger::Cause;
use mail::{
    Letter,
    letter::{
        Acknowledgement, DebitFailed, DisputeNotice, GiftFacts, MatchLine, NotApplied,
        PendingDebit, Project, RefundDone, RefundRequested, TaxEstimate, Thanks,
    },
};
use matching::Line;
use store::{
    Tx,
    campaigns::{self, CampaignRow, FollowerRow},
    gifts::GiftRow,
    journal,
    letters::{self, StoredLetter},
    money_back::RefundRow,
    people::Organisation,
    pots::Origins,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    explained::{Explained, Told},
    house::Actions,
    matched,
    record_payment::Open,
    rounds,
    task::Task,
    tokens,
};

/// A letter about to be written.
pub(crate) struct Draft {
    /// Never the same letter twice.
    pub dedupe_key: String,
    /// To whom.
    pub to: PersonId,
    /// What it says.
    pub letter: Letter,
    /// The receipt it carries.
    pub receipt: Option<Uuid>,
    /// Where its reader stops such letters.
    pub unsubscribe_url: Option<String>,
}

/// The box of the income tax return for gifts of general interest.
const TAX_BOX: &str = "7UF";

impl Actions {
    /// Writes a letter once and promises to send it; one about the past is kept unsent.
    pub(crate) async fn write_letter(
        &self,
        tx: &mut Tx,
        draft: Draft,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let id = Uuid::now_v7();
        let state = if self.is_history() { "history" } else { "queued" };
        let row = StoredLetter {
            id,
            dedupe_key: draft.dedupe_key,
            person_id: draft.to.uuid(),
            kind: draft.letter.kind().to_owned(),
            letter: serde_json::to_value(&draft.letter)?,
            receipt_id: draft.receipt,
            unsubscribe_url: draft.unsubscribe_url,
            state: state.to_owned(),
            created_at: now,
            sent_at: None,
            problem: None,
        };
        let new = letters::write(tx, &row).await?;
        if new && !self.is_history() {
            self.promise(tx, &Task::DeliverLetter { letter: LetterId::new(id) }, None).await?;
        }
        Ok(())
    }

    /// A project as letters name it.
    pub(crate) fn project(&self, campaign: &CampaignRow, holder: &Organisation) -> Project {
        Project {
            title: campaign.title.clone(),
            url: self.url(&format!("/campagnes/{}", campaign.slug)),
            holder: holder.name.clone(),
        }
    }

    pub(crate) fn gift_facts(&self, open: &Open) -> GiftFacts {
        GiftFacts {
            amount: Cents::new(amount(&open.gift)),
            given_at: open.gift.paid_at.unwrap_or(open.gift.created_at).into(),
            method: open.gift.payment_method(),
            reference: reference(open.gift.id),
            project: self.project(&open.scene.campaign, &open.scene.holder),
            gift_url: self.url(&format!("/dons/{}", open.gift.token)),
        }
    }

    /// Until when a donor may ask for the money back.
    pub(crate) fn refundable_until(&self, gift: &GiftRow) -> Option<OffsetDateTime> {
        gift.paid_at.map(|at| at + Duration::days(self.house().refund_days))
    }

    /// The payment is confirmed, and what the fund added: two letters.
    pub(crate) async fn write_thanks(
        &self,
        tx: &mut Tx,
        open: &Open,
        lines: &[Line],
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let rules = store::rules::published(tx).await?;
        let campaign = &open.scene.campaign;
        // The letter names rules and amounts; who funds them is on the pages it leads to.
        let told = Told { rules: &rules, origins: &Origins::new(), campaign };
        let mut explained = Explained::of_lines(lines, told);
        if let Some(record) = matched::record(tx, open.gift.gift()).await? {
            explained.add_refusals(&record, &rules);
        }
        let shared = rounds::shared(tx, &open.scene, &open.gift).await?;
        explained.not_applied.extend(shared);
        let due = self.receipt_case(open, now).decide().err();
        let until = self.refundable_until(&open.gift).map(UtcSeconds::from);
        let acknowledgement = Letter::Acknowledgement(Acknowledgement {
            gift: self.gift_facts(open),
            last4: None,
            no_receipt: due,
            refundable_until: until,
        });
        let draft = about(open, "acknowledgement", acknowledgement);
        self.write_letter(tx, draft, now).await?;
        let thanks = Letter::Thanks(self.thanks(open, &explained, due, until));
        self.write_letter(tx, about(open, "thanks", thanks), now).await
    }

    fn thanks(
        &self,
        open: &Open,
        explained: &Explained,
        no_receipt: Option<NoReceipt>,
        until: Option<UtcSeconds>,
    ) -> Thanks {
        let matched = Cents::new(open.gift.match_cents);
        let later = matches!(
            no_receipt,
            Some(
                NoReceipt::NoSignature | NoReceipt::MoneyNotCleared | NoReceipt::MinimumNotReached
            )
        );
        let now_or_later = |at_close: bool| {
            let rules = explained.not_applied.iter();
            rules.filter(move |rule| rule.at_close == at_close).map(not_applied)
        };
        Thanks {
            gift: self.gift_facts(open),
            matched,
            received: open.gift.net().plus(matched).unwrap_or(matched),
            lines: explained.lines.iter().map(match_line).collect(),
            not_applied: now_or_later(false).collect(),
            at_close: now_or_later(true).collect(),
            tax: tax_estimate(&open.gift),
            rule_set: None,
            verify_url: Some(self.url(&format!("/verifier/{}", reference(open.gift.id)))),
            receipt_follows: no_receipt.is_none() || later,
            refundable_until: until,
        }
    }

    pub(crate) async fn write_pending_debit(
        &self,
        tx: &mut Tx,
        open: &Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let letter = Letter::PendingDebit(PendingDebit {
            gift: self.gift_facts(open),
            last4: None,
            match_kept: Cents::new(open.gift.match_cents),
            kept_until: open.gift.reservation_ends_at.unwrap_or(now).into(),
        });
        self.write_letter(tx, about(open, "pending_debit", letter), now).await
    }

    pub(crate) async fn write_debit_failed(
        &self,
        tx: &mut Tx,
        open: &Open,
        released: Cents,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let slug = &open.scene.campaign.slug;
        let still = open.scene.campaign.takes_gifts_at(now);
        let letter = Letter::DebitFailed(DebitFailed {
            gift: self.gift_facts(open),
            match_released: released,
            retry_url: still.then(|| self.url(&format!("/campagnes/{slug}/don"))),
        });
        self.write_letter(tx, about(open, "debit_failed", letter), now).await
    }

    pub(crate) async fn write_dispute_notice(
        &self,
        tx: &mut Tx,
        open: &Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let receipt = store::receipts::live_of(tx, open.gift.gift()).await?;
        let letter = Letter::DisputeNotice(DisputeNotice {
            gift: self.gift_facts(open),
            opened_at: now.into(),
            receipt_number: receipt.map(|receipt| receipt.number),
        });
        self.write_letter(tx, about(open, "dispute_notice", letter), now).await
    }

    pub(crate) async fn write_refund_done(
        &self,
        tx: &mut Tx,
        open: &Open,
        refund: &RefundRow,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let receipt = store::receipts::live_of(tx, open.gift.gift()).await?;
        // A campaign that failed had given the match back before its refunds went out.
        let campaign_failed = refund.origin == "campaign_failed";
        let cause = if campaign_failed {
            Cause { kind: "gift", id: open.gift.id.to_string() }
        } else {
            Cause { kind: "refund", id: refund.id.to_string() }
        };
        let letter = Letter::RefundDone(RefundDone {
            gift: self.gift_facts(open),
            refunded: Cents::new(refund.amount_cents),
            remaining: open.gift.net(),
            match_returned: journal::moved(tx, &cause, "match_released").await?,
            receipt_cancelled: receipt.map(|receipt| receipt.number),
            campaign_failed,
        });
        let mut draft = about(open, "refund_done", letter);
        draft.dedupe_key = format!("refund_done:{}", refund.id);
        self.write_letter(tx, draft, now).await
    }

    pub(crate) async fn write_refund_requested(
        &self,
        tx: &mut Tx,
        open: &Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let letter = Letter::RefundRequested(RefundRequested {
            gift: self.gift_facts(open),
            requested_at: now.into(),
            answer_by: None,
        });
        self.write_letter(tx, about(open, "refund_requested", letter), now).await
    }

    /// A donor who asked for news follows the project from the capture on.
    pub(crate) async fn follow_as_donor(
        &self,
        tx: &mut Tx,
        open: &Open,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        if open.gift.wants_news {
            let row = FollowerRow {
                campaign_id: open.gift.campaign_id.clone(),
                person_id: open.gift.person_id,
                token: tokens::fresh(),
                asked_at: now,
                confirmed_at: Some(now),
                ended_at: None,
            };
            campaigns::follow(tx, &row).await?;
        }
        Ok(())
    }
}

/// A letter about a gift, once per kind.
fn about(open: &Open, kind: &str, letter: Letter) -> Draft {
    Draft {
        dedupe_key: format!("{kind}:{}", open.gift.id),
        to: open.gift.person(),
        letter,
        receipt: None,
        unsubscribe_url: None,
    }
}

/// What was taken, or asked before that.
const fn amount(gift: &GiftRow) -> i64 {
    if gift.captured_cents > 0 { gift.captured_cents } else { gift.amount_cents }
}

/// The reference a donor can quote and anyone can verify: the gift's id without its dashes.
pub(crate) fn reference(gift: Uuid) -> String {
    gift.simple().to_string()
}

pub(crate) fn tax_estimate(gift: &GiftRow) -> Option<TaxEstimate> {
    if !gift.wants_receipt {
        return None;
    }
    let rate = BasisPoints::new(gift.reduction_bp?);
    let amount = Cents::new(amount(gift));
    let reduction = rate.of_half_up(amount)?;
    let cost = amount.minus(reduction)?;
    Some(TaxEstimate { rate, reduction, cost, tax_box: Some(TAX_BOX.to_owned()) })
}

fn match_line(line: &templates::pages::RuleLine) -> MatchLine {
    MatchLine {
        name: line.name.clone(),
        rate: Some(line.rate),
        amount: line.amount,
        reason: Some(line.sentence.clone()),
        ceiling: None,
        reduced_by: line.reduced_by.as_ref().map(templates::pages::WhyNot::sentence),
    }
}

fn not_applied(rule: &templates::pages::RuleNotApplied) -> NotApplied {
    NotApplied { name: rule.name.clone(), reason: rule.why.sentence() }
}
