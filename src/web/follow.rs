//! `/suivi/{jeton}`: confirm, stop. A link of a letter only shows a page; its button changes
//! something, so that a scanner that opens links changes nothing (reliability G6). The stop also
//! takes the one click of a mailbox (RFC 8058), which comes without a page of ours: the address is
//! the proof.

use actions::FollowRefused;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::CampaignId;
use store::campaigns;
use templates::pages::{Follow, follow::FollowStep};

use super::{
    error::{Failure, answered},
    state::Site,
    visit::Visit,
};

/// `GET /suivi/{jeton}`: may we write to you?
pub async fn confirm_ask(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let action = format!("/suivi/{token}");
    ask(&site, &visit, &token, (FollowStep::ConfirmAsk, action)).await
}

/// `GET /suivi/{jeton}/arret`: shall we stop?
pub async fn stop_ask(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let action = format!("/suivi/{token}/arret");
    ask(&site, &visit, &token, (FollowStep::StopAsk, action)).await
}

async fn ask(
    site: &Site,
    visit: &Visit,
    token: &str,
    (step, action): (FollowStep, String),
) -> Result<Response, Failure> {
    let mut db = site.reader.get().await?;
    let Some(follower) = campaigns::follower(&mut db, token).await? else {
        return unknown(site, visit);
    };
    let campaign = campaigns::read(&mut db, &CampaignId::new(follower.campaign_id)).await?;
    let follows = follower.confirmed_at.is_some() && follower.ended_at.is_none();
    // Once stopped, the only button left is the one that starts again.
    let (step, action) = match step {
        FollowStep::StopAsk if follower.ended_at.is_some() => {
            (FollowStep::Stopped, format!("/suivi/{token}"))
        }
        FollowStep::ConfirmAsk if follows => (FollowStep::Confirmed, action),
        other => (other, action),
    };
    let page = Follow { step, slug: campaign.slug, campaign: campaign.title, action };
    site.form_page(visit, &page)
}

/// `POST /suivi/{jeton}`
pub async fn confirm(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let done = site.actions.confirm_follow(&token, site.now()).await;
    told(&site, &visit, &token, done).await
}

/// `POST /suivi/{jeton}/arret`, by the page's button or by the mailbox.
pub async fn stop(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let done = site.actions.end_follow(&token, site.now()).await;
    told(&site, &visit, &token, done).await
}

/// Says what is true now, from the row itself.
async fn told(
    site: &Site,
    visit: &Visit,
    token: &str,
    done: Result<String, actions::Stop<FollowRefused>>,
) -> Result<Response, Failure> {
    if answered(done)?.is_err() {
        return unknown(site, visit);
    }
    let mut db = site.reader.get().await?;
    let follower = campaigns::follower(&mut db, token).await?.ok_or(Failure::NotFound)?;
    let campaign = campaigns::read(&mut db, &CampaignId::new(follower.campaign_id)).await?;
    let step =
        if follower.ended_at.is_some() { FollowStep::Stopped } else { FollowStep::Confirmed };
    let action = format!("/suivi/{token}");
    let page = Follow { step, slug: campaign.slug, campaign: campaign.title, action };
    site.form_page(visit, &page)
}

fn unknown(site: &Site, visit: &Visit) -> Result<Response, Failure> {
    let (slug, campaign, action) = Default::default();
    let page = Follow { step: FollowStep::Unknown, slug, campaign, action };
    site.refused_form(visit, StatusCode::NOT_FOUND, &page)
}
