//! From a filled page to an answer. The only place that makes HTML of it, always by the templates.

use std::{future::Future, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use templates::{
    Layout, Page,
    pages::refused::{NotFound, Refused, RefusedReason, ServerError, Unavailable},
};

use super::{
    cookies::Flow,
    error::{Dressed, Failure},
    headers::Public,
    state::Site,
    visit::Visit,
};

/// How long a page that is the same for everybody is kept: long enough for a crowd, too short for
/// a figure to look stopped.
const KEPT: Duration = Duration::from_secs(1);

impl Site {
    /// A page for this visit only, without a form that needs a token.
    ///
    /// # Errors
    /// When the template refuses, which the tests of the templates exclude.
    pub fn page<P: Page>(&self, visit: &Visit, page: &P) -> Result<Response, Failure> {
        Ok(html(self.drawn(visit, page, None)?))
    }

    /// A page with forms: they carry the token of the visit, which begins here if it has not yet.
    ///
    /// # Errors
    /// As [`Site::page`].
    pub fn form_page<P: Page>(&self, visit: &Visit, page: &P) -> Result<Response, Failure> {
        let flow = visit.flow.clone().unwrap_or_else(Flow::begin);
        let mut answer = html(self.drawn(visit, page, Some(flow.token(visit.path())))?);
        if visit.flow.is_none() {
            let cookie = flow.set_cookie(self.config.is_https());
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(answer)
    }

    /// The same, sent back with what must be corrected.
    ///
    /// # Errors
    /// As [`Site::page`].
    pub fn refused_form<P: Page>(
        &self,
        visit: &Visit,
        status: StatusCode,
        page: &P,
    ) -> Result<Response, Failure> {
        let mut answer = self.form_page(visit, page)?;
        *answer.status_mut() = status;
        answer.extensions_mut().insert(Dressed);
        Ok(answer)
    }

    /// A page that is the same for everybody: made at most once a second per address and
    /// theme, however many ask. `key` tells it from all other pages.
    ///
    /// # Errors
    /// What making the page failed with.
    pub async fn public_page<P: Page>(
        &self,
        visit: &Visit,
        key: &str,
        make: impl Future<Output = Result<P, Failure>>,
    ) -> Result<Response, Failure> {
        let key = format!("page:{}:{key}", visit.theme.code());
        let drawn = async { Ok(Bytes::from(self.drawn(visit, &make.await?, None)?)) };
        let bytes = self
            .ephemeral
            .fragment(&key, KEPT, drawn)
            .await
            .map_err(|failure: Arc<Failure>| failure.as_ref().clone())?;
        let mut answer = html(bytes);
        answer.extensions_mut().insert(Public);
        Ok(answer)
    }

    /// The page of an error.
    pub fn failure_page(
        &self,
        visit: &Visit,
        status: StatusCode,
        failure: Option<&Failure>,
    ) -> Response {
        let drawn = match (failure, status) {
            (Some(Failure::Refused(_, refused)), _) => self.drawn(visit, refused, None),
            (Some(Failure::Unavailable(why)), _) => self.drawn(visit, why, None),
            (_, StatusCode::NOT_FOUND) => self.drawn(visit, &NotFound {}, None),
            (_, StatusCode::SERVICE_UNAVAILABLE) => self.drawn(visit, &Unavailable::Busy, None),
            (_, status) if status.is_server_error() => {
                let request = Some(visit.request_id.as_str().to_owned());
                self.drawn(visit, &ServerError { request }, None)
            }
            (_, status) => {
                let why = match status {
                    StatusCode::METHOD_NOT_ALLOWED => RefusedReason::WrongMethod,
                    StatusCode::FORBIDDEN => RefusedReason::FormExpired,
                    StatusCode::PAYLOAD_TOO_LARGE => RefusedReason::TooLarge,
                    StatusCode::TOO_MANY_REQUESTS => RefusedReason::TooMany { minutes: 1 },
                    StatusCode::UNPROCESSABLE_ENTITY => {
                        RefusedReason::NotUnderstood { detail: None }
                    }
                    _ => RefusedReason::BadRequest,
                };
                self.drawn(visit, &Refused { why, way_out: None }, None)
            }
        };
        drawn.map_or_else(|_| status.into_response(), html)
    }

    fn drawn<P: Page>(
        &self,
        visit: &Visit,
        page: &P,
        token: Option<String>,
    ) -> Result<String, Failure> {
        let mut layout = Layout::new(self.layout.clone(), visit.path()).with_theme(visit.theme);
        if let Some(token) = token {
            layout = layout.with_flow(token);
        }
        Ok(self.templates.page(&layout, page)?)
    }

    /// A block of a page, for who has the rest already.
    ///
    /// # Errors
    /// As [`Site::page`].
    pub fn fragment<T: Serialize>(&self, template: &str, data: &T) -> Result<Response, Failure> {
        Ok(html(self.templates.fragment(template, data)?))
    }
}

fn html(page: impl Into<Body>) -> Response {
    let mut answer = Response::new(page.into());
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}
