//! A form with a file (RFC 7578), held whole in memory: a route that takes one says how large it
//! may be, and asks first who sends it.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Multipart, Request, multipart::MultipartError},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use templates::pages::refused::RefusedReason;

use super::{
    cookies::Flow,
    error::Failure,
    forms::{TOKEN, admit, not_understood},
    state::Site,
    visit::Visit,
};

/// Fields by name, as typed.
pub type Fields = BTreeMap<String, String>;

/// What was sent.
#[derive(Default)]
pub struct Upload {
    fields: Vec<(String, String)>,
    file: Bytes,
    ours: bool,
}

impl Upload {
    /// The fields and the file, if the form carries the token of the visit.
    ///
    /// # Errors
    /// When it has a field that is not known, or one twice.
    pub fn of_this_visit(self, known: &[&str]) -> Result<Option<(Fields, Bytes)>, Failure> {
        let mut fields = BTreeMap::new();
        for (name, text) in self.fields {
            if !known.contains(&name.as_str()) || fields.insert(name, text).is_some() {
                let why = RefusedReason::NotUnderstood { detail: None };
                return Err(Failure::refused(StatusCode::UNPROCESSABLE_ENTITY, why));
            }
        }
        Ok(self.ours.then_some((fields, self.file)))
    }
}

impl FromRequest<Site> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(visit) = Visit::from_request_parts(&mut parts, site).await;
        admit(site, &visit).await?;
        let request = Request::from_parts(parts, body);
        let mut parts =
            Multipart::from_request(request, site).await.map_err(|_| not_understood())?;
        let refused = |error: MultipartError| error.status().into_response();
        let mut sent = Self::default();
        let mut token = String::new();
        while let Some(part) = parts.next_field().await.map_err(refused)? {
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let bytes = part.bytes().await.map_err(refused)?;
            let text = || String::from_utf8_lossy(&bytes).into_owned();
            match name.as_str() {
                TOKEN => token = text(),
                _ if is_file => sent.file = bytes,
                _ => sent.fields.push((name, text())),
            }
        }
        sent.ours =
            visit.flow.as_ref().is_some_and(|flow: &Flow| flow.accepts(visit.path(), &token));
        Ok(sent)
    }
}
