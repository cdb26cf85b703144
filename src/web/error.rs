//! Two species, never mixed: the rules said no, or something broke.
//!
//! A handler returns a [`Failure`]; the answer leaves it bare, with its status, and [`dress`] makes
//! the page, once, for handlers and layers alike (a body too large, a time-out, a panic, an
//! unknown address). What broke is logged there, under the reference that the visitor reads.

use std::sync::Arc;

use actions::Stop;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use templates::pages::refused::{Refused, RefusedReason, Unavailable};

use super::{state::Site, visit::Visit};

/// Why a request got no ordinary answer.
#[derive(Clone, Debug)]
pub enum Failure {
    /// No such thing, or not for this visitor: the same words.
    NotFound,
    /// The address exists, not for this method.
    MethodNotAllowed,
    /// The form comes from another site, or its token is not this visit's.
    ForeignForm,
    /// Too many requests; seconds to wait.
    TooMany(u64),
    /// The rules said no: a status and the way out.
    Refused(StatusCode, Refused),
    /// Not now; nothing was taken.
    Unavailable(Unavailable),
    /// Something failed.
    Broken(Arc<anyhow::Error>),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        let away = |cause: &(dyn std::error::Error + 'static)| {
            cause.is::<store::Unavailable>()
                || cause.downcast_ref::<store::QueryError>().is_some_and(store::went_away)
        };
        if error.chain().any(away) {
            tracing::warn!(%error, "a page went without the database");
            Self::Unavailable(Unavailable::Busy)
        } else {
            Self::Broken(Arc::new(error))
        }
    }
}

impl Failure {
    /// The rules said no.
    #[must_use]
    pub const fn refused(status: StatusCode, why: RefusedReason) -> Self {
        Self::Refused(status, Refused { why, way_out: None })
    }

    /// The same, with a path and what it leads to.
    #[must_use]
    pub fn with_way_out(self, path: impl Into<String>, label: impl Into<String>) -> Self {
        match self {
            Self::Refused(status, Refused { why, .. }) => {
                Self::Refused(status, Refused { why, way_out: Some((path.into(), label.into())) })
            }
            other => other,
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(status, _) => *status,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut answer = self.status().into_response();
        let wait = match &self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(5),
            _ => None,
        };
        if let Some(seconds) = wait {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer.extensions_mut().insert(self);
        answer
    }
}

/// Marks an error answer that has its page already: a form sent back with its faults.
#[derive(Clone, Copy, Debug)]
pub struct Dressed;

/// Gives every bare error its page.
pub async fn dress(
    State(site): State<Site>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let is_for_machines = for_machines(request.uri().path());
    let bare = next.run(request).await;
    let status = bare.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if let Some(Failure::Broken(error)) = bare.extensions().get::<Failure>() {
        let reference = visit.request_id.as_str();
        tracing::error!(reference, error = format!("{error:#}"), "a request broke");
    }
    if !is_error || is_for_machines || bare.extensions().get::<Dressed>().is_some() {
        return bare;
    }
    let failure = bare.extensions().get::<Failure>().cloned();
    let mut page = site.failure_page(&visit, status, failure.as_ref());
    *page.status_mut() = status;
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = bare.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    if method == Method::HEAD {
        *page.body_mut() = axum::body::Body::empty();
    }
    page
}

/// Addresses that no person reads: their errors stay bare.
fn for_machines(path: &str) -> bool {
    ["/webhooks/", "/healthz", "/readyz", "/metrics", "/csp", "/flux/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
        || [".json", ".png", ".xml", ".txt", "/flux", "/apercu"]
            .iter()
            .any(|end| path.ends_with(end))
}

/// What a verb answered, or why the rules said no; what failed instead is ours to hear.
///
/// # Errors
/// When the verb did not come to an answer.
pub fn answered<T, R>(done: Result<T, Stop<R>>) -> Result<Result<T, R>, Failure> {
    match done {
        Ok(answer) => Ok(Ok(answer)),
        Err(Stop::Refused(why)) => Ok(Err(why)),
        Err(Stop::Unavailable(error)) => Err(error.into()),
        Err(Stop::Broken(error)) => Err(error.into()),
    }
}
