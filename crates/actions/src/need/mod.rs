//! Where the need is, and what its territories are: imported tables, versioned, whole or not at
//! all (decision 45).

mod cells;
mod envelopes;
mod flags;
mod table;

use anyhow::Context;
use domain::role::StaffRole;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::need::{self, NewFlags, NewTable};
use templates::pages::need::Fault;
use time::OffsetDateTime;

pub use envelopes::{NeedAsked, NeedEnvelope, NeedPreview, NoPreview};
pub use flags::FlagColumns;
use flags::Flags;
pub use table::{Criterion, NeedTable, Scale};

use crate::{
    desk::note,
    house::Actions,
    outcome::Stop,
    staff::{DeskAnswer, DeskRefused, StaffMember, may},
};

/// Why a table was not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefused {
    /// Not for this person, or not any more.
    #[error("{0}")]
    Desk(DeskRefused),
    /// What is wrong with the file, each with its line and column.
    #[error("{} faults in the file", .0.len())]
    Faults(Vec<Fault>),
}

type Answer<T> = Result<T, Stop<ImportRefused>>;

fn from_desk<T>(answer: DeskAnswer<T>) -> Answer<T> {
    answer.map_err(|stop| match stop {
        Stop::Refused(why) => Stop::Refused(ImportRefused::Desk(why)),
        Stop::Unavailable(error) => Stop::Unavailable(error),
        Stop::Broken(error) => Stop::Broken(error),
    })
}

impl Actions {
    /// Imports a table of need as the next version; says which.
    ///
    /// # Errors
    /// Refused to who is no operator, and with all that is wrong with the file.
    pub async fn import_need(
        &self,
        by: &StaffMember,
        file: impl AsRef<[u8]> + Send + 'static,
        now: OffsetDateTime,
    ) -> Answer<i64> {
        let (table, file) = aside(file, NeedTable::read).await?;
        let file = file.as_ref();
        let mut tx = self.begin().await?;
        from_desk(may(&mut tx, by, StaffRole::Operator).await)?;
        let new = NewTable {
            source: &table.source,
            vintage: &table.vintage,
            document: &serde_json::to_value(&table)?,
            file,
            sha256: &Sha256::digest(file),
        };
        let version = need::add_table(&mut tx, new, (by.person(), now)).await?;
        let after = json!({
            "source": table.source, "vintage": table.vintage, "territories": table.places.len(),
        });
        let subject = format!("need:{version}");
        note(&mut tx, by, ("import_need", subject), (None, Some(after)), now).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Imports which communes are rural and which hold priority neighbourhoods, as the next
    /// version; says which. Campaigns published from now on take their flags from it.
    ///
    /// # Errors
    /// Refused to who is no operator, and with all that is wrong with the file.
    pub async fn import_flags(
        &self,
        by: &StaffMember,
        (file, vintage, columns): (impl AsRef<[u8]> + Send + 'static, &str, FlagColumns),
        now: OffsetDateTime,
    ) -> Answer<i64> {
        let vintage = vintage.to_owned();
        let (read, file) = aside(file, move |file| Flags::read(file, &vintage, &columns)).await?;
        let mut tx = self.begin().await?;
        from_desk(may(&mut tx, by, StaffRole::Operator).await)?;
        let new = NewFlags {
            vintage: &read.vintage,
            rural_column: &read.columns.rural,
            priority_column: &read.columns.priority,
            communes: i64::try_from(read.communes).unwrap_or(i64::MAX),
            rural: &read.rural,
            priority: &read.priority,
            sha256: &Sha256::digest(file.as_ref()),
        };
        let version = need::add_flags(&mut tx, new, (by.person(), now)).await?;
        let after = json!({
            "vintage": read.vintage, "communes": read.communes,
            "rural": read.rural.len(), "priority": read.priority.len(),
        });
        let subject = format!("flags:{version}");
        note(&mut tx, by, ("import_flags", subject), (None, Some(after)), now).await?;
        tx.commit().await?;
        Ok(version)
    }
}

/// Reads a file on a thread that may take its time.
async fn aside<F: AsRef<[u8]> + Send + 'static, T: Send + 'static>(
    file: F,
    read: impl FnOnce(&[u8]) -> Result<T, Vec<Fault>> + Send + 'static,
) -> Answer<(T, F)> {
    let reading = tokio::task::spawn_blocking(move || (read(file.as_ref()), file));
    let (read, file) = reading.await.context("a reader of files ended early")?;
    match read {
        Ok(read) => Ok((read, file)),
        Err(faults) => Err(Stop::Refused(ImportRefused::Faults(faults))),
    }
}

/// A number as typed in France or elsewhere, in units of the last of so many decimals. None when
/// it is no number, is negative, or has more decimals.
fn decimal(text: &str, decimals: u32) -> Option<i64> {
    let plain: String = text.chars().filter(|one| !one.is_whitespace()).collect();
    let plain = plain.strip_suffix('%').unwrap_or(&plain);
    let (whole, part) = plain.split_once([',', '.']).unwrap_or((plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let places = usize::try_from(decimals).ok()?;
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let part = part.trim_end_matches('0');
    if part.len() > places {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

#[cfg(test)]
mod tests;
