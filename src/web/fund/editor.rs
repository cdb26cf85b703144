//! `/fonds/regles/{number}`: a draft, written in sentences or as a document, rehearsed, submitted,
//! approved by another.

use std::collections::BTreeMap;

use actions::{DraftView, RuleRefused, StaffMember, Stop};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::role::StaffRole;
use serde_json::Value;
use store::{
    drafts, pots,
    rehearsals::{self, RehearsalRow},
    rules,
};
use templates::pages::{
    RuleEditor,
    fund::{Found, RehearsalLine, RuleNotice},
    rule_form::{FieldFault, Fields},
};
use uuid::Uuid;

use super::{
    RULES,
    book::sentences,
    form::{self, Typed as RuleForm},
    rehearsal, told, trial,
};
use crate::web::{
    error::{Failure, answered},
    extract::{FundReaders, Operators, StaffOf},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// What was typed and what is to be said of it, when the page is shown again.
#[derive(Default)]
struct Again {
    sent: Option<Fields>,
    faults: Vec<FieldFault>,
    notice: Option<RuleNotice>,
    /// A gift to try: amount, address of the campaign.
    tried: (Option<String>, Option<String>),
}

/// Drafts among which others are looked for.
const RECENT: i64 = 200;

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<FundReaders>,
    Path(number): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let version = visit.asked("version").and_then(|version| version.parse().ok());
    let notice = match visit.asked("fait").as_deref() {
        Some("enregistrer") => Some(RuleNotice::Saved),
        Some("soumettre") => Some(RuleNotice::Submitted),
        Some("approuver") => version.map(|version| RuleNotice::Published { version }),
        Some(_) => Some(RuleNotice::Ended),
        None => None,
    };
    let tried = (visit.asked("don"), visit.asked("projet"));
    let again = Again { notice, tried, ..Again::default() };
    site.form_page(&visit, &page(&site, &staff, read(&number)?, again).await?)
}

fn read(number: &str) -> Result<i64, Failure> {
    number.parse().map_err(|_| Failure::NotFound)
}

async fn page(
    site: &Site,
    staff: &StaffMember,
    number: i64,
    again: Again,
) -> Result<RuleEditor, Failure> {
    let now = site.now();
    let view = site.actions.draft(number, now).await?.ok_or(Failure::NotFound)?;
    let mut db = site.reader.get().await?;
    let rehearsals = rehearsals::of_draft(&mut db, number).await?;
    let recent = drafts::all(&mut db, RECENT).await?;
    let published = rules::published(&mut db).await?;
    let pot = pots::title(&mut db, &view.row.pot_id).await?.unwrap_or_default();
    let people = [view.row.begun_by, view.row.changed_by];
    let names: BTreeMap<Uuid, String> =
        drafts::names(&mut db, &people).await?.into_iter().collect();
    drop(db);
    let trial = trial::form(site, number, again.tried).await?;
    let DraftView { row, document, findings, before, sentences: said, rehearsed } = view;
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
    let sent = again.sent.as_ref();
    let fields = match sent.filter(|sent| sent.contains_key("taux")) {
        Some(sent) => form::completed(sent.clone(), &row.document, now),
        None => form::shown(&row.document, now),
    };
    let typed = |key: &str| sent.and_then(|sent| sent.get(key)).cloned();
    let operates = staff.role == StaffRole::Operator;
    let pretty = || serde_json::to_string_pretty(&row.document).unwrap_or_default();
    let line = |one: RehearsalRow| RehearsalLine {
        id: one.id.to_string(),
        at: one.asked_at.into(),
        progress: one.progress,
        ended: one.ended_at.is_some(),
        failed: one.problem.is_some(),
        current: one.document == row.document,
        year_gifts: one.year_gifts,
    };
    let found = |(refuses, what): (bool, Value)| Found { refuses, what };
    Ok(RuleEditor {
        number,
        rule: row.rule_set_id.clone(),
        version: document["version"].as_i64().unwrap_or_default(),
        pot,
        begun_by: name(row.begun_by),
        changed_by: name(row.changed_by),
        changed_at: row.changed_at.into(),
        reason: row.reason.clone(),
        writes: operates && row.state == "draft",
        decides: operates && row.state == "submitted" && !row.is_by(staff.person().uuid()),
        rehearsed,
        bonuses: form::bonuses(&fields),
        publics: form::publics(&fields),
        changes: form::changes(before.as_ref().map(|(document, _)| document), &row.document, now),
        fields,
        faults: again.faults,
        sentences: sentences(&said),
        before: before.as_ref().map(|(_, said)| sentences(said)).unwrap_or_default(),
        before_version: before.and_then(|(document, _)| document["version"].as_i64()),
        findings: findings.into_iter().map(found).collect(),
        json: typed("json").unwrap_or_else(pretty),
        rehearsals: rehearsals.into_iter().map(line).collect(),
        rehearsal_form: rehearsal::form(&row, (&recent, &published), sent),
        trial,
        typed_reason: typed("raison").unwrap_or_default(),
        notice: again.notice,
        state: row.state,
    })
}

