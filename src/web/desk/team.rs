//! `/plateforme/equipe`: who works for the platform, and who lost every passkey.

use actions::{DeskRefused, StaffMember, Stop};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{ids::PersonId, people::EmailAddress, role::StaffRole};
use serde::Deserialize;
use store::{
    desk, people,
    staff::{self, StaffRow},
};
use templates::pages::{
    Team,
    desk::{DeskNotice, RecoveryLine, StaffLine},
};

use super::made;
use crate::web::{
    error::Failure,
    extract::{Administrators, Readers, StaffOf},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The page's own address.
pub const PATH: &str = "/plateforme/equipe";

/// The forms of the page: one gesture each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    geste: String,
    courriel: Option<String>,
    role: Option<String>,
    raison: Option<String>,
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Readers>,
    visit: Visit,
) -> Result<Response, Failure> {
    let done = visit.asked("fait").map(|_| DeskNotice::Done);
    let page = page(&site, &staff, None, done).await?;
    site.form_page(&visit, &page)
}

async fn page(
    site: &Site,
    staff: &StaffMember,
    typed: Option<Asked>,
    notice: Option<DeskNotice>,
) -> Result<Team, Failure> {
    let mut db = site.reader.get().await?;
    let me = staff.person().uuid();
    let line = |row: StaffRow| StaffLine {
        me: row.person_id == me,
        role: row.role(),
        since: row.since.into(),
        email: row.email,
    };
    let staffed = staff::all(&mut db).await?.into_iter().map(line).collect();
    let recoveries = desk::recoveries(&mut db, site.now()).await?;
    let recoveries = recoveries.into_iter().map(|row| RecoveryLine {
        mine: row.asked_by == me,
        email: row.email,
        by: row.by,
        reason: row.reason,
        until: row.ends_at.into(),
    });
    let of = |gesture| typed.as_ref().filter(|asked| asked.geste == gesture);
    let address = |asked: &Asked| asked.courriel.clone().unwrap_or_default();
    let lost = of("cles-perdues");
    Ok(Team {
        manages: staff.role == StaffRole::Administrator,
        staff: staffed,
        recoveries: recoveries.collect(),
        email: of("nommer").map(address).unwrap_or_default(),
        lost: lost.map(address).unwrap_or_default(),
        reason: lost.and_then(|asked| asked.raison.clone()).unwrap_or_default(),
        notice,
    })
}

/// A gesture.
pub async fn change(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Administrators>,
    visit: Visit,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let made = made(typed, async |asked| done(&site, &staff, asked).await).await?;
    let Err((asked, (status, notice))) = made else {
        return Ok(Redirect::to(&format!("{PATH}?fait=oui")).into_response());
    };
    let page = page(&site, &staff, Some(asked), Some(notice)).await?;
    site.refused_form(&visit, status, &page)
}

async fn done(site: &Site, staff: &StaffMember, asked: &Asked) -> Result<(), Stop<DeskRefused>> {
    let (actions, now) = (&site.actions, site.now());
    let unknown = Err(Stop::Refused(DeskRefused::Unknown));
    let typed = asked.courriel.as_deref().unwrap_or_default().trim();
    let Ok(email) = typed.parse::<EmailAddress>() else { return unknown };
    let role = asked.role.as_deref().and_then(StaffRole::from_code);
    match (asked.geste.as_str(), role) {
        ("nommer", Some(_)) => return actions.appoint(staff, (&email, role), now).await,
        ("retirer", _) => return actions.appoint(staff, (&email, None), now).await,
        _ => {}
    }
    let Some(person) = known(site, &email).await? else { return unknown };
    let why = asked.raison.as_deref().unwrap_or_default();
    match asked.geste.as_str() {
        "cles-perdues" => actions.ask_recovery(staff, (person, why), now).await,
        "confirmer" => actions.end_recovery(staff, (person, true), now).await,
        "abandonner" => actions.end_recovery(staff, (person, false), now).await,
        _ => unknown,
    }
}

async fn known(site: &Site, email: &EmailAddress) -> anyhow::Result<Option<PersonId>> {
    let mut db = site.reader.get().await?;
    Ok(people::known(&mut db, &email.key()).await?)
}
