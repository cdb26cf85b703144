//! Switches an operator turns while the product runs.

use anyhow::Context;
use domain::{BasisPoints, ids::PersonId};
use matching::case::{Settings, Stacking};
use serde_json::{Value, json};
use store::{
    Reads, Tx, operator,
    trail::{self, Change},
};
use time::{Duration, OffsetDateTime};

use crate::house::Actions;

pub(crate) const GIVING_OPEN: &str = "giving_open";
pub(crate) const MATCHING: &str = "matching";

/// What holds for the match of all gifts, as far as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchTerms {
    /// The most that all rules add, as a share of the gift.
    pub leverage: BasisPoints,
    /// Public money as a share of a budget; nothing without a ceiling.
    pub public_share: Option<BasisPoints>,
    /// How long a shown match is kept while its donor pays.
    pub kept: Duration,
    /// And how long then before it counts as free.
    pub grace: Duration,
}

/// What holds for all gifts; the product's defaults (decision 2) when never set.
pub(crate) async fn matching(db: &mut impl Reads) -> anyhow::Result<Settings> {
    match operator::setting(db, MATCHING).await? {
        Some(value) => serde_json::from_value(value).context("the matching settings"),
        None => Ok(Settings {
            stacking: Stacking::Stack,
            leverage_cap_bps: BasisPoints::new(20_000),
            ..Settings::default()
        }),
    }
}

/// True unless the operator stopped giving on the whole site.
pub(crate) async fn giving_open(db: &mut impl Reads) -> anyhow::Result<bool> {
    let switch = operator::setting(db, GIVING_OPEN).await?;
    Ok(switch.and_then(|value| value.as_bool()).unwrap_or(true))
}

/// Changes a setting, with a line on the trail: who, what before, what now, why.
pub(crate) async fn change(
    tx: &mut Tx,
    (by, why): (Option<PersonId>, Option<&str>),
    (key, value): (&str, Value),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let before = json!({ "value": operator::setting(tx, key).await? });
    operator::set(tx, key, &value, now).await?;
    let after = json!({ "value": value, "reason": why });
    let subject = format!("setting:{key}");
    let (before, after) = (Some(&before), Some(&after));
    trail::note(tx, Change { actor: by, action: "set", subject: &subject, before, after }, now)
        .await?;
    Ok(())
}

impl Actions {
    /// True unless the operator stopped giving on the whole site.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_giving_open(&self) -> anyhow::Result<bool> {
        let mut reading = self.reader().get().await?;
        giving_open(&mut reading).await
    }

    /// Stops giving on the whole site, or opens it again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_giving(&self, open: bool, now: OffsetDateTime) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        change(&mut tx, (None, None), (GIVING_OPEN, open.into()), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What holds for the match of all gifts.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn match_terms(&self) -> anyhow::Result<MatchTerms> {
        let mut reading = self.reader().get().await?;
        let settings = matching(&mut reading).await?;
        Ok(MatchTerms {
            leverage: settings.leverage_cap_bps,
            public_share: settings.public_share_max_bps,
            kept: Duration::seconds(settings.reservation_ttl_s),
            grace: Duration::seconds(settings.reservation_grace_s),
        })
    }

    /// A setting of the house, such as how far the demonstration has come.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn setting(&self, key: &str) -> anyhow::Result<Option<serde_json::Value>> {
        let mut reading = self.reader().get().await?;
        Ok(operator::setting(&mut reading, key).await?)
    }

    /// Keeps a setting of the house.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_setting(
        &self,
        key: &str,
        value: &serde_json::Value,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        operator::set(&mut tx, key, value, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sets what holds for all gifts from now on.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_matching(
        &self,
        settings: &Settings,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx: Tx = self.begin().await?;
        let value = serde_json::to_value(settings)?;
        change(&mut tx, (None, None), (MATCHING, value), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
