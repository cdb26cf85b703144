//! Questions and blows below the verbs: what the database itself promises.

use diesel::{QueryableByName, sql_types::Text};
use diesel_async::RunQueryDsl;
use store::{Reads, Tx, Writer};

/// Leaves a tranche with so many cents, books included: the same sum goes out of all of them.
///
/// # Errors
/// When the database refuses.
pub async fn shrink_tranche(
    tx: &mut Tx,
    (pot, tranche): (&str, &str),
    cents: i64,
) -> anyhow::Result<()> {
    diesel::sql_query(
        "WITH old AS (SELECT amount_cents FROM tranches WHERE pot_id = $1 AND id = $2),
         posting AS (INSERT INTO journal_postings (cause_kind, cause_id, kind, at)
             VALUES ('test', $1 || '/' || $2, 'withdrawn', now()) RETURNING id),
         entries AS (INSERT INTO journal_entries (posting_id, rank, account, amount_cents)
             SELECT posting.id, side.rank, side.account, side.sign * (old.amount_cents - $3)
             FROM posting, old, (VALUES (1, 'pot_available:' || $1 || '/' || $2, 1),
                 (2, 'bank:state', -1)) AS side (rank, account, sign))
         UPDATE tranches SET amount_cents = $3, opened_cents = $3 WHERE pot_id = $1 AND id = $2",
    )
    .bind::<Text, _>(pot)
    .bind::<Text, _>(tranche)
    .bind::<diesel::sql_types::BigInt, _>(cents)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Runs a statement in a transaction of its own; answers why it was refused, if it was.
///
/// # Errors
/// The refusal, in PostgreSQL's words.
pub async fn execute(writer: &Writer, statement: &str) -> Result<(), String> {
    let mut tx = writer.begin().await.map_err(|error| error.to_string())?;
    diesel::sql_query(statement).execute(tx.conn()).await.map_err(|error| error.to_string())?;
    tx.commit().await.map_err(|error| error.to_string())
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Tables of ours that no comment explains.
///
/// # Errors
/// When the database does not answer.
pub async fn tables_without_comment(writer: &Writer) -> anyhow::Result<Vec<String>> {
    let mut tx = writer.begin().await?;
    let names: Vec<Name> = diesel::sql_query(
        "SELECT relname::text AS name FROM pg_class
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
             AND relname NOT LIKE '\\_\\_diesel%' AND obj_description(oid) IS NULL
         ORDER BY relname",
    )
    .load(tx.conn())
    .await?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

/// Tables of ours with a row that holds a text, in words or in bytes, in whatever column.
const HOLDING: &str = "
SELECT relname::text AS name FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I AS row
        WHERE row::text ILIKE %L OR row::text LIKE %L', relname, '%' || $1 || '%',
        '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%'), false, true, '')))[1]::text <> '0'
ORDER BY relname";

/// Tables of ours that hold a text anywhere, in any case.
///
/// # Errors
/// When the database does not answer.
pub async fn tables_holding(writer: &Writer, text: &str) -> anyhow::Result<Vec<String>> {
    let mut tx = writer.begin().await?;
    let names: Vec<Name> = diesel::sql_query(HOLDING).bind::<Text, _>(text).load(tx.conn()).await?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

/// The first column of the first row of a question, as text.
///
/// # Errors
/// When the database refuses, or there is no row.
pub async fn answer(writer: &Writer, question: &str) -> anyhow::Result<String> {
    let mut tx = writer.begin().await?;
    let row: Name = diesel::sql_query(format!("SELECT ({question})::text AS name"))
        .get_result(tx.conn())
        .await?;
    Ok(row.name)
}

/// What happened, a line a fact, without ids and times: two histories that came to the same have
/// the same lines, however they came to it.
const FACTS: &str = "
SELECT concat_ws(' ', 'gift', state, amount_cents, captured_cents, refunded_cents, lost_cents,
    match_state, match_cents, no_receipt_reason) AS name FROM gifts
UNION ALL SELECT concat_ws(' ', 'posting', p.cause_kind, p.kind, e.account, e.amount_cents)
    FROM journal_postings p JOIN journal_entries e ON e.posting_id = p.id
    WHERE p.cause_kind <> 'tranche'
UNION ALL SELECT concat_ws(' ', 'match', pot_id, tranche_id, kind, amount_cents) FROM match_entries
UNION ALL SELECT concat_ws(' ', 'decision', event) FROM decisions
UNION ALL SELECT concat_ws(' ', 'receipt', issuer_id, rank, amount_cents, cancel_reason,
    CASE WHEN document IS NULL THEN 'not drawn' END) FROM receipts
UNION ALL SELECT concat_ws(' ', 'receipts', issuer_id, last_rank) FROM receipt_counters
UNION ALL SELECT concat_ws(' ', 'letter', kind, state) FROM letters
UNION ALL SELECT concat_ws(' ', 'refund', origin, amount_cents, state) FROM refunds
UNION ALL SELECT concat_ws(' ', 'event', kind, state) FROM provider_events
UNION ALL SELECT concat_ws(' ', 'shown', campaign_id, raised_cents, matched_cents, gifts)
    FROM campaign_totals WHERE (raised_cents, matched_cents, gifts) <> (0, 0, 0)
UNION ALL SELECT concat_ws(' ', 'not yet shown', campaign_id, gifts) FROM total_changes
UNION ALL SELECT concat_ws(' ', 'discrepancy', kind) FROM discrepancies
ORDER BY name";

/// What still waits for somebody: jobs besides the calendar's, letters, events.
const PENDING: &str = "
SELECT concat_ws(' ', 'job', kind, state, attempts, last_error) AS name FROM jobs
    WHERE state <> 'done' AND kind NOT IN (SELECT name FROM job_schedules)
UNION ALL SELECT concat_ws(' ', 'letter', kind) FROM letters WHERE state = 'queued'
UNION ALL SELECT concat_ws(' ', 'event', kind) FROM provider_events WHERE state = 'stored'
ORDER BY name";

async fn lines(db: &mut impl Reads, question: &str) -> anyhow::Result<Vec<String>> {
    let rows: Vec<Name> = diesel::sql_query(question).load(db.conn()).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// What happened, a line a fact, without ids and times, sorted.
///
/// # Errors
/// When the database does not answer.
pub async fn facts(db: &mut impl Reads) -> anyhow::Result<Vec<String>> {
    lines(db, FACTS).await
}

/// What still waits for somebody: empty in a house at rest.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(db: &mut impl Reads) -> anyhow::Result<Vec<String>> {
    lines(db, PENDING).await
}
