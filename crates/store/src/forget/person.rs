//! One person, forgotten: at once what nothing demands, the rest when no gift is under way.

use diesel::{
    prelude::*,
    sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::ids::PersonId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::{gifts, people, receipts},
    session::{Reads, Tx},
};

/// How far the forgetting of a person is.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = people, check_for_backend(diesel::pg::Pg))]
pub struct Fate {
    /// Their address; a word without meaning once forgotten.
    pub email: String,
    /// The address in lower case.
    pub email_key: String,
    /// Since when letters come back.
    pub bounced_at: Option<OffsetDateTime>,
    /// When they asked.
    pub erase_asked_at: Option<OffsetDateTime>,
    /// When it was done.
    pub forgotten_at: Option<OffsetDateTime>,
    /// Another address of the same person, who is told there.
    pub merged_into: Option<Uuid>,
}

/// Locks a person.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, person: PersonId) -> QueryResult<Option<Fate>> {
    let found = people::table.find(person.uuid()).select(Fate::as_select());
    found.for_update().first(tx.conn()).await.optional()
}

/// Notes that they asked.
///
/// # Errors
/// When the database refuses.
pub async fn note_asked(tx: &mut Tx, person: PersonId, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(people::table.find(person.uuid()))
        .filter(people::erase_asked_at.is_null())
        .set(people::erase_asked_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Who asked and is not forgotten yet, the first to ask first.
///
/// # Errors
/// When the database refuses.
pub async fn asked(db: &mut impl Reads, limit: i64) -> QueryResult<Vec<PersonId>> {
    let ids: Vec<Uuid> = people::table
        .filter(people::erase_asked_at.is_not_null())
        .filter(people::forgotten_at.is_null())
        .order(people::erase_asked_at)
        .limit(limit)
        .select(people::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(PersonId::new).collect())
}

/// When the last receipt of a person was issued, whose copy the law makes us keep.
///
/// # Errors
/// When the database refuses.
pub async fn last_receipt(
    db: &mut impl Reads,
    person: PersonId,
) -> QueryResult<Option<OffsetDateTime>> {
    receipts::table
        .inner_join(gifts::table.on(gifts::id.eq(receipts::gift_id)))
        .filter(gifts::person_id.eq(person.uuid()))
        .select(diesel::dsl::max(receipts::issued_at))
        .first(db.conn())
        .await
}

/// A payment page open since less than a day, a payment, a refund or a dispute without an end, a
/// receipt that is due or waits, a letter to send.
const UNDER_WAY: &str = "
SELECT EXISTS (SELECT FROM gifts g WHERE g.person_id = $1 AND (
        g.state IN ('processing', 'unknown', 'disputed')
        OR g.match_state = 'reserved'
        OR (g.state = 'created' AND g.created_at > $2 - interval '1 day')
        OR (g.wants_receipt AND g.captured_cents > g.refunded_cents + g.lost_cents
            AND coalesce(g.no_receipt_reason, '') IN
                ('', 'money_not_cleared', 'minimum_not_reached', 'no_signature')
            AND NOT EXISTS (SELECT FROM receipts r
                WHERE r.gift_id = g.id AND r.cancelled_at IS NULL))
        OR EXISTS (SELECT FROM refunds r WHERE r.gift_id = g.id
            AND r.state IN ('queued', 'asked', 'unknown', 'pending'))))
    OR EXISTS (SELECT FROM letters WHERE person_id = $1 AND state = 'queued') AS yes";

#[derive(QueryableByName)]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// True while something about a gift of theirs must still be said or done.
///
/// # Errors
/// When the database refuses.
pub async fn gifts_under_way(
    db: &mut impl Reads,
    person: PersonId,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let answer: Yes = diesel::sql_query(UNDER_WAY)
        .bind::<SqlUuid, _>(person.uuid())
        .bind::<Timestamptz, _>(now)
        .get_result(db.conn())
        .await?;
    Ok(answer.yes)
}

/// `$1` is the person, `$2` their address in lower case, `$3` the address as a regular expression.
const AT_ONCE: &[&str] = &[
    "DELETE FROM address_changes WHERE person_id = $1",
    "DELETE FROM ceremonies USING sessions s WHERE session_id = s.id AND s.person_id = $1",
    "DELETE FROM sessions WHERE person_id = $1",
    "DELETE FROM identities WHERE person_id = $1",
    "DELETE FROM passkeys WHERE person_id = $1",
    "DELETE FROM staff WHERE person_id = $1",
    "DELETE FROM recoveries WHERE person_id = $1",
    "DELETE FROM sign_ins WHERE lower(email) = $2",
    "DELETE FROM followers WHERE person_id = $1",
    "DELETE FROM members WHERE person_id = $1",
    "DELETE FROM invitations WHERE email_key = $2",
    "DELETE FROM gift_challenges WHERE lower(form -> 'donor' ->> 'email') = $2",
    "UPDATE gifts SET public_name = false, wants_news = false
     WHERE person_id = $1 AND (public_name OR wants_news)",
    "UPDATE letters SET letter = '{}', unsubscribe_url = NULL
     WHERE person_id = $1 AND state <> 'queued' AND letter <> '{}'",
    "UPDATE letters SET letter = '{}' WHERE kind = 'invitation'
     AND lower(letter ->> 'invited_by') = $2 AND state <> 'queued'",
    "SELECT set_config('essaim.forgetting', 'on', true)",
    "UPDATE trail SET before = regexp_replace(before::text, $3, '…', 'gi')::jsonb,
         after = regexp_replace(after::text, $3, '…', 'gi')::jsonb
     WHERE before::text ~* $3 OR after::text ~* $3",
    "UPDATE trail SET before = before - 'name', after = after - 'name'
     WHERE actor_id = $1 AND action IN ('add_passkey', 'remove_passkey')",
    "SELECT set_config('essaim.forgetting', 'off', true)",
];

/// The same `$1`. Name and address stay on a gift with a receipt, or one that may still get one.
const THE_REST: &[&str] = &[
    "UPDATE gift_donors d SET first_name = '', last_name = '', address_line = '', postcode = '',
         city = '', country = ''
     FROM gifts g WHERE g.id = d.gift_id AND g.person_id = $1
         AND NOT (g.wants_receipt AND g.captured_cents > g.refunded_cents + g.lost_cents)
         AND NOT EXISTS (SELECT FROM receipts r WHERE r.gift_id = g.id)",
    "UPDATE gift_payments p SET card_fingerprint = NULL, asked_from = '', checkout_url = NULL
     FROM gifts g WHERE g.id = p.gift_id AND g.person_id = $1",
    "UPDATE provider_events e SET body = '' FROM gifts g
     WHERE g.id = e.gift_id AND g.person_id = $1 AND e.body <> ''
         AND e.state IN ('processed', 'foreign')",
    "UPDATE receipts r SET token = 'forgotten:' || r.id FROM gifts g
     WHERE g.id = r.gift_id AND g.person_id = $1",
    // A gift that was not paid gets no receipt without a name, should its money come one day.
    "UPDATE gifts SET token = 'forgotten:' || id,
         wants_receipt = wants_receipt AND captured_cents > 0
     WHERE person_id = $1",
    "UPDATE letters SET letter = '{}', unsubscribe_url = NULL,
         problem = CASE WHEN state = 'queued' THEN 'forgotten' ELSE problem END,
         state = CASE WHEN state = 'queued' THEN 'refused' ELSE state END
     WHERE person_id = $1",
];

async fn run(tx: &mut Tx, statements: &[&str], person: PersonId, key: &str) -> QueryResult<()> {
    let pattern = as_pattern(key);
    for statement in statements {
        diesel::sql_query(*statement)
            .bind::<SqlUuid, _>(person.uuid())
            .bind::<Text, _>(key)
            .bind::<Text, _>(&pattern)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// An address as a regular expression that matches it between the quotes of JSON.
fn as_pattern(key: &str) -> String {
    let mut pattern = String::from("(?<=\")");
    for letter in key.chars() {
        if !letter.is_alphanumeric() {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push_str("(?=\")");
    pattern
}

/// Forgets of a locked person what neither the law nor a gift under way asks for.
///
/// # Errors
/// When the database refuses.
pub async fn at_once(tx: &mut Tx, person: PersonId, key: &str) -> QueryResult<()> {
    run(tx, AT_ONCE, person, key).await
}

/// Forgets the rest of a locked person: their row says nobody, and nothing leads to it.
///
/// # Errors
/// When the database refuses.
pub async fn the_rest(
    tx: &mut Tx,
    person: PersonId,
    key: &str,
    now: OffsetDateTime,
) -> QueryResult<()> {
    run(tx, AT_ONCE, person, key).await?;
    run(tx, THE_REST, person, key).await?;
    let nobody = format!("forgotten:{person}");
    diesel::update(people::table.find(person.uuid()))
        .set((
            people::email.eq(&nobody),
            people::email_key.eq(&nobody),
            people::bounced_at.eq(now),
            people::forgotten_at.eq(now),
            people::signed_in_at.eq(None::<OffsetDateTime>),
            people::suspended_at.eq(None::<OffsetDateTime>),
            people::suspended_for.eq(None::<String>),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Nobody gave, signed in, joined or follows since `$1`, or works for the platform.
const IDLE: &str = "
SELECT p.id FROM people p
WHERE p.forgotten_at IS NULL AND p.erase_asked_at IS NULL AND p.created_at < $1
    AND NOT EXISTS (SELECT FROM people m WHERE m.id = p.merged_into AND m.forgotten_at IS NULL)
    AND NOT EXISTS (SELECT FROM gifts g JOIN people a ON a.id = g.person_id
        WHERE (a.id = p.id OR a.merged_into = p.id)
            AND (g.created_at >= $1 OR g.paid_at >= $1))
    AND NOT EXISTS (SELECT FROM sessions s WHERE s.person_id = p.id AND s.seen_at >= $1)
    AND (p.signed_in_at IS NULL OR p.signed_in_at < $1)
    AND NOT EXISTS (SELECT FROM staff t WHERE t.person_id = p.id)
    AND NOT EXISTS (SELECT FROM members m WHERE m.person_id = p.id)
    AND NOT EXISTS (SELECT FROM invitations i WHERE i.email_key = p.email_key)
    AND NOT EXISTS (SELECT FROM followers f JOIN campaigns c ON c.id = f.campaign_id
        WHERE f.person_id = p.id AND f.ended_at IS NULL
            AND (f.asked_at >= $1 OR (f.confirmed_at IS NOT NULL AND c.ends_at >= $1)))
ORDER BY p.created_at LIMIT $2";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// People of whom nothing was heard since an instant, the oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn idle(
    db: &mut impl Reads,
    since: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<PersonId>> {
    let rows: Vec<Id> = diesel::sql_query(IDLE)
        .bind::<Timestamptz, _>(since)
        .bind::<diesel::sql_types::BigInt, _>(limit)
        .load(db.conn())
        .await?;
    Ok(rows.into_iter().map(|row| PersonId::new(row.id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_no_pattern_of_others() {
        assert_eq!(as_pattern("a.b+c@ex-1.fr"), r#"(?<=")a\.b\+c\@ex\-1\.fr(?=")"#);
    }
}
