//! `/structures/{structure}`: an organisation as its members see it.

use axum::{extract::State, response::Response};
use domain::Cents;
use store::{
    pages::own::{self, CampaignOfRow},
    people,
};
use templates::pages::{Organisation, organisation::OwnCampaign};

use crate::web::{
    error::Failure,
    extract::{Any, MemberOf},
    state::Site,
    visit::Visit,
};

/// The page.
pub async fn show(
    State(site): State<Site>,
    MemberOf { membership, .. }: MemberOf<Any>,
    visit: Visit,
) -> Result<Response, Failure> {
    let mut db = site.reader.get().await?;
    let name = people::organisation(&mut db, &membership.organisation).await?.name;
    let campaigns = own::campaigns_of(&mut db, &membership.organisation).await?;
    let campaigns = campaigns.into_iter().map(own_campaign).collect();
    let id = membership.organisation.to_string();
    site.page(&visit, &Organisation { id, name, role: membership.role, campaigns })
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
