//! One request, followed: an id that goes into the logs, a line when it is answered, its metrics.
//!
//! The log says the route, `/dons/{token}`, never the address itself: it may be a secret. It names
//! no visitor.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names a request in our logs, in its answer, and on the page of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    fn new() -> Self {
        Self(uuid::Uuid::now_v7().simple().to_string())
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Follows a request from its arrival to its answer.
pub async fn follow(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let header = HeaderValue::from_str(id.as_str()).expect("hexadecimal digits are visible ASCII");
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = id.as_str(), %method, route);
    request.extensions_mut().insert(id);
    let began = Instant::now();
    let mut answer = next.run(request).instrument(span.clone()).await;
    answer.headers_mut().insert(HEADER, header);
    let status = answer.status();
    let took = began.elapsed();
    span.in_scope(|| tell(status, took.as_millis()));
    let labels =
        [("route", route), ("method", method.to_string()), ("status", status.as_u16().to_string())];
    metrics::counter!("essaim_http_requests_total", &labels).increment(1);
    metrics::histogram!("essaim_http_request_seconds", "route" => labels[0].1.clone())
        .record(took.as_secs_f64());
    answer
}

fn tell(status: StatusCode, duration_ms: u128) {
    let status = status.as_u16();
    if status >= 500 {
        tracing::warn!(status, duration_ms, "answered with an incident");
    } else {
        tracing::info!(status, duration_ms, "answered");
    }
}
