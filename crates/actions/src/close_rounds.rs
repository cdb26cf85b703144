//! The end of a round: what its pot gives is shared out, once (section 6b of the specification).

use domain::{UtcSeconds, ids::PotId};
use serde_json::json;
use store::{
    awards,
    matches::About,
    pots,
    rules::{self, Published},
};
use time::{Duration, OffsetDateTime};

use crate::{
    by_ledger::{Happened, LockedLedger},
    house::Actions,
    matched,
};

impl Actions {
    /// Closes the rounds whose window is over and that no payment holds open; says how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_rounds(&self, now: OffsetDateTime) -> anyhow::Result<usize> {
        let mut db = self.reader().get().await?;
        let rules = rules::published(&mut db).await?;
        let closed = awards::closed(&mut db).await?;
        drop(db);
        let over = |one: &&Published| {
            let ended = one.row.effective_to.is_some_and(|end| end <= now);
            one.rules.is_round() && ended && !closed.contains(&one.rules.reference())
        };
        let mut count = 0;
        for rule in rules.iter().filter(over) {
            count += usize::from(self.close_round(rule, now).await?);
        }
        Ok(count)
    }

    /// Shares out one round, unless a payment of its window is still under way; a debit holds it
    /// open for the days it may take, not longer. True when it closed.
    async fn close_round(&self, rule: &Published, now: OffsetDateTime) -> anyhow::Result<bool> {
        let Some(end) = rule.row.effective_to else { return Ok(false) };
        let (pot, name) = (PotId::new(rule.row.pot_id.clone()), rule.rules.reference());
        let mut tx = self.begin().await?;
        let ledger = LockedLedger::lock(&mut tx, &pot).await?;
        if awards::closed(&mut tx).await?.contains(&name) {
            return Ok(false);
        }
        let window = (rule.row.effective_from, end);
        let latest = end + Duration::days(self.house().debit_days);
        if now < latest && awards::has_open_gifts(&mut tx, &pot, window).await? {
            return Ok(false);
        }
        let campaigns = pots::fitting(&mut tx, &pot).await?;
        for campaign in &campaigns {
            pots::lock_campaign(&mut tx, campaign).await?;
        }
        let record = json!({
            "event": "round_close",
            "at": UtcSeconds::from(now),
            "pot": pot,
            "rule_set": name.id,
            "version": name.version,
        });
        let decision =
            matched::keep(&mut tx, About::Pot(&pot), ("round_close", now), &record).await?;
        awards::note_closed(&mut tx, &name, now).await?;
        let close = (Happened::Round(&name), decision, campaigns);
        self.follow_ledger(&mut tx, &ledger, close, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
