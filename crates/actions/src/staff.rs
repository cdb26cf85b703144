//! Who works for the platform: appointed by an administrator, never the last one dismissed; and the
//! return of somebody who lost every passkey, which takes two.

use domain::{ids::PersonId, people::EmailAddress, role::StaffRole};
use serde_json::json;
use store::{
    Tx, passkeys, people,
    sessions::{self, Which},
    staff::{self, RecoveryRow},
    trail::{self, Change},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{house::Actions, outcome::Stop, stay::Principal};

/// How long a second administrator may take to confirm.
pub const RECOVERY: Duration = Duration::days(7);
/// The longest reason.
const REASON: usize = 1_000;

/// Somebody who works for the platform, as the door found them: what they may do is asked again in
/// the transaction that does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// The person, their session and their proof.
    pub principal: Principal,
    /// Their role.
    pub role: StaffRole,
}

impl StaffMember {
    /// The person.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.principal.person
    }
}

/// Why the platform's own people cannot do that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeskRefused {
    /// Not with this role.
    #[error("not with this role")]
    NotAllowed,
    /// The proof by passkey is more than an hour old.
    #[error("prove a passkey first")]
    ProveFirst,
    /// No such person, organisation, job or number; or it changed meanwhile.
    #[error("unknown")]
    Unknown,
    /// A reason of 1 to 1,000 letters is asked for.
    #[error("a reason, please")]
    Reason,
    /// It is so already.
    #[error("already so")]
    Already,
    /// Nobody does that to themselves.
    #[error("not to oneself")]
    Oneself,
    /// There is always an administrator.
    #[error("the last administrator")]
    LastAdministrator,
    /// The second administrator is not the first.
    #[error("another administrator confirms")]
    AnotherConfirms,
    /// Who works for the platform is dismissed first.
    #[error("works for the platform")]
    WorksHere,
    /// One of both is suspended, forgotten, or merged already; or the organisation has gifts, and
    /// its books are its own.
    #[error("these two stay two")]
    StayTwo,
}

pub(crate) type DeskAnswer<T = ()> = Result<T, Stop<DeskRefused>>;

pub(crate) const fn refused<T>(why: DeskRefused) -> DeskAnswer<T> {
    Err(Stop::Refused(why))
}

/// The role is asked again: what the door found may have changed.
pub(crate) async fn may(tx: &mut Tx, by: &StaffMember, role: StaffRole) -> DeskAnswer {
    let held = staff::role_of(tx, by.person()).await?;
    if held == Some(role) { Ok(()) } else { refused(DeskRefused::NotAllowed) }
}

/// The role and a fresh proof are asked again: what a page showed may be an hour old.
pub(crate) async fn allowed(
    tx: &mut Tx,
    by: &StaffMember,
    role: StaffRole,
    now: OffsetDateTime,
) -> DeskAnswer {
    may(tx, by, role).await?;
    if by.principal.is_strong(now) { Ok(()) } else { refused(DeskRefused::ProveFirst) }
}

/// A reason worth keeping.
pub(crate) fn reason(typed: &str) -> DeskAnswer<&str> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > REASON {
        return refused(DeskRefused::Reason);
    }
    Ok(typed)
}

