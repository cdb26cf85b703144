//! From a claim to its verb: the compiler asks for a line here when a task is added.

use actions::{Actions, Task};
use jobs::{Broken, Claim, Outcome};
use time::OffsetDateTime;
use tracing::Instrument;

/// Calls the verb of a job. A payload that is not one of ours is parked: a person must look.
///
/// # Errors
/// When the verb failed; the job is tried again later.
pub async fn handle(
    actions: &Actions,
    claim: Claim,
    now: OffsetDateTime,
) -> Result<Outcome, Broken> {
    let Ok(task) = Task::parse(&claim.payload) else {
        return Ok(Outcome::Park("the payload is not a task of ours".to_owned()));
    };
    let span = tracing::info_span!("job", job.id = claim.id, job.kind = task.kind());
    let started = std::time::Instant::now();
    let result = perform(actions, &claim, &task, now).instrument(span.clone()).await;
    let duration_ms = started.elapsed().as_millis();
    metrics::histogram!("essaim_job_seconds", "kind" => task.kind())
        .record(started.elapsed().as_secs_f64());
    span.in_scope(|| match &result {
        Ok(()) => tracing::debug!(duration_ms, "job done"),
        Err(error) => tracing::warn!(duration_ms, error = format!("{error:#}"), "job failed"),
    });
    result.map(|()| Outcome::Done).map_err(Broken::new)
}

async fn perform(
    actions: &Actions,
    claim: &Claim,
    task: &Task,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    match task {
        Task::RecordPayment { event } => actions.record_payment(claim, event, now).await,
        Task::ReadPayment { gift } => actions.read_payment(claim, *gift, now).await,
        Task::IssueReceipt { gift } => actions.issue_receipt(claim, *gift, now).await,
        Task::DeliverLetter { letter } => actions.deliver_letter(claim, *letter, now).await,
        Task::FoldTotals { campaign } => actions.fold_totals(claim, campaign, now).await,
        Task::SendSignIn { sign_in } => actions.send_sign_in(claim, *sign_in, now).await,
        Task::SendAddressChange { change, to } => {
            actions.send_address_change(claim, (*change, *to), now).await
        }
        Task::ForgetPerson { person } => actions.forget_person(claim, *person, now).await,
        Task::SendRefund { refund } => actions.send_refund(claim, *refund, now).await,
        Task::SendUpdate { update, after } => {
            actions.send_update(claim, *update, *after, now).await
        }
        Task::SendMilestone { .. } => actions.send_milestone(claim, task, now).await,
        Task::Rehearse { rehearsal } => actions.rehearse(claim, *rehearsal, now).await,
        Task::ReleaseExpired => actions.release_expired(claim, now).await.map(drop),
        Task::ReconcilePayments => actions.reconcile_payments(claim, now).await.map(drop),
        Task::CloseEnded => actions.close_ended(claim, now).await.map(drop),
        Task::CheckBooks => actions.check_books(claim, now).await,
        Task::SealDays => actions.seal_days(claim, now).await,
        Task::ForgetPast => actions.forget_past(claim, now).await,
    }
}
