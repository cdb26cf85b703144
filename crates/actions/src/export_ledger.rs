//! The ledger of a pot, written from the database and held beside it (decision 38).

use std::collections::BTreeMap;

use domain::{ids::PotId, role::StaffRole};
use rand::RngCore;
use serde_json::Value;
use store::{
    Tx,
    ledgers::{self, Held},
    staff,
    trail::{self, Change},
};
use time::{Duration, OffsetDateTime};

use crate::{
    house::Actions,
    ledger_file::{self, Pseudonyms, Title},
    outcome::Stop,
    settings,
    staff::{DeskRefused, StaffMember},
};

/// Records bear the time of the database, whose clock is another one: up to there all are wanted.
pub(crate) const AHEAD: Duration = Duration::days(366);

/// Two figures that should be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What holds the money: `gift …`, `tranche …`, `public …`, `eu …`.
    pub subject: String,
    /// Cents that the replay of the file finds; none when it finds no such thing.
    pub counted: Option<i64>,
    /// Cents that the database says.
    pub booked: i64,
}

/// A ledger as written at an instant, with what the database said at the same instant.
struct Written {
    text: String,
    held: Vec<Held>,
    names: Pseudonyms,
}

impl Actions {
    /// The ledger of a pot as it stands, for who steers the pots or audits them; noted in the
    /// trail.
    ///
    /// # Errors
    /// Refused to everybody else, and when there is no such pot.
    pub async fn export_ledger(
        &self,
        by: &StaffMember,
        pot: &PotId,
        now: OffsetDateTime,
    ) -> Result<String, Stop<DeskRefused>> {
        let mut tx = self.begin().await?;
        let role = staff::role_of(&mut tx, by.person()).await?;
        if !matches!(role, Some(StaffRole::Operator | StaffRole::Auditor)) {
            return Err(Stop::Refused(DeskRefused::NotAllowed));
        }
        if !ledgers::pots(&mut tx).await?.iter().any(|row| row.id == pot.as_str()) {
            return Err(Stop::Refused(DeskRefused::Unknown));
        }
        let subject = format!("pot:{pot}");
        let change = Change {
            actor: Some(by.person()),
            action: "export_ledger",
            subject: &subject,
            before: None,
            after: None,
        };
        trail::note(&mut tx, change, now).await?;
        tx.commit().await?;
        Ok(self.write_ledger(pot, now, now + AHEAD).await?.text)
    }

    /// The ledger of a pot with the events recorded before an instant.
    pub(crate) async fn ledger_before(
        &self,
        pot: &PotId,
        before: OffsetDateTime,
    ) -> anyhow::Result<String> {
        Ok(self.write_ledger(pot, before, before).await?.text)
    }

    /// Replays the ledger of a pot as it stands, and says where the database differs.
    ///
    /// # Errors
    /// When the file cannot be written or read, or the database fails.
    pub async fn recount_ledger(
        &self,
        pot: &PotId,
        now: OffsetDateTime,
    ) -> anyhow::Result<Vec<Difference>> {
        let written = self.write_ledger(pot, now, now + AHEAD).await?;
        let answer = matching::evaluate(&written.text)?;
        anyhow::ensure!(answer.get("error").is_none(), "the ledger of {pot} is refused: {answer}");
        differences(&answer, &written)
    }

    /// The ledger of a pot as it stands, to be played again under other rules.
    pub(crate) async fn past_of(&self, pot: &PotId, now: OffsetDateTime) -> anyhow::Result<String> {
        Ok(self.write_ledger(pot, now, now + AHEAD).await?.text)
    }

    async fn write_ledger(
        &self,
        pot: &PotId,
        until: OffsetDateTime,
        recorded_before: OffsetDateTime,
    ) -> anyhow::Result<Written> {
        let names = self.pseudonyms(pot).await?;
        let mut tx = self.begin().await?;
        ledgers::at_one_instant(&mut tx).await?;
        let settings = settings::matching(&mut tx).await?;
        let circle = ledgers::circle(&mut tx, pot).await?;
        let holdings = ledgers::holdings(&mut tx, &circle, recorded_before).await?;
        let freed_before = until - Duration::seconds(settings.reservation_grace_s);
        let held = ledgers::held(&mut tx, &circle, freed_before).await?;
        tx.roll_back().await?;
        let title = Title { pot, until };
        let text = ledger_file::write(&title, &settings, &holdings, &names)?;
        Ok(Written { text, held, names })
    }

    async fn pseudonyms(&self, pot: &PotId) -> anyhow::Result<Pseudonyms> {
        let mut tx = self.begin().await?;
        let key = key_of(&mut tx, pot).await?;
        tx.commit().await?;
        Ok(Pseudonyms::new(key))
    }
}

/// The key of the pseudonyms of a pot, made when it is first asked for.
pub(crate) async fn key_of(tx: &mut Tx, pot: &PotId) -> anyhow::Result<Vec<u8>> {
    let mut fresh = [0_u8; 32];
    rand::rng().fill_bytes(&mut fresh);
    Ok(ledgers::key(tx, pot, &fresh).await?)
}

/// What the answer to a case says that everything holds, by the names of the database.
fn counted(answer: &Value) -> BTreeMap<(&'static str, String), i64> {
    let mut found = BTreeMap::new();
    let rows = |key: &str| answer[key].as_array().into_iter().flatten();
    let name = |row: &Value| row["id"].as_str().unwrap_or_default().to_owned();
    for gift in rows("donations") {
        found.insert(("gift", name(gift)), gift["match"].as_i64().unwrap_or_default());
    }
    for pot in rows("pots") {
        for tranche in pot["tranches"].as_array().into_iter().flatten() {
            let place = format!("{}/{}", name(pot), name(tranche));
            found.insert(("tranche", place), tranche["used"].as_i64().unwrap_or_default());
        }
    }
    for campaign in rows("campaigns") {
        for award in campaign["awards"].as_array().into_iter().flatten() {
            let rule = award["rule_set"].as_str().unwrap_or_default();
            let cents = award["granted"].as_i64().unwrap_or_default();
            found.insert(("award", format!("{} {rule}", name(campaign))), cents);
        }
        for what in ["public", "eu"] {
            let cents = campaign[what].as_i64().unwrap_or_default();
            found.insert((what, name(campaign)), cents);
        }
    }
    found
}

fn differences(answer: &Value, written: &Written) -> anyhow::Result<Vec<Difference>> {
    let counted = counted(answer);
    let mut found = Vec::new();
    for held in &written.held {
        let (what, name) = match held.what.as_str() {
            "gift" => ("gift", written.names.gift(&held.name)?),
            "tranche" => ("tranche", held.name.clone()),
            "award" => ("award", held.name.clone()),
            "public" => ("public", held.name.clone()),
            "eu" => ("eu", held.name.clone()),
            other => anyhow::bail!("nothing is called `{other}`"),
        };
        let counted = counted.get(&(what, name)).copied();
        if counted != Some(held.cents) {
            let subject = format!("{what} {}", held.name);
            found.push(Difference { subject, counted, booked: held.cents });
        }
    }
    found.sort_by(|a, b| a.subject.cmp(&b.subject));
    Ok(found)
}
