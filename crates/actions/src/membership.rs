//! Who acts for an organisation: asked by an owner, answered by who has the address, and every
//! change on the trail.

use domain::{
    ids::{OrganisationId, PersonId},
    people::EmailAddress,
    role::Role,
};
use mail::{Letter, letter::Invitation};
use serde_json::json;
use store::{
    Tx,
    members::{self, InvitationRow},
    people,
    trail::{self, Change},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{admit::INVITATIONS_OF_PERSON, correspondence::Draft, house::Actions, outcome::Stop};

/// Days within which an invitation can be answered.
pub const INVITED_DAYS: i64 = 14;

/// A person who acts for an organisation, as the door found them: what they may do is asked again
/// in the transaction that does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The person.
    pub person: PersonId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Their role there.
    pub role: Role,
}

/// Why membership does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembershipRefused {
    /// Only owners say who is a member.
    #[error("only owners may")]
    NotAllowed,
    /// No such member or invitation, or not for this person.
    #[error("unknown")]
    Unknown,
    /// They are a member already.
    #[error("a member already")]
    Already,
    /// An organisation keeps an owner.
    #[error("the last owner")]
    LastOwner,
    /// Too many invitations.
    #[error("too many invitations")]
    TooMany,
}

type Answer = Result<(), Stop<MembershipRefused>>;

const fn refused(why: MembershipRefused) -> Answer {
    Err(Stop::Refused(why))
}

