//! Two rows that are one person or one organisation. What was decided stays where it was decided.

use domain::{
    ids::{OrganisationId, PersonId},
    role::StaffRole,
};
use serde_json::json;
use store::{
    Tx,
    desk::{
        find::{self, PersonRow},
        merge,
    },
};
use time::OffsetDateTime;

use crate::{
    desk::note,
    house::Actions,
    staff::{DeskAnswer, DeskRefused, StaffMember, allowed, reason, refused},
};

impl Actions {
    /// One person comes in as another from now on, and reads letters there. Gifts keep the donor
    /// they were decided for; the other sees them all.
    ///
    /// # Errors
    /// Refused to who is no administrator, without a reason, for who works for the platform, and
    /// for two that must stay two.
    pub async fn merge_people(
        &self,
        by: &StaffMember,
        (from, into, why): (PersonId, PersonId, &str),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let why = reason(why)?;
        let mut tx = self.begin().await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        let (first, second) = (from.min(into), from.max(into));
        let locked = (lock(&mut tx, first).await?, lock(&mut tx, second).await?);
        if from == into || !is_free(&locked.0) || !is_free(&locked.1) {
            return refused(DeskRefused::StayTwo);
        }
        let goes = if from == first { &locked.0 } else { &locked.1 };
        if goes.works_here {
            return refused(DeskRefused::WorksHere);
        }
        merge::person(&mut tx, from, into).await?;
        let after = json!({ "into": into.to_string(), "reason": why });
        let change = ("merge", format!("person:{from}"));
        note(&mut tx, by, change, (None, Some(after)), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Campaigns and members of an organisation that never had a gift go to another.
    ///
    /// # Errors
    /// Refused to who is no administrator, without a reason, and for two that must stay two.
    pub async fn merge_organisations(
        &self,
        by: &StaffMember,
        (from, into, why): (&OrganisationId, &OrganisationId, &str),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let why = reason(why)?;
        let mut tx = self.begin().await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        let mut both = [from, into];
        both.sort();
        for one in both {
            let Some(row) = find::lock_organisation(&mut tx, one).await? else {
                return refused(DeskRefused::Unknown);
            };
            if row.suspended_at.is_some() || row.merged_into.is_some() {
                return refused(DeskRefused::StayTwo);
            }
        }
        if from == into || merge::has_gifts(&mut tx, from).await? {
            return refused(DeskRefused::StayTwo);
        }
        merge::organisation(&mut tx, from, into).await?;
        let after = json!({ "into": into.as_str(), "reason": why });
        let change = ("merge", format!("organisation:{from}"));
        note(&mut tx, by, change, (None, Some(after)), now).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn lock(tx: &mut Tx, person: PersonId) -> DeskAnswer<PersonRow> {
    match find::lock_person(tx, person).await? {
        Some(row) => Ok(row),
        None => refused(DeskRefused::Unknown),
    }
}

/// Neither suspended, nor asked to be forgotten, nor merged: forgetting and suspending one of two
/// would be about the other.
fn is_free(row: &PersonRow) -> bool {
    row.suspended_at.is_none() && row.erase_asked_at.is_none() && row.merged_into.is_none()
}
