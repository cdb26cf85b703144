//! How pages are written and sent.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use handlebars::Handlebars;
use serde_json::Value;

pub const STYLE: &str = include_str!("style.css");

static PAGES: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut pages = Handlebars::new();
    pages.set_strict_mode(true);
    for (name, text) in [
        ("frame", include_str!("templates/frame.hbs")),
        ("pay", include_str!("templates/pay.hbs")),
        ("bank", include_str!("templates/bank.hbs")),
        ("over", include_str!("templates/over.hbs")),
        ("counter", include_str!("templates/counter.hbs")),
    ] {
        pages.register_template_string(name, text).expect("our own templates are well formed");
    }
    pages
});

/// A page; its forms may lead on to the addresses given.
pub fn page(name: &str, facts: &Value, (status, leads_to): (StatusCode, &[&str])) -> Response {
    let html = match PAGES.render(name, facts) {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, page = name, "a page of the sandbox cannot be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let sites: Vec<&str> = leads_to.iter().filter_map(|url| origin(url)).collect();
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' {}",
        sites.join(" ")
    );
    let policy = HeaderValue::from_str(policy.trim_end())
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (status, headers, Html(html)).into_response()
}

/// `https://host:port` of an address, if nothing in it could end the directive it goes into.
fn origin(url: &str) -> Option<&str> {
    let after = url.find("://")? + 3;
    let host = url[after..].split(['/', '?', '#']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    (!host.is_empty() && host.chars().all(plain)).then(|| &url[..after + host.len()])
}

/// `1 234,50 €`, with spaces that do not break.
pub fn euros(cents: i64) -> String {
    let whole = cents / 100;
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    match cents % 100 {
        0 => format!("{grouped}\u{a0}€"),
        rest => format!("{grouped},{rest:02}\u{a0}€"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_in_france() {
        assert_eq!(euros(2_000), "20\u{a0}€");
        assert_eq!(euros(123_450), "1\u{202f}234,50\u{a0}€");
        assert_eq!(euros(100_000_005), "1\u{202f}000\u{202f}000,05\u{a0}€");
    }

    #[test]
    fn only_a_plain_origin_gets_into_the_policy() {
        assert_eq!(origin("http://localhost:8080/dons/x?y#z"), Some("http://localhost:8080"));
        assert_eq!(origin("https://a.example"), Some("https://a.example"));
        for bad in ["https://a;script-src *", "https:///x", "nothing", "https://a b/"] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