impl Actions {
    /// Asks somebody to join. They sign in with that address and answer.
    ///
    /// # Errors
    /// Refused to who is no owner, for who is a member already, and when there are too many.
    pub async fn invite(
        &self,
        membership: &Membership,
        (email, role): (&EmailAddress, Role),
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        owner(&mut tx, membership).await?;
        if let Some(person) = people::known(&mut tx, &email.key()).await?
            && members::role_of(&mut tx, &membership.organisation, person).await?.is_some()
        {
            return refused(MembershipRefused::Already);
        }
        let inviter = membership.person.to_string();
        if !self.admit(&mut tx, &[INVITATIONS_OF_PERSON], (&inviter, false), now).await? {
            tx.commit().await?;
            return refused(MembershipRefused::TooMany);
        }
        let row = InvitationRow {
            id: Uuid::now_v7(),
            organisation_id: membership.organisation.to_string(),
            email: email.as_str().to_owned(),
            email_key: email.key(),
            role: role.code().to_owned(),
            invited_by: membership.person.uuid(),
            invited_at: now,
            ends_at: now + Duration::days(INVITED_DAYS),
            answer: None,
            answered_at: None,
        };
        members::invite(&mut tx, &row).await?;
        note(&mut tx, membership, ("invite", None, Some((email.as_str(), role))), now).await?;
        self.write_invitation(&mut tx, &row, email, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn write_invitation(
        &self,
        tx: &mut Tx,
        row: &InvitationRow,
        email: &EmailAddress,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let organisation = OrganisationId::new(row.organisation_id.clone());
        let by = people::addressee(tx, PersonId::new(row.invited_by)).await?.email;
        let letter = Letter::Invitation(Invitation {
            organisation: people::organisation(tx, &organisation).await?.name,
            invited_by: by,
            role: row.role(),
            answer_url: self.url("/mon-espace"),
            valid_until: row.ends_at.into(),
        });
        let to = people::of_address(tx, email, now).await?;
        let dedupe_key = format!("invitation:{}", row.id);
        let draft = Draft { dedupe_key, to, letter, receipt: None, unsubscribe_url: None };
        self.write_letter(tx, draft, now).await
    }

    /// The answer to an invitation, of who signed in with its address.
    ///
    /// # Errors
    /// Refused when it is not theirs, over, or answered.
    pub async fn answer_invitation(
        &self,
        person: PersonId,
        (id, accepts): (Uuid, bool),
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        let email: EmailAddress =
            people::addressee(&mut tx, person).await?.email.parse().map_err(anyhow::Error::from)?;
        let mine = |row: &InvitationRow| row.email_key == email.key();
        let Some(row) = members::lock_invitation(&mut tx, id, now).await?.filter(mine) else {
            return refused(MembershipRefused::Unknown);
        };
        let role = row.role();
        let organisation = OrganisationId::new(row.organisation_id);
        let membership = Membership { person, organisation, role };
        let (answer, action) = if accepts { ("accepted", "join") } else { ("declined", "decline") };
        members::answer(&mut tx, id, (answer, now)).await?;
        if accepts {
            members::lock(&mut tx, &membership.organisation).await?;
            members::put(&mut tx, &membership.organisation, (person, role), now).await?;
        }
        note(&mut tx, &membership, (action, None, Some((email.as_str(), role))), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// Refused to who is no owner, and when it is not open or of another organisation.
    pub async fn withdraw_invitation(
        &self,
        membership: &Membership,
        id: Uuid,
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        owner(&mut tx, membership).await?;
        let ours = |row: &InvitationRow| row.organisation_id == membership.organisation.as_str();
        let Some(row) = members::lock_invitation(&mut tx, id, now).await?.filter(ours) else {
            return refused(MembershipRefused::Unknown);
        };
        members::answer(&mut tx, id, ("withdrawn", now)).await?;
        let role = row.role();
        note(&mut tx, membership, ("withdraw", Some((&row.email, role)), None), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives a member another role, or none: owners do it for all, everybody may leave.
    ///
    /// # Errors
    /// Refused to who may not, for who is no member, and when no owner would be left.
    pub async fn set_role(
        &self,
        membership: &Membership,
        (person, role): (PersonId, Option<Role>),
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        let leaves = person == membership.person && role.is_none();
        members::lock(&mut tx, &membership.organisation).await?;
        if !leaves {
            owner(&mut tx, membership).await?;
        }
        let members = members::of(&mut tx, &membership.organisation).await?;
        let Some(member) = members.iter().find(|member| member.person_id == person.uuid()) else {
            return refused(MembershipRefused::Unknown);
        };
        let owners = members.iter().filter(|member| member.role() == Role::Owner).count();
        if member.role() == Role::Owner && role != Some(Role::Owner) && owners == 1 {
            return refused(MembershipRefused::LastOwner);
        }
        match role {
            Some(role) => {
                members::put(&mut tx, &membership.organisation, (person, role), now).await?
            }
            None => members::remove(&mut tx, &membership.organisation, person).await?,
        }
        let before = Some((member.email.as_str(), member.role()));
        let after = role.map(|role| (member.email.as_str(), role));
        note(&mut tx, membership, ("set_role", before, after), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The first owner of an organisation, named by who runs the platform.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn entrust_organisation(
        &self,
        organisation: &OrganisationId,
        (email, role): (&EmailAddress, Role),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        members::lock(&mut tx, organisation).await?;
        let person = people::of_address(&mut tx, email, now).await?;
        members::put(&mut tx, organisation, (person, role), now).await?;
        let membership = Membership { person, organisation: organisation.clone(), role };
        note(&mut tx, &membership, ("entrust", None, Some((email.as_str(), role))), now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The role is asked again here: what a page showed may be an hour old.
async fn owner(tx: &mut Tx, membership: &Membership) -> Answer {
    let role = members::role_of(tx, &membership.organisation, membership.person).await?;
    if role.is_some_and(Role::manages_members) {
        Ok(())
    } else {
        refused(MembershipRefused::NotAllowed)
    }
}

/// An address and its role, before or after.
pub(crate) type Held<'a> = Option<(&'a str, Role)>;

pub(crate) async fn note(
    tx: &mut Tx,
    membership: &Membership,
    (action, before, after): (&str, Held<'_>, Held<'_>),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let held = |held: Held<'_>| held.map(|(email, role)| json!({ "email": email, "role": role }));
    let (before, after) = (held(before), held(after));
    let change = Change {
        actor: Some(membership.person),
        action,
        subject: &format!("organisation:{}", membership.organisation),
        before: before.as_ref(),
        after: after.as_ref(),
    };
    trail::note(tx, change, now).await?;
    Ok(())
}
