//! The provider over HTTP: its API, its payment page, its webhooks.

mod api;
pub mod faults;
mod form;
mod pages;
mod sender;

use std::time::Duration;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Refusal, Sandbox, lock, world::StoredAnswer};
use faults::{CallFault, FaultScript, When};
use form::Form;

impl Sandbox {
    /// Serves API and pages, and sends webhooks, until asked to stop.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        let router = Router::new()
            .route("/_sandbox/faults", post(set_faults))
            .merge(pages::router())
            .route("/_sandbox/health", get(|| async { "ok" }))
            .fallback(call)
            .with_state(self.clone());
        let stop = shutdown.clone();
        let sending = sender::run(self.clone(), shutdown);
        let serving = axum::serve(listener, router)
            .with_graceful_shutdown(async move { stop.cancelled().await });
        let (served, ()) = tokio::join!(serving.into_future(), sending);
        Ok(served?)
    }
}

async fn set_faults(State(sandbox): State<Sandbox>, Json(script): Json<FaultScript>) -> StatusCode {
    lock(&sandbox.shared.faults).play(script);
    StatusCode::NO_CONTENT
}

/// One call to the API.
async fn call(
    State(sandbox): State<Sandbox>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let expected = format!("Bearer {}", sandbox.shared.config.secret_key.expose_secret());
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if shown != Some(expected.as_str()) {
        let message = "Invalid API Key provided";
        return refused(&Refusal { status: 401, ..Refusal::invalid(None, message) });
    }
    let fault = lock(&sandbox.shared.faults).of_call(method.as_str(), uri.path());
    let fault = fault.unwrap_or_default();
    if fault.when == When::Before {
        if let Some(struck) = strike(&fault).await {
            return struck;
        }
    }
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let answer = answer(&sandbox, &method, &uri, (key, &body));
    if fault.when == When::After {
        if let Some(struck) = strike(&fault).await {
            return struck;
        }
    }
    match answer {
        Ok((answer, replayed)) => answered(answer, replayed),
        Err(refusal) => refused(&refusal),
    }
}

/// What a fault answers instead, after its delay.
async fn strike(fault: &CallFault) -> Option<Response> {
    if fault.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
    }
    if fault.reset {
        let lost = std::io::Error::other("reset on purpose");
        let body = futures_util::stream::once(async { Err::<Bytes, _>(lost) });
        return Some(Response::new(Body::from_stream(body)));
    }
    let status = fault.status?;
    let message = "An error on purpose".to_owned();
    let kind = "api_error";
    Some(refused(&Refusal { status, kind, code: None, message, param: None }))
}

fn answer(
    sandbox: &Sandbox,
    method: &Method,
    uri: &Uri,
    (key, body): (Option<&str>, &[u8]),
) -> Result<(String, bool), Refusal> {
    let base = sandbox.shared.config.public_url.as_str();
    let path = uri.path().trim_start_matches("/v1/").trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    if method == Method::GET {
        let form = Form::read(uri.query().unwrap_or_default())?;
        let found = sandbox.look(|world| api::read(world, &parts, &form, base))?;
        return Ok((found.to_string(), false));
    }
    let form = Form::read(&String::from_utf8_lossy(body))?;
    let request = hex::encode(Sha256::digest(format!("{path} {}", form.canonical())));
    sandbox.change(|world, at| {
        if let Some(kept) = key.and_then(|key| world.answer(key, at.now)) {
            return replay(kept, &request).map(|body| (body, true));
        }
        let body = api::write(world, at, &parts, &form, base)?.to_string();
        if let Some(key) = key {
            world.answered(StoredAnswer {
                key: key.to_owned(),
                created: at.now,
                request,
                status: 200,
                body: body.clone(),
            });
        }
        Ok((body, false))
    })
}

/// The same key and the same question have the same answer; another question is refused.
fn replay(kept: &StoredAnswer, request: &str) -> Result<String, Refusal> {
    if kept.request == request {
        return Ok(kept.body.clone());
    }
    let message = "Keys for idempotent requests can only be used with the same parameters they were \
                   first used with.";
    Err(Refusal { kind: "idempotency_error", ..Refusal::invalid(None, message) })
}

fn answered(body: String, replayed: bool) -> Response {
    let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = ([json], body).into_response();
    if replayed {
        let said = HeaderValue::from_static("true");
        response.headers_mut().insert("idempotent-replayed", said);
    }
    response
}

fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, Json::<Value>(refusal.json())).into_response()
}
