//! `/plateforme/personnes/{id}`: one person, and what an administrator may do about them.

use actions::{Decision, DeskRefused, StaffMember, Stop};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{ids::PersonId, people::EmailAddress};
use store::{
    members::{self, MembershipRow},
    people,
};
use templates::pages::{
    PersonCard,
    desk::DeskNotice,
    lookup::{ActsFor, Gesture},
};
use uuid::Uuid;

use super::{
    card::{Asked, suspended, typed},
    lookup, made,
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
    let page = page(&site, &staff, &id, Gesture { notice, ..Gesture::default() }).await?;
    site.form_page(&visit, &page)
}

fn known(id: &str) -> Result<PersonId, Failure> {
    id.parse::<Uuid>().map(PersonId::new).map_err(|_| Failure::NotFound)
}

async fn page(
    site: &Site,
    staff: &StaffMember,
    id: &str,
    gesture: Gesture,
) -> Result<PersonCard, Failure> {
    let id = known(id)?;
    let found = answered(site.actions.look_at(staff, id, site.now()).await)?;
    let row = found.map_err(super::refusal)?.ok_or(Failure::NotFound)?;
    let mut db = site.reader.get().await?;
    let memberships = members::memberships_of(&mut db, id).await?;
    let acts_for =
        |row: MembershipRow| ActsFor { role: row.role(), id: row.organisation_id, name: row.name };
    Ok(PersonCard {
        id: id.to_string(),
        email: row.email,
        since: row.created_at.into(),
        signed_in_at: row.signed_in_at.map(Into::into),
        bounced_at: row.bounced_at.map(Into::into),
        leaving: row.erase_asked_at.is_some(),
        works_here: row.works_here,
        suspended: suspended(row.suspended_at, row.suspended_for),
        merged_into: row.merged_into.map(|id| id.to_string()),
        also: row.also,
        memberships: memberships.into_iter().map(acts_for).collect(),
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
    let person = known(&id)?;
    let made = made(form, async |asked| done(&site, &staff, (person, asked)).await).await?;
    let Err((asked, (status, notice))) = made else {
        return Ok(Redirect::to(&format!("{}/{id}?fait=oui", lookup::PATH)).into_response());
    };
    let page = page(&site, &staff, &id, typed(asked, notice)).await?;
    site.refused_form(&visit, status, &page)
}

async fn done(
    site: &Site,
    staff: &StaffMember,
    (person, asked): (PersonId, &Asked),
) -> Result<(), Stop<DeskRefused>> {
    let (actions, now) = (&site.actions, site.now());
    let reason = asked.reason();
    let decided = |suspended| (person, Decision { suspended, reason });
    match asked.geste.as_str() {
        "suspendre" => actions.suspend_person(staff, decided(true), now).await,
        "retablir" => actions.suspend_person(staff, decided(false), now).await,
        "reecrire" => actions.write_again(staff, person, now).await,
        "reunir" => match other(site, asked.other()).await? {
            Some(into) => actions.merge_people(staff, (person, into, reason), now).await,
            None => Err(Stop::Refused(DeskRefused::Unknown)),
        },
        _ => Err(Stop::Refused(DeskRefused::Unknown)),
    }
}

async fn other(site: &Site, typed: &str) -> anyhow::Result<Option<PersonId>> {
    let Ok(email) = typed.parse::<EmailAddress>() else { return Ok(None) };
    let mut db = site.reader.get().await?;
    Ok(people::known(&mut db, &email.key()).await?)
}
