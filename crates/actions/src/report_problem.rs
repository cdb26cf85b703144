//! A visitor finds something wrong with a campaign.

use store::campaigns;
use time::OffsetDateTime;

use crate::{
    admit::{Client, REPORTS_OF_ADDRESS},
    house::Actions,
    outcome::Stop,
};

/// Why a report is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportRefused {
    /// No such campaign.
    #[error("unknown campaign")]
    UnknownCampaign,
    /// Too many reports.
    #[error("too many reports")]
    TooMany,
    /// Longer than 4 000 characters.
    #[error("too long")]
    TooLong,
}

impl Actions {
    /// Stores a report for the operator.
    ///
    /// # Errors
    /// Refused when the campaign is unknown, the text too long, or reports come too often.
    pub async fn report_problem(
        &self,
        slug: &str,
        message: &str,
        client: &Client,
        now: OffsetDateTime,
    ) -> Result<(), Stop<ReportRefused>> {
        if message.chars().count() > 4_000 {
            return Err(Stop::Refused(ReportRefused::TooLong));
        }
        let mut tx = self.begin().await?;
        let who = (client.address.as_str(), client.shared);
        if !self.admit(&mut tx, &[REPORTS_OF_ADDRESS], who, now).await? {
            tx.commit().await?;
            return Err(Stop::Refused(ReportRefused::TooMany));
        }
        let Some(campaign) = campaigns::by_slug(&mut tx, slug).await? else {
            return Err(Stop::Refused(ReportRefused::UnknownCampaign));
        };
        campaigns::report_problem(&mut tx, &campaign.campaign(), "visitor", message, now).await?;
        tx.commit().await?;
        Ok(())
    }
}
