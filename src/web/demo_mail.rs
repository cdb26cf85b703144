//! `/courriels`: the mailbox of the demonstration. Letters there never left the machine. Anywhere
//! else these addresses do not exist.

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::ids::LetterId;
use serde::Deserialize;
use serde_json::Value;
use templates::pages::{
    DemoLetter, DemoMailbox,
    demo_mail::{Attachment, DemoAccount, LetterLine},
};
use uuid::Uuid;

use super::{
    doors::{self, device::Device},
    error::{Failure, answered},
    forms::Typed,
    query,
    state::Site,
    visit::Visit,
};
use crate::{
    boot::{Mail, Mailbox},
    demo::accounts::ACCOUNTS,
};

const MAILBOX: &str = "/courriels";
/// Letters on a page, and in the JSON.
const SHOWN: usize = 100;

fn mailbox(site: &Site) -> Result<Mailbox, Failure> {
    site.mailbox.clone().ok_or(Failure::NotFound)
}

/// Reading a folder and parsing letters is not for the threads that answer.
async fn off<T: Send + 'static>(
    read: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    Ok(tokio::task::spawn_blocking(read).await??)
}

/// `/courriels?a=…`
pub async fn list(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let mailbox = mailbox(&site)?;
    let typed = visit.address.split_once('?').map_or("", |(_, typed)| typed);
    let to = query::pairs(typed.as_bytes()).into_iter().find(|(name, _)| name == "a");
    let to = to.map(|(_, to)| to.trim().to_lowercase()).unwrap_or_default();
    let limit = if to.is_empty() { SHOWN } else { SHOWN * 20 };
    let (total, mut letters) = off(move || Ok((mailbox.count()?, mailbox.list(limit)?))).await?;
    if !to.is_empty() {
        letters.retain(|one| one.to_address.to_lowercase() == to);
    }
    let total = if to.is_empty() { total } else { letters.len() };
    let page = DemoMailbox {
        letters: letters.iter().take(SHOWN).map(line).collect(),
        total: u64::try_from(total).unwrap_or(u64::MAX),
        to: to.clone(),
        older: None,
        accounts: if to.is_empty() { accounts() } else { Vec::new() },
    };
    site.form_page(&visit, &page)
}

fn accounts() -> Vec<DemoAccount> {
    let shown = |&(email, _, words): &(&str, _, &str)| DemoAccount {
        email: email.to_owned(),
        words: words.to_owned(),
    };
    ACCOUNTS.iter().map(shown).collect()
}

/// Which of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    compte: String,
}

/// A button of the list: one of the ready accounts, in one click.
pub async fn enter(
    State(site): State<Site>,
    device: Device,
    typed: Typed<Chosen>,
) -> Result<Response, Failure> {
    let (chosen, _) = typed.trusted()?;
    mailbox(&site)?;
    let ready = ACCOUNTS.iter().find(|(email, ..)| *email == chosen.compte);
    let (email, ..) = ready.ok_or(Failure::NotFound)?;
    match answered(site.actions.enter_as(&email.parse()?, &device.0, site.now()).await)? {
        Ok(entered) => Ok(doors::let_in(&site, entered)),
        Err(_) => Err(Failure::NotFound),
    }
}

fn line(mail: &Mail) -> LetterLine {
    LetterLine {
        path: format!("{MAILBOX}/{}", mail.id),
        to: mail.to_address.clone(),
        subject: mail.subject.clone(),
        at: mail.date,
        attachments: u32::try_from(mail.attachments.len()).unwrap_or(u32::MAX),
    }
}

/// `/courriels.json`
pub async fn json(State(site): State<Site>) -> Result<Json<Value>, Failure> {
    let mailbox = mailbox(&site)?;
    off(move || mailbox.json(SHOWN)).await.map(Json)
}

fn id(text: &str) -> Result<LetterId, Failure> {
    Uuid::parse_str(text).map(LetterId::new).map_err(|_| Failure::NotFound)
}

async fn letter(site: &Site, text: &str) -> Result<Mail, Failure> {
    let (mailbox, id) = (mailbox(site)?, id(text)?);
    off(move || mailbox.get(id)).await?.ok_or(Failure::NotFound)
}

/// `/courriels/{id}`
pub async fn show(
    State(site): State<Site>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let mail = letter(&site, &id).await?;
    let path = format!("{MAILBOX}/{}", mail.id);
    let attachments = mail.attachments.iter().enumerate().map(|(place, file)| Attachment {
        name: file.filename.clone(),
        path: format!("{path}/pieces/{place}"),
        bytes: u64::try_from(file.size).unwrap_or(u64::MAX),
    });
    let unsubscribe = mail.unsubscribe_url.iter();
    let page = DemoLetter {
        mailbox_path: MAILBOX.to_owned(),
        attachments: attachments.collect(),
        html_path: (!mail.html.is_empty()).then(|| format!("{path}/html")),
        headers: unsubscribe.map(|url| ("List-Unsubscribe".to_owned(), url.clone())).collect(),
        from: mail.from,
        to: mail.to,
        subject: mail.subject,
        at: mail.date,
        text: mail.text,
    };
    let mut answer = site.page(&visit, &page)?;
    answer.extensions_mut().insert(super::headers::Frames);
    Ok(answer)
}

/// `/courriels/{id}/html`: the letter as a mailbox would show it, alone in its sandbox. Letters
/// carry their style inline, which our own pages may not.
pub async fn html(State(site): State<Site>, Path(id): Path<String>) -> Result<Response, Failure> {
    let mail = letter(&site, &id).await?;
    let mut answer = Response::new(Body::from(mail.html));
    let headers = answer.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    answer.extensions_mut().insert(super::headers::Letter);
    Ok(answer)
}

/// `/courriels/{id}/pieces/{n}`
pub async fn attachment(
    State(site): State<Site>,
    Path((text, place)): Path<(String, usize)>,
) -> Result<Response, Failure> {
    let (mailbox, id) = (mailbox(&site)?, id(&text)?);
    let found = off(move || mailbox.attachment(id, place)).await?;
    let (file, bytes) = found.ok_or(Failure::NotFound)?;
    let safe = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
    let name: String = file.filename.chars().map(safe).collect();
    let mut answer = bytes.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&file.content_type)?);
    let disposition = format!("attachment; filename=\"{name}\"");
    let header_name = HeaderName::from_static("content-disposition");
    headers.insert(header_name, HeaderValue::from_str(&disposition)?);
    Ok(answer)
}
