//! What an administrator does at the platform's desk.

use domain::role::StaffRole;
use jobs::admin::{self, Listed, State};
use serde_json::json;
use store::{
    Reads, Tx,
    desk::suspend,
    trail::{self, Change},
};
use time::OffsetDateTime;

use crate::{
    house::Actions,
    settings::{self, GIVING_OPEN},
    staff::{DeskAnswer, DeskRefused, StaffMember, allowed, reason, refused},
};

/// Jobs shown at most.
const SHOWN: i64 = 100;

impl Actions {
    /// Jobs that wait for a person, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn parked_jobs(&self) -> anyhow::Result<Vec<Listed>> {
        let mut reading = self.reader().get().await?;
        Ok(admin::list(reading.conn(), Some(State::Parked), SHOWN).await?)
    }

    /// Runs a parked job again, with all its attempts before it.
    ///
    /// # Errors
    /// Refused to who is no administrator, and when the job is not parked or waiting.
    pub async fn retry_job(&self, by: &StaffMember, id: i64, now: OffsetDateTime) -> DeskAnswer {
        let mut tx = self.begin().await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        if !admin::retry(tx.conn(), id).await? {
            return refused(DeskRefused::Unknown);
        }
        let change = ("retry_job", format!("job:{id}"));
        note(&mut tx, by, change, (None, None), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Closes a discrepancy with what was found out.
    ///
    /// # Errors
    /// Refused to who is no administrator, without a reason, and when it is not open.
    pub async fn close_discrepancy(
        &self,
        by: &StaffMember,
        (number, why): (i64, &str),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let why = reason(why)?;
        let mut tx = self.begin().await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        if !suspend::close_discrepancy(&mut tx, (number, why), now).await? {
            return refused(DeskRefused::Unknown);
        }
        let change = ("close_discrepancy", format!("discrepancy:{number}"));
        note(&mut tx, by, change, (None, Some(json!({ "reason": why }))), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stops giving on the whole site, or opens it again, and says why.
    ///
    /// # Errors
    /// Refused to who is no administrator, without a reason, and when it is so already.
    pub async fn switch_giving(
        &self,
        by: &StaffMember,
        (open, why): (bool, &str),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let why = reason(why)?;
        let mut tx = self.begin().await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        let before = settings::giving_open(&mut tx).await?;
        if before == open {
            return refused(DeskRefused::Already);
        }
        let author = (Some(by.person()), Some(why));
        settings::change(&mut tx, author, (GIVING_OPEN, open.into()), now).await?;
        tx.commit().await?;
        Ok(())
    }
}

pub(crate) async fn note(
    tx: &mut Tx,
    by: &StaffMember,
    (action, subject): (&str, String),
    (before, after): (Option<serde_json::Value>, Option<serde_json::Value>),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let change = Change {
        actor: Some(by.person()),
        action,
        subject: &subject,
        before: before.as_ref(),
        after: after.as_ref(),
    };
    Ok(trail::note(tx, change, now).await?)
}
