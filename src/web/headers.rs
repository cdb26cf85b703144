//! The header baseline: one middleware, every answer, errors included.
//!
//! No inline script or style, no third party, nothing cached but what is the same for everybody.
//! Strict-Transport-Security is sent on plain http too: browsers ignore it there (RFC 6797, 8.1),
//! and one baseline is simpler to hold than two.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};

use crate::config::Config;

/// Addresses that are secrets in themselves: never told to another site, never indexed.
pub const TOKEN_PATHS: [&str; 7] = [
    "/dons/",
    "/recus/",
    "/suivi/",
    "/courriels/",
    "/connexion/",
    "/adresse/",
    "/mon-espace/adresse/",
];

/// Marks an answer that is the same for everybody who comes without a cookie.
#[derive(Clone, Copy, Debug)]
pub struct Public;

/// Marks a letter of the demonstration's mailbox, shown alone in its own frame: its style is
/// inline, it runs nothing and its links open elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Letter;

/// Marks the page that shows such a letter in a frame.
#[derive(Clone, Copy, Debug)]
pub struct Frames;

const LETTER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                             form-action 'none'; frame-ancestors 'self'; \
                             sandbox allow-popups allow-popups-to-escape-sandbox";

/// The headers that never change, made once.
#[derive(Clone, Debug)]
pub struct Baseline(Arc<Vec<(HeaderName, HeaderValue)>>);

impl Baseline {
    /// Works out the baseline from the settings.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let fixed = [
            (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains; preload"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            (
                HeaderName::from_static("permissions-policy"),
                "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
            ),
        ];
        let mut all: Vec<_> =
            fixed.map(|(name, value)| (name, HeaderValue::from_static(value))).into();
        let policy = HeaderValue::from_str(&content_policy(config))
            .expect("origins are checked to be visible ASCII when the settings are read");
        all.push((header::CONTENT_SECURITY_POLICY, policy));
        Self(Arc::new(all))
    }
}

fn content_policy(config: &Config) -> String {
    let media = config.media_url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
    let checkout = &config.stripe.checkout_url;
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{media}; \
         font-src 'self'; connect-src 'self'; form-action 'self' {checkout}; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'; manifest-src 'self'; report-uri /csp"
    )
}

/// Puts the baseline on every answer.
pub async fn baseline(
    State(Baseline(fixed)): State<Baseline>,
    request: Request,
    next: Next,
) -> Response {
    let is_token = TOKEN_PATHS.iter().any(|path| request.uri().path().starts_with(path));
    let has_cookie = request.headers().contains_key(header::COOKIE);
    let mut answer = next.run(request).await;
    let is_public = answer.extensions().get::<Public>().is_some() && !is_token;
    let is_letter = answer.extensions().get::<Letter>().is_some();
    let frames = answer.extensions().get::<Frames>().is_some();
    let status = answer.status();
    let headers = answer.headers_mut();
    for (name, value) in fixed.iter() {
        headers.insert(name, value.clone());
    }
    if frames && let Some(policy) = headers.get(header::CONTENT_SECURITY_POLICY) {
        let wider = [policy.as_bytes(), b"; frame-src 'self'"].concat();
        let wider = HeaderValue::from_bytes(&wider).expect("the baseline is visible ASCII");
        headers.insert(header::CONTENT_SECURITY_POLICY, wider);
    }
    if is_letter {
        let policy = HeaderValue::from_static(LETTER_POLICY);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    headers.remove(header::SERVER);
    let referrer = if is_token { "no-referrer" } else { "strict-origin-when-cross-origin" };
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
    if is_token {
        let robots = HeaderName::from_static("x-robots-tag");
        headers.insert(robots, HeaderValue::from_static("noindex"));
    }
    caching(headers, status, is_public && !has_cookie, is_token);
    answer
}

/// A handler that names a caching rule itself (static files, images) keeps it, but not below an
/// address that is a secret.
fn caching(headers: &mut HeaderMap, status: StatusCode, may_be_shared: bool, is_token: bool) {
    let sets_cookie = headers.contains_key(header::SET_COOKIE);
    if headers.contains_key(header::CACHE_CONTROL) && !is_token && !sets_cookie {
        return;
    }
    let shared = may_be_shared && status == StatusCode::OK && !sets_cookie;
    let rule = match (shared, is_token) {
        (true, _) => "public, max-age=0, s-maxage=5, must-revalidate",
        (false, true) => "private, no-store",
        (false, false) => "no-store",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(rule));
    headers.append(header::VARY, HeaderValue::from_static("cookie"));
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::config::{Purpose, Sources};

    fn site() -> Router {
        let sources = Sources::default()
            .with("ESSAIM_MEDIA_URL", "https://media.exemple.fr")
            .with("ESSAIM_STRIPE_CHECKOUT_URL", "http://localhost:9100");
        let config = Config::read(&sources, Purpose::Database).unwrap();
        let public = || async {
            let mut answer = Response::new(Body::from("bonjour"));
            answer.extensions_mut().insert(Public);
            answer
        };
        let with_cookie = || async {
            let mut answer = Response::new(Body::from("bonjour"));
            answer.extensions_mut().insert(Public);
            let cookie = HeaderValue::from_static("f=x");
            answer.headers_mut().insert(header::SET_COOKIE, cookie);
            answer
        };
        Router::new()
            .route("/", get(public))
            .route("/form", get(with_cookie))
            .route("/dons/{token}", get(public))
            .route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .layer(from_fn_with_state(Baseline::new(&config), baseline))
    }

    async fn headers(path: &str, cookie: Option<&str>) -> HeaderMap {
        let mut request = Request::builder().uri(path);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let answer = site().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        answer.headers().clone()
    }

    #[tokio::test]
    async fn every_answer_carries_the_baseline() {
        for path in ["/", "/dons/x", "/broken", "/nowhere"] {
            let headers = headers(path, None).await;
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}");
            assert!(policy.contains("img-src 'self' https://media.exemple.fr;"));
            assert!(policy.contains("form-action 'self' http://localhost:9100;"));
            assert!(!policy.contains("unsafe"));
            for (name, value) in [
                ("strict-transport-security", "max-age=63072000; includeSubDomains; preload"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(headers[name], value, "{path} {name}");
            }
            assert!(!headers.contains_key("server"));
        }
    }

    #[tokio::test]
    async fn only_a_public_answer_to_a_visitor_without_cookie_may_be_shared() {
        let rule = async |path, cookie| headers(path, cookie).await["cache-control"].clone();
        let shared = "public, max-age=0, s-maxage=5, must-revalidate";
        assert_eq!(rule("/", None).await, shared);
        assert_eq!(rule("/", Some("theme=sombre")).await, "no-store");
        assert_eq!(rule("/form", None).await, "no-store");
        assert_eq!(rule("/broken", None).await, "no-store");
        assert_eq!(rule("/dons/x", None).await, "private, no-store");
    }

    #[tokio::test]
    async fn a_secret_address_is_not_told_to_others() {
        let secret = headers("/dons/x", None).await;
        assert_eq!(secret["referrer-policy"], "no-referrer");
        assert_eq!(secret["x-robots-tag"], "noindex");
        assert_eq!(headers("/", None).await["referrer-policy"], "strict-origin-when-cross-origin");
    }
}
