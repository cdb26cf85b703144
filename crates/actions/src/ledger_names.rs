//! The name of a gift in the public ledgers, for whoever holds its reference (decision 44).

use domain::{calendar::paris_date, ids::GiftId};
use store::{gifts, seals};
use time::Date;

use crate::{house::Actions, ledger_file::Pseudonyms};

/// A gift in the public ledger of a pot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerName {
    /// The pot.
    pub pot: String,
    /// Its name.
    pub title: String,
    /// The name of the gift there, 32 hexadecimal digits.
    pub name: String,
    /// The last day of that ledger.
    pub day: Date,
}

impl Actions {
    /// The names of a gift in the ledgers that hold it already.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn ledger_names(&self, gift: GiftId) -> anyhow::Result<Vec<LedgerName>> {
        let mut db = self.reader().get().await?;
        let Some(row) = gifts::read(&mut db, gift).await? else { return Ok(Vec::new()) };
        let Some(first) = seals::first_record_of(&mut db, gift).await? else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for naming in seals::namings(&mut db, &row.campaign()).await? {
            if naming.day < paris_date(first) {
                continue;
            }
            names.push(LedgerName {
                name: Pseudonyms::new(naming.key).gift(&gift.to_string())?,
                pot: naming.pot_id,
                title: naming.title,
                day: naming.day,
            });
        }
        Ok(names)
    }
}
