//! What machines ask: are we alive, are we ready, how are we doing; and what browsers report.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::{error::Failure, state::Site, visit::Visit};

/// `/healthz`: this process runs.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `/readyz`: this process can serve: its database answers and it is not stopping.
pub async fn ready(State(site): State<Site>) -> Response {
    if site.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match site.reader.get().await {
        Ok(_) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "no database\n").into_response(),
    }
}

/// `/metrics`, in Prometheus' format, for the machine itself or for who holds the token.
pub async fn metrics(
    State(site): State<Site>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let allowed = match &site.config.metrics_token {
        None => visit.client.address.is_loopback(),
        Some(token) => headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .is_some_and(|given| {
                bool::from(given.as_bytes().ct_eq(token.expose_secret().as_bytes()))
            }),
    };
    if !allowed {
        return Err(Failure::NotFound);
    }
    site.metrics.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, site.metrics.render()).into_response())
}

/// `/csp`: a browser refused something on our pages. Counted by what it was about; the report
/// itself may name a visitor's address and is not kept.
pub async fn policy_report(State(site): State<Site>, visit: Visit, body: Bytes) -> StatusCode {
    let key = format!("csp:{}", visit.client.bucket());
    if site.ephemeral.has_room(&key, 20, std::time::Duration::from_secs(60)).await {
        let directive = directive_of(&body);
        metrics::counter!("essaim_csp_reports_total", "directive" => directive).increment(1);
        tracing::warn!(directive, "a browser refused something on a page");
    }
    StatusCode::NO_CONTENT
}

/// One of the directives we send, so that a stranger's words never reach logs or metrics.
fn directive_of(report: &[u8]) -> &'static str {
    const OURS: [&str; 9] = [
        "script-src",
        "style-src",
        "img-src",
        "font-src",
        "connect-src",
        "form-action",
        "base-uri",
        "object-src",
        "frame-ancestors",
    ];
    let report: serde_json::Value = serde_json::from_slice(report).unwrap_or_default();
    let report = &report["csp-report"];
    let named = report["effective-directive"].as_str().or(report["violated-directive"].as_str());
    let named = named.unwrap_or_default();
    OURS.into_iter().find(|ours| named.starts_with(ours)).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_counted_under_a_directive_of_ours() {
        let report = br#"{"csp-report":{"effective-directive":"script-src-elem"}}"#;
        assert_eq!(directive_of(report), "script-src");
        assert_eq!(directive_of(br#"{"csp-report":{"violated-directive":"x\ny"}}"#), "other");
        assert_eq!(directive_of(b"not json"), "other");
    }
}
