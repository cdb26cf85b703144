//! The audit: invariants of ledger, pots, receipts and queue, asked of the database. It never
//! repairs.

use jobs::Claim;
use serde_json::json;
use store::{
    Reads,
    audit::{self, Breach},
    operator,
};
use time::OffsetDateTime;

use crate::house::Actions;

impl Actions {
    /// Every breach of an invariant; none in a sound house.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit(&self, now: OffsetDateTime) -> anyhow::Result<Vec<Breach>> {
        let mut db = self.reader().get().await?;
        audit::breaches(&mut db, now).await
    }

    /// Audits, and raises a discrepancy for each breach.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check_books(&self, claim: &Claim, now: OffsetDateTime) -> anyhow::Result<()> {
        let breaches = self.audit(now).await?;
        let mut tx = self.begin().await?;
        for breach in &breaches {
            tracing::error!(invariant = breach.invariant, subject = breach.subject, "a breach");
            let details = json!({ "subject": breach.subject, "found": breach.found });
            let kind = format!("invariant_{}", breach.invariant);
            operator::raise(&mut tx, &kind, &breach.subject, &details, now).await?;
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }
}