/// What a gesture leads to.
enum Done {
    /// Back to the draft, which says so.
    Said(&'static str),
    /// Published as this version.
    Published(i64),
    /// To a rehearsal.
    Rehearsal(Uuid),
}

/// Why it led nowhere.
enum NotDone {
    Faults(Vec<FieldFault>),
    Refused(Stop<RuleRefused>),
}

impl From<Stop<RuleRefused>> for NotDone {
    fn from(stop: Stop<RuleRefused>) -> Self {
        Self::Refused(stop)
    }
}

/// A gesture.
pub async fn change(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Operators>,
    Path(number): Path<String>,
    visit: Visit,
    typed: Typed<RuleForm>,
) -> Result<Response, Failure> {
    let number = read(&number)?;
    let again = async |status, again| {
        site.refused_form(&visit, status, &page(&site, &staff, number, again).await?)
    };
    let (RuleForm(fields), _) = match typed.of_this_visit() {
        Ok(ours) => ours,
        Err(RuleForm(sent)) => {
            let notice = Some(RuleNotice::FormExpired);
            let shown = Again { sent: Some(sent), notice, ..Again::default() };
            return again(StatusCode::FORBIDDEN, shown).await;
        }
    };
    match done(&site, &staff, (number, &fields)).await {
        Ok(done) => {
            let to = match done {
                Done::Said(what) => format!("{RULES}/{number}?fait={what}"),
                Done::Published(version) => {
                    format!("{RULES}/{number}?fait=approuver&version={version}")
                }
                Done::Rehearsal(id) => format!("{}/{id}", rehearsal::PATH),
            };
            Ok(Redirect::to(&to).into_response())
        }
        Err(NotDone::Faults(faults)) => {
            let notice = Some(RuleNotice::Faults);
            let shown = Again { sent: Some(fields), faults, notice, ..Again::default() };
            again(StatusCode::UNPROCESSABLE_ENTITY, shown).await
        }
        Err(NotDone::Refused(stop)) => match answered(Err::<(), _>(stop))? {
            Ok(()) => Err(Failure::NotFound),
            Err(why) => {
                let (status, notice) = told(why);
                let notice = Some(notice);
                again(status, Again { sent: Some(fields), notice, ..Again::default() }).await
            }
        },
    }
}

async fn done(
    site: &Site,
    staff: &StaffMember,
    (number, fields): (i64, &Fields),
) -> Result<Done, NotDone> {
    let (actions, now) = (&site.actions, site.now());
    let get = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    match get("geste") {
        "enregistrer" => {
            let unknown = || RuleRefused::Desk(actions::DeskRefused::Unknown);
            let view = actions.draft(number, now).await.map_err(Stop::from)?;
            let view = view.ok_or_else(|| Stop::Refused(unknown()))?;
            let document = form::read(fields, &view.row.document).map_err(NotDone::Faults)?;
            actions.edit_draft(staff, (number, &document), now).await?;
            Ok(Done::Said("enregistrer"))
        }
        "document" => {
            let problem =
                |error: serde_json::Error| RuleRefused::Unreadable { problem: error.to_string() };
            let document: Value =
                serde_json::from_str(get("json")).map_err(|error| Stop::Refused(problem(error)))?;
            actions.edit_draft(staff, (number, &document), now).await?;
            Ok(Done::Said("enregistrer"))
        }
        "repeter" => {
            let asked = rehearsal::asked(fields).map_err(Stop::Refused)?;
            let id = actions.ask_to_rehearse(staff, (number, &asked), now).await?;
            Ok(Done::Rehearsal(id))
        }
        "soumettre" => {
            actions.submit_draft(staff, number, now).await?;
            Ok(Done::Said("soumettre"))
        }
        "retirer" => {
            actions.withdraw_draft(staff, number, now).await?;
            Ok(Done::Said("retirer"))
        }
        "approuver" => Ok(Done::Published(actions.approve_draft(staff, number, now).await?)),
        "refuser" => {
            actions.refuse_draft(staff, (number, get("raison")), now).await?;
            Ok(Done::Said("refuser"))
        }
        _ => Err(Stop::Refused(RuleRefused::Desk(actions::DeskRefused::Unknown)).into()),
    }
}
