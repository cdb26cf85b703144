//! `/structures/{structure}/membres`: who acts for an organisation. All see it, owners change it,
//! everybody may leave.

use actions::{Membership, MembershipRefused, Stop};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{ids::PersonId, people::EmailAddress, role::Role};
use serde::Deserialize;
use store::{
    identities,
    members::{self, InvitationRow, MemberRow},
    people,
};
use templates::pages::{
    Members,
    organisation::{InvitationLine, MemberLine, MemberNotice},
};
use uuid::Uuid;

use crate::web::{
    error::{Failure, answered},
    extract::{Any, Managing, MemberOf},
    forms::Typed,
    space,
    state::Site,
    visit::Visit,
};

/// The forms of the page: one gesture each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    geste: String,
    courriel: Option<String>,
    role: Option<String>,
    membre: Option<Uuid>,
}

/// The button that leaves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    #[serde(rename = "choix")]
    _choice: String,
}

/// The page.
pub async fn list(
    State(site): State<Site>,
    MemberOf { membership, .. }: MemberOf<Any>,
    visit: Visit,
) -> Result<Response, Failure> {
    let notice = match visit.asked("fait").as_deref() {
        Some("invitation") => Some(MemberNotice::Invited),
        Some("changement") => Some(MemberNotice::Changed),
        _ => None,
    };
    let page = page(&site, &membership, (String::new(), Role::Editor), notice).await?;
    site.form_page(&visit, &page)
}

async fn page(
    site: &Site,
    membership: &Membership,
    (email, role): (String, Role),
    notice: Option<MemberNotice>,
) -> Result<Members, Failure> {
    let mut db = site.reader.get().await?;
    let members = members::of(&mut db, &membership.organisation).await?;
    let manages = membership.role.manages_members();
    let vouched = match manages {
        true => identities::vouched_members(&mut db, &membership.organisation).await?,
        false => Vec::new(),
    };
    let invited = members::invited(&mut db, &membership.organisation, site.now()).await?;
    Ok(Members {
        id: membership.organisation.to_string(),
        name: people::organisation(&mut db, &membership.organisation).await?.name,
        manages,
        members: members.into_iter().map(|row| member(row, membership, &vouched)).collect(),
        invitations: invited.into_iter().map(invitation).collect(),
        email,
        role,
        notice,
    })
}

fn member(row: MemberRow, membership: &Membership, vouched: &[(Uuid, String)]) -> MemberLine {
    let siret = vouched.iter().rev().find(|(person, _)| *person == row.person_id);
    MemberLine {
        siret: siret.map(|(_, siret)| siret.clone()),
        me: row.person_id == membership.person.uuid(),
        id: row.person_id.to_string(),
        role: row.role(),
        since: row.since.into(),
        email: row.email,
    }
}

fn invitation(row: InvitationRow) -> InvitationLine {
    InvitationLine {
        id: row.id.to_string(),
        role: row.role(),
        until: row.ends_at.into(),
        email: row.email,
    }
}

/// A gesture of an owner.
pub async fn change(
    State(site): State<Site>,
    MemberOf { membership, .. }: MemberOf<Managing>,
    visit: Visit,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let asked = match typed.of_this_visit() {
        Ok((asked, _)) => asked,
        Err(asked) => {
            let told = (StatusCode::FORBIDDEN, MemberNotice::FormExpired);
            return again(&site, &visit, &membership, (asked, told)).await;
        }
    };
    match answered(gesture(&site, &membership, &asked).await)? {
        Ok(Some(done)) => {
            let back = format!("/structures/{}/membres?fait={done}", membership.organisation);
            Ok(Redirect::to(&back).into_response())
        }
        Ok(None) => {
            let told = (StatusCode::UNPROCESSABLE_ENTITY, MemberNotice::NotAnAddress);
            again(&site, &visit, &membership, (asked, told)).await
        }
        Err(why) => again(&site, &visit, &membership, (asked, told(why))).await,
    }
}

/// What was done; nothing when the address is not one.
async fn gesture(
    site: &Site,
    membership: &Membership,
    asked: &Asked,
) -> Result<Option<&'static str>, Stop<MembershipRefused>> {
    let (actions, now) = (&site.actions, site.now());
    let role = asked.role.as_deref().and_then(Role::from_code);
    let member = asked.membre.map(PersonId::new);
    match (asked.geste.as_str(), asked.membre, member, role) {
        ("inviter", _, _, Some(role)) => {
            let typed = asked.courriel.as_deref().unwrap_or_default().trim();
            let Ok(email) = typed.parse::<EmailAddress>() else { return Ok(None) };
            actions.invite(membership, (&email, role), now).await?;
            return Ok(Some("invitation"));
        }
        ("role", _, Some(member), Some(role)) => {
            actions.set_role(membership, (member, Some(role)), now).await?;
        }
        ("retirer", _, Some(member), _) => {
            actions.set_role(membership, (member, None), now).await?
        }
        ("reprendre", Some(id), _, _) => actions.withdraw_invitation(membership, id, now).await?,
        _ => return Err(Stop::Refused(MembershipRefused::Unknown)),
    }
    Ok(Some("changement"))
}

const fn told(why: MembershipRefused) -> (StatusCode, MemberNotice) {
    match why {
        MembershipRefused::NotAllowed | MembershipRefused::Unknown => {
            (StatusCode::CONFLICT, MemberNotice::Unknown)
        }
        MembershipRefused::Already => (StatusCode::CONFLICT, MemberNotice::Already),
        MembershipRefused::LastOwner => (StatusCode::CONFLICT, MemberNotice::LastOwner),
        MembershipRefused::TooMany => (StatusCode::TOO_MANY_REQUESTS, MemberNotice::TooMany),
    }
}

/// The page comes back with what was typed and the reason.
async fn again(
    site: &Site,
    visit: &Visit,
    membership: &Membership,
    (asked, (status, notice)): (Asked, (StatusCode, MemberNotice)),
) -> Result<Response, Failure> {
    let role = asked.role.as_deref().and_then(Role::from_code).unwrap_or(Role::Editor);
    let typed = (asked.courriel.unwrap_or_default(), role);
    let page = page(site, membership, typed, Some(notice)).await?;
    site.refused_form(visit, status, &page)
}

/// One leaves.
pub async fn leave(
    State(site): State<Site>,
    MemberOf { membership, .. }: MemberOf<Any>,
    visit: Visit,
    typed: Typed<Leaving>,
) -> Result<Response, Failure> {
    typed.trusted()?;
    let leaving = site.actions.set_role(&membership, (membership.person, None), site.now());
    match answered(leaving.await)? {
        Ok(()) => Ok(Redirect::to(space::PATH).into_response()),
        Err(why) => {
            let (status, notice) = told(why);
            let page =
                page(&site, &membership, (String::new(), Role::Editor), Some(notice)).await?;
            site.refused_form(&visit, status, &page)
        }
    }
}
