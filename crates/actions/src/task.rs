//! Every job, one enum. Its JSON is stored, so it is pinned: a variant may be added, never renamed.

use domain::ids::{CampaignId, GiftId, LetterId, PersonId, RefundId};
use jobs::NewJob;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Reads, Tx};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{address::ToAddress, house::Actions};

/// Something that must happen, by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Fold the object behind a stored event into our rows.
    RecordPayment {
        /// The event's id.
        event: String,
    },
    /// Look a gift up at the provider: its outcome is unknown, or an event may be lost.
    ReadPayment {
        /// The gift.
        gift: GiftId,
    },
    /// Issue the receipt of a gift, or correct it.
    IssueReceipt {
        /// The gift.
        gift: GiftId,
    },
    /// Send a letter.
    DeliverLetter {
        /// The letter.
        letter: LetterId,
    },
    /// Fold what gifts appended into the shown totals, and announce milestones.
    FoldTotals {
        /// The campaign.
        campaign: CampaignId,
    },
    /// Send the letter that somebody asked for to sign in.
    SendSignIn {
        /// What was asked.
        sign_in: Uuid,
    },
    /// Send one of the two letters about a change of address.
    SendAddressChange {
        /// What was asked.
        change: Uuid,
        /// To which address.
        to: ToAddress,
    },
    /// Forget who asked for it.
    ForgetPerson {
        /// Who.
        person: PersonId,
    },
    /// Ask the provider for a refund.
    SendRefund {
        /// The refund.
        refund: RefundId,
    },
    /// Write to a page of followers about a holder's news.
    SendUpdate {
        /// The news.
        update: Uuid,
        /// After whom the page begins.
        after: Option<PersonId>,
    },
    /// Write to a page of followers about a milestone.
    SendMilestone {
        /// The campaign.
        campaign: CampaignId,
        /// 25, 50, 75, 100 or 200.
        milestone: i32,
        /// After whom the page begins.
        after: Option<PersonId>,
    },
    /// Play the past again under a draft of a rule.
    Rehearse {
        /// What was asked.
        rehearsal: Uuid,
    },
    /// Append the release of reservations that are over.
    ReleaseExpired,
    /// List the provider's events and look up what is unsettled.
    ReconcilePayments,
    /// Close campaigns whose end has come.
    CloseEnded,
    /// Audit the books.
    CheckBooks,
    /// Forget what is past its term.
    ForgetPast,
    /// Seal the days that are over, publish the ledgers, count them again.
    SealDays,
}

impl Task {
    /// Every kind.
    const KINDS: [&str; 18] = [
        "record_payment",
        "read_payment",
        "issue_receipt",
        "deliver_letter",
        "fold_totals",
        "send_sign_in",
        "send_address_change",
        "forget_person",
        "send_refund",
        "send_update",
        "send_milestone",
        "rehearse",
        "release_expired",
        "reconcile_payments",
        "close_ended",
        "check_books",
        "forget_past",
        "seal_days",
    ];

    /// The job's kind: the tag of its JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RecordPayment { .. } => "record_payment",
            Self::ReadPayment { .. } => "read_payment",
            Self::IssueReceipt { .. } => "issue_receipt",
            Self::DeliverLetter { .. } => "deliver_letter",
            Self::FoldTotals { .. } => "fold_totals",
            Self::SendSignIn { .. } => "send_sign_in",
            Self::SendAddressChange { .. } => "send_address_change",
            Self::ForgetPerson { .. } => "forget_person",
            Self::SendRefund { .. } => "send_refund",
            Self::SendUpdate { .. } => "send_update",
            Self::SendMilestone { .. } => "send_milestone",
            Self::Rehearse { .. } => "rehearse",
            Self::ReleaseExpired => "release_expired",
            Self::ReconcilePayments => "reconcile_payments",
            Self::CloseEnded => "close_ended",
            Self::CheckBooks => "check_books",
            Self::ForgetPast => "forget_past",
            Self::SealDays => "seal_days",
        }
    }

    /// The kinds of jobs that belong to the demonstration's past.
    #[must_use]
    pub fn past_kinds() -> Vec<String> {
        Self::KINDS.iter().map(|kind| past_kind(kind)).collect()
    }

    /// Reads a stored job.
    ///
    /// # Errors
    /// When the payload is not one of ours.
    pub fn parse(payload: &Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(payload.clone())
    }

    /// One unfinished job per subject.
    fn key(&self) -> String {
        let kind = self.kind();
        match self {
            Self::RecordPayment { event } => format!("{kind}:{event}"),
            Self::ReadPayment { gift } | Self::IssueReceipt { gift } => format!("{kind}:{gift}"),
            Self::DeliverLetter { letter } => format!("{kind}:{letter}"),
            Self::FoldTotals { campaign } => format!("{kind}:{campaign}"),
            Self::SendSignIn { sign_in } => format!("{kind}:{sign_in}"),
            Self::SendAddressChange { change, to } => format!("{kind}:{change}:{}", to.code()),
            Self::ForgetPerson { person } => format!("{kind}:{person}"),
            Self::Rehearse { rehearsal } => format!("{kind}:{rehearsal}"),
            Self::SendRefund { refund } => format!("{kind}:{refund}"),
            Self::SendUpdate { update, after } => format!("{kind}:{update}:{}", place(*after)),
            Self::SendMilestone { campaign, milestone, after } => {
                format!("{kind}:{campaign}:{milestone}:{}", place(*after))
            }
            Self::ReleaseExpired
            | Self::ReconcilePayments
            | Self::CloseEnded
            | Self::CheckBooks
            | Self::ForgetPast
            | Self::SealDays => kind.to_owned(),
        }
    }

    const fn max_attempts(&self) -> i32 {
        match self {
            // A mail server may be down for a long time.
            Self::DeliverLetter { .. } => 30,
            Self::RecordPayment { .. } | Self::ReadPayment { .. } | Self::SendRefund { .. } => 12,
            _ => 5,
        }
    }

    /// The job for the queue, at once or at an instant.
    ///
    /// # Errors
    /// Never for the variants above; the writer of JSON may refuse in theory.
    pub fn job(&self, run_at: Option<OffsetDateTime>) -> Result<NewJob, serde_json::Error> {
        Ok(NewJob {
            kind: self.kind().to_owned(),
            key: Some(self.key()),
            payload: serde_json::to_value(self)?,
            run_at,
            max_attempts: self.max_attempts(),
            wake: true,
        })
    }
}

