//! The books, as rows. They only grow.

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use domain::Cents;
use ledger::{Cause, Posting};
use sql::Keep;
use time::OffsetDateTime;

use crate::session::{Reads, Tx};

/// Entries are numbered within their posting; a posting that is there already brings none.
const APPEND: &str = "
WITH posting AS (
    INSERT INTO journal_postings (cause_kind, cause_id, kind, at)
    SELECT * FROM unnest($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
    RETURNING id, cause_kind, cause_id, kind)
INSERT INTO journal_entries (posting_id, rank, account, amount_cents)
SELECT p.id, e.rank, e.account, e.amount
FROM unnest($5, $6, $7, $8) AS e(of, rank, account, amount)
JOIN posting p ON p.cause_kind = ($1)[e.of] AND p.cause_id = ($2)[e.of] AND p.kind = ($3)[e.of]";

/// Appends a posting, unless its cause has posted this kind before.
///
/// Returns whether it is new.
///
/// # Errors
/// When the database refuses.
pub async fn append(tx: &mut Tx, posting: &Posting) -> QueryResult<bool> {
    append_all(tx, std::slice::from_ref(posting)).await
}

/// Appends postings of one event, each unless its cause has posted this kind before.
///
/// Returns whether any is new.
///
/// # Errors
/// When the database refuses.
pub async fn append_all(tx: &mut Tx, postings: &[Posting]) -> QueryResult<bool> {
    let causes: Vec<&str> = postings.iter().map(|posting| posting.cause().kind).collect();
    let subjects: Vec<&str> = postings.iter().map(|posting| posting.cause().id.as_str()).collect();
    let kinds: Vec<&str> = postings.iter().map(Posting::kind).collect();
    let at: Vec<OffsetDateTime> = postings.iter().map(Posting::at).collect();
    let mut entries = Entries::default();
    for (of, posting) in (1_i32..).zip(postings) {
        entries.add(of, posting);
    }
    let written = diesel::sql_query(APPEND)
        .bind::<Array<Text>, _>(causes)
        .bind::<Array<Text>, _>(subjects)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Timestamptz>, _>(at)
        .bind::<Array<Integer>, _>(entries.of)
        .bind::<Array<Integer>, _>(entries.ranks)
        .bind::<Array<Text>, _>(entries.accounts)
        .bind::<Array<BigInt>, _>(entries.amounts)
        .kept()
        .execute(tx.conn())
        .await?;
    Ok(written > 0)
}

/// Entries as columns.
#[derive(Default)]
struct Entries {
    /// Which posting, from 1.
    of: Vec<i32>,
    ranks: Vec<i32>,
    accounts: Vec<String>,
    amounts: Vec<i64>,
}

impl Entries {
    fn add(&mut self, of: i32, posting: &Posting) {
        for (rank, entry) in (1_i32..).zip(posting.entries()) {
            self.of.push(of);
            self.ranks.push(rank);
            self.accounts.push(entry.account.to_string());
            self.amounts.push(entry.amount.get());
        }
    }
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// What one cause moved by one kind of posting, in cents: its debits; zero when it posted none.
///
/// # Errors
/// When the database refuses.
pub async fn moved(db: &mut impl Reads, cause: &Cause, kind: &str) -> QueryResult<Cents> {
    let row: Sum = diesel::sql_query(
        "SELECT coalesce(sum(e.amount_cents), 0)::bigint AS total
         FROM journal_postings p JOIN journal_entries e ON e.posting_id = p.id
         WHERE p.cause_id = $1 AND p.cause_kind = $2 AND p.kind = $3 AND e.amount_cents > 0",
    )
    .bind::<Text, _>(&cause.id)
    .bind::<Text, _>(cause.kind)
    .bind::<Text, _>(kind)
    .kept()
    .get_result(db.conn())
    .await?;
    Ok(Cents::new(row.total))
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
    .bind::<Text, _>(account)
    .kept()
    .get_result(db.conn())
    .await?;
    Ok(row.total)
}
