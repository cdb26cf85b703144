//! People and organisations, found by who works for the platform.

use diesel::{
    prelude::*,
    sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::ids::{OrganisationId, PersonId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::organisations,
    session::{Reads, Tx},
};

/// What a list shows at most.
pub const FOUND: i64 = 50;

/// A person, as the desk sees them.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct PersonRow {
    /// Their id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Their address; a word without meaning once forgotten.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Since when we know it.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: OffsetDateTime,
    /// Since when letters come back.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub bounced_at: Option<OffsetDateTime>,
    /// When they last came in.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub signed_in_at: Option<OffsetDateTime>,
    /// When they asked to be forgotten.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub erase_asked_at: Option<OffsetDateTime>,
    /// Since when they may not come in.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub suspended_at: Option<OffsetDateTime>,
    /// Why.
    #[diesel(sql_type = Nullable<Text>)]
    pub suspended_for: Option<String>,
    /// The same person, under another address.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub merged_into: Option<Uuid>,
    /// They work for the platform.
    #[diesel(sql_type = Bool)]
    pub works_here: bool,
    /// Other addresses of theirs, merged into this one.
    #[diesel(sql_type = Array<Text>)]
    pub also: Vec<String>,
}

const PEOPLE: &str = "
SELECT p.id, p.email, p.created_at, p.bounced_at, p.signed_in_at, p.erase_asked_at,
    p.suspended_at, p.suspended_for, p.merged_into,
    EXISTS (SELECT FROM staff s WHERE s.person_id = p.id) AS works_here,
    ARRAY(SELECT a.email FROM people a WHERE a.merged_into = p.id AND a.forgotten_at IS NULL
        ORDER BY a.email_key) AS also
FROM people p WHERE p.forgotten_at IS NULL AND ";

/// A text to be found as it is: `%` and `_` mean themselves.
fn containing(words: &str) -> String {
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// People whose address contains a text, at most [`FOUND`], in the order of addresses.
///
/// # Errors
/// When the database refuses.
pub async fn people(db: &mut impl Reads, words: &str) -> QueryResult<Vec<PersonRow>> {
    diesel::sql_query(format!("{PEOPLE} p.email_key LIKE $1 ORDER BY p.email_key LIMIT {FOUND}"))
        .bind::<Text, _>(containing(&words.to_lowercase()))
        .load(db.conn())
        .await
}

/// People whose letters come back or who are suspended, the newest first, at most [`FOUND`].
///
/// # Errors
/// When the database refuses.
pub async fn in_trouble(db: &mut impl Reads) -> QueryResult<Vec<PersonRow>> {
    diesel::sql_query(format!(
        "{PEOPLE} (p.bounced_at IS NOT NULL OR p.suspended_at IS NOT NULL)
         ORDER BY greatest(p.bounced_at, p.suspended_at) DESC LIMIT {FOUND}"
    ))
    .load(db.conn())
    .await
}

/// A person who is not forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn person(db: &mut impl Reads, id: PersonId) -> QueryResult<Option<PersonRow>> {
    diesel::sql_query(format!("{PEOPLE} p.id = $1"))
        .bind::<SqlUuid, _>(id.uuid())
        .get_result(db.conn())
        .await
        .optional()
}

/// Locks a person until the transaction ends; nothing when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn lock_person(tx: &mut Tx, id: PersonId) -> QueryResult<Option<PersonRow>> {
    diesel::sql_query(format!("{PEOPLE} p.id = $1 FOR UPDATE OF p"))
        .bind::<SqlUuid, _>(id.uuid())
        .get_result(tx.conn())
        .await
        .optional()
}

/// An organisation, as the desk sees it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = organisations, check_for_backend(diesel::pg::Pg))]
pub struct OrganisationRow {
    /// Its id.
    pub id: String,
    /// Its legal name.
    pub name: String,
    /// Holder type.
    pub kind: String,
    /// Nine digits.
    pub siren: String,
    /// Since when we know it.
    pub created_at: OffsetDateTime,
    /// Since when its campaigns take no gifts.
    pub suspended_at: Option<OffsetDateTime>,
    /// Why.
    pub suspended_for: Option<String>,
    /// The same organisation, entered twice.
    pub merged_into: Option<String>,
}

/// Organisations whose name contains a text or whose SIREN begins with its digits, at most
/// [`FOUND`], in the order of names.
///
/// # Errors
/// When the database refuses.
pub async fn organisations(db: &mut impl Reads, words: &str) -> QueryResult<Vec<OrganisationRow>> {
    let named = organisations::name.ilike(containing(words));
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    let mut asked = organisations::table
        .order((organisations::name, organisations::id))
        .limit(FOUND)
        .select(OrganisationRow::as_select())
        .into_boxed();
    asked = if digits.is_empty() {
        asked.filter(named)
    } else {
        asked.filter(named.or(organisations::siren.like(format!("{digits}%"))))
    };
    asked.load(db.conn()).await
}

/// An organisation.
///
/// # Errors
/// When the database refuses.
pub async fn organisation(
    db: &mut impl Reads,
    id: &OrganisationId,
) -> QueryResult<Option<OrganisationRow>> {
    let found = organisations::table.find(id.as_str()).select(OrganisationRow::as_select());
    found.first(db.conn()).await.optional()
}

/// Locks an organisation until the transaction ends; nothing when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn lock_organisation(
    tx: &mut Tx,
    id: &OrganisationId,
) -> QueryResult<Option<OrganisationRow>> {
    let found = organisations::table.find(id.as_str()).select(OrganisationRow::as_select());
    found.for_update().first(tx.conn()).await.optional()
}
