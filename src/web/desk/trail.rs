//! `/plateforme/journal`: who did what, and the same as a file; `/plateforme/reglages`: what holds
//! for the whole site, and who changed it.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{UtcSeconds, calendar::paris_midnight};
use futures_util::{Stream, StreamExt, stream};
use serde_json::Value;
use store::{
    Reader,
    trail::{self, Asked, Line},
};
use templates::pages::{
    SettingsPage, Trail,
    trail::{TrailAsked, TrailLine, deeds},
};
use time::{Date, OffsetDateTime, macros::format_description};

use crate::web::{
    csv,
    error::Failure,
    extract::{Anyone, Readers, StaffOf},
    query,
    state::Site,
    visit::Visit,
};

/// The page's own address.
pub const PATH: &str = "/plateforme/journal";
/// The file.
pub const FILE: &str = "/plateforme/journal.csv";
/// The settings.
pub const SETTINGS: &str = "/plateforme/reglages";

/// Lines of a page.
const SHOWN: i64 = 100;
/// Lines read at once for the file.
const BATCH: i64 = 1_000;

/// Every line, of who only looked too; about one subject they are shown unasked.
const EVERYTHING: &str = "tout";

/// What an address asks for, and how far back.
#[derive(Clone, Debug, Default)]
struct Wanted {
    actor: Option<String>,
    action: Option<String>,
    subject: Option<String>,
    from: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
    before: Option<i64>,
    changes_only: bool,
}

impl Wanted {
    fn asked(&self) -> Asked<'_> {
        Asked {
            actor: self.actor.as_deref(),
            action: self.action.as_deref(),
            subject: self.subject.as_deref(),
            from: self.from,
            until: self.until,
            before: self.before,
            changes_only: self.changes_only,
        }
    }
}

/// A day as a form writes it; nothing when it is not one.
fn day(typed: &str) -> Option<Date> {
    Date::parse(typed, format_description!("[year]-[month]-[day]")).ok()
}

/// Reads the address; false when a day in it is none.
fn wanted(asked: &TrailAsked, before: Option<i64>) -> (Wanted, bool) {
    let some = |typed: &str| (!typed.is_empty()).then(|| typed.to_owned());
    let (from, until) = (day(&asked.from), day(&asked.until));
    let readable =
        (asked.from.is_empty() || from.is_some()) && (asked.until.is_empty() || until.is_some());
    let wanted = Wanted {
        actor: some(&asked.actor),
        action: some(&asked.action).filter(|action| action != EVERYTHING),
        subject: some(&asked.subject),
        from: from.map(paris_midnight),
        until: until.and_then(Date::next_day).map(paris_midnight),
        before,
        changes_only: asked.action.is_empty() && asked.subject.is_empty(),
    };
    (wanted, readable)
}

fn typed(visit: &Visit) -> TrailAsked {
    let asked = |name: &str| visit.asked(name).unwrap_or_default().trim().to_owned();
    TrailAsked {
        actor: asked("qui"),
        action: asked("geste"),
        subject: asked("objet"),
        from: asked("du"),
        until: asked("au"),
        actions: deeds(),
    }
}

/// The same lines, elsewhere or further back.
fn same(path: &str, asked: &TrailAsked, before: Option<i64>) -> String {
    let before = before.map(|line| line.to_string()).unwrap_or_default();
    let pairs = [
        ("qui", asked.actor.as_str()),
        ("geste", &asked.action),
        ("objet", &asked.subject),
        ("du", &asked.from),
        ("au", &asked.until),
        ("avant", &before),
    ];
    let asked = query::written(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    if asked.is_empty() { path.to_owned() } else { format!("{path}?{asked}") }
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    _: StaffOf<Readers>,
    visit: Visit,
) -> Result<Response, Failure> {
    let asked = typed(&visit);
    let before = visit.asked("avant").and_then(|line| line.parse().ok());
    let (wanted, readable) = wanted(&asked, before);
    let mut db = site.reader.get().await?;
    let lines = match readable {
        true => trail::lines(&mut db, &wanted.asked(), SHOWN).await?,
        false => Vec::new(),
    };
    drop(db);
    let last = lines.last().filter(|_| i64::try_from(lines.len()) == Ok(SHOWN));
    let page = Trail {
        older: last.map(|line| same(PATH, &asked, Some(line.id))),
        file: same(FILE, &asked, None),
        lines: lines.into_iter().map(line).collect(),
        bad_day: !readable,
        asked,
    };
    site.form_page(&visit, &page)
}

/// The file: every line that is asked for, read as it is sent.
pub async fn file(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Readers>,
    visit: Visit,
) -> Result<Response, Failure> {
    let (wanted, readable) = wanted(&typed(&visit), None);
    if !readable {
        return Err(Failure::NotFound);
    }
    site.actions.note_export(&staff, site.now()).await?;
    let mut answer = Body::from_stream(rows(site.reader.clone(), wanted)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"journal-essaim.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}

/// Head and lines. A database that goes away meanwhile breaks the file off: half of it must not
/// look whole.
fn rows(reader: Reader, wanted: Wanted) -> impl Stream<Item = anyhow::Result<Vec<u8>>> + Send {
    let head = csv::row(&["numero", "quand", "qui", "geste", "objet", "avant", "apres"]);
    let lines = stream::try_unfold(Some(wanted), move |wanted| {
        let reader = reader.clone();
        async move {
            let Some(wanted) = wanted else { return Ok(None) };
            let mut db = reader.get().await?;
            let lines = trail::lines(&mut db, &wanted.asked(), BATCH).await?;
            let written = lines.iter().flat_map(|line| csv::row(&cells(line))).collect();
            let next = lines.last().map(|last| Wanted { before: Some(last.id), ..wanted });
            anyhow::Ok(Some((written, next)))
        }
    });
    stream::once(async { Ok(head) }).chain(lines)
}

fn cells(line: &Line) -> [String; 7] {
    let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    let at = UtcSeconds::from(line.at).to_string();
    let actor = line.actor.clone().unwrap_or_default();
    let (action, subject) = (line.action.clone(), line.subject.clone());
    [line.id.to_string(), at, actor, action, subject, json(&line.before), json(&line.after)]
}

fn line(row: Line) -> TrailLine {
    TrailLine {
        at: row.at.into(),
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        before: row.before.as_ref().map(in_words),
        after: row.after.as_ref().map(in_words),
    }
}

/// What was, or is: names and values, one after the other.
fn in_words(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let one = |(name, value): (&String, &Value)| format!("{name} : {}", in_words(value));
            let known = fields.iter().filter(|(_, value)| !value.is_null());
            known.map(one).collect::<Vec<_>>().join(", ")
        }
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => String::from(if *yes { "oui" } else { "non" }),
        other => other.to_string(),
    }
}

/// The settings.
pub async fn settings(
    State(site): State<Site>,
    _: StaffOf<Anyone>,
    visit: Visit,
) -> Result<Response, Failure> {
    let terms = site.actions.match_terms().await?;
    let mut db = site.reader.get().await?;
    let asked = Asked { subject: Some("setting"), ..Asked::default() };
    let history = trail::lines(&mut db, &asked, SHOWN).await?;
    drop(db);
    let page = SettingsPage {
        giving_open: site.giving_is_open().await?,
        leverage_bp: terms.leverage.get(),
        public_share_bp: terms.public_share.map(|share| share.get()),
        kept_minutes: terms.kept.whole_minutes(),
        grace_minutes: terms.grace.whole_minutes(),
        history: history.into_iter().map(line).collect(),
    };
    site.form_page(&visit, &page)
}
