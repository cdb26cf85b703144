//! `/plateforme/organisations/{id}`: one organisation, and what an administrator may do about it.

use actions::{Decision, DeskRefused, StaffMember, Stop};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::ids::OrganisationId;
use store::{members::MemberRow, pages::own};
use templates::pages::{
    OrganisationCard,
    desk::DeskNotice,
    lookup::{CampaignOf, Gesture, MemberOf},
};

use super::{
    card::{Asked, suspended, typed},
    made,
};
use crate::web::{
    error::{Failure, answered},
    extract::{Administrators, StaffOf},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Administrators>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let notice = visit.asked("fait").map(|_| DeskNotice::Done);
    let gesture = Gesture { notice, ..Gesture::default() };
    let page = page(&site, &staff, &OrganisationId::new(id), gesture).await?;
    site.form_page(&visit, &page)
}

async fn page(
    site: &Site,
    staff: &StaffMember,
    id: &OrganisationId,
    gesture: Gesture,
) -> Result<OrganisationCard, Failure> {
    let found = answered(site.actions.look_into(staff, id, site.now()).await)?;
    let (row, members) = found.map_err(super::refusal)?.ok_or(Failure::NotFound)?;
    let mut db = site.reader.get().await?;
    let campaigns = own::campaigns_of(&mut db, id).await?.into_iter();
    let member = |row: MemberRow| MemberOf {
        role: row.role(),
        id: row.person_id.to_string(),
        email: row.email,
    };
    Ok(OrganisationCard {
        id: row.id,
        name: row.name,
        siren: row.siren,
        since: row.created_at.into(),
        suspended: suspended(row.suspended_at, row.suspended_for),
        merged_into: row.merged_into,
        campaigns: campaigns.map(|one| CampaignOf { slug: one.slug, title: one.title }).collect(),
        members: members.into_iter().map(member).collect(),
        gesture,
    })
}

/// A gesture.
pub async fn change(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Administrators>,
    Path(id): Path<String>,
    visit: Visit,
    form: Typed<Asked>,
) -> Result<Response, Failure> {
    let id = OrganisationId::new(id);
    let made = made(form, async |asked| done(&site, &staff, (&id, asked)).await).await?;
    let Err((asked, (status, notice))) = made else {
        let back = format!("{}/organisations/{id}?fait=oui", super::PATH);
        return Ok(Redirect::to(&back).into_response());
    };
    let page = page(&site, &staff, &id, typed(asked, notice)).await?;
    site.refused_form(&visit, status, &page)
}

async fn done(
    site: &Site,
    staff: &StaffMember,
    (id, asked): (&OrganisationId, &Asked),
) -> Result<(), Stop<DeskRefused>> {
    let (actions, now) = (&site.actions, site.now());
    let reason = asked.reason();
    let decided = |suspended| (id, Decision { suspended, reason });
    match asked.geste.as_str() {
        "suspendre" => actions.suspend_organisation(staff, decided(true), now).await,
        "retablir" => actions.suspend_organisation(staff, decided(false), now).await,
        "reunir" => {
            let into = OrganisationId::new(asked.other().to_owned());
            actions.merge_organisations(staff, (id, &into, reason), now).await
        }
        _ => Err(Stop::Refused(DeskRefused::Unknown)),
    }
}