fn place(after: Option<PersonId>) -> String {
    after.map_or_else(|| "first".to_owned(), |person| person.to_string())
}

impl Actions {
    /// Promises a task in the transaction that made it necessary. A task of the demonstration's
    /// past has a kind of its own: only who plays the past does it.
    pub(crate) async fn promise(
        &self,
        tx: &mut Tx,
        task: &Task,
        run_at: Option<OffsetDateTime>,
    ) -> anyhow::Result<()> {
        let mut job = task.job(run_at)?;
        if self.is_history() {
            job.kind = past_kind(&job.kind);
            job.key = job.key.map(|key| past_kind(&key));
            job.wake = false;
        }
        jobs::enqueue(tx.conn(), &job).await?;
        Ok(())
    }
}

fn past_kind(kind: &str) -> String {
    format!("past/{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows written by an older version must still be read.
    #[test]
    fn stored_tasks_keep_their_words() {
        let golden: [&str; 18] = [
            r#"{"task":"record_payment","event":"evt_1"}"#,
            r#"{"task":"read_payment","gift":"00000000-0000-0000-0000-000000000001"}"#,
            r#"{"task":"issue_receipt","gift":"00000000-0000-0000-0000-000000000001"}"#,
            r#"{"task":"deliver_letter","letter":"00000000-0000-0000-0000-000000000001"}"#,
            r#"{"task":"fold_totals","campaign":"demo-01"}"#,
            r#"{"task":"send_sign_in","sign_in":"00000000-0000-0000-0000-000000000001"}"#,
            concat!(
                r#"{"task":"send_address_change","#,
                r#""change":"00000000-0000-0000-0000-000000000001","to":"new"}"#
            ),
            r#"{"task":"forget_person","person":"00000000-0000-0000-0000-000000000001"}"#,
            r#"{"task":"send_refund","refund":"00000000-0000-0000-0000-000000000001"}"#,
            concat!(
                r#"{"task":"send_update","update":"00000000-0000-0000-0000-000000000001","#,
                r#""after":null}"#
            ),
            r#"{"task":"send_milestone","campaign":"demo-01","milestone":25,"after":null}"#,
            r#"{"task":"rehearse","rehearsal":"00000000-0000-0000-0000-000000000001"}"#,
            r#"{"task":"release_expired"}"#,
            r#"{"task":"reconcile_payments"}"#,
            r#"{"task":"close_ended"}"#,
            r#"{"task":"check_books"}"#,
            r#"{"task":"forget_past"}"#,
            r#"{"task":"seal_days"}"#,
        ];
        for text in golden {
            let stored: Value = serde_json::from_str(text).unwrap();
            let task = Task::parse(&stored).unwrap();
            assert_eq!(serde_json::to_value(&task).unwrap(), stored);
            assert_eq!(stored["task"], task.kind());
        }
        let kinds: Vec<&str> = golden.iter().map(|text| text.split('"').nth(3).unwrap()).collect();
        assert_eq!(kinds, Task::KINDS);
    }
}
