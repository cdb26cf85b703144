//! `/plateforme`: what waits for somebody, and the switch that stops giving.

use actions::{DeskRefused, StaffMember, Stop};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use store::{desk, operator};
use templates::pages::{
    Desk,
    desk::{DeskNotice, DiscrepancyLine, ParkedJob},
};

use super::made;
use crate::web::{
    error::Failure,
    extract::{Administrators, Anyone, StaffOf},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The forms of the page: one gesture each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    geste: String,
    raison: Option<String>,
    tache: Option<String>,
    ecart: Option<i64>,
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Anyone>,
    visit: Visit,
) -> Result<Response, Failure> {
    let done = visit.asked("fait").map(|_| DeskNotice::Done);
    let page = page(&site, &staff, (None, done)).await?;
    site.form_page(&visit, &page)
}

async fn page(
    site: &Site,
    staff: &StaffMember,
    (typed, notice): (Option<Asked>, Option<DeskNotice>),
) -> Result<Desk, Failure> {
    let typed = typed.as_ref();
    let reason = |asked: &Asked| asked.raison.clone().unwrap_or_default();
    let explained =
        |number| typed.filter(|asked| asked.ecart == Some(number)).map(reason).unwrap_or_default();
    let parked = site.actions.parked_jobs().await?.into_iter().map(|job| ParkedJob {
        id: job.id,
        kind: job.kind,
        error: job.last_error.unwrap_or_default(),
        since: job.created_at.into(),
    });
    let mut db = site.reader.get().await?;
    let recoveries = desk::recoveries(&mut db, site.now()).await?.len();
    let discrepancies = operator::open_discrepancies(&mut db).await?;
    let discrepancies = discrepancies.into_iter().map(|row| DiscrepancyLine {
        number: row.number,
        kind: row.kind,
        subject: row.subject,
        since: row.raised_at.into(),
        explanation: explained(row.number),
    });
    drop(db);
    Ok(Desk {
        role: staff.role,
        giving_open: site.giving_is_open().await?,
        parked: parked.collect(),
        discrepancies: discrepancies.collect(),
        recoveries: u64::try_from(recoveries).unwrap_or_default(),
        reason: typed.filter(|asked| asked.ecart.is_none()).map(reason).unwrap_or_default(),
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
        return Ok(Redirect::to(&format!("{}?fait=oui", super::PATH)).into_response());
    };
    let page = page(&site, &staff, (Some(asked), Some(notice))).await?;
    site.refused_form(&visit, status, &page)
}

async fn done(site: &Site, staff: &StaffMember, asked: &Asked) -> Result<(), Stop<DeskRefused>> {
    let (actions, now) = (&site.actions, site.now());
    let why = asked.raison.as_deref().unwrap_or_default();
    let job = asked.tache.as_deref().and_then(|id| id.parse().ok());
    match (asked.geste.as_str(), job) {
        ("arreter", _) => actions.switch_giving(staff, (false, why), now).await,
        ("ouvrir", _) => actions.switch_giving(staff, (true, why), now).await,
        ("clore", _) => {
            let number = asked.ecart.unwrap_or_default();
            actions.close_discrepancy(staff, (number, why), now).await
        }
        ("relancer", Some(job)) => actions.retry_job(staff, job, now).await,
        _ => Err(Stop::Refused(DeskRefused::Unknown)),
    }
}