impl Actions {
    /// The role of somebody who works for the platform.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn staff_role(&self, person: PersonId) -> anyhow::Result<Option<StaffRole>> {
        let mut db = self.reader().get().await?;
        Ok(staff::role_of(&mut db, person).await?)
    }

    /// Gives somebody a role, by hand on the machine itself: the first administrator, and the
    /// demonstration's accounts.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn entrust_platform(
        &self,
        (email, role): (&EmailAddress, StaffRole),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        staff::lock(&mut tx).await?;
        let person = people::of_address(&mut tx, email, now).await?;
        put(&mut tx, (None, person), Some(role), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives somebody a role on the platform, changes it, or takes it away.
    ///
    /// # Errors
    /// Refused to who is no administrator or has no fresh proof, for oneself, and for the last
    /// administrator.
    pub async fn appoint(
        &self,
        by: &StaffMember,
        (email, role): (&EmailAddress, Option<StaffRole>),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let mut tx = self.begin().await?;
        staff::lock(&mut tx).await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        let person = match role {
            Some(_) => people::of_address(&mut tx, email, now).await?,
            None => match people::known(&mut tx, &email.key()).await? {
                Some(person) => person,
                None => return refused(DeskRefused::Unknown),
            },
        };
        if person == by.person() {
            return refused(DeskRefused::Oneself);
        }
        let before = staff::role_of(&mut tx, person).await?;
        if before == role {
            return refused(DeskRefused::Already);
        }
        let administrators = staff::all(&mut tx).await?;
        let left = administrators
            .iter()
            .filter(|row| row.role() == StaffRole::Administrator && row.person_id != person.uuid());
        if role != Some(StaffRole::Administrator) && left.count() == 0 {
            return refused(DeskRefused::LastAdministrator);
        }
        put(&mut tx, (Some(by.person()), person), role, now).await?;
        if role.is_none() {
            sessions::end(&mut tx, person, Which::All, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Says that somebody lost every passkey, and how one knows that it is them.
    ///
    /// # Errors
    /// Refused to who is no administrator, for oneself, without a reason, and while one is open.
    pub async fn ask_recovery(
        &self,
        by: &StaffMember,
        (person, why): (PersonId, &str),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let why = reason(why)?;
        let mut tx = self.begin().await?;
        staff::lock(&mut tx).await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        if person == by.person() {
            return refused(DeskRefused::Oneself);
        }
        if passkeys::of(&mut tx, person).await?.is_empty() {
            return refused(DeskRefused::Unknown);
        }
        match staff::open_recovery(&mut tx, person).await? {
            Some(row) if now < row.ends_at => return refused(DeskRefused::Already),
            Some(_) => staff::end_recovery(&mut tx, person, None, now).await?,
            None => false,
        };
        let row = RecoveryRow {
            id: Uuid::now_v7(),
            person_id: person.uuid(),
            reason: why.to_owned(),
            asked_by: by.person().uuid(),
            asked_at: now,
            ends_at: now + RECOVERY,
            confirmed_by: None,
            ended_at: None,
        };
        staff::ask_recovery(&mut tx, &row).await?;
        note(&mut tx, (Some(by.person()), person), ("ask_recovery", why), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A second administrator confirms: the keys are forgotten, every session ends, and the person
    /// comes in by their letter and enrols a new one. Or they give it up.
    ///
    /// # Errors
    /// Refused to who is no administrator, to the first one, to the person, and when it is over.
    pub async fn end_recovery(
        &self,
        by: &StaffMember,
        (person, confirms): (PersonId, bool),
        now: OffsetDateTime,
    ) -> DeskAnswer {
        let mut tx = self.begin().await?;
        staff::lock(&mut tx).await?;
        allowed(&mut tx, by, StaffRole::Administrator, now).await?;
        let open = staff::open_recovery(&mut tx, person).await?;
        let Some(row) = open.filter(|row| now < row.ends_at) else {
            return refused(DeskRefused::Unknown);
        };
        if person == by.person() {
            return refused(DeskRefused::Oneself);
        }
        if confirms && row.asked_by == by.person().uuid() {
            return refused(DeskRefused::AnotherConfirms);
        }
        staff::end_recovery(&mut tx, person, confirms.then_some(by.person()), now).await?;
        if confirms {
            passkeys::remove_all(&mut tx, person).await?;
            sessions::end(&mut tx, person, Which::All, now).await?;
        }
        let action = if confirms { "confirm_recovery" } else { "give_up_recovery" };
        note(&mut tx, (Some(by.person()), person), (action, &row.reason), now).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn put(
    tx: &mut Tx,
    (by, person): (Option<PersonId>, PersonId),
    role: Option<StaffRole>,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let before = staff::role_of(tx, person).await?;
    match role {
        Some(role) => staff::put(tx, (person, role), now).await?,
        None => staff::remove(tx, person).await?,
    }
    let held = |role: Option<StaffRole>| role.map(|role| json!({ "staff": role }));
    let (before, after) = (held(before), held(role));
    let change = Change {
        actor: by,
        action: "appoint",
        subject: &format!("person:{person}"),
        before: before.as_ref(),
        after: after.as_ref(),
    };
    trail::note(tx, change, now).await?;
    Ok(())
}

/// Notes what was done to a person, and why.
pub(crate) async fn note(
    tx: &mut Tx,
    (by, person): (Option<PersonId>, PersonId),
    (action, why): (&str, &str),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let why = json!({ "reason": why });
    let change = Change {
        actor: by,
        action,
        subject: &format!("person:{person}"),
        before: None,
        after: Some(&why),
    };
    trail::note(tx, change, now).await?;
    Ok(())
}
