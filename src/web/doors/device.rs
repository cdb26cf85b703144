//! What somebody signs in with, in words, to be recognised in a list: never believed.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use crate::web::state::Site;

/// `Firefox sous Linux`.
pub struct Device(pub String);

/// The mark in the header and the name, the more particular first: others name themselves too.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl FromRequestParts<Site> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Infallible> {
        let text = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(in_words(text.unwrap_or_default())))
    }
}

fn in_words(text: &str) -> String {
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| text.contains(mark)).map(|(_, name)| *name)
    };
    let browser = named(&BROWSERS).unwrap_or("Un navigateur");
    named(&SYSTEMS).map_or_else(|| browser.to_owned(), |system| format!("{browser} sous {system}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_by_what_sets_them_apart() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 \
                    Safari/537.36 Edg/130.0";
        assert_eq!(in_words(edge), "Edge sous Windows");
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
        assert_eq!(in_words(phone), "Safari sous iPhone");
        assert_eq!(
            in_words("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Firefox/132.0"),
            "Firefox sous Linux"
        );
        assert_eq!(in_words(""), "Un navigateur");
    }
}
