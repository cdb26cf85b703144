//! The giving form, sent: a gift begins, or the form comes back with what was typed.

use actions::{Actions, Began, BeginGift, BeginRefused, Stop};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{Cents, people::EmailAddress};
use store::pages::gift;
use templates::pages::{
    give::{GiveFault, GiveNotice},
    refused::{RefusedReason, Unavailable},
};

use tracing::{Instrument, Span};

use super::{
    form::{Filled, Subject},
    typed::{GiveForm, Understood, amount_fault},
};
use crate::web::{
    cookies::Flow,
    error::{Failure, answered},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// Minutes to wait when there were too many tries: the first limit's own period.
pub const WAIT_MINUTES: u32 = 10;

/// The handler.
pub async fn send(
    State(site): State<Site>,
    Path(slug): Path<String>,
    visit: Visit,
    typed: Typed<GiveForm>,
) -> Result<Response, Failure> {
    let subject = Subject::read(&site, &slug).await?;
    if !subject.row.takes_gifts_at(site.now()) {
        return Err(closed(&subject));
    }
    let (form, flow) = match typed.of_this_visit() {
        Ok(ours) => ours,
        Err(form) => {
            let back =
                Back { status: StatusCode::FORBIDDEN, notice: Some(GiveNotice::FormExpired) };
            return back.show(&site, &visit, &subject, (&form, Vec::new(), true)).await;
        }
    };
    if form.asks_preview() {
        let back = Back { status: StatusCode::OK, notice: None };
        return back.show(&site, &visit, &subject, (&form, Vec::new(), false)).await;
    }
    let bounds = site.actions.house().bounds;
    let ask = match form.understand(bounds, subject.receipts(site.now())) {
        Ok(understood) => BeginGift {
            gift: flow.gift(&form.intention).ok_or(Failure::ForeignForm)?,
            slug,
            amount: understood.amount,
            method: understood.method,
            donor: understood.donor,
            again: form.again(),
            client: site.counted(&visit, &flow),
        },
        Err(faults) => return faulty(&site, &visit, &subject, (&form, faults)).await,
    };
    match answered(begin(&site, ask).await)? {
        Ok(began) => Ok(to_payment(&began)),
        Err(why) => refused(&site, &visit, &subject, (&form, why)).await,
    }
}

async fn begin(site: &Site, ask: BeginGift) -> Result<Began, Stop<BeginRefused>> {
    if !site.config.giving.open {
        return Err(Stop::Refused(BeginRefused::GivingStopped));
    }
    let now = site.now();
    to_the_end(site, async move |actions| actions.begin_gift(&ask, now).await).await
}

/// Begins a gift in a task of its own: a donor who closes the page in the middle does not leave it
/// half done.
///
/// # Errors
/// As the verb.
pub async fn to_the_end<F>(
    site: &Site,
    begin: impl FnOnce(Actions) -> F,
) -> Result<Began, Stop<BeginRefused>>
where
    F: Future<Output = Result<Began, Stop<BeginRefused>>> + Send + 'static,
{
    let begun = begin(site.actions.clone()).instrument(Span::current());
    let begun = tokio::spawn(begun);
    begun.await.map_err(|error| Stop::Broken(error.into()))?
}

/// To the payment page, or to the gift's own when there is nothing left to pay.
pub fn to_payment(began: &Began) -> Response {
    let own = format!("/dons/{}", began.token);
    let to = began.checkout_url.as_deref().unwrap_or(&own);
    Redirect::to(to).into_response()
}

async fn faulty(
    site: &Site,
    visit: &Visit,
    subject: &Subject,
    (form, faults): (&GiveForm, Vec<GiveFault>),
) -> Result<Response, Failure> {
    let back = Back { status: StatusCode::UNPROCESSABLE_ENTITY, notice: None };
    back.show(site, visit, subject, (form, faults, false)).await
}

/// The form comes back with the reason, and says what to do.
///
/// # Errors
/// Refusals that have a page of their own.
pub async fn refused(
    site: &Site,
    visit: &Visit,
    subject: &Subject,
    (form, why): (&GiveForm, BeginRefused),
) -> Result<Response, Failure> {
    // A form that became something else, or whose payment was refused, needs a new one-time key.
    let (status, notice, renewed) = match why {
        BeginRefused::UnknownCampaign => return Err(Failure::NotFound),
        BeginRefused::CampaignClosed => return Err(closed(subject)),
        BeginRefused::GivingStopped => {
            return Err(Failure::Unavailable(Unavailable::GivingStopped));
        }
        BeginRefused::Amount(refused) => {
            let fault = amount_fault(refused, site.actions.house().bounds);
            return faulty(site, visit, subject, (form, vec![fault])).await;
        }
        BeginRefused::Twin => (StatusCode::CONFLICT, twin(site, subject, form).await?, false),
        BeginRefused::TooMany => {
            let notice = GiveNotice::TooMany { minutes: WAIT_MINUTES };
            (StatusCode::TOO_MANY_REQUESTS, notice, false)
        }
        BeginRefused::ConfirmByMail => {
            let notice = GiveNotice::ConfirmEmail { email: form.shown().email };
            (StatusCode::ACCEPTED, notice, false)
        }
        BeginRefused::LinkTooOld => (StatusCode::GONE, GiveNotice::ConfirmExpired, true),
        BeginRefused::NotPrintable => {
            let faults = form.not_printable(|text| site.documents.can_print(text));
            return faulty(site, visit, subject, (form, faults)).await;
        }
        BeginRefused::Changed => (StatusCode::CONFLICT, GiveNotice::FormExpired, true),
        BeginRefused::PaymentRefused => {
            (StatusCode::BAD_GATEWAY, GiveNotice::ProviderRefused, true)
        }
        BeginRefused::ProviderDown => {
            (StatusCode::SERVICE_UNAVAILABLE, GiveNotice::ProviderDown, false)
        }
    };
    let back = Back { status, notice: Some(notice) };
    back.show(site, visit, subject, (form, Vec::new(), renewed)).await
}

/// The same gift was made a short while ago: is another one meant?
async fn twin(site: &Site, subject: &Subject, form: &GiveForm) -> Result<GiveNotice, Failure> {
    let bounds = site.actions.house().bounds;
    match form.understand(bounds, subject.receipts(site.now())) {
        Ok(Understood { amount, donor, .. }) => again(site, subject, (&donor.email, amount)).await,
        Err(_) => Ok(GiveNotice::FormExpired),
    }
}

/// Says when the last gift like this one was made.
///
/// # Errors
/// When the database does not answer.
pub async fn again(
    site: &Site,
    subject: &Subject,
    (email, amount): (&EmailAddress, Cents),
) -> Result<GiveNotice, Failure> {
    let mut db = site.reader.get().await?;
    let last = gift::last_like(&mut db, email, &subject.row.campaign(), amount).await?;
    Ok(GiveNotice::Again { amount, at: last.unwrap_or_else(|| site.now()).into() })
}

/// The page that says that the campaign is over, and leads back to it.
#[must_use]
pub fn closed(subject: &Subject) -> Failure {
    let campaign = subject.row.title.clone();
    let way_out = format!("/campagnes/{}", subject.row.slug);
    Failure::refused(
        StatusCode::CONFLICT,
        RefusedReason::CampaignClosed { campaign: campaign.clone() },
    )
    .with_way_out(way_out, campaign)
}

/// The form sent back.
pub struct Back {
    /// With this status.
    pub status: StatusCode,
    /// And this word before it.
    pub notice: Option<GiveNotice>,
}

impl Back {
    /// Shows it, with what was typed; `renewed` gives it a new one-time key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn show(
        self,
        site: &Site,
        visit: &Visit,
        subject: &Subject,
        (form, faults, renewed): (&GiveForm, Vec<GiveFault>, bool),
    ) -> Result<Response, Failure> {
        let kept = Some(form.intention.clone()).filter(|key| !renewed && Flow::is_intention(key));
        let filled = Filled {
            chosen: form.chosen(),
            typed: form.shown(),
            faults,
            notice: self.notice,
            intention: kept,
        };
        let page = subject.page(site, filled).await?;
        site.refused_form(visit, self.status, &page)
    }
}
