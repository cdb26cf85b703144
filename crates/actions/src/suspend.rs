//! Keeping somebody out, or an organisation's campaigns from taking gifts, for a reason that those
//! concerned are told, with the way to contest it (regulation 2022/2065, art. 17).

use domain::{
    ids::{OrganisationId, PersonId},
    role::{Role, StaffRole},
};
use mail::{Letter, letter::Suspension};
use serde_json::json;
use store::{
    Tx,
    desk::{find, suspend},
    members,
    sessions::{self, Which},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    correspondence::Draft,
    desk::note,
    house::Actions,
    staff::{DeskAnswer, DeskRefused, StaffMember, allowed, reason, refused},
};

/// What is decided, and why.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Suspended, or no more.
    pub suspended: bool,
    /// Why, in words that those concerned read.
    pub reason: &'a str,
}

impl Actions {
    /// Keeps a person out: every session ends. Or lets them in again. Their gifts are untouched.
    ///
    /// # Errors
    /// Refused to who is no administrator, without a reason, for who works for the platform, for
    /// who is unknown, and when it is so already.
    pub async fn suspend_person(
        &self,
        by: &StaffMember,
        (person, decision): (PersonId, Decision<'_>),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let why = reason(decision.reason)?;
        let mut tx = self.begin().await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        let Some(row) = find::lock_person(&mut tx, person).await? else {
            return refused(DeskRefused::Unknown);
        };
        if row.works_here {
            return refused(DeskRefused::WorksHere);
        }
        if row.merged_into.is_some() {
            return refused(DeskRefused::StayTwo);
        }
        if row.suspended_at.is_some() == decision.suspended {
            return refused(DeskRefused::Already);
        }
        suspend::person(&mut tx, person, decision.suspended.then_some((now, why))).await?;
        if decision.suspended {
            sessions::end(&mut tx, person, Which::All, now).await?;
        }
        let told = self.suspension((None, why), decision, now);
        self.tell(&mut tx, person, told, now).await?;
        let change = (action(decision), format!("person:{person}"));
        note(&mut tx, by, change, (None, Some(json!({ "reason": why }))), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stops every campaign of an organisation from taking gifts, or lets them again; gifts that
    /// were made stay, and its people come in as before.
    ///
    /// # Errors
    /// Refused to who is no administrator, without a reason, for one that is unknown or merged, and
    /// when it is so already.
    pub async fn suspend_organisation(
        &self,
        by: &StaffMember,
        (organisation, decision): (&OrganisationId, Decision<'_>),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let why = reason(decision.reason)?;
        let mut tx = self.begin().await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        let Some(row) = find::lock_organisation(&mut tx, organisation).await? else {
            return refused(DeskRefused::Unknown);
        };
        if row.merged_into.is_some() {
            return refused(DeskRefused::StayTwo);
        }
        if row.suspended_at.is_some() == decision.suspended {
            return refused(DeskRefused::Already);
        }
        let since = decision.suspended.then_some((now, why));
        let campaigns = suspend::organisation(&mut tx, organisation, since).await?;
        for member in members::of(&mut tx, organisation).await? {
            if member.role() == Role::Owner {
                let told = self.suspension((Some(row.name.clone()), why), decision, now);
                self.tell(&mut tx, PersonId::new(member.person_id), told, now).await?;
            }
        }
        let change = (action(decision), format!("organisation:{organisation}"));
        let after = json!({ "reason": why, "campaigns": campaigns });
        note(&mut tx, by, change, (None, Some(after)), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Tries letters again to somebody whose letters came back.
    ///
    /// # Errors
    /// Refused to who is no administrator, and when none came back.
    pub async fn write_again(
        &self,
        by: &StaffMember,
        person: PersonId,
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let mut tx = self.begin().await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        if !suspend::write_again(&mut tx, person).await? {
            return refused(DeskRefused::Unknown);
        }
        let change = ("write_again", format!("person:{person}"));
        note(&mut tx, by, change, (None, None), now).await?;
        tx.commit().await?;
        Ok(())
    }

    fn suspension(
        &self,
        (organisation, why): (Option<String>, &str),
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Letter {
        Letter::Suspension(Suspension {
            organisation,
            lifted: !decision.suspended,
            reason: why.to_owned(),
            contest_url: self.url("/aide"),
            at: now.into(),
        })
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        to: PersonId,
        letter: Letter,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let dedupe_key = format!("suspension:{}", Uuid::now_v7());
        let draft = Draft { dedupe_key, to, letter, receipt: None, unsubscribe_url: None };
        self.write_letter(tx, draft, now).await
    }
}

const fn action(decision: Decision<'_>) -> &'static str {
    if decision.suspended { "suspend" } else { "lift_suspension" }
}
