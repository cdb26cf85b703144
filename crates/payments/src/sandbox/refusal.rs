//! What the API says when it says no, in Stripe's error shape.

use serde_json::{Value, json};

/// A refusal of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `invalid_request_error`, `card_error`, `idempotency_error` or `api_error`.
    pub kind: &'static str,
    /// Short code.
    pub code: Option<&'static str>,
    /// What is wrong, for developers.
    pub message: String,
    /// The parameter at fault.
    pub param: Option<String>,
}

impl Refusal {
    pub(super) fn invalid(code: Option<&'static str>, message: impl Into<String>) -> Self {
        let kind = "invalid_request_error";
        Self { status: 400, kind, code, message: message.into(), param: None }
    }

    /// There is no such object.
    pub(super) fn missing(kind: &str, id: &str) -> Self {
        let message = format!("No such {kind}: '{id}'");
        Self { status: 404, ..Self::invalid(Some("resource_missing"), message).about("id") }
    }

    /// Which parameter is at fault.
    pub(super) fn about(self, param: &str) -> Self {
        Self { param: Some(param.to_owned()), ..self }
    }

    /// A key that cannot be used, or not so.
    pub(super) fn idempotency(status: u16, code: Option<&'static str>, message: &str) -> Self {
        let kind = "idempotency_error";
        Self { status, kind, code, message: message.to_owned(), param: None }
    }

    /// The error body.
    pub(super) fn json(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(code) = self.code {
            error["code"] = code.into();
            error["doc_url"] = format!("https://docs.stripe.com/error-codes/{code}").into();
        }
        if let Some(param) = &self.param {
            error["param"] = param.as_str().into();
        }
        json!({ "error": error })
    }
}
