//! Answers of the API, and the one that is none.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use serde_json::Value;

use crate::sandbox::refusal::Refusal;

/// Marks a response that is not to be sent: the connection closes without a word.
#[derive(Clone, Copy, Debug)]
pub struct HangUp;

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    /// It was kept under the idempotency key.
    pub replayed: bool,
}

impl Answer {
    pub fn of(result: Result<Value, Refusal>) -> Self {
        match result {
            Ok(json) => Self { status: 200, body: json.to_string(), replayed: false },
            Err(refusal) => Self::refused(&refusal),
        }
    }

    pub fn refused(refusal: &Refusal) -> Self {
        let body = refusal.json().to_string();
        Self { status: refusal.status, body, replayed: false }
    }

    /// An error that somebody wrote into the fault script.
    pub fn fault(status: u16) -> Self {
        let (kind, code, message) = match status {
            429 => ("invalid_request_error", Some("rate_limit"), "Too many requests."),
            _ => ("api_error", None, "An error that the fault script asked for."),
        };
        let message = message.to_owned();
        Self::refused(&Refusal { status, kind, code, message, param: None })
    }

    pub fn response(self, request_id: &str) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert("Request-Id", id);
        }
        if self.replayed {
            headers.insert("Idempotent-Replayed", HeaderValue::from_static("true"));
        }
        response
    }
}

/// The answer that never comes.
pub fn hang_up() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(HangUp);
    response
}
