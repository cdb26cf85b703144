//! The books, as rows. They only grow.

use diesel::{prelude::*, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use ledger::Posting;

use crate::{
    schema::{journal_entries, journal_postings},
    session::{Reads, Tx},
};

/// Appends a posting, unless its cause has posted this kind before.
///
/// Returns whether it is new.
///
/// # Errors
/// When the database refuses.
pub async fn append(tx: &mut Tx, posting: &Posting) -> QueryResult<bool> {
    let id: Option<i64> = diesel::insert_into(journal_postings::table)
        .values((
            journal_postings::cause_kind.eq(posting.cause().kind),
            journal_postings::cause_id.eq(&posting.cause().id),
            journal_postings::kind.eq(posting.kind()),
            journal_postings::at.eq(posting.at()),
        ))
        .on_conflict_do_nothing()
        .returning(journal_postings::id)
        .get_result(tx.conn())
        .await
        .optional()?;
    let Some(id) = id else { return Ok(false) };
    let rows: Vec<_> = (1_i32..)
        .zip(posting.entries())
        .map(|(rank, entry)| {
            (
                journal_entries::posting_id.eq(id),
                journal_entries::rank.eq(rank),
                journal_entries::account.eq(entry.account.to_string()),
                journal_entries::amount_cents.eq(entry.amount.get()),
            )
        })
        .collect();
    diesel::insert_into(journal_entries::table).values(rows).execute(tx.conn()).await?;
    Ok(true)
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// What an account holds, in cents: debits less credits.
///
/// # Errors
/// When the database refuses.
pub async fn balance(db: &mut impl Reads, account: &str) -> QueryResult<i64> {
    let row: Sum = diesel::sql_query(
        "SELECT coalesce(sum(amount_cents), 0)::bigint AS total FROM journal_entries
         WHERE account = $1",
    )
    .bind::<diesel::sql_types::Text, _>(account)
    .get_result(db.conn())
    .await?;
    Ok(row.total)
}
