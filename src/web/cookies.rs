//! The three cookies of the house, and the token of a form.
//!
//! `__Host-f` is the thread of a visit without an account: random, two hours, and every form
//! carries a token derived from it and from what the page is about. `theme` is set only by who
//! chooses. `__Host-s` says who is signed in. On plain http the names lose `__Host-`, which needs
//! Secure.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::ids::GiftId;
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use templates::Theme;
use time::Duration;
use uuid::Uuid;

const FLOW_LIFE: Duration = Duration::hours(2);
const THEME_LIFE: Duration = Duration::days(365);

/// The theme a request carries.
#[must_use]
pub fn theme_in(headers: &HeaderMap) -> Theme {
    CookieJar::from_headers(headers)
        .get("theme")
        .map_or(Theme::Auto, |cookie| Theme::from_code(cookie.value()))
}

/// The header that keeps a choice of theme; the automatic one is forgotten. The page's script
/// writes the same cookie, so it is not HttpOnly; it holds nothing but this word.
#[must_use]
pub fn keep_theme(theme: Theme, secure: bool) -> HeaderValue {
    let life = if theme == Theme::Auto { Duration::ZERO } else { THEME_LIFE };
    let cookie = Cookie::build(("theme", theme.code()))
        .path("/")
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(life);
    header(&cookie.build())
}

/// The word of the session a request carries.
#[must_use]
pub fn session_in(headers: &HeaderMap, secure: bool) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    Some(jar.get(session_name(secure))?.value().to_owned())
}

/// The header that keeps the word of a session for so long, or forgets it.
#[must_use]
pub fn keep_session(token: Option<String>, life: Duration, secure: bool) -> HeaderValue {
    let life = if token.is_some() { life } else { Duration::ZERO };
    let cookie = Cookie::build((session_name(secure), token.unwrap_or_default()))
        .path("/")
        .same_site(SameSite::Lax)
        .http_only(true)
        .secure(secure)
        .max_age(life);
    header(&cookie.build())
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

    /// The token of the forms of a page, good for everything about the same campaign or gift: below
    /// the same two first words of the path. Who cannot read the cookie cannot make it.
    #[must_use]
    pub fn token(&self, path: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(b"essaim form\0");
        digest.update(self.0.as_bytes());
        for word in path.split('/').filter(|word| !word.is_empty()).take(2) {
            digest.update(b"\0");
            digest.update(word.as_bytes());
        }
        BASE64.encode(digest.finalize())
    }

    /// True when a form sent to this path carries its token; compared in constant time.
    #[must_use]
    pub fn accepts(&self, path: &str, token: &str) -> bool {
        self.token(path).as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// A new one-time key for a form.
    #[must_use]
    pub fn new_intention() -> String {
        Uuid::now_v7().to_string()
    }

    /// True for the shape of a one-time key.
    #[must_use]
    pub fn is_intention(key: &str) -> bool {
        Uuid::parse_str(key).is_ok()
    }

    /// The id of the gift that a form of this visit begins, the same however often it is sent. It
    /// depends on the thread, so that nobody can name the gift of somebody else; it keeps the time
    /// of the key, so that the database adds new rows side by side.
    #[must_use]
    pub fn gift(&self, intention: &str) -> Option<GiftId> {
        let key = Uuid::parse_str(intention).ok()?;
        let mut digest = Sha256::new();
        digest.update(b"essaim gift\0");
        digest.update(self.0.as_bytes());
        digest.update(key.as_bytes());
        let digest = digest.finalize();
        let mut id = *key.as_bytes();
        id[6..].copy_from_slice(&digest[..10]);
        id[6] = (id[6] & 0x0f) | 0x70;
        id[8] = (id[8] & 0x3f) | 0x80;
        Some(GiftId::new(Uuid::from_bytes(id)))
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

const fn session_name(secure: bool) -> &'static str {
    if secure { "__Host-s" } else { "s" }
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
    fn a_token_belongs_to_one_visit_and_one_subject() {
        let (mine, other) = (Flow::begin(), Flow::begin());
        let token = mine.token("/campagnes/bus");
        assert!(mine.accepts("/campagnes/bus/don", &token));
        assert!(!mine.accepts("/campagnes/autre/don", &token));
        assert!(!mine.accepts("/dons/bus", &token));
        assert!(!other.accepts("/campagnes/bus/don", &token));
        assert!(!mine.accepts("/campagnes/bus/don", ""));
    }

    #[test]
    fn a_form_names_one_gift_and_never_another_visitor_s() {
        let (mine, other) = (Flow::begin(), Flow::begin());
        let key = Flow::new_intention();
        let gift = mine.gift(&key).unwrap();
        assert_eq!(mine.gift(&key), Some(gift));
        assert_ne!(other.gift(&key), Some(gift));
        assert_ne!(mine.gift(&gift.to_string()), Some(gift));
        assert_eq!(gift.uuid().get_version_num(), 7);
        assert_eq!(mine.gift("20"), None);
    }

    #[test]
    fn a_thread_of_another_shape_is_not_ours() {
        for wrong in ["f=", "f=court", "f=../../etc", "g=x"] {
            assert!(Flow::in_headers(&carrying(wrong), false).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_theme_is_read_and_forgotten() {
        assert_eq!(theme_in(&carrying("a=b; theme=sombre")), Theme::Sombre);
        assert_eq!(theme_in(&carrying("theme=rose")), Theme::Auto);
        assert!(keep_theme(Theme::Auto, true).to_str().unwrap().contains("Max-Age=0"));
    }
}
