//! Who may act for an organisation, and who is asked to. Everything here is asked for one
//! organisation or one person: there is no list of all.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    ids::{OrganisationId, PersonId},
    role::Role,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{invitations, members, organisations, people},
    session::{Reads, Tx},
};

/// A member of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MemberRow {
    /// The person.
    pub person_id: Uuid,
    /// Their address.
    pub email: String,
    /// Role code.
    pub role: String,
    /// Since when.
    pub since: OffsetDateTime,
}

/// An organisation that a person acts for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MembershipRow {
    /// Its id.
    pub organisation_id: String,
    /// Its name.
    pub name: String,
    /// Role code.
    pub role: String,
}

/// Somebody who is asked to join.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations, check_for_backend(diesel::pg::Pg))]
pub struct InvitationRow {
    /// Its id, which opens nothing.
    pub id: Uuid,
    /// The organisation.
    pub organisation_id: String,
    /// The address as typed.
    pub email: String,
    /// The address in lower case.
    pub email_key: String,
    /// Role code.
    pub role: String,
    /// Who asks.
    pub invited_by: Uuid,
    /// When.
    pub invited_at: OffsetDateTime,
    /// Until when it can be answered.
    pub ends_at: OffsetDateTime,
    /// `accepted`, `declined`, `withdrawn`.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<OffsetDateTime>,
}

/// The database holds no other code; were there one, it would be worth the least.
fn role(code: &str) -> Role {
    Role::from_code(code).unwrap_or(Role::Reader)
}

impl MemberRow {
    /// The role.
    #[must_use]
    pub fn role(&self) -> Role {
        role(&self.role)
    }
}

impl MembershipRow {
    /// The role.
    #[must_use]
    pub fn role(&self) -> Role {
        role(&self.role)
    }
}

impl InvitationRow {
    /// The role.
    #[must_use]
    pub fn role(&self) -> Role {
        role(&self.role)
    }
}

/// The role of a person in an organisation, if any.
///
/// # Errors
/// When the database refuses.
pub async fn role_of(
    db: &mut impl Reads,
    organisation: &OrganisationId,
    person: PersonId,
) -> QueryResult<Option<Role>> {
    let code: Option<String> = members::table
        .find((organisation.as_str(), person.uuid()))
        .select(members::role)
        .first(db.conn())
        .await
        .optional()?;
    Ok(code.as_deref().map(role))
}

/// The organisations that a person acts for, by name.
///
/// # Errors
/// When the database refuses.
pub async fn memberships_of(
    db: &mut impl Reads,
    person: PersonId,
) -> QueryResult<Vec<MembershipRow>> {
    members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::organisation_id)))
        .filter(members::person_id.eq(person.uuid()))
        .order(organisations::name)
        .select((organisations::id, organisations::name, members::role))
        .load(db.conn())
        .await
}

/// The organisations that would be left without an owner, were a person to leave.
///
/// # Errors
/// When the database refuses.
pub async fn alone_in(db: &mut impl Reads, person: PersonId) -> QueryResult<Vec<MembershipRow>> {
    let mut alone = Vec::new();
    for row in memberships_of(db, person).await? {
        let members = of(db, &OrganisationId::new(row.organisation_id.clone())).await?;
        let owner = |member: &&MemberRow| member.role() == Role::Owner;
        let others = members.iter().filter(owner).filter(|one| one.person_id != person.uuid());
        if row.role() == Role::Owner && others.count() == 0 {
            alone.push(row);
        }
    }
    Ok(alone)
}

/// The members of an organisation, the first to come first.
///
/// # Errors
/// When the database refuses.
pub async fn of(db: &mut impl Reads, organisation: &OrganisationId) -> QueryResult<Vec<MemberRow>> {
    members::table
        .inner_join(people::table.on(people::id.eq(members::person_id)))
        .filter(members::organisation_id.eq(organisation.as_str()))
        .order((members::since, people::email))
        .select((people::id, people::email, members::role, members::since))
        .load(db.conn())
        .await
}

