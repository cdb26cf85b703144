//! A marketplace as large as one may fear, for measuring: the one place where money does not come
//! through the front door.

use anyhow::Context;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

const LOAD: &str = include_str!("load.sql");

/// Adds so many campaigns, copies of those that are there, and so many captured gifts to them, with
/// their match and their postings. The database's user must be its superuser; pots must hold the
/// money.
///
/// # Errors
/// When the database refuses.
pub async fn load(url: &str, campaigns: u32, gifts: u32) -> anyhow::Result<()> {
    let mut conn = AsyncPgConnection::establish(url).await?;
    let sql =
        LOAD.replace(":campaigns", &campaigns.to_string()).replace(":gifts", &gifts.to_string());
    // What cannot be in a transaction must be a statement of its own.
    let (rows, upkeep) = sql.split_once("COMMIT;").context("load.sql commits")?;
    conn.batch_execute(rows).await.context("loading")?;
    conn.batch_execute("COMMIT").await?;
    conn.batch_execute(upkeep.trim()).await.context("after loading")
}

/// How the load names the account of a campaign's holder at the provider; `n` counts from 1.
#[must_use]
pub fn account(n: u32) -> String {
    format!("acct_x{n}")
}
