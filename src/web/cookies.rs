//! The three cookies of the house, and the token of a form.
//!
//! `__Host-f` is the thread of a visit without an account: random, two hours, and every form carries
//! a token derived from it and from the address it posts to. `theme` is set only by who chooses.
//! The session, `__Host-s`, comes with accounts. On plain http the names lose `__Host-`, which
//! needs Secure.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::Duration;

const FLOW_LIFE: Duration = Duration::hours(2);
const THEME_LIFE: Duration = Duration::days(365);

/// What the visitor chose to read on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the browser says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word in the form, the cookie and the page.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "clair",
            Self::Dark => "sombre",
        }
    }

    /// The theme of a word; anything unknown is automatic.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "clair" => Self::Light,
            "sombre" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The theme a request carries.
    #[must_use]
    pub fn in_headers(headers: &HeaderMap) -> Self {
        CookieJar::from_headers(headers)
            .get("theme")
            .map_or(Self::Auto, |cookie| Self::of(cookie.value()))
    }

    /// The header that keeps this choice. The page's script writes the same cookie, so it is not
    /// HttpOnly; it holds nothing but this word.
    #[must_use]
    pub fn set_cookie(self, secure: bool) -> HeaderValue {
        let life = if self == Self::Auto { Duration::ZERO } else { THEME_LIFE };
        let cookie = Cookie::build(("theme", self.word()))
            .path("/")
            .same_site(SameSite::Lax)
            .secure(secure)
            .max_age(life);
        header(&cookie.build())
    }
}

/// The thread of a visit: 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Flow(String);

impl Flow {
    /// Starts a thread.
    #[must_use]
    pub fn begin() -> Self {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        Self(BASE64.encode(bytes))
    }

    /// The thread a request carries, if it is one of ours by its shape.
    #[must_use]
    pub fn in_headers(headers: &HeaderMap, secure: bool) -> Option<Self> {
        let jar = CookieJar::from_headers(headers);
        let value = jar.get(name(secure))?.value().to_owned();
        let ours = BASE64.decode(&value).is_ok_and(|bytes| bytes.len() == 32);
        ours.then_some(Self(value))
    }

    /// The header that keeps the thread.
    #[must_use]
    pub fn set_cookie(&self, secure: bool) -> HeaderValue {
        let cookie = Cookie::build((name(secure), self.0.clone()))
            .path("/")
            .same_site(SameSite::Lax)
            .http_only(true)
            .secure(secure)
            .max_age(FLOW_LIFE);
        header(&cookie.build())
    }

    /// The token of a form that posts to this address. Who cannot read the cookie cannot make it.
    #[must_use]
    pub fn token(&self, action: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(b"essaim form\0");
        digest.update(self.0.as_bytes());
        digest.update(b"\0");
        digest.update(action.as_bytes());
        BASE64.encode(digest.finalize())
    }

    /// True when a form sent to this address carries its token; compared in constant time.
    #[must_use]
    pub fn accepts(&self, action: &str, token: &str) -> bool {
        self.token(action).as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// A key under which this visit is counted, which does not give the thread away.
    #[must_use]
    pub fn bucket(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }
}

const fn name(secure: bool) -> &'static str {
    if secure { "__Host-f" } else { "f" }
}

fn header(cookie: &Cookie<'_>) -> HeaderValue {
    HeaderValue::from_str(&cookie.to_string()).expect("our cookies are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carrying(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", cookie.parse().unwrap());
        headers
    }

    fn pair(set_cookie: &HeaderValue) -> String {
        set_cookie.to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    #[test]
    fn the_thread_survives_a_round_trip_with_every_flag() {
        let flow = Flow::begin();
        let set = flow.set_cookie(true);
        let text = set.to_str().unwrap();
        assert!(text.starts_with("__Host-f="), "{text}");
        for flag in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=7200"] {
            assert!(text.contains(flag), "{flag} in {text}");
        }
        assert!(!text.contains("Domain"));
        assert!(Flow::in_headers(&carrying(&pair(&set)), true) == Some(flow));
    }

    #[test]
    fn on_plain_http_the_name_has_no_prefix() {
        let flow = Flow::begin();
        let set = flow.set_cookie(false);
        assert!(set.to_str().unwrap().starts_with("f="));
        assert!(!set.to_str().unwrap().contains("Secure"));
        assert!(Flow::in_headers(&carrying(&pair(&set)), false).is_some());
        assert!(Flow::in_headers(&carrying(&pair(&set)), true).is_none());
    }

    #[test]
    fn a_token_belongs_to_one_visit_and_one_address() {
        let (mine, other) = (Flow::begin(), Flow::begin());
        let token = mine.token("/campagnes/bus/don");
        assert!(mine.accepts("/campagnes/bus/don", &token));
        assert!(!mine.accepts("/campagnes/autre/don", &token));
        assert!(!other.accepts("/campagnes/bus/don", &token));
        assert!(!mine.accepts("/campagnes/bus/don", ""));
    }

    #[test]
    fn a_thread_of_another_shape_is_not_ours() {
        for wrong in ["f=", "f=court", "f=../../etc", "g=x"] {
            assert!(Flow::in_headers(&carrying(wrong), false).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_theme_is_read_and_forgotten() {
        assert_eq!(Theme::in_headers(&carrying("a=b; theme=sombre")), Theme::Dark);
        assert_eq!(Theme::in_headers(&carrying("theme=rose")), Theme::Auto);
        assert!(Theme::Auto.set_cookie(true).to_str().unwrap().contains("Max-Age=0"));
    }
}
