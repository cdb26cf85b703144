//! What is past its term, forgotten in small lots: `$1` is the instant before which it is, `$2` how
//! many rows at most. Done twice, it is done.

use diesel::{
    QueryResult,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::RunQueryDsl;
use domain::retention::Kept;
use time::OffsetDateTime;

use crate::session::{Reads, Tx};

/// One kind of rows that have a term.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    /// Which data they are.
    pub kept: Kept,
    statement: &'static str,
}

const fn of(kept: Kept, statement: &'static str) -> Sweep {
    Sweep { kept, statement }
}

const SWEEPS: &[Sweep] = &[
    of(
        Kept::Request,
        "DELETE FROM sign_ins WHERE id IN
             (SELECT id FROM sign_ins WHERE asked_at < $1 LIMIT $2)",
    ),
    of(
        Kept::Request,
        "DELETE FROM round_trips WHERE id IN
             (SELECT id FROM round_trips WHERE asked_at < $1 LIMIT $2)",
    ),
    of(
        Kept::Request,
        "DELETE FROM ceremonies WHERE session_id IN
             (SELECT session_id FROM ceremonies WHERE begun_at < $1 LIMIT $2)",
    ),
    of(
        Kept::Request,
        "DELETE FROM address_changes WHERE id IN
             (SELECT id FROM address_changes WHERE asked_at < $1 LIMIT $2)",
    ),
    of(
        Kept::Request,
        "DELETE FROM gift_challenges WHERE token IN
             (SELECT token FROM gift_challenges WHERE asked_at < $1 LIMIT $2)",
    ),
    of(
        Kept::Connection,
        "DELETE FROM limits WHERE key IN
             (SELECT key FROM limits WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
    ),
    of(
        Kept::Connection,
        "UPDATE gift_payments SET asked_from = '', checkout_url = NULL WHERE gift_id IN
             (SELECT gift_id FROM gift_payments WHERE asked_at < $1
                  AND (asked_from <> '' OR checkout_url IS NOT NULL)
              LIMIT $2 FOR UPDATE SKIP LOCKED)",
    ),
    of(
        Kept::UnpaidGift,
        "WITH old AS (SELECT id FROM gifts WHERE captured_cents = 0 AND wants_receipt
                 AND state IN ('created', 'failed') AND created_at < $1
             LIMIT $2 FOR UPDATE SKIP LOCKED),
         said AS (UPDATE gifts SET wants_receipt = false, public_name = false
             WHERE id IN (SELECT id FROM old))
         UPDATE gift_donors SET first_name = '', last_name = '', address_line = '',
             postcode = '', city = '', country = '' WHERE gift_id IN (SELECT id FROM old)",
    ),
    of(
        Kept::UnconfirmedFollow,
        "DELETE FROM followers WHERE token IN
             (SELECT token FROM followers WHERE confirmed_at IS NULL AND asked_at < $1 LIMIT $2)",
    ),
    of(
        Kept::EndedFollow,
        "DELETE FROM followers WHERE token IN
             (SELECT token FROM followers WHERE ended_at < $1 LIMIT $2)",
    ),
    of(
        Kept::Invitation,
        "DELETE FROM invitations WHERE id IN
             (SELECT id FROM invitations WHERE coalesce(answered_at, ends_at) < $1 LIMIT $2)",
    ),
    of(
        Kept::Session,
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE seen_at < $1
             AND NOT EXISTS (SELECT FROM ceremonies WHERE session_id = id) LIMIT $2)",
    ),
    of(
        Kept::Letter,
        "UPDATE letters SET letter = '{}', unsubscribe_url = NULL WHERE id IN
             (SELECT id FROM letters WHERE letter <> '{}' AND state <> 'queued'
                  AND created_at < $1 LIMIT $2)",
    ),
    of(
        Kept::Report,
        "DELETE FROM problem_reports WHERE id IN
             (SELECT id FROM problem_reports WHERE reported_at < $1 LIMIT $2)",
    ),
    of(
        Kept::Payment,
        "UPDATE gift_payments SET card_fingerprint = NULL WHERE gift_id IN
             (SELECT gift_id FROM gift_payments WHERE asked_at < $1
                  AND card_fingerprint IS NOT NULL LIMIT $2 FOR UPDATE SKIP LOCKED)",
    ),
    of(
        Kept::Payment,
        "UPDATE provider_events SET body = '' WHERE (provider, id) IN
             (SELECT provider, id FROM provider_events WHERE received_at < $1 AND body <> ''
                  AND state IN ('processed', 'foreign') LIMIT $2)",
    ),
    of(Kept::Trail, "DELETE FROM trail WHERE id IN (SELECT id FROM trail WHERE at < $1 LIMIT $2)"),
    of(
        Kept::Receipt,
        "WITH old AS (SELECT id, document FROM receipts WHERE content <> '{}' AND issued_at < $1
             LIMIT $2 FOR UPDATE SKIP LOCKED),
         drawn AS (DELETE FROM documents d USING old WHERE d.sha256 = old.document
             AND NOT EXISTS (SELECT FROM receipts r WHERE r.document = d.sha256
                 AND r.id NOT IN (SELECT id FROM old)))
         UPDATE receipts r SET content = '{}', document = NULL, token = 'forgotten:' || r.id,
             code = 'forgotten:' || r.id WHERE r.id IN (SELECT id FROM old)",
    ),
    of(
        Kept::Receipt,
        "UPDATE gift_donors SET first_name = '', last_name = '', address_line = '',
             postcode = '', city = '', country = '' WHERE gift_id IN
             (SELECT d.gift_id FROM gift_donors d JOIN gifts g ON g.id = d.gift_id
              WHERE g.paid_at < $1 AND (d.last_name, d.address_line) <> ('', '')
                  AND NOT EXISTS (SELECT FROM receipts r
                      WHERE r.gift_id = g.id AND r.content <> '{}') LIMIT $2)",
    ),
    of(
        Kept::Books,
        "UPDATE gift_payments SET session_id = NULL, payment_intent = NULL, charge = NULL
         WHERE gift_id IN (SELECT gift_id FROM gift_payments WHERE asked_at < $1
             AND (session_id, payment_intent, charge) IS DISTINCT FROM (NULL, NULL, NULL)
             LIMIT $2)",
    ),
    // What was written about somebody after they were forgotten, such as a late letter.
    of(
        Kept::Person,
        "UPDATE letters SET letter = '{}', unsubscribe_url = NULL WHERE $1 IS NOT NULL
             AND id IN (SELECT l.id FROM letters l JOIN people p ON p.id = l.person_id
                 WHERE l.letter <> '{}' AND l.state <> 'queued' AND p.forgotten_at IS NOT NULL
                 LIMIT $2)",
    ),
    of(
        Kept::Person,
        "UPDATE gift_payments SET card_fingerprint = NULL, asked_from = '', checkout_url = NULL
         WHERE $1 IS NOT NULL AND gift_id IN
             (SELECT m.gift_id FROM gift_payments m JOIN gifts g ON g.id = m.gift_id
              JOIN people p ON p.id = g.person_id WHERE p.forgotten_at IS NOT NULL
                  AND (m.asked_from <> '' OR m.card_fingerprint IS NOT NULL
                      OR m.checkout_url IS NOT NULL) LIMIT $2)",
    ),
    of(
        Kept::Person,
        "UPDATE provider_events SET body = '' WHERE $1 IS NOT NULL AND (provider, id) IN
             (SELECT e.provider, e.id FROM provider_events e JOIN gifts g ON g.id = e.gift_id
              JOIN people p ON p.id = g.person_id WHERE p.forgotten_at IS NOT NULL
                  AND e.body <> '' AND e.state IN ('processed', 'foreign') LIMIT $2)",
    ),
];

/// Without it the trail only grows; it holds for the transaction.
const MAY_FORGET: &str = "SELECT set_config('essaim.forgetting', 'on', true)";

/// All of them, in the order in which rows let go of each other.
#[must_use]
pub const fn sweeps() -> &'static [Sweep] {
    SWEEPS
}

/// Forgets one lot; says how many rows. Fewer than the limit: nothing is left.
///
/// # Errors
/// When the database refuses.
pub async fn sweep(
    tx: &mut Tx,
    sweep: &Sweep,
    before: OffsetDateTime,
    limit: i64,
) -> QueryResult<usize> {
    if sweep.kept == Kept::Trail {
        diesel::sql_query(MAY_FORGET).execute(tx.conn()).await?;
    }
    diesel::sql_query(sweep.statement)
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(limit)
        .execute(tx.conn())
        .await
}
