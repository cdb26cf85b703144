//! What runs when.

use actions::Task;
use jobs::schedule::{Entry, When};

/// The recurring jobs.
#[must_use]
pub fn calendar() -> Vec<Entry> {
    vec![
        entry(&Task::ReleaseExpired, When::EverySeconds(60)),
        entry(&Task::ReconcilePayments, When::EverySeconds(15 * 60)),
        entry(&Task::CloseEnded, When::EverySeconds(10 * 60)),
        entry(&Task::CheckBooks, When::EverySeconds(60 * 60)),
        entry(&Task::SealDays, When::Daily { hour: 3, minute: 0 }),
        entry(&Task::ForgetPast, When::Daily { hour: 4, minute: 10 }),
    ]
}

fn entry(task: &Task, when: When) -> Entry {
    Entry {
        name: task.kind().to_owned(),
        when,
        kind: task.kind().to_owned(),
        payload: serde_json::json!({ "task": task.kind() }),
        max_attempts: 5,
    }
}
