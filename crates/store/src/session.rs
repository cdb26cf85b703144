//! Who may write. A page holds a [`Reader`], which PostgreSQL itself keeps read-only; only the
//! verbs are given the [`Writer`] that opens a [`Tx`].

use std::{sync::Arc, time::Duration};

use deadpool::Runtime;
use diesel::QueryResult;
/// Why the database refused.
pub use diesel::result::Error as QueryError;
use diesel_async::{
    AsyncPgConnection, RunQueryDsl, TransactionManager,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
};
use sql::Keep;

use crate::rules::RuleBook;

type Manager = <AsyncPgConnection as diesel_async::AsyncConnection>::TransactionManager;

/// No connection could be had in time: the database is down or very busy.
#[derive(Debug, thiserror::Error)]
#[error("no database connection: {0}")]
pub struct Unavailable(String);

/// True when the database went away in the middle of a query: whether a commit happened is not
/// known, and the same request may be sent again.
#[must_use]
pub fn went_away(error: &QueryError) -> bool {
    use diesel::result::DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    matches!(error, QueryError::DatabaseError(ClosedConnection | UnableToSendCommand, _))
}

/// Something a query can be asked on.
pub trait Reads: Send {
    /// The connection.
    fn conn(&mut self) -> &mut AsyncPgConnection;

    /// Published rule sets that this pool has read before.
    fn rule_book(&self) -> &RuleBook;
}

/// A pool whose connections can only read.
#[derive(Clone)]
pub struct Reader(Pool<AsyncPgConnection>, Arc<RuleBook>);

/// A connection that can only read.
pub struct Reading(Object<AsyncPgConnection>, Arc<RuleBook>);

/// A pool whose connections can write.
#[derive(Clone)]
pub struct Writer(Pool<AsyncPgConnection>, Arc<RuleBook>);

/// One open transaction. Dropped without [`Tx::commit`], it leaves nothing behind, and no lock.
pub struct Tx(Option<Object<AsyncPgConnection>>, Arc<RuleBook>);

impl Drop for Tx {
    /// The pool looks at a connection only when it is wanted again: until then a transaction that
    /// was left open would keep its locks. So the connection is closed, which ends both.
    fn drop(&mut self) {
        self.0.take().map(Object::take);
    }
}

impl Reads for Reading {
    fn conn(&mut self) -> &mut AsyncPgConnection {
        &mut self.0
    }

    fn rule_book(&self) -> &RuleBook {
        &self.1
    }
}

impl Reads for Tx {
    fn conn(&mut self) -> &mut AsyncPgConnection {
        self.0.as_mut().expect("taken only at the end, which consumes the transaction")
    }

    fn rule_book(&self) -> &RuleBook {
        &self.1
    }
}

/// What a writing connection never waits longer for.
const WRITING: &str = "-c%20statement_timeout%3D15000%20-c%20lock_timeout%3D5000\
                       %20-c%20idle_in_transaction_session_timeout%3D10000";

fn pool(url: &str, options: &str, size: usize) -> anyhow::Result<Pool<AsyncPgConnection>> {
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options={options}");
    let wait = Some(Duration::from_secs(2));
    // A closed connection is seen without asking; asking first would double the round trips of a
    // page that needs one.
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    Ok(Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
        .max_size(size)
        .wait_timeout(wait)
        .create_timeout(wait)
        .runtime(Runtime::Tokio1)
        .build()?)
}

impl Reader {
    /// Opens a pool of at most `size` read-only connections; connects when first asked.
    ///
    /// # Errors
    /// When the address cannot be understood.
    pub fn new(url: &str, size: usize) -> anyhow::Result<Self> {
        let options = "-c%20default_transaction_read_only%3Don%20-c%20statement_timeout%3D5000";
        Ok(Self(pool(url, options, size)?, Arc::default()))
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// When none is free or reachable within two seconds.
    pub async fn get(&self) -> Result<Reading, Unavailable> {
        let conn = self.0.get().await.map_err(|error| Unavailable(error.to_string()))?;
        Ok(Reading(conn, Arc::clone(&self.1)))
    }

    /// Closes the pool: connections end as they are given back.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Writer {
    /// Opens a pool of at most `size` connections; connects when first asked.
    ///
    /// # Errors
    /// When the address cannot be understood.
    pub fn new(url: &str, size: usize) -> anyhow::Result<Self> {
        Ok(Self(pool(url, WRITING, size)?, Arc::default()))
    }

    /// As [`Writer::new`], but commits do not wait for the disk: only for what can be made again,
    /// such as the demonstration's past.
    ///
    /// # Errors
    /// When the address cannot be understood.
    pub fn of_past(url: &str, size: usize) -> anyhow::Result<Self> {
        let options = format!("{WRITING}%20-c%20synchronous_commit%3Doff");
        Ok(Self(pool(url, &options, size)?, Arc::default()))
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// When no connection is free or reachable within two seconds.
    pub async fn begin(&self) -> Result<Tx, Unavailable> {
        let unavailable = |error: &dyn std::fmt::Display| Unavailable(error.to_string());
        let mut conn = self.0.get().await.map_err(|error| unavailable(&error))?;
        Manager::begin_transaction(&mut *conn).await.map_err(|error| unavailable(&error))?;
        Ok(Tx(Some(conn), Arc::clone(&self.1)))
    }

    /// The pool itself, for the queue, which keeps its own tables.
    #[must_use]
    pub fn pool(&self) -> Pool<AsyncPgConnection> {
        self.0.clone()
    }

    /// Closes the pool: connections end as they are given back.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Tx {
    /// Makes all of it true.
    ///
    /// # Errors
    /// When a deferred constraint refuses, or the connection was lost; then nothing is true.
    pub async fn commit(mut self) -> QueryResult<()> {
        let done = Manager::commit_transaction(self.conn()).await;
        self.give_back(done.is_ok());
        done
    }

    /// Leaves nothing behind and keeps the connection, for a refusal.
    ///
    /// # Errors
    /// When the connection was lost; then nothing is left behind either.
    pub async fn roll_back(mut self) -> QueryResult<()> {
        let done = Manager::rollback_transaction(self.conn()).await;
        self.give_back(done.is_ok());
        done
    }

    /// A connection whose transaction has ended goes back to the pool.
    fn give_back(&mut self, ended: bool) {
        if ended {
            drop(self.0.take());
        }
    }

    /// Waits for whoever does the same thing, named by its id: the first one does it, the others
    /// find it done. Held until the end of the transaction.
    ///
    /// # Errors
    /// When the wait was too long or the connection was lost.
    pub async fn alone_with(&mut self, id: uuid::Uuid) -> QueryResult<()> {
        diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind::<diesel::sql_types::Text, _>(id.to_string())
            .kept()
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
