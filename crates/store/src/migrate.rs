//! The database, told in order.

use anyhow::{Context, anyhow};
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// Every migration, compiled in.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Two processes that start together migrate one after the other.
const LOCK: i64 = 0x0E55_A141;

/// Brings a database to the newest schema; safe to call at each start, by several processes.
///
/// # Errors
/// When the database cannot be reached or a migration fails; nothing of that migration stays.
///
/// # Panics
/// On a runtime with one thread only: migrations block in place.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    let mut conn = AsyncPgConnection::establish(url).await.context("connecting to migrate")?;
    diesel::sql_query("SELECT pg_advisory_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut conn)
        .await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let ran = harness
        .run_pending_migrations(MIGRATIONS)
        .map_err(|error| anyhow!("migration failed: {error}"))?
        .len();
    let mut conn = harness.into_inner();
    if ran > 0 {
        // Without statistics foreign keys are checked by scanning whole tables.
        conn.batch_execute("ANALYZE").await?;
    }
    Ok(())
}

/// Takes every migration back, newest first: tests only ask for it.
///
/// # Errors
/// When one has no way back.
pub async fn revert_all(url: &str) -> anyhow::Result<()> {
    let conn = AsyncPgConnection::establish(url).await.context("connecting to revert")?;
    let mut harness = AsyncMigrationHarness::new(conn);
    harness
        .revert_all_migrations(MIGRATIONS)
        .map_err(|error| anyhow!("reverting failed: {error}"))?;
    Ok(())
}
