//! `/fonds/pots`: the order in which the pots answer, and a new one.

use actions::{PotRefused, StaffMember, Step, Stop};
use axum::{extract::State, response::Response};
use domain::{Cents, role::StaffRole};
use store::{pots, tranches, waterfall};
use templates::pages::{
    Pots,
    pots::{PotNotice, PotPlace},
};

use super::{PATH, Sent, made, unknown};
use crate::web::{
    error::Failure,
    extract::{FundReaders, Operators, StaffOf},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<FundReaders>,
    visit: Visit,
) -> Result<Response, Failure> {
    let done = visit.asked("fait").map(|_| PotNotice::Done);
    let writes = staff.role == StaffRole::Operator;
    let page = page(&site, writes, (String::new(), done)).await?;
    site.form_page(&visit, &page)
}

async fn page(
    site: &Site,
    writes: bool,
    (name, notice): (String, Option<PotNotice>),
) -> Result<Pots, Failure> {
    let mut db = site.reader.get().await?;
    let rows = pots::all(&mut db).await?;
    let answered = waterfall::answered(&mut db).await?;
    let mut places: Vec<PotPlace> = Vec::new();
    for row in rows {
        let held = Cents::new(tranches::total(&mut db, &row.id).await?);
        let before = places.last_mut();
        let free = |before: &PotPlace| !(before.answered && answered.contains(&row.id));
        let earlier = before.as_deref().is_some_and(free);
        if let Some(before) = before {
            before.later = earlier;
        }
        let answered = answered.contains(&row.id);
        places.push(PotPlace {
            id: row.id,
            name: row.title,
            held,
            answered,
            earlier,
            later: false,
        });
    }
    Ok(Pots { writes, pots: places, name, notice })
}

/// A gesture.
pub async fn change(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Operators>,
    visit: Visit,
    typed: Typed<Sent>,
) -> Result<Response, Failure> {
    match made(typed, async |sent| done(&site, &staff, sent).await).await? {
        Ok(answer) => Ok(answer),
        Err((sent, (status, notice))) => {
            let again = (sent.get("nom").to_owned(), Some(notice));
            site.refused_form(&visit, status, &page(&site, true, again).await?)
        }
    }
}

async fn done(site: &Site, staff: &StaffMember, sent: &Sent) -> Result<String, Stop<PotRefused>> {
    let (actions, now) = (&site.actions, site.now());
    let step = match sent.get("geste") {
        "creer" => {
            let id = actions.create_pot(staff, sent.get("nom"), now).await?;
            return Ok(format!("{PATH}/{id}?fait=oui"));
        }
        "avancer" => Step::Earlier,
        "reculer" => Step::Later,
        _ => return unknown(),
    };
    actions.move_pot(staff, (sent.get("pot"), step), now).await?;
    Ok(format!("{PATH}?fait=oui"))
}
