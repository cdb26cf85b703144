//! Money arrives in a pot, with its origin, its earmark and its rules.

use domain::{Cents, ids::PotId, pot::Origin};
use ledger::{accounts::TrancheRef, book};
use store::{
    journal,
    pots::{self, PotRow, TrancheRow},
    rules::RuleSetRow,
};
use time::OffsetDateTime;

use crate::house::Actions;

/// A pot with its contributions and rules.
#[derive(Clone, Debug)]
pub struct NewPot {
    /// The pot.
    pub pot: PotRow,
    /// Its contributions, received.
    pub tranches: Vec<TrancheRow>,
    /// Its rules.
    pub rules: Vec<RuleSetRow>,
}

impl Actions {
    /// Opens pots and books what was received for them, all or none.
    ///
    /// # Errors
    /// When one is there already, an origin is unknown, or the database refuses.
    pub async fn open_pots(&self, new: &[NewPot], now: OffsetDateTime) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        for one in new {
            pots::add(&mut tx, &one.pot, &one.tranches, &one.rules).await?;
            for tranche in &one.tranches {
                let origin: Origin = serde_json::from_value(tranche.origin.clone().into())?;
                let into = TrancheRef {
                    pot: PotId::new(tranche.pot_id.clone()),
                    tranche: tranche.id.clone(),
                };
                let amount = Cents::new(tranche.amount_cents);
                let posting = book::contribution_received(into, origin, amount, now)?;
                journal::append(&mut tx, &posting).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
