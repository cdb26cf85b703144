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
         UPDATE tranches SET amount_cents = $3 WHERE pot_id = $1 AND id = $2",
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
