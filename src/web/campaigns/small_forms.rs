//! The two small forms of a campaign's page: follow it, report a problem.

use actions::{FollowRefused, ReportRefused};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::people::EmailAddress;
use serde::Deserialize;
use templates::pages::campaign::{SmallForm, SmallOutcome};

use super::page::{self, Small};
use crate::web::{
    cookies::Flow,
    error::{Failure, answered},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// "Follow this project".
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Follow {
    courriel: String,
}

/// "Report a problem".
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Report {
    courriel: String,
    message: String,
}

/// `/campagnes/{slug}/suivre`: a letter asks for confirmation. The words are the same whether the
/// address follows already or not.
pub async fn follow(
    State(site): State<Site>,
    Path(slug): Path<String>,
    visit: Visit,
    typed: Typed<Follow>,
) -> Result<Response, Failure> {
    let show = async |status, email: &str, outcome| {
        let follow = SmallForm { email: email.to_owned(), text: String::new(), outcome };
        back(&site, &visit, &slug, status, Small { follow, ..Small::default() }).await
    };
    let form = match typed.from_our_page() {
        Ok(form) => form,
        Err(form) => return show(StatusCode::FORBIDDEN, &form.courriel, SmallOutcome::Idle).await,
    };
    let Ok(email) = form.courriel.parse::<EmailAddress>() else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(status, &form.courriel, SmallOutcome::BadEmail).await;
    };
    let client = site.counted(&visit, &visit.flow.clone().unwrap_or_else(Flow::begin));
    match answered(site.actions.ask_to_follow(&slug, &email, &client, site.now()).await)? {
        Ok(()) => show(StatusCode::OK, "", SmallOutcome::Sent).await,
        Err(FollowRefused::TooMany) => {
            show(StatusCode::TOO_MANY_REQUESTS, &form.courriel, SmallOutcome::TooMany).await
        }
        Err(FollowRefused::UnknownCampaign | FollowRefused::UnknownLink) => Err(Failure::NotFound),
    }
}

/// `/campagnes/{slug}/signaler`: kept for the operator.
pub async fn report(
    State(site): State<Site>,
    Path(slug): Path<String>,
    visit: Visit,
    typed: Typed<Report>,
) -> Result<Response, Failure> {
    let show = async |status, form: Report, outcome| {
        let report = SmallForm { email: form.courriel, text: form.message, outcome };
        back(&site, &visit, &slug, status, Small { report, ..Small::default() }).await
    };
    let form = match typed.from_our_page() {
        Ok(form) => form,
        Err(form) => return show(StatusCode::FORBIDDEN, form, SmallOutcome::Idle).await,
    };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    if form.message.trim().is_empty() {
        return show(unprocessable, form, SmallOutcome::NoText).await;
    }
    if !form.courriel.is_empty() && form.courriel.parse::<EmailAddress>().is_err() {
        return show(unprocessable, form, SmallOutcome::BadEmail).await;
    }
    let client = site.counted(&visit, &visit.flow.clone().unwrap_or_else(Flow::begin));
    let message = with_sender(&form);
    match answered(site.actions.report_problem(&slug, &message, &client, site.now()).await)? {
        Ok(()) => show(StatusCode::OK, Report::default(), SmallOutcome::Sent).await,
        Err(ReportRefused::TooMany) => {
            show(StatusCode::TOO_MANY_REQUESTS, form, SmallOutcome::TooMany).await
        }
        Err(ReportRefused::TooLong) => show(unprocessable, form, SmallOutcome::NoText).await,
        Err(ReportRefused::UnknownCampaign) => Err(Failure::NotFound),
    }
}

/// The message, and where to answer, which is part of what the operator reads.
fn with_sender(form: &Report) -> String {
    if form.courriel.is_empty() {
        form.message.clone()
    } else {
        format!("{}\n\n{}", form.message, form.courriel)
    }
}

async fn back(
    site: &Site,
    visit: &Visit,
    slug: &str,
    status: StatusCode,
    small: Small,
) -> Result<Response, Failure> {
    let page = page::page(site, slug, small).await?;
    site.refused_form(visit, status, &page)
}
