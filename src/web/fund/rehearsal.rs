//! `/fonds/repetitions/{id}`: how far a rehearsal is, what came of it, and the same as a file.

use std::collections::BTreeMap;

use actions::{Beside, Rehearsal, RuleRefused, Year};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use store::{
    drafts::{self, DraftRow},
    pots,
    rehearsals::{self, RehearsalRow},
    rules::Published,
};
use templates::pages::{
    RehearsalPage,
    rehearsal::{OtherRules, RehearsalForm, Rehearsed, Side},
    rule_form::Fields,
};
use uuid::Uuid;

use super::report;
use crate::web::{
    error::Failure,
    extract::{FundReaders, StaffOf},
    state::Site,
    visit::Visit,
};

/// Where rehearsals are.
pub const PATH: &str = "/fonds/repetitions";

/// A page that is not finished asks for itself again after these seconds.
const AGAIN: HeaderValue = HeaderValue::from_static("1");

/// Gifts of an invented year, when nobody says otherwise.
const GIFTS: &str = "10000";

async fn row(site: &Site, id: &str) -> Result<(RehearsalRow, DraftRow), Failure> {
    let id: Uuid = id.parse().map_err(|_| Failure::NotFound)?;
    let mut db = site.reader.get().await?;
    let row = rehearsals::read(&mut db, id).await?.ok_or(Failure::NotFound)?;
    let draft = drafts::read(&mut db, row.draft).await?.ok_or(Failure::NotFound)?;
    Ok((row, draft))
}

async fn rehearsed(
    site: &Site,
    row: &RehearsalRow,
    rule: &str,
) -> Result<Option<Rehearsed>, Failure> {
    if row.report.is_none() {
        return Ok(None);
    }
    let mut db = site.reader.get().await?;
    let campaigns = drafts::titles(&mut db).await?;
    let pots = pots::all(&mut db).await?.into_iter().map(|pot| (pot.id, pot.title));
    let pots: BTreeMap<String, String> = pots.collect();
    let file = format!("{PATH}/{}/ecarts.csv", row.id);
    Ok(Some(report::told(row, report::sides(row, rule), (&campaigns, &pots), file)))
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let (row, draft) = row(&site, &id).await?;
    let result = rehearsed(&site, &row, &draft.rule_set_id).await?;
    let page = RehearsalPage {
        draft: row.draft,
        rule: draft.rule_set_id,
        year_gifts: row.year_gifts,
        seed: row.year_seed.unwrap_or_default(),
        progress: row.progress,
        problem: row.problem,
        result,
        current: draft.document == row.document,
    };
    let mut answer = site.form_page(&visit, &page)?;
    if row.ended_at.is_none() {
        answer.headers_mut().insert(header::REFRESH, AGAIN);
    }
    Ok(answer)
}

/// The file: every comparison of the page, a line each, in cents.
pub async fn file(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (row, draft) = row(&site, &id).await?;
    let result = rehearsed(&site, &row, &draft.rule_set_id).await?.ok_or(Failure::NotFound)?;
    let mut answer = report::csv(&result).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"repetition-essaim.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}

/// The form beside a draft, as typed: other open drafts of its pot, and what is published there.
pub fn form(
    draft: &DraftRow,
    (drafts, published): (&[DraftRow], &[Published]),
    sent: Option<&Fields>,
) -> RehearsalForm {
    let of_pot =
        |row: &&DraftRow| row.is_open() && row.number != draft.number && row.pot_id == draft.pot_id;
    let open = drafts.iter().filter(of_pot).map(|row| OtherRules {
        code: format!("brouillon-{}", row.number),
        side: Side::Draft { number: row.number, rule: row.rule_set_id.clone() },
    });
    let versions = published.iter().filter(|one| one.row.pot_id == draft.pot_id).map(|one| {
        let (rule, version) = (one.row.id.clone(), one.row.version);
        OtherRules {
            code: format!("version-{rule}-{version}"),
            side: Side::Version { rule, version },
        }
    });
    let typed = |key: &str| sent.and_then(|sent| sent.get(key)).cloned();
    RehearsalForm {
        others: open.chain(versions).collect(),
        year: typed("quoi").as_deref() == Some("annee"),
        gifts: typed("dons").unwrap_or_else(|| GIFTS.to_owned()),
        seed: typed("graine").unwrap_or_else(|| "1".to_owned()),
        first: typed("avec-1").unwrap_or_default(),
        second: typed("avec-2").unwrap_or_default(),
    }
}

/// What the form asks for.
pub fn asked(fields: &Fields) -> Result<Rehearsal, RuleRefused> {
    let get = |name: &str| fields.get(name).map(|typed| typed.trim()).unwrap_or_default();
    let codes = ["avec-1", "avec-2"].map(get);
    let beside = codes.into_iter().filter(|code| !code.is_empty()).map(beside);
    let number = |name: &str| -> Result<i64, RuleRefused> {
        let digits: String = get(name).chars().filter(|one| !one.is_whitespace()).collect();
        digits.parse().map_err(|_| RuleRefused::Year)
    };
    let year = match get("quoi") {
        "annee" => Some(Year { gifts: number("dons")?, seed: number("graine")? }),
        _ => None,
    };
    Ok(Rehearsal { beside: beside.collect::<Result<_, _>>()?, year })
}

fn beside(code: &str) -> Result<Beside, RuleRefused> {
    let draft = code.strip_prefix("brouillon-").and_then(|number| number.parse().ok());
    let version = || {
        let (rule, version) = code.strip_prefix("version-")?.rsplit_once('-')?;
        Some(Beside::Version(rule.to_owned(), version.parse().ok()?))
    };
    draft.map(Beside::Draft).or_else(version).ok_or(RuleRefused::Beside)
}
