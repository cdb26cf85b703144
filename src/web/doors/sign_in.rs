//! `/connexion`: which address? The answer is the same whether anybody has it.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::people::EmailAddress;
use serde::Deserialize;
use templates::pages::{SignIn, doors::DoorNotice};

use super::{DOOR, provider, told};
use crate::web::{
    error::{Failure, answered},
    forms::Typed,
    preferences::own_path,
    space,
    state::Site,
    visit::Visit,
};

/// The form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    courriel: Option<String>,
    suite: Option<String>,
    par: Option<String>,
}

/// A path of ours that is worth coming in for; any other leads to one's own page.
fn next(wanted: Option<&str>) -> &str {
    wanted
        .and_then(own_path)
        .filter(|path| !path.starts_with(DOOR) && path.len() <= 500)
        .unwrap_or(space::PATH)
}

/// What the door may be asked to say, to who was at another page: the word and the notice.
const SAID: [(&str, DoorNotice); 2] =
    [("suspendu", DoorNotice::Suspended), ("perime", DoorNotice::Over)];

/// The address of the door that says it, when it is one of them.
pub(super) fn saying(notice: DoorNotice) -> String {
    let said = SAID.iter().find(|(_, known)| *known == notice);
    said.map_or_else(|| DOOR.to_owned(), |(word, _)| format!("{DOOR}?avis={word}"))
}

/// The empty form.
pub async fn form(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let asked = visit.asked("avis");
    let notice = SAID.iter().find(|(word, _)| asked.as_deref() == Some(*word));
    let notice = notice.map(|(_, notice)| *notice);
    let next = next(visit.asked("suite").as_deref()).to_owned();
    let providers = provider::names(&site);
    site.form_page(&visit, &SignIn { email: String::new(), next, providers, notice })
}

/// The form, sent: a letter is asked for, or a provider.
pub async fn send(
    State(site): State<Site>,
    visit: Visit,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let again = |asked: &Asked, status, notice| {
        let next = next(asked.suite.as_deref()).to_owned();
        let (email, providers) = (typed_email(asked).to_owned(), provider::names(&site));
        let page = SignIn { email, next, providers, notice: Some(notice) };
        site.refused_form(&visit, status, &page)
    };
    let (asked, flow) = match typed.of_this_visit() {
        Ok(ours) => ours,
        Err(asked) => return again(&asked, StatusCode::FORBIDDEN, DoorNotice::FormExpired),
    };
    let wanted = next(asked.suite.as_deref());
    if let Some(par) = &asked.par {
        let Some(kind) = provider::open(&site, par) else { return Err(Failure::NotFound) };
        return match provider::depart(&site, (kind, wanted), (&visit, &flow)).await? {
            Ok(answer) => Ok(answer),
            Err((status, notice)) => again(&asked, status, notice),
        };
    }
    let Ok(email) = typed_email(&asked).parse::<EmailAddress>() else {
        return again(&asked, StatusCode::UNPROCESSABLE_ENTITY, DoorNotice::NotAnAddress);
    };
    let client = site.counted(&visit, &flow);
    let asking = site.actions.ask_to_sign_in(&email, wanted, &client, site.now());
    match answered(asking.await)? {
        Ok(()) => Ok(Redirect::to("/connexion/code").into_response()),
        Err(why) => {
            let (status, notice) = told(why);
            again(&asked, status, notice)
        }
    }
}

fn typed_email(asked: &Asked) -> &str {
    asked.courriel.as_deref().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_ours_is_come_in_for() {
        assert_eq!(next(Some("/mon-espace/connexions")), "/mon-espace/connexions");
        for other in ["//ailleurs.exemple", "https://ailleurs.exemple", "/connexion/lien/x", ""] {
            assert_eq!(next(Some(other)), space::PATH, "{other:?}");
        }
        assert_eq!(next(None), space::PATH);
    }
}
