//! Two rows that are one person, or one organisation. What was decided stays where it was decided:
//! gifts keep their donor, so that every match can be recomputed.

use diesel::{
    prelude::*,
    sql_types::{Bool, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::ids::{OrganisationId, PersonId};
use uuid::Uuid;

use crate::{
    schema::people,
    session::{Reads, Tx},
};

/// `$1` goes into `$2`: with memberships (an owner stays one), follows and what was
/// merged before, and its identities. Its keys, requests and sessions are forgotten.
const PERSON: &[&str] = &[
    "UPDATE people SET merged_into = $2 WHERE id = $1 OR merged_into = $1",
    "INSERT INTO members (organisation_id, person_id, role, since)
         SELECT organisation_id, $2, role, since FROM members WHERE person_id = $1
     ON CONFLICT (organisation_id, person_id) DO UPDATE SET role = excluded.role
         WHERE excluded.role = 'owner'",
    "DELETE FROM members WHERE person_id = $1 AND $2 <> $1",
    "UPDATE followers f SET person_id = $2 WHERE person_id = $1 AND NOT EXISTS (
         SELECT FROM followers o WHERE o.campaign_id = f.campaign_id AND o.person_id = $2)",
    "DELETE FROM followers WHERE person_id = $1 AND $2 <> $1",
    "UPDATE identities SET person_id = $2 WHERE person_id = $1",
    "DELETE FROM passkeys WHERE person_id = $1 AND $2 <> $1",
    "DELETE FROM address_changes WHERE person_id = $1 AND $2 <> $1",
    "DELETE FROM ceremonies USING sessions s
     WHERE session_id = s.id AND s.person_id = $1 AND $2 <> $1",
    "DELETE FROM sessions WHERE person_id = $1 AND $2 <> $1",
];

/// Merges one person into another; both are locked.
///
/// # Errors
/// When the database refuses.
pub async fn person(tx: &mut Tx, from: PersonId, into: PersonId) -> QueryResult<()> {
    for statement in PERSON {
        diesel::sql_query(*statement)
            .bind::<SqlUuid, _>(from.uuid())
            .bind::<SqlUuid, _>(into.uuid())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// Those who were merged into a person and are not forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn others_of(db: &mut impl Reads, person: PersonId) -> QueryResult<Vec<PersonId>> {
    let ids: Vec<Uuid> = people::table
        .filter(people::merged_into.eq(person.uuid()))
        .filter(people::forgotten_at.is_null())
        .order(people::id)
        .select(people::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(PersonId::new).collect())
}

#[derive(QueryableByName)]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// True when gifts name an organisation: its receipts and its account stand in the books, and its
/// campaigns cannot be another's.
///
/// # Errors
/// When the database refuses.
pub async fn has_gifts(db: &mut impl Reads, id: &OrganisationId) -> QueryResult<bool> {
    let answer: Yes = diesel::sql_query(
        "SELECT EXISTS (SELECT FROM gifts g JOIN campaigns c ON c.id = g.campaign_id
             WHERE c.holder_id = $1) AS yes",
    )
    .bind::<Text, _>(id.as_str())
    .get_result(db.conn())
    .await?;
    Ok(answer.yes)
}

/// The same for organisations. Invitations to the first are withdrawn.
const ORGANISATION: &[&str] = &[
    "UPDATE organisations SET merged_into = $2 WHERE id = $1 OR merged_into = $1",
    "UPDATE campaigns SET holder_id = $2 WHERE holder_id = $1",
    "INSERT INTO members (organisation_id, person_id, role, since)
         SELECT $2, person_id, role, since FROM members WHERE organisation_id = $1
     ON CONFLICT DO NOTHING",
    "DELETE FROM members WHERE organisation_id = $1 AND $2 <> $1",
    "DELETE FROM invitations WHERE organisation_id = $1 AND $2 <> $1 AND answer IS NULL",
];

/// Merges one organisation without gifts into another; both are locked.
///
/// # Errors
/// When the database refuses.
pub async fn organisation(
    tx: &mut Tx,
    from: &OrganisationId,
    into: &OrganisationId,
) -> QueryResult<()> {
    for statement in ORGANISATION {
        diesel::sql_query(*statement)
            .bind::<Text, _>(from.as_str())
            .bind::<Text, _>(into.as_str())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}
