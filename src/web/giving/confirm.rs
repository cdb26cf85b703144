//! `/dons/confirmer/{jeton}`: past a threshold, a donor confirms by e-mail before paying. The link
//! only shows the form again, filled; its button begins the gift as it was asked.

use actions::{BeginGift, Stop};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use templates::{
    pages::{
        give::{GiveNotice, Typed},
        refused::RefusedReason,
    },
    typography,
};

use super::{
    amounts::Chosen,
    begin::{self, Back},
    form::{Filled, Subject},
    typed::{CONFIRMATION, GiveForm},
};
use crate::web::{
    cookies::Flow,
    error::{Failure, stopped},
    state::Site,
    visit::Visit,
};

/// The form, filled as it was sent.
pub async fn show(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let Some(ask) = site.actions.gift_to_confirm(&token, site.now()).await? else {
        return Err(Failure::refused(StatusCode::GONE, RefusedReason::FormExpired));
    };
    let subject = Subject::read(&site, &ask.slug).await?;
    let filled = Filled {
        chosen: Chosen { preset: "libre".to_owned(), free: plain(&ask) },
        typed: typed(&ask),
        intention: Some(format!("{CONFIRMATION}{token}")),
        ..Filled::default()
    };
    let page = subject.page(&site, filled).await?;
    site.form_page_for(&visit, &page, &format!("/campagnes/{}", ask.slug))
}

/// The amount as a person would type it.
fn plain(ask: &BeginGift) -> String {
    let told = typography::euros(ask.amount, false);
    told.chars().filter(|c| c.is_ascii_digit() || *c == ',').collect()
}

fn typed(ask: &BeginGift) -> Typed {
    let donor = &ask.donor;
    let address = donor.address.clone();
    Typed {
        email: donor.email.as_str().to_owned(),
        receipt: Some(donor.wants_receipt),
        first_name: donor.name.first.clone(),
        last_name: donor.name.last.clone(),
        street: address.as_ref().map(|address| address.line.clone()).unwrap_or_default(),
        postcode: address.as_ref().map(|address| address.postcode.clone()).unwrap_or_default(),
        city: address.map(|address| address.city).unwrap_or_default(),
        shown: donor.public_name,
        method: Some(ask.method),
        news: donor.wants_news,
    }
}

/// The filled form, sent: the gift begins as it was asked. One that was changed meanwhile is
/// another gift, with a key of its own.
///
/// # Errors
/// As the giving form.
pub async fn confirmed(
    site: &Site,
    visit: &Visit,
    subject: &Subject,
    (form, flow, token): (&GiveForm, &Flow, &str),
) -> Result<Response, Failure> {
    let bounds = site.actions.house().bounds;
    let typed = form.understand(bounds, subject.receipts(site.now()));
    let asked = site.actions.gift_to_confirm(token, site.now()).await?;
    let same = |ask: &BeginGift| {
        ask.slug == subject.row.slug
            && typed.as_ref().is_ok_and(|typed| {
                typed.amount == ask.amount
                    && typed.method == ask.method
                    && typed.donor.email == ask.donor.email
            })
    };
    if !asked.as_ref().is_some_and(same) {
        let notice = match asked {
            Some(_) => GiveNotice::FormExpired,
            None => GiveNotice::ConfirmExpired,
        };
        let back = Back { status: StatusCode::CONFLICT, notice: Some(notice) };
        return back.show(site, visit, subject, (form, Vec::new(), true)).await;
    }
    let client = site.counted(visit, flow);
    let (token, now) = (token.to_owned(), site.now());
    let begun = begin::to_the_end(site, async move |actions| {
        actions.confirm_gift(&token, client, now).await
    });
    match begun.await {
        Ok(began) => begin::to_payment(&began),
        Err(Stop::Refused(why)) => begin::refused(site, visit, subject, (form, why)).await,
        Err(stop) => Err(stopped(stop, |_| Failure::NotFound)),
    }
}
