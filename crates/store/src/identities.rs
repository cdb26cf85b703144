//! Accounts at identity providers that let people in. Their key is issuer and subject.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::{OrganisationId, PersonId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{identities, members, organisations, waiting_identities},
    session::{Reads, Tx},
};

/// An identity, bound to a person.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = identities, check_for_backend(diesel::pg::Pg))]
pub struct IdentityRow {
    /// Its id, which opens nothing.
    pub id: Uuid,
    /// Whose.
    pub person_id: Uuid,
    /// Provider code.
    pub provider: String,
    /// The issuer.
    pub issuer: String,
    /// The person there.
    pub subject: String,
    /// The establishment they last said to act for.
    pub siret: Option<String>,
    /// Since when.
    pub first_seen_at: OffsetDateTime,
    /// When it last let somebody in.
    pub last_seen_at: OffsetDateTime,
}

/// An identity that waits for the answer to a letter.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = waiting_identities, check_for_backend(diesel::pg::Pg))]
pub struct WaitingRow {
    /// The letter.
    pub sign_in_id: Uuid,
    /// Provider code.
    pub provider: String,
    /// The issuer.
    pub issuer: String,
    /// The person there.
    pub subject: String,
    /// The establishment they said to act for.
    pub siret: Option<String>,
    /// The token of its session there.
    pub id_token: String,
}

/// The identity of an issuer and a subject, if it is bound.
///
/// # Errors
/// When the database refuses.
pub async fn known(
    db: &mut impl Reads,
    (issuer, subject): (&str, &str),
) -> QueryResult<Option<IdentityRow>> {
    identities::table
        .filter(identities::issuer.eq(issuer))
        .filter(identities::subject.eq(subject))
        .select(IdentityRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// The identities of a person, the oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn of(db: &mut impl Reads, person: PersonId) -> QueryResult<Vec<IdentityRow>> {
    identities::table
        .filter(identities::person_id.eq(person.uuid()))
        .order(identities::first_seen_at)
        .select(IdentityRow::as_select())
        .load(db.conn())
        .await
}

/// Binds one; says whether it was free.
///
/// # Errors
/// When the database refuses.
pub async fn bind(tx: &mut Tx, row: &IdentityRow) -> QueryResult<bool> {
    let bound = diesel::insert_into(identities::table)
        .values(row)
        .on_conflict((identities::issuer, identities::subject))
        .do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(bound == 1)
}

/// Notes that it was seen, with the establishment it names now.
///
/// # Errors
/// When the database refuses.
pub async fn note_seen(
    tx: &mut Tx,
    id: Uuid,
    (siret, now): (Option<&str>, OffsetDateTime),
) -> QueryResult<()> {
    diesel::update(identities::table.find(id))
        .set((identities::siret.eq(siret), identities::last_seen_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Lets one of a person go, and of nobody else; answers what it was.
///
/// # Errors
/// When the database refuses.
pub async fn remove(tx: &mut Tx, person: PersonId, id: Uuid) -> QueryResult<Option<IdentityRow>> {
    let theirs = identities::table
        .filter(identities::id.eq(id))
        .filter(identities::person_id.eq(person.uuid()));
    diesel::delete(theirs)
        .returning(IdentityRow::as_returning())
        .get_result(tx.conn())
        .await
        .optional()
}

/// Keeps one that waits for the answer to a letter.
///
/// # Errors
/// When the database refuses.
pub async fn wait(tx: &mut Tx, row: &WaitingRow) -> QueryResult<()> {
    diesel::insert_into(waiting_identities::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// The one that waits for the answer to a letter.
///
/// # Errors
/// When the database refuses.
pub async fn waiting(db: &mut impl Reads, sign_in: Uuid) -> QueryResult<Option<WaitingRow>> {
    let found = waiting_identities::table.find(sign_in).select(WaitingRow::as_select());
    found.first(db.conn()).await.optional()
}

/// Forgets one that waited.
///
/// # Errors
/// When the database refuses.
pub async fn wait_no_more(tx: &mut Tx, sign_in: Uuid) -> QueryResult<()> {
    diesel::delete(waiting_identities::table.find(sign_in)).execute(tx.conn()).await?;
    Ok(())
}

/// Organisations of a SIREN that nobody acts for.
///
/// # Errors
/// When the database refuses.
pub async fn without_member(db: &mut impl Reads, siren: &str) -> QueryResult<Vec<OrganisationId>> {
    let of_it = members::table.filter(members::organisation_id.eq(organisations::id));
    let ids: Vec<String> = organisations::table
        .filter(organisations::siren.eq(siren))
        .filter(diesel::dsl::not(diesel::dsl::exists(of_it)))
        .order(organisations::id)
        .select(organisations::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(OrganisationId::new).collect())
}

/// Members of an organisation who act for one of its establishments as a provider says, with it.
///
/// # Errors
/// When the database refuses.
pub async fn vouched_members(
    db: &mut impl Reads,
    organisation: &OrganisationId,
) -> QueryResult<Vec<(Uuid, String)>> {
    let siren: String = organisations::table
        .find(organisation.as_str())
        .select(organisations::siren)
        .first(db.conn())
        .await?;
    let found: Vec<(Uuid, Option<String>)> = identities::table
        .inner_join(members::table.on(members::person_id.eq(identities::person_id)))
        .filter(members::organisation_id.eq(organisation.as_str()))
        .filter(identities::siret.like(format!("{siren}%")))
        .order(identities::last_seen_at)
        .select((identities::person_id, identities::siret))
        .load(db.conn())
        .await?;
    Ok(found.into_iter().filter_map(|(person, siret)| Some((person, siret?))).collect())
}
