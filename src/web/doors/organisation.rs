//! `/structures/{structure}`: an organisation as its members see it.

use axum::{extract::State, response::Response};
use domain::Cents;
use store::{
    pages::own::{self, CampaignOfRow},
    people,
};
use templates::pages::{Organisation, organisation::OwnCampaign};

use super::seated::{Any, Seated};
use crate::web::{error::Failure, state::Site, visit::Visit};

/// The page.
pub async fn show(
    State(site): State<Site>,
    Seated { seat, .. }: Seated<Any>,
    visit: Visit,
) -> Result<Response, Failure> {
    let mut db = site.reader.get().await?;
    let name = people::organisation(&mut db, &seat.organisation).await?.name;
    let campaigns = own::campaigns_of(&mut db, &seat.organisation).await?;
    let campaigns = campaigns.into_iter().map(own_campaign).collect();
    let id = seat.organisation.to_string();
    site.page(&visit, &Organisation { id, name, role: seat.role, campaigns })
}

fn own_campaign(row: CampaignOfRow) -> OwnCampaign {
    OwnCampaign {
        slug: row.slug,
        title: row.title,
        gifts: Cents::new(row.raised_cents),
        matched: Cents::new(row.matched_cents),
        minimum: Cents::new(row.goal_cents),
        ends_at: row.ends_at.into(),
    }
}
