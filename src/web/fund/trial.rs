//! "Essayer un don" beside a draft: what the pots would add, under the draft and in force.

use actions::{Explained, QuoteRefused};
use domain::Cents;
use store::drafts;
use templates::pages::rehearsal::{TrialFault, TrialForm, Tried};

use crate::web::{
    error::{Failure, answered},
    state::Site,
};

/// Campaigns of the list.
const SHOWN: i64 = 200;

/// The form, and what comes of it when an amount was typed: amount, address of the campaign.
pub async fn form(
    site: &Site,
    number: i64,
    (amount, campaign): (Option<String>, Option<String>),
) -> Result<TrialForm, Failure> {
    let now = site.now();
    let mut db = site.reader.get().await?;
    let campaigns = drafts::open_campaigns(&mut db, now, SHOWN).await?;
    drop(db);
    let mut form = TrialForm {
        amount: amount.clone().unwrap_or_else(|| "20".to_owned()),
        campaign: campaign.unwrap_or_default(),
        campaigns,
        ..TrialForm::default()
    };
    let Some(amount) = amount else { return Ok(form) };
    let bounds = site.actions.house().bounds;
    let too = TrialFault::Amount { min: bounds.min, max: bounds.max };
    let Ok(cents) = Cents::parse_euros(&amount) else {
        return Ok(TrialForm { fault: Some(too), ..form });
    };
    let tried = site.actions.try_gift(number, (&form.campaign, cents), now).await;
    match answered(tried)? {
        Ok(trial) => {
            let trial = trial.ok_or(Failure::NotFound)?;
            form.result = Some((told(trial.in_force), told(trial.with_draft)));
        }
        Err(QuoteRefused::Amount(_)) => form.fault = Some(too),
        Err(QuoteRefused::UnknownCampaign | QuoteRefused::Closed) => {
            form.fault = Some(TrialFault::Campaign);
        }
    }
    Ok(form)
}

fn told(answer: Explained) -> Tried {
    let whole = |cents: Cents| cents.get() % 100 == 0;
    let exact = !answer.lines.iter().all(|line| whole(line.amount));
    let Explained { total, lines, not_applied, .. } = answer;
    Tried { total, lines, not_applied, exact }
}
