//! `/dons/confirmer/{jeton}`: past a threshold, a donor confirms by e-mail before paying. The link
//! only shows what was asked; its button begins the gift, so that a scanner that opens links pays
//! nothing.

use actions::{BeginGift, BeginRefused, QuoteRefused};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use templates::pages::{
    ConfirmGift, Preview,
    confirm_gift::{ReceiptName, WaitingGift},
    give::GiveNotice,
    refused::Unavailable,
};

use super::{
    amounts,
    begin::{self, WAIT_MINUTES},
    form::Subject,
};
use crate::web::{
    error::{Failure, answered},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The button.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Confirmed {
    encore: Option<String>,
}

/// What is about to be paid.
pub async fn show(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let Some(ask) = site.actions.gift_to_confirm(&token, site.now()).await? else {
        return expired(&site, &visit);
    };
    let subject = Subject::read(&site, &ask.slug).await?;
    let waiting = Some(waiting(&site, &visit, &subject, &ask).await?);
    site.form_page(&visit, &ConfirmGift { waiting, notice: None })
}

/// The button, pressed: the gift begins as it was asked.
pub async fn send(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
    typed: Typed<Confirmed>,
) -> Result<Response, Failure> {
    let (form, flow) = typed.trusted()?;
    let Some(ask) = site.actions.gift_to_confirm(&token, site.now()).await? else {
        return expired(&site, &visit);
    };
    if !site.config.giving.open {
        return Err(Failure::Unavailable(Unavailable::GivingStopped));
    }
    let client = site.counted(&visit, &flow);
    let (again, now) = (form.encore.is_some(), site.now());
    let begun = begin::to_the_end(&site, async move |actions| {
        actions.confirm_gift((&token, again), client, now).await
    });
    match answered(begun.await)? {
        Ok(began) => Ok(begin::to_payment(&began)),
        Err(why) => refused(&site, &visit, &ask, why).await,
    }
}

/// The page comes back with the reason.
async fn refused(
    site: &Site,
    visit: &Visit,
    ask: &BeginGift,
    why: BeginRefused,
) -> Result<Response, Failure> {
    let subject = Subject::read(site, &ask.slug).await?;
    let (status, notice) = match why {
        BeginRefused::UnknownCampaign => return Err(Failure::NotFound),
        BeginRefused::CampaignClosed => return Err(begin::closed(&subject)),
        BeginRefused::GivingStopped => {
            return Err(Failure::Unavailable(Unavailable::GivingStopped));
        }
        BeginRefused::Twin => {
            let notice = begin::again(site, &subject, (&ask.donor.email, ask.amount)).await?;
            (StatusCode::CONFLICT, notice)
        }
        BeginRefused::TooMany => {
            (StatusCode::TOO_MANY_REQUESTS, GiveNotice::TooMany { minutes: WAIT_MINUTES })
        }
        BeginRefused::PaymentRefused => (StatusCode::BAD_GATEWAY, GiveNotice::ProviderRefused),
        BeginRefused::ProviderDown => (StatusCode::SERVICE_UNAVAILABLE, GiveNotice::ProviderDown),
        BeginRefused::LinkTooOld
        | BeginRefused::Changed
        | BeginRefused::Amount(_)
        | BeginRefused::NotPrintable
        | BeginRefused::ConfirmByMail => return expired(site, visit),
    };
    let waiting = Some(waiting(site, visit, &subject, ask).await?);
    site.refused_form(visit, status, &ConfirmGift { waiting, notice: Some(notice) })
}

fn expired(site: &Site, visit: &Visit) -> Result<Response, Failure> {
    let page = ConfirmGift { waiting: None, notice: None };
    site.refused_form(visit, StatusCode::GONE, &page)
}

async fn waiting(
    site: &Site,
    visit: &Visit,
    subject: &Subject,
    ask: &BeginGift,
) -> Result<WaitingGift, Failure> {
    let donor = &ask.donor;
    Ok(WaitingGift {
        action: visit.path().to_owned(),
        slug: ask.slug.clone(),
        campaign: subject.row.title.clone(),
        holder: subject.holder.name.clone(),
        departement_name: subject.departement_name(),
        preview: preview(site, subject, ask).await?,
        method: ask.method,
        email: donor.email.as_str().to_owned(),
        receipt: donor
            .address
            .clone()
            .filter(|_| donor.wants_receipt)
            .map(|address| ReceiptName { name: donor.name.full(), address }),
    })
}

/// The match as it is now: it will be kept from the moment the payment opens.
async fn preview(site: &Site, subject: &Subject, ask: &BeginGift) -> Result<Preview, Failure> {
    let quotes = site.actions.quote_gifts(&ask.slug, &[ask.amount], site.now()).await;
    let quotes = answered(quotes)?.map_err(|why| match why {
        QuoteRefused::Closed => begin::closed(subject),
        _ => Failure::NotFound,
    })?;
    quotes.first().map(amounts::preview).ok_or(Failure::NotFound)
}
