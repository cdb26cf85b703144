//! The provider over HTTP: its API, its pages, what goes wrong on purpose.

mod answer;
mod api;
mod counter;
pub mod faults;
mod form;
mod look;
mod pages;
mod reads;
mod writes;

use std::{convert::Infallible, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode},
    routing::{any, get, post},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use self::{answer::HangUp, faults::FaultScript};
use super::{Sandbox, outgoing};

/// Connections get so long to end, once asked to stop.
const GRACE: Duration = Duration::from_secs(5);

impl Sandbox {
    /// Serves API and pages, and sends webhooks if an address is configured, until asked to stop.
    ///
    /// # Errors
    /// When the webhook sender cannot be set up.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        let sending = outgoing::run(self.clone(), shutdown.clone())?;
        let serving = accept(listener, self.router(), &shutdown);
        tokio::join!(sending, serving);
        Ok(())
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/_sandbox/health", get(|| async { "ok" }))
            .route("/_sandbox/faults", post(set_faults))
            .route("/_sandbox/clock", post(set_clock))
            .merge(pages::router())
            .merge(counter::router())
            .route("/v1/{*path}", any(call))
            .fallback(pages::nowhere)
            .with_state(self.clone())
    }
}

async fn call(State(sandbox): State<Sandbox>, request: Request) -> Response<Body> {
    api::answer(sandbox, request).await
}

/// Other pages of the browser have no business with our buttons.
fn from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

async fn set_faults(State(sandbox): State<Sandbox>, Json(script): Json<FaultScript>) -> StatusCode {
    sandbox.set_faults(script);
    StatusCode::NO_CONTENT
}

/// `{"now": seconds since 1970}`, or `{"now": null}` for the system's clock.
#[derive(Deserialize)]
struct Clock {
    now: Option<i64>,
}

async fn set_clock(State(sandbox): State<Sandbox>, Json(clock): Json<Clock>) -> StatusCode {
    match clock.now.map(OffsetDateTime::from_unix_timestamp).transpose() {
        Ok(now) => {
            sandbox.set_now(now);
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

/// Takes connections until asked to stop, then lets the answers under way finish. Not axum's own
/// server: that one cannot hang up without an answer, and a provider can.
async fn accept(listener: TcpListener, router: Router, shutdown: &CancellationToken) {
    let graceful = GracefulShutdown::new();
    loop {
        let connection = tokio::select! {
            () = shutdown.cancelled() => break,
            connection = listener.accept() => connection,
        };
        match connection {
            Ok((stream, _)) => serve(stream, router.clone(), &graceful),
            Err(error) => {
                tracing::warn!(%error, "the sandbox cannot take a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::debug!("connections of the sandbox were cut");
    }
}

fn serve(stream: TcpStream, router: Router, graceful: &GracefulShutdown) {
    let service = hyper::service::service_fn(move |request: hyper::Request<_>| {
        let router = router.clone();
        async move {
            let request = request.map(Body::new);
            let answer =
                router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
            if answer.extensions().get::<HangUp>().is_some() {
                return Err(std::io::Error::other("hung up on purpose"));
            }
            Ok(answer)
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection of the sandbox ended early");
        }
    });
}
