//! Everything that is kept about one person, for that person (RGPD, art. 15 and 20).

use diesel::{
    prelude::*,
    sql_types::{Jsonb, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::ids::PersonId;
use serde_json::Value;

use crate::session::Reads;

/// One statement, so that all of it is of one moment. What opens something stays out: words of
/// links, digests, public keys.
const EVERYTHING: &str = "
WITH me AS (SELECT id, email, email_key FROM people WHERE id = $1 OR merged_into = $1),
mine AS (SELECT * FROM gifts WHERE person_id IN (SELECT id FROM me))
SELECT jsonb_build_object(
    'person', (SELECT jsonb_build_object('email', email, 'known_since', created_at,
            'letters_come_back_since', bounced_at, 'signed_in_at', signed_in_at,
            'asked_to_be_forgotten_at', erase_asked_at,
            'suspended_at', suspended_at, 'suspended_for', suspended_for, 'other_addresses',
            ARRAY(SELECT email FROM me WHERE id <> $1 ORDER BY email_key))
        FROM people WHERE id = $1),
    'gifts', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', g.id, 'campaign', c.title, 'asked_at', g.created_at, 'paid_at', g.paid_at,
            'method', g.method, 'state', g.state, 'amount_cents', g.amount_cents,
            'captured_cents', g.captured_cents, 'refunded_cents', g.refunded_cents,
            'matched_cents', g.match_cents, 'name_shown', g.public_name,
            'first_name', d.first_name, 'last_name', d.last_name, 'address', d.address_line,
            'postcode', d.postcode, 'city', d.city, 'country', d.country,
            'card_fingerprint', p.card_fingerprint) ORDER BY g.created_at), '[]')
        FROM mine g JOIN campaigns c ON c.id = g.campaign_id
        LEFT JOIN gift_donors d ON d.gift_id = g.id
        LEFT JOIN gift_payments p ON p.gift_id = g.id),
    'refunds', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'gift', r.gift_id, 'amount_cents', r.amount_cents, 'state', r.state,
            'asked_at', r.asked_at, 'ended_at', r.ended_at) ORDER BY r.asked_at), '[]')
        FROM mine g JOIN refunds r ON r.gift_id = g.id),
    'receipts', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'gift', r.gift_id, 'number', r.number, 'amount_cents', r.amount_cents,
            'issued_at', r.issued_at, 'cancelled_at', r.cancelled_at, 'content', r.content)
            ORDER BY r.issued_at), '[]')
        FROM mine g JOIN receipts r ON r.gift_id = g.id),
    'letters', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'kind', kind, 'written_at', created_at, 'sent_at', sent_at, 'state', state)
            ORDER BY created_at), '[]') FROM letters
        WHERE person_id IN (SELECT id FROM me)),
    'follows', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'campaign', c.title, 'asked_at', f.asked_at, 'confirmed_at', f.confirmed_at,
            'ended_at', f.ended_at) ORDER BY f.asked_at), '[]')
        FROM followers f JOIN campaigns c ON c.id = f.campaign_id WHERE f.person_id = $1),
    'organisations', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', o.name, 'role', m.role, 'since', m.since) ORDER BY o.name), '[]')
        FROM members m JOIN organisations o ON o.id = m.organisation_id WHERE m.person_id = $1),
    'invitations', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'organisation', o.name, 'role', i.role, 'invited_at', i.invited_at,
            'answer', i.answer, 'answered_at', i.answered_at) ORDER BY i.invited_at), '[]')
        FROM me p JOIN invitations i ON i.email_key = p.email_key
        JOIN organisations o ON o.id = i.organisation_id),
    'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'device', device, 'began_at', began_at, 'seen_at', seen_at, 'ended_at', ended_at)
            ORDER BY began_at), '[]') FROM sessions WHERE person_id = $1),
    'changes_of_address', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'new_address', email, 'asked_at', asked_at, 'ended_at', ended_at)
            ORDER BY asked_at), '[]') FROM address_changes WHERE person_id = $1),
    'passkeys', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', name, 'added_at', added_at, 'used_at', used_at) ORDER BY added_at), '[]')
        FROM passkeys WHERE person_id = $1),
    'identities', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'provider', provider, 'issuer', issuer, 'subject', subject, 'siret', siret,
            'first_seen_at', first_seen_at, 'last_seen_at', last_seen_at)
            ORDER BY first_seen_at), '[]') FROM identities WHERE person_id = $1),
    'changes_made', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'at', at, 'action', action, 'subject', subject) ORDER BY id), '[]')
        FROM trail WHERE actor_id = $1),
    'looked_at_by_staff', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'at', at, 'how', action) ORDER BY id), '[]') FROM trail
        WHERE action IN ('find', 'look_at') AND subject = 'person:' || $1::text),
    'platform_role', (SELECT role FROM staff WHERE person_id = $1),
    'recoveries', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'asked_at', asked_at, 'reason', reason, 'ended_at', ended_at) ORDER BY asked_at), '[]')
        FROM recoveries WHERE person_id = $1)
) AS everything";

#[derive(QueryableByName)]
struct Everything {
    #[diesel(sql_type = Jsonb)]
    everything: Value,
}

/// Everything that is kept about a person, as of one moment.
///
/// # Errors
/// When the database refuses.
pub async fn everything(db: &mut impl Reads, person: PersonId) -> QueryResult<Value> {
    let found: Everything = diesel::sql_query(EVERYTHING)
        .bind::<SqlUuid, _>(person.uuid())
        .get_result(db.conn())
        .await?;
    Ok(found.everything)
}
