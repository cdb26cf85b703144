//! What is refused at the door: other sites' forms, TRACE, another host, plain http in production.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{error::Failure, state::Site};

/// Machines that check whether we live speak to us directly, under any name.
const FOR_MACHINES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Outside callers post here without a page of ours: the payment provider, browsers that report,
/// mailboxes that unsubscribe in one click (RFC 8058).
const FROM_OUTSIDE: [&str; 3] = ["/webhooks/", "/csp", "/suivi/"];

/// Refuses what no page of ours would send.
pub async fn door(State(site): State<Site>, request: Request, next: Next) -> Response {
    if request.method() == Method::TRACE {
        return Failure::MethodNotAllowed.into_response();
    }
    let path = request.uri().path();
    if site.config.is_https() && !FOR_MACHINES.contains(&path) {
        let client = site.client(&request);
        let is_plain = client.https == Some(false);
        let is_elsewhere = host(request.headers(), request.uri()) != Some(site.config.host());
        if is_plain || is_elsewhere {
            return send_home(&site.config.base_url, &request, is_plain);
        }
    }
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let from_outside = FROM_OUTSIDE.iter().any(|prefix| path.starts_with(prefix));
    if !is_safe && !from_outside && !comes_from_us(request.headers(), &site.config.base_url) {
        tracing::info!("a request that changes something came from another site: refused");
        return Failure::ForeignForm.into_response();
    }
    next.run(request).await
}

fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    headers.get(header::HOST).map_or_else(
        || uri.authority().map(axum::http::uri::Authority::as_str),
        |host| host.to_str().ok(),
    )
}

/// Pages move to the one address; a webhook or a form sent in clear is refused, since its content
/// has been seen on the way (ASVS 4.1.2).
fn send_home(base_url: &str, request: &Request, is_plain: bool) -> Response {
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    if !is_page || path.starts_with("/webhooks/") {
        let status = if is_plain { StatusCode::FORBIDDEN } else { StatusCode::MISDIRECTED_REQUEST };
        return status.into_response();
    }
    let target = HeaderValue::from_str(&format!("{base_url}{path}"));
    match target {
        Ok(target) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// True when the browser says that our own page sent this, or says nothing (then the form's token
/// decides alone). A page whose address is a secret sends `Origin: null`, by its referrer policy:
/// that is accepted only when the browser vouches for it with Sec-Fetch-Site.
fn comes_from_us(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    let origin = text("origin");
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => {
            matches!(origin, None | Some("null")) || origin == Some(base_url)
        }
        Some(_) => false,
        None => origin.is_none() || origin == Some(base_url),
    }
}

/// True when the browser says so itself, and is not merely silent.
#[must_use]
pub fn is_vouched(headers: &HeaderMap, base_url: &str) -> bool {
    let says = headers.contains_key("sec-fetch-site")
        || headers.get(header::ORIGIN).is_some_and(|origin| origin == base_url);
    says && comes_from_us(headers, base_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(origin: Option<&'static str>, site: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        comes_from_us(&headers, "https://essaim.exemple.fr")
    }

    #[test]
    fn our_pages_may_post() {
        let ours = Some("https://essaim.exemple.fr");
        assert!(accepted(ours, Some("same-origin")));
        assert!(accepted(ours, None));
        assert!(accepted(None, None));
        assert!(accepted(Some("null"), Some("same-origin")), "a page with no-referrer");
    }

    #[test]
    fn other_sites_may_not() {
        let ours = Some("https://essaim.exemple.fr");
        assert!(!accepted(Some("https://ailleurs.exemple"), None));
        assert!(!accepted(Some("https://essaim.exemple.fr.ailleurs.exemple"), None));
        assert!(!accepted(Some("http://essaim.exemple.fr"), None));
        assert!(!accepted(Some("null"), None));
        assert!(!accepted(ours, Some("cross-site")));
        assert!(!accepted(ours, Some("same-site")));
        assert!(!accepted(None, Some("cross-site")));
        assert!(!accepted(Some("https://ailleurs.exemple"), Some("same-origin")));
    }
}