/// Whoever changes the members of an organisation waits here for whoever else does: two owners who
/// leave at the same time are not both the last but one.
///
/// # Errors
/// When there is no such organisation, or the database refuses.
pub async fn lock(tx: &mut Tx, organisation: &OrganisationId) -> QueryResult<()> {
    organisations::table
        .find(organisation.as_str())
        .for_no_key_update()
        .select(organisations::id)
        .first::<String>(tx.conn())
        .await?;
    Ok(())
}

/// Gives a person a role, in place of the one they had.
///
/// # Errors
/// When the database refuses.
pub async fn put(
    tx: &mut Tx,
    organisation: &OrganisationId,
    (person, role): (PersonId, Role),
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::insert_into(members::table)
        .values((
            members::organisation_id.eq(organisation.as_str()),
            members::person_id.eq(person.uuid()),
            members::role.eq(role.code()),
            members::since.eq(now),
        ))
        .on_conflict((members::organisation_id, members::person_id))
        .do_update()
        .set(members::role.eq(role.code()))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes a person's role away.
///
/// # Errors
/// When the database refuses.
pub async fn remove(
    tx: &mut Tx,
    organisation: &OrganisationId,
    person: PersonId,
) -> QueryResult<()> {
    diesel::delete(members::table.find((organisation.as_str(), person.uuid())))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Asks somebody to join, in place of an open invitation to the same address.
///
/// # Errors
/// When the database refuses.
pub async fn invite(tx: &mut Tx, row: &InvitationRow) -> QueryResult<()> {
    let open = invitations::table
        .filter(invitations::organisation_id.eq(&row.organisation_id))
        .filter(invitations::email_key.eq(&row.email_key))
        .filter(invitations::answer.is_null());
    diesel::update(open)
        .set((invitations::answer.eq("withdrawn"), invitations::answered_at.eq(row.invited_at)))
        .execute(tx.conn())
        .await?;
    diesel::insert_into(invitations::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Invitations of an organisation that can still be answered, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn invited(
    db: &mut impl Reads,
    organisation: &OrganisationId,
    now: OffsetDateTime,
) -> QueryResult<Vec<InvitationRow>> {
    invitations::table
        .filter(invitations::organisation_id.eq(organisation.as_str()))
        .filter(invitations::answer.is_null())
        .filter(invitations::ends_at.gt(now))
        .order(invitations::invited_at.desc())
        .select(InvitationRow::as_select())
        .load(db.conn())
        .await
}

/// Invitations to an address that can still be answered, with the organisation's name.
///
/// # Errors
/// When the database refuses.
pub async fn invitations_to(
    db: &mut impl Reads,
    email_key: &str,
    now: OffsetDateTime,
) -> QueryResult<Vec<(InvitationRow, String)>> {
    invitations::table
        .inner_join(organisations::table.on(organisations::id.eq(invitations::organisation_id)))
        .filter(invitations::email_key.eq(email_key))
        .filter(invitations::answer.is_null())
        .filter(invitations::ends_at.gt(now))
        .order(invitations::invited_at)
        .select((InvitationRow::as_select(), organisations::name))
        .load(db.conn())
        .await
}

/// Locks an invitation that can still be answered.
///
/// # Errors
/// When the database refuses.
pub async fn lock_invitation(
    tx: &mut Tx,
    id: Uuid,
    now: OffsetDateTime,
) -> QueryResult<Option<InvitationRow>> {
    invitations::table
        .find(id)
        .filter(invitations::answer.is_null())
        .filter(invitations::ends_at.gt(now))
        .select(InvitationRow::as_select())
        .for_update()
        .first(tx.conn())
        .await
        .optional()
}

/// Notes the answer.
///
/// # Errors
/// When the database refuses.
pub async fn answer(
    tx: &mut Tx,
    id: Uuid,
    (answer, now): (&str, OffsetDateTime),
) -> QueryResult<()> {
    diesel::update(invitations::table.find(id))
        .set((invitations::answer.eq(answer), invitations::answered_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}
