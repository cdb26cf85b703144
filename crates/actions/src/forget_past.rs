//! What is past its term is forgotten every day, in small lots, and only counted in the log
//! (decision 36).

use domain::{ids::PersonId, retention::Kept};
use jobs::Claim;
use store::{Reads, forget};
use time::OffsetDateTime;

use crate::{house::Actions, task::Task};

/// Rows of one transaction.
const LOT: i64 = 500;
/// Lots of one kind in one run; the next run goes on.
const LOTS: u32 = 40;

impl Actions {
    /// Forgets what is past its term, and takes up again who asked to be forgotten while a gift
    /// was under way. Done twice, it is done.
    ///
    /// # Errors
    /// When the database refuses; what was forgotten is.
    pub async fn forget_past(&self, claim: &Claim, now: OffsetDateTime) -> anyhow::Result<()> {
        let mut left = false;
        for sweep in forget::sweeps() {
            let before = sweep.kept.past_before(now);
            let (mut rows, mut lots) = (0, 0);
            loop {
                let mut tx = self.begin().await?;
                let some = forget::sweep(&mut tx, sweep, before, LOT).await?;
                tx.commit().await?;
                rows += some;
                lots += 1;
                let more = i64::try_from(some).is_ok_and(|some| some >= LOT);
                left |= more && lots == LOTS;
                if !more || lots == LOTS {
                    break;
                }
            }
            if rows > 0 {
                tracing::info!(kept = sweep.kept.code(), rows, "past its term, forgotten");
            }
        }
        left |= self.forget_the_idle(now).await?;
        let mut tx = self.begin().await?;
        for person in forget::asked(&mut tx, LOT).await? {
            self.promise(&mut tx, &Task::ForgetPerson { person }, None).await?;
        }
        if left {
            self.promise(&mut tx, &Task::ForgetPast, None).await?;
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets one lot of people of whom nothing was heard for the term; true when more are left.
    async fn forget_the_idle(&self, now: OffsetDateTime) -> anyhow::Result<bool> {
        let since = Kept::Person.past_before(now);
        let mut db = self.reader().get().await?;
        let idle: Vec<PersonId> = forget::idle(&mut db, since, LOT).await?;
        drop(db);
        for person in &idle {
            let mut tx = self.begin().await?;
            self.forget_now(&mut tx, *person, now).await?;
            tx.commit().await?;
        }
        if !idle.is_empty() {
            tracing::info!(people = idle.len(), "nothing heard of for the term, forgotten");
        }
        Ok(i64::try_from(idle.len()).is_ok_and(|some| some >= LOT))
    }
}
