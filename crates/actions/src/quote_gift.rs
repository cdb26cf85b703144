//! What the fund would add, were the gift made now. It promises nothing.

use domain::{Cents, gift::AmountRefused};
use matching::{Outlook, Snapshot};
use store::{campaigns, pots::Origins};
use tax::{OrganisationCategory, estimate::Estimate};
use time::OffsetDateTime;

use crate::{
    explained::{Explained, Told},
    house::Actions,
    matched::{Scene, facts},
    outcome::Stop,
};

/// The estimate for one amount.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The gift, in cents.
    pub amount: Cents,
    /// What the fund would add, and why.
    pub matched: Explained,
    /// What the gift would cost after tax; none when no receipt can be had.
    pub tax: Option<Estimate>,
    /// What the fund could still add to the project, whoever gives.
    pub outlook: Outlook,
    /// When this was computed.
    pub at: OffsetDateTime,
}

pub(crate) fn origins(snapshot: &Snapshot) -> Origins {
    let mut found = Origins::new();
    for pot in &snapshot.pots {
        for (tranche, _) in &pot.tranches {
            found.insert((pot.id.clone(), tranche.id.clone()), tranche.origin);
        }
    }
    found
}

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteRefused {
    /// No such campaign.
    #[error("unknown campaign")]
    UnknownCampaign,
    /// It takes no gift now.
    #[error("campaign closed")]
    Closed,
    /// Outside the bounds.
    #[error("amount outside the bounds")]
    Amount(AmountRefused),
}

impl Actions {
    /// Estimates several amounts on one snapshot, so that they agree with each other.
    ///
    /// # Errors
    /// Refused when the campaign is unknown or closed, or an amount is outside the bounds.
    pub async fn quote_gifts(
        &self,
        slug: &str,
        amounts: &[Cents],
        now: OffsetDateTime,
    ) -> Result<Vec<Quote>, Stop<QuoteRefused>> {
        let mut db = self.reader().get().await?;
        let Some(campaign) = campaigns::by_slug(&mut db, slug).await? else {
            return Err(Stop::Refused(QuoteRefused::UnknownCampaign));
        };
        if !campaign.takes_gifts_at(now) {
            return Err(Stop::Refused(QuoteRefused::Closed));
        }
        let scene = Scene::read(&mut db, &campaign.campaign(), None).await?;
        let snapshot = scene.snapshot(&mut db, now).await?;
        let rules = store::rules::published(&mut db).await?;
        let rounds = self.open_rounds(&mut db, &snapshot, &rules).await?;
        let origins = origins(&snapshot);
        let told = Told { rules: &rules, origins: &origins, campaign: &scene.campaign };
        let mut quotes = Vec::new();
        for amount in amounts {
            let amount = self
                .house()
                .bounds
                .check(*amount)
                .map_err(|refused| Stop::Refused(QuoteRefused::Amount(refused)))?;
            let decision =
                matching::decide(&snapshot, &facts(amount)).map_err(anyhow::Error::from)?;
            let mut matched = Explained::of(&decision, told);
            for round in &rounds {
                let told = round.tell(&snapshot, (amount, matched.total))?;
                matched.not_applied.push(told);
            }
            quotes.push(Quote {
                amount,
                matched,
                outlook: matching::outlook(&snapshot, &decision).map_err(anyhow::Error::from)?,
                tax: self.estimate(&scene, amount, now),
                at: now,
            });
        }
        Ok(quotes)
    }

    /// What a gift costs after tax, when its holder can issue receipts that day.
    pub(crate) fn estimate(
        &self,
        scene: &Scene,
        amount: Cents,
        now: OffsetDateTime,
    ) -> Option<Estimate> {
        let day = domain::calendar::paris_date(now);
        scene.holder.issuer_right().on(day).ok()?;
        let category = OrganisationCategory::from_code(&scene.holder.tax_category)?;
        tax::estimate::after_tax_cost(amount, category, day, self.tax())
    }
}
