//! `/webhooks/stripe`: a doorbell (decision 10). The signature is checked on the raw bytes, the
//! event is written down once, and the answer is 200, also for types that we do not know.

use actions::{EventRefused, Received, Stop};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};

use super::state::Site;
use crate::boot::UnverifiedEvent;

/// The handler. 400 is the provider's word for "not yours"; 500 asks it to ring again.
pub async fn stripe(State(site): State<Site>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let event = UnverifiedEvent { body: &body, signature: signature.unwrap_or_default() };
    let received = site.webhook_actions.receive_payment_event(&event, site.now()).await;
    let (outcome, status) = match received {
        Ok(Received::New) => ("new", StatusCode::OK),
        Ok(Received::Again) => ("again", StatusCode::OK),
        Err(Stop::Refused(EventRefused::Forged)) => ("forged", StatusCode::BAD_REQUEST),
        Err(Stop::Refused(EventRefused::Stale)) => ("stale", StatusCode::BAD_REQUEST),
        Err(Stop::Unavailable(error)) => {
            tracing::warn!(%error, "no database for a payment event; the provider will ring again");
            ("unavailable", StatusCode::SERVICE_UNAVAILABLE)
        }
        Err(Stop::Broken(error)) => {
            tracing::error!(error = format!("{error:#}"), "a payment event could not be stored");
            ("broken", StatusCode::INTERNAL_SERVER_ERROR)
        }
    };
    metrics::counter!("essaim_payment_events_total", "outcome" => outcome).increment(1);
    status
}
