//! Being forgotten (RGPD, art. 17): what nothing demands at once, the rest when no gift is under
//! way, what the law makes us keep at its term (decision 36).

use domain::{
    calendar::{paris_date, paris_midnight},
    ids::{LetterId, OrganisationId, PersonId},
    people::PersonName,
    retention::Kept,
};
use jobs::Claim;
use mail::{Letter, Message, PostError, letter::Forgotten};
use store::{
    Reads, Tx,
    desk::merge,
    forget::{self, Fate},
    members, staff,
    trail::{self, Change},
};
use time::{Duration, OffsetDateTime};

use crate::{house::Actions, outcome::Stop, passkey, stay::Principal, task::Task};

/// How long a gift under way may hold an address that was to be forgotten: a month, and the two
/// more of RGPD, art. 12 (3).
pub const HELD: Duration = Duration::days(90);
/// Attempts after which an address is forgotten though no letter could say so.
const LETTER_ATTEMPTS: i32 = 4;

/// Why nobody is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForgetRefused {
    /// A passkey must be proven first.
    #[error("prove a passkey first")]
    ProveFirst,
    /// Somebody works for the platform: an administrator takes the role away first.
    #[error("works for the platform")]
    WorksHere,
    /// An organisation would be left without an owner.
    #[error("the last owner of an organisation")]
    LastOwner,
}

impl Actions {
    /// Asks to be forgotten: signed out everywhere, followed projects, roles, keys, requests and
    /// shown names are gone with this transaction; the rest is a job.
    ///
    /// # Errors
    /// Refused without a proof, to the last owner of an organisation, and to who works for the
    /// platform.
    pub async fn ask_to_be_forgotten(
        &self,
        principal: &Principal,
        now: OffsetDateTime,
    ) -> Result<(), Stop<ForgetRefused>> {
        let mut tx = self.begin().await?;
        let person = principal.person;
        if !passkey::suffices(&mut tx, principal, now).await? {
            return Err(Stop::Refused(ForgetRefused::ProveFirst));
        }
        if staff::role_of(&mut tx, person).await?.is_some() {
            return Err(Stop::Refused(ForgetRefused::WorksHere));
        }
        let mut roles = members::memberships_of(&mut tx, person).await?;
        roles.sort_by(|one, other| one.organisation_id.cmp(&other.organisation_id));
        for role in &roles {
            members::lock(&mut tx, &OrganisationId::new(role.organisation_id.clone())).await?;
        }
        if !members::alone_in(&mut tx, person).await?.is_empty() {
            return Err(Stop::Refused(ForgetRefused::LastOwner));
        }
        let Some(fate) = forget::lock(&mut tx, person).await? else { return Ok(()) };
        self.forget_at_once(&mut tx, (person, &fate), now).await?;
        for other in merge::others_of(&mut tx, person).await? {
            if let Some(fate) = forget::lock(&mut tx, other).await? {
                self.forget_at_once(&mut tx, (other, &fate), now).await?;
            }
        }
        for role in &roles {
            let subject = format!("organisation:{}", role.organisation_id);
            note(&mut tx, (person, "leave", &subject), now).await?;
        }
        note(&mut tx, (person, "ask_to_be_forgotten", &format!("person:{person}")), now).await?;
        tx.commit().await?;
        tracing::info!(person.id = %person, "somebody asks to be forgotten");
        Ok(())
    }

    /// What nothing demands is gone; the rest is promised.
    async fn forget_at_once(
        &self,
        tx: &mut Tx,
        (person, fate): (PersonId, &Fate),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        forget::note_asked(tx, person, now).await?;
        forget::at_once(tx, person, &fate.email_key).await?;
        self.promise(tx, &Task::ForgetPerson { person }, None).await
    }

    /// Forgets who asked, after one last letter. While a gift of theirs is under way the address
    /// stays: its receipt must still reach them. The daily sweep asks again.
    ///
    /// # Errors
    /// When the mail server says try later, the first times.
    pub async fn forget_person(
        &self,
        claim: &Claim,
        person: PersonId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let due = forget::lock(&mut tx, person).await?;
        let due = due.filter(|fate| fate.erase_asked_at.is_some() && fate.forgotten_at.is_none());
        if let Some(fate) = due {
            if is_held(&mut tx, (person, &fate), now).await? {
                tracing::info!(person.id = %person, "a gift is under way: forgotten later");
            } else {
                let receipt = forget::last_receipt(&mut tx, person).await?;
                tx.commit().await?;
                let told = self.say_goodbye((person, &fate), receipt, now).await;
                if claim.attempt < LETTER_ATTEMPTS {
                    told?;
                }
                tx = self.begin().await?;
                self.forget_now(&mut tx, person, now).await?;
            }
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets a person again, at once and without a letter: after a restore that brought them
    /// back. False when there is no such person.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_again(
        &self,
        person: PersonId,
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        let mut tx = self.begin().await?;
        let there = forget::lock(&mut tx, person).await?.is_some();
        self.forget_now(&mut tx, person, now).await?;
        tx.commit().await?;
        Ok(there)
    }

    /// Forgets a person, unless it is done.
    pub(crate) async fn forget_now(
        &self,
        tx: &mut Tx,
        person: PersonId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let fate = forget::lock(tx, person).await?;
        if let Some(fate) = fate.filter(|fate| fate.forgotten_at.is_none()) {
            forget::the_rest(tx, person, &fate.email_key, now).await?;
            tracing::info!(person.id = %person, "somebody is forgotten");
        }
        Ok(())
    }

    /// The last letter, which no table keeps; under the same Message-ID when sent again.
    async fn say_goodbye(
        &self,
        (person, fate): (PersonId, &Fate),
        receipt: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        if fate.bounced_at.is_some() || fate.merged_into.is_some() {
            return Ok(());
        }
        let last = |kept: Kept, of: OffsetDateTime| kept.last_day(paris_date(of));
        let until = receipt.and_then(|at| last(Kept::Receipt, at));
        let letter = Letter::Forgotten(Forgotten {
            receipts_until: until.map(|day| paris_midnight(day).into()),
        });
        let (id, at) = (LetterId::new(person.uuid()), fate.erase_asked_at.unwrap_or(now).into());
        let to = fate.email.parse()?;
        let message = Message::new(id, at, to, PersonName::default(), letter)?;
        match self.post().send(&message).await {
            Ok(_) | Err(PostError::Unsure | PostError::Refused { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

async fn is_held(
    tx: &mut Tx,
    (person, fate): (PersonId, &Fate),
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    let waits = fate.erase_asked_at.is_some_and(|at| now < at + HELD);
    Ok(waits && forget::gifts_under_way(tx, person, now).await?)
}

async fn note(
    tx: &mut Tx,
    (actor, action, subject): (PersonId, &str, &str),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let change = Change { actor: Some(actor), action, subject, before: None, after: None };
    Ok(trail::note(tx, change, now).await?)
}
