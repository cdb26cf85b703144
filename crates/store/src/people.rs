//! People and organisations.

use diesel::{
    prelude::*,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    ids::{OrganisationId, PersonId},
    people::EmailAddress,
    receipt::{Eligibility, IssuerRight},
};
use matching::case::Holder;
use sql::Keep;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    receipts::{self, Document},
    schema::{organisations, people},
    session::{Reads, Tx},
};

/// The person of an address, made when new.
///
/// # Errors
/// When the database refuses.
pub async fn of_address(
    tx: &mut Tx,
    address: &EmailAddress,
    now: OffsetDateTime,
) -> QueryResult<PersonId> {
    if let Some(known) = known(tx, &address.key()).await? {
        return Ok(known);
    }
    let new: Option<Uuid> = diesel::insert_into(people::table)
        .values((
            people::id.eq(Uuid::now_v7()),
            people::email.eq(address.as_str()),
            people::email_key.eq(address.key()),
            people::created_at.eq(now),
        ))
        .on_conflict(people::email_key)
        .do_nothing()
        .returning(people::id)
        .get_result(tx.conn())
        .await
        .optional()?;
    if let Some(new) = new {
        return Ok(PersonId::new(new));
    }
    // Another wrote it between our two statements.
    known(tx, &address.key()).await?.ok_or(diesel::NotFound)
}

/// `$1` is an address in lower case or an id: of who was merged into another, that other, unless
/// that one is forgotten.
const BY_KEY: &str = "SELECT coalesce(m.id, p.id) AS id FROM people p
    LEFT JOIN people m ON m.id = p.merged_into AND m.forgotten_at IS NULL WHERE p.email_key = $1";
const READER: &str = "SELECT coalesce(m.email, p.email) AS email,
        CASE WHEN m.id IS NULL THEN p.bounced_at ELSE m.bounced_at END AS bounced_at
    FROM people p LEFT JOIN people m ON m.id = p.merged_into AND m.forgotten_at IS NULL
    WHERE p.id = $1";
const COMES_BACK: &str = "UPDATE people SET bounced_at = $2 WHERE id = (
    SELECT coalesce(m.id, p.id) FROM people p
    LEFT JOIN people m ON m.id = p.merged_into AND m.forgotten_at IS NULL WHERE p.id = $1)";

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The person of an address in lower case, if we know one.
///
/// # Errors
/// When the database refuses.
pub async fn known(db: &mut impl Reads, key: &str) -> QueryResult<Option<PersonId>> {
    let asked = diesel::sql_query(BY_KEY).bind::<Text, _>(key).kept();
    let found: Option<Known> = asked.get_result(db.conn()).await.optional()?;
    Ok(found.map(|known| PersonId::new(known.id)))
}

/// An address we may write to, unless letters to it come back.
#[derive(Clone, Debug, QueryableByName)]
pub struct Addressee {
    /// The address as first given.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Since when letters come back.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub bounced_at: Option<OffsetDateTime>,
}

/// Where to write to a person.
///
/// # Errors
/// When there is no such person, or the database refuses.
pub async fn addressee(db: &mut impl Reads, person: PersonId) -> QueryResult<Addressee> {
    let asked = diesel::sql_query(READER).bind::<SqlUuid, _>(person.uuid()).kept();
    asked.get_result(db.conn()).await
}

/// Notes that letters to a person come back.
///
/// # Errors
/// When the database refuses.
pub async fn note_bounce(tx: &mut Tx, person: PersonId, now: OffsetDateTime) -> QueryResult<()> {
    diesel::sql_query(COMES_BACK)
        .bind::<SqlUuid, _>(person.uuid())
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Gives a person another address; letters go out again.
///
/// # Errors
/// When somebody has it, or the database refuses.
pub async fn change_address(
    tx: &mut Tx,
    person: PersonId,
    address: &EmailAddress,
) -> QueryResult<()> {
    let came_back: Option<OffsetDateTime> = None;
    diesel::update(people::table.find(person.uuid()))
        .set((
            people::email.eq(address.as_str()),
            people::email_key.eq(address.key()),
            people::bounced_at.eq(came_back),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// An organisation that holds projects and issues receipts.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations, check_for_backend(diesel::pg::Pg))]
pub struct Organisation {
    /// Its id.
    pub id: String,
    /// Its legal name.
    pub name: String,
    /// Holder type of the matching rules.
    pub kind: String,
    /// Nine digits.
    pub siren: String,
    /// Its object, printed on receipts.
    pub object: String,
    /// Number and street.
    pub address_line: String,
    /// Five digits.
    pub address_postcode: String,
    /// Commune.
    pub address_city: String,
    /// `FR`.
    pub address_country: String,
    /// Who signs.
    pub representative_name: String,
    /// In which capacity.
    pub representative_role: String,
    /// Single undertaking of the de minimis rule.
    pub undertaking: Option<String>,
    /// Whether it has an economic activity.
    pub economic_activity: bool,
    /// Category of the tax rules.
    pub tax_category: String,
    /// Where it stands with the right to issue receipts.
    pub eligibility: String,
    /// First day of that right.
    pub eligible_from: Option<Date>,
    /// Reference of the ruling.
    pub eligibility_reference: Option<String>,
    /// Day of the mandate to the platform.
    pub mandate_signed_on: Option<Date>,
    /// Connected account at the provider.
    pub provider_account: Option<String>,
    /// That account may take payments.
    pub charges_enabled: bool,
    /// Since when we know it.
    pub created_at: OffsetDateTime,
    /// Digest of its representative's signature, among the documents.
    pub signature: Option<Vec<u8>>,
}

impl Organisation {
    /// The holder as the matching rules see it.
    #[must_use]
    pub fn as_the_rules_see_it(&self) -> Holder {
        Holder {
            id: self.id.clone(),
            kind: self.kind.clone(),
            undertaking: self.undertaking.clone(),
            economic_activity: self.economic_activity,
            de_minimis: Vec::new(),
        }
    }

    /// The dated facts that decide about receipts.
    #[must_use]
    pub fn issuer_right(&self) -> IssuerRight {
        IssuerRight {
            eligibility: Eligibility::from_code(&self.eligibility).unwrap_or(Eligibility::None),
            eligible_from: self.eligible_from,
            mandate_signed_on: self.mandate_signed_on,
            signature_kept: self.signature.is_some(),
        }
    }
}

/// Reads an organisation.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn organisation(db: &mut impl Reads, id: &OrganisationId) -> QueryResult<Organisation> {
    organisations::table.find(id.as_str()).select(Organisation::as_select()).first(db.conn()).await
}

/// Adds organisations, those already there stay as they are.
///
/// # Errors
/// When the database refuses.
pub async fn add_organisations(tx: &mut Tx, new: &[Organisation]) -> QueryResult<usize> {
    diesel::insert_into(organisations::table)
        .values(new)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await
}

/// Keeps the signature that an organisation's receipts carry from now on.
///
/// # Errors
/// When there is no such organisation, or the database refuses.
pub async fn keep_signature(
    tx: &mut Tx,
    id: &OrganisationId,
    signature: &Document,
) -> QueryResult<()> {
    receipts::add_document(tx, signature).await?;
    let changed = diesel::update(organisations::table.find(id.as_str()))
        .set(organisations::signature.eq(&signature.sha256))
        .execute(tx.conn())
        .await?;
    if changed == 0 { Err(diesel::NotFound) } else { Ok(()) }
}
