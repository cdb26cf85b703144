//! The payment page: where the donor pays, is refused, shows who they are, or goes away.

use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    from_elsewhere,
    look::{STYLE, euros, page},
};
use crate::sandbox::{
    GOOD_CARD, Outcome, Sandbox,
    objects::{Means, Session, SessionStatus},
};

pub fn router() -> Router<Sandbox> {
    Router::new()
        .route("/c/pay/{session}", get(ask).post(pay))
        .route("/c/pay/{session}/banque", get(ask_bank))
        .route("/_sandbox/style.css", get(style))
}

async fn style() -> Response {
    let css = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([css, (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], STYLE).into_response()
}

/// No such page.
pub async fn nowhere() -> Response {
    let title = "Page introuvable";
    let text = "Cette adresse ne correspond à aucun paiement.";
    over(StatusCode::NOT_FOUND, (title, text), &serde_json::Value::Null)
}

/// A refused gesture, or none at all.
pub fn over(status: StatusCode, (title, text): (&str, &str), more: &serde_json::Value) -> Response {
    let mut facts = json!({
        "title": title, "text": text, "label": "", "amount": "", "back": "", "back_text": "" });
    if let (Some(facts), Some(more)) = (facts.as_object_mut(), more.as_object()) {
        facts.extend(more.clone());
    }
    page("over", &facts, (status, &[]))
}

fn find(sandbox: &Sandbox, id: &str) -> Option<Session> {
    sandbox.look(|world| world.sessions.get(id).cloned())
}

fn success_url(session: &Session) -> String {
    session.order.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id)
}

async fn ask(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    match find(&sandbox, &id) {
        None => nowhere().await,
        Some(session) if session.status != SessionStatus::Open => finished(&session),
        Some(session) => form(&sandbox, &session, None),
    }
}

/// The page of an open session; `wrong` is a number that cannot be a card's.
fn form(sandbox: &Sandbox, session: &Session, wrong: Option<&str>) -> Response {
    let intent = session.payment_intent.as_deref();
    let code = sandbox.look(|world| world.charge_of(intent?).ok()?.decline_code.clone());
    let declined = code.filter(|_| wrong.is_none()).map_or("", |code| match code.as_str() {
        "insufficient_funds" => "Le compte n’est pas assez approvisionné.",
        "authentication_required" => "La vérification 3‑D Secure n’a pas abouti.",
        _ => "Elle ne dit pas pourquoi.",
    });
    let order = &session.order;
    let facts = json!({
        "label": order.label, "amount": euros(order.amount), "declined": declined,
        "card": session.means() == Means::Card, "number": wrong.unwrap_or(GOOD_CARD),
        "wrong_number": wrong.is_some() });
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let cancel = order.cancel_url.as_deref().unwrap_or_default();
    page("pay", &facts, (status, &[&order.success_url, cancel]))
}

fn finished(session: &Session) -> Response {
    let order = &session.order;
    let (title, text, back) = match session.status {
        SessionStatus::Expired => (
            "Page de paiement fermée",
            "Le délai pour payer est passé. Rien n’a été prélevé.",
            order.cancel_url.clone().unwrap_or_default(),
        ),
        _ => (
            "Paiement terminé",
            "Ce paiement a déjà été fait. Il ne peut pas l’être deux fois.",
            success_url(session),
        ),
    };
    let more = json!({ "label": order.label, "amount": euros(order.amount), "back": back,
                       "back_text": "Revenir au site" });
    over(StatusCode::OK, (title, text), &more)
}

async fn ask_bank(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    match find(&sandbox, &id) {
        None => nowhere().await,
        Some(session) if session.status != SessionStatus::Open => finished(&session),
        Some(session) => {
            let order = &session.order;
            let facts = json!({ "id": id, "label": order.label, "amount": euros(order.amount) });
            page("bank", &facts, (StatusCode::OK, &[&order.success_url]))
        }
    }
}

/// What the donor did.
#[derive(Deserialize)]
struct Gesture {
    geste: String,
    #[serde(default)]
    numero: String,
}

async fn pay(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(gesture): Form<Gesture>,
) -> Response {
    let Some(session) = find(&sandbox, &id) else { return nowhere().await };
    if from_elsewhere(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if session.status == SessionStatus::Complete {
        // A double click: the payment was made once, and the donor wants to go on.
        return Redirect::to(&success_url(&session)).into_response();
    }
    let here = format!("/c/pay/{id}");
    let number = gesture.numero.as_str();
    let outcome = match gesture.geste.as_str() {
        "payer" if !number.trim().is_empty() && !is_card(number) => {
            return form(&sandbox, &session, Some(number));
        }
        "payer" => match by_number(number) {
            Some(outcome) => outcome,
            None => return Redirect::to(&format!("{here}/banque")).into_response(),
        },
        "3ds" => return Redirect::to(&format!("{here}/banque")).into_response(),
        "3ds-oui" => Outcome::PayAuthenticated,
        "3ds-non" => {
            Outcome::DeclineWith(AUTHENTICATED.to_owned(), "authentication_required".to_owned())
        }
        "refuser" => Outcome::Decline,
        "sepa" => Outcome::SepaProcessing,
        "abandonner" => {
            let back = session.order.cancel_url.clone();
            return Redirect::to(&back.unwrap_or_else(|| success_url(&session))).into_response();
        }
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let paid = sandbox.pay(&id, &outcome).is_ok()
        && find(&sandbox, &id).is_some_and(|session| session.status == SessionStatus::Complete);
    // Refused, or closed meanwhile: the page says which.
    Redirect::to(&if paid { success_url(&session) } else { here }).into_response()
}

/// The card that asks who the donor is.
const AUTHENTICATED: &str = "4000 0027 6000 3184";

fn is_card(number: &str) -> bool {
    let bare: Vec<char> = number.chars().filter(|c| !c.is_whitespace()).collect();
    (12..=19).contains(&bare.len()) && bare.iter().all(char::is_ascii_digit)
}

/// What a test card does, as the provider publishes them; none: it asks who the donor is.
fn by_number(number: &str) -> Option<Outcome> {
    let bare: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    let declined = |code: &str| Outcome::DeclineWith(bare.clone(), code.to_owned());
    Some(match bare.as_str() {
        "" => Outcome::Pay,
        "4000000000000002" => declined("generic_decline"),
        "4000000000009995" => declined("insufficient_funds"),
        "4000000000003220" | "4000002760003184" => return None,
        _ => Outcome::PayWith(bare),
    })
}
