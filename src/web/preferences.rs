//! `/preferences`: light or dark, kept in a cookie by who chooses.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use templates::Theme;

use super::{cookies, error::Failure, forms::Typed, state::Site};

/// The form at the foot of every page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    theme: String,
    retour: Option<String>,
}

/// Keeps the choice and goes back to the page. The form stands on pages that are cached for
/// everybody, hence has no token: forging it would change a colour.
pub async fn choose(
    State(site): State<Site>,
    headers: HeaderMap,
    typed: Typed<Preferences>,
) -> Result<Response, Failure> {
    let form = typed.whoever_sent_it();
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let from_here = referer.and_then(|referer| referer.strip_prefix(&site.config.base_url));
    let back = form.retour.as_deref().or(from_here).and_then(own_path).unwrap_or("/");
    let cookie = cookies::keep_theme(Theme::from_code(&form.theme), site.config.is_https());
    let mut answer = Redirect::to(back).into_response();
    answer.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(answer)
}

/// A path of this site and nothing else: other spellings lead elsewhere in some browser.
pub fn own_path(text: &str) -> Option<&str> {
    let clean = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_path = text.starts_with('/') && !text.starts_with("//");
    (clean && is_path).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_gone_back_to() {
        for fine in ["/", "/campagnes?dep=23", "/campagnes/le-bus#contenu"] {
            assert_eq!(own_path(fine), Some(fine));
        }
        for elsewhere in [
            "",
            "//ailleurs.exemple",
            "/\\ailleurs.exemple",
            "https://ailleurs.exemple",
            "javascript:alert(1)",
            "\t//ailleurs",
            "/\tx",
            "/\r\nset-cookie: a=b",
            " /x",
            "/é",
        ] {
            assert_eq!(own_path(elsewhere), None, "{elsewhere:?}");
        }
    }
}
