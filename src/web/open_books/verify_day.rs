//! `/verifier/jour` and `/verifier/jour/{day}`: the seal of a civil day in Paris.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::calendar::{paris_date, paris_midnight};
use store::seals::{self, SealedDay};
use templates::pages::{
    SealDay,
    seals::{DayFound, DayLink, SealedDay as Shown},
};
use time::{Date, OffsetDateTime, format_description::well_known::Iso8601};

use crate::web::{error::Failure, state::Site, visit::Visit};

/// `/verifier/jour?jour=…`: the form, and the answer to what is typed into it.
pub async fn ask(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    match visit.asked("jour").filter(|typed| !typed.trim().is_empty()) {
        Some(typed) => answer(&site, &visit, typed.trim()).await,
        None => {
            let page = bare(String::new(), DayFound::Ask);
            site.public_page(&visit, "/verifier/jour", async { Ok(page) }).await
        }
    }
}

/// `/verifier/jour/{day}`
pub async fn show(
    State(site): State<Site>,
    Path(day): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    answer(&site, &visit, &day).await
}

/// A day written `2026-11-24`, and in no other way.
pub fn civil(text: &str) -> Option<Date> {
    let day = Date::parse(text, &Iso8601::DATE).ok()?;
    (day.to_string() == text).then_some(day)
}

/// A link to a day.
pub fn link(day: Date) -> DayLink {
    DayLink { day: day.to_string(), at: paris_midnight(day).into() }
}

const fn bare(day: String, found: DayFound) -> SealDay {
    SealDay { day, found, before: None, after: None }
}

async fn answer(site: &Site, visit: &Visit, typed: &str) -> Result<Response, Failure> {
    let page = match civil(typed) {
        Some(day) => page(site, day).await?,
        None => bare(typed.chars().take(40).collect(), DayFound::NoDay),
    };
    match page.found {
        DayFound::NoDay | DayFound::Future { .. } | DayFound::TooEarly { .. } => {
            site.refused_form(visit, StatusCode::NOT_FOUND, &page)
        }
        _ => {
            let sealed = matches!(page.found, DayFound::Sealed(_));
            let key = format!("/verifier/jour/{}:{sealed}", page.day);
            site.public_page(visit, &key, async { Ok(page) }).await
        }
    }
}

async fn page(site: &Site, day: Date) -> Result<SealDay, Failure> {
    let today = paris_date(site.now());
    let mut db = site.reader.get().await?;
    let sealed = seals::day(&mut db, day).await?;
    // Days are those of the database, whose clock is another one.
    let first = seals::first_record(&mut db).await?.map(paris_date);
    let at = paris_midnight(day).into();
    let found = match (sealed, first) {
        (Some(sealed), _) => DayFound::Sealed(Box::new(shown(sealed, first))),
        (None, _) if day > today => DayFound::Future { at },
        (None, Some(first)) if day >= first => DayFound::Waiting { at, over: day < today },
        (None, first) => DayFound::TooEarly { at, first: first.map(link) },
    };
    let within = |other: &Date| first.is_some_and(|first| first <= *other) && *other <= today;
    Ok(SealDay {
        before: day.previous_day().filter(within).map(link),
        after: day.next_day().filter(within).map(link),
        ..bare(day.to_string(), found)
    })
}

fn shown(sealed: SealedDay, first: Option<Date>) -> Shown {
    let at: OffsetDateTime = paris_midnight(sealed.day);
    Shown {
        at: at.into(),
        records: u64::try_from(sealed.records).unwrap_or_default(),
        root: hex::encode(&sealed.root),
        previous: (first != Some(sealed.day)).then(|| hex::encode(&sealed.previous)),
        seal: hex::encode(&sealed.seal),
        sealed_at: sealed.sealed_at.into(),
    }
}
