//! Where a campaign stands, as its own page and the giving form say it.

use domain::{Cents, campaign::CampaignStatus};
use store::{campaigns::CampaignRow, totals::Totals};
use templates::pages::campaign::{CampaignState, Progress};
use time::{Duration, OffsetDateTime};

use crate::web::{error::Failure, state::Site};

impl Site {
    /// False when the operator stopped giving on the whole site, by the settings or while it runs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn giving_is_open(&self) -> Result<bool, Failure> {
        Ok(self.config.giving.open && self.actions.is_giving_open().await?)
    }
}

/// The state of a public campaign.
#[must_use]
pub fn state(
    row: &CampaignRow,
    (giving_open, envelope_low): (bool, bool),
    debit_days: i64,
    now: OffsetDateTime,
) -> CampaignState {
    let closed_at = row.closed_at.unwrap_or(row.ends_at).into();
    match row.life() {
        CampaignStatus::Published if now >= row.ends_at => CampaignState::LastDebits {
            ended_at: row.ends_at.into(),
            closes_by: (row.ends_at + Duration::days(debit_days)).into(),
        },
        CampaignStatus::Published if now < row.starts_at => CampaignState::Suspended,
        CampaignStatus::Published if !giving_open => CampaignState::GivingStopped,
        CampaignStatus::Published => CampaignState::Collecting {
            ends_at: row.ends_at.into(),
            days_left: u32::try_from((row.ends_at - now).whole_days()).unwrap_or(0),
            envelope_low,
        },
        CampaignStatus::Failed => CampaignState::Failed { closed_at },
        CampaignStatus::Succeeded | CampaignStatus::Delivering | CampaignStatus::Completed => {
            CampaignState::Succeeded { closed_at }
        }
        _ => CampaignState::Suspended,
    }
}

/// The two layers, with the time of their reading.
#[must_use]
pub fn progress(row: &CampaignRow, totals: Totals, now: OffsetDateTime) -> Progress {
    Progress {
        gifts: Cents::new(totals.raised_cents),
        matched: Cents::new(totals.matched_cents),
        beside: Cents::new(totals.beside_cents),
        minimum: Cents::new(row.goal_cents),
        optimum: Cents::new(row.budget_cents),
        donors: u32::try_from(totals.gifts).unwrap_or(0),
        sponsors: 0,
        all_or_nothing: row.all_or_nothing,
        match_counts: row.facts["goal_counts_match"].as_bool().unwrap_or(false),
        at: now.into(),
    }
}
