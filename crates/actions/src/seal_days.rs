//! Each night: the days that are over are sealed, the public files are written, and everything
//! that the pots answered is counted again (decision 38).

use std::collections::BTreeSet;

use anyhow::Context;
use domain::{
    calendar::{paris_date, paris_midnight},
    ids::PotId,
};
use jobs::Claim;
use matching::seal::{self, Digest};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::{
    Reads, ledgers, operator,
    seals::{self, SealedDay, SealedLedger},
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::house::Actions;

/// Whoever seals is alone: the chain has one end.
const SEALING: Uuid = Uuid::from_u128(0x5ea1);

impl Actions {
    /// Seals every day that is over, writes the public file of each pot, and counts again.
    ///
    /// # Errors
    /// When the database fails; what was sealed is, and the next run goes on.
    pub async fn seal_days(&self, claim: &Claim, now: OffsetDateTime) -> anyhow::Result<()> {
        while self.seal_next(now).await? {}
        self.publish_ledgers(now).await?;
        self.recount(now).await?;
        let mut tx = self.begin().await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Seals the first day that is over and not sealed; false when there is none.
    async fn seal_next(&self, now: OffsetDateTime) -> anyhow::Result<bool> {
        let mut tx = self.begin().await?;
        tx.alone_with(SEALING).await?;
        let last = seals::days(&mut tx).await?.pop();
        let day = match &last {
            Some(last) => last.day.next_day(),
            None => seals::first_record(&mut tx).await?.map(paris_date),
        };
        let Some(day) = day.filter(|day| *day < paris_date(now)) else { return Ok(false) };
        let previous = match &last {
            Some(last) => seals::digest(&last.seal).context("a seal is no digest")?,
            None => Digest::ZERO,
        };
        let leaves = digests(&seals::leaves(&mut tx, day).await?)?;
        let root = seal::root(&leaves);
        let sealed = SealedDay {
            day,
            records: i64::try_from(leaves.len())?,
            root: root.bytes().to_vec(),
            previous: previous.bytes().to_vec(),
            seal: seal::seal(previous, root, day).bytes().to_vec(),
            sealed_at: now,
        };
        seals::add(&mut tx, &sealed).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn publish_ledgers(&self, now: OffsetDateTime) -> anyhow::Result<()> {
        let mut db = self.reader().get().await?;
        let last: Option<Date> = seals::days(&mut db).await?.pop().map(|sealed| sealed.day);
        let pots = ledgers::pots(&mut db).await?;
        let Some(day) = last else { return Ok(()) };
        let end = paris_midnight(day.next_day().context("the last day of all")?);
        for pot in pots {
            if seals::has_ledger(&mut db, &pot.id, day).await? {
                continue;
            }
            let text = self.ledger_before(&PotId::new(pot.id.clone()), end).await?;
            let file = SealedLedger {
                pot_id: pot.id,
                day,
                sha256: Sha256::digest(&text).to_vec(),
                size_bytes: i64::try_from(text.len())?,
                body: Some(text.into_bytes()),
                written_at: now,
            };
            let mut tx = self.begin().await?;
            seals::keep_ledger(&mut tx, &file).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Replays each ledger; where the database differs, somebody must look.
    async fn recount(&self, now: OffsetDateTime) -> anyhow::Result<()> {
        let mut db = self.reader().get().await?;
        let pots = ledgers::pots(&mut db).await?;
        let mut counted = BTreeSet::new();
        for pot in pots {
            let pot = PotId::new(pot.id);
            if !counted.insert(ledgers::circle(&mut db, &pot).await?.pots) {
                continue;
            }
            let found = self.recount_ledger(&pot, now).await?;
            let mut tx = self.begin().await?;
            for one in found {
                tracing::error!(
                    subject = one.subject,
                    counted = one.counted,
                    booked = one.booked,
                    "a figure that its events do not give"
                );
                let details = json!({ "counted": one.counted, "booked": one.booked });
                operator::raise(&mut tx, "ledger_differs", &one.subject, &details, now).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

fn digests(leaves: &[(i64, Vec<u8>)]) -> anyhow::Result<Vec<Digest>> {
    let digest = |(_, bytes): &(i64, Vec<u8>)| seals::digest(bytes).context("no digest");
    leaves.iter().map(digest).collect()
}
