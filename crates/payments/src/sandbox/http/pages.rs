//! The pages people see: where donors pay, and a counter where the bank's answers are given by hand. In
//! French, without script.

use std::fmt::Write as _;

use axum::{
    Form as AxumForm, Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::super::money_back::RefundOrder;
use super::super::{
    Outcome, Refusal, Sandbox,
    objects::{Charge, ChargeStatus, DisputeState, Means, RefundState, Session, SessionStatus},
    world::World,
};

const STYLE: &str = include_str!("style.css");
/// Payments shown at the counter, the newest first.
const SHOWN: usize = 40;

pub fn router() -> Router<Sandbox> {
    Router::new()
        .route("/c/pay/{session}", get(pay_page).post(pay))
        .route("/_sandbox/", get(counter))
        .route("/_sandbox/act", post(act))
        .route("/_sandbox/style.css", get(style))
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// A page with its headers; forms may lead back to the site.
fn page(sandbox: &Sandbox, status: StatusCode, title: &str, body: &str) -> Response {
    let site = sandbox.shared.config.webhook.as_ref().map_or("", |target| origin(&target.url));
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' {site}"
    );
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title} – banque d’essai</title>\
         <link rel=\"stylesheet\" href=\"/_sandbox/style.css\"></head>\
         <body><header><p class=\"essai\"><strong>Mode d’essai\u{a0}: aucun argent réel.</strong></p></header>\
         <main>{body}</main></body></html>"
    );
    let policy = HeaderValue::from_str(&policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; style-src 'self'"));
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (status, headers, Html(html)).into_response()
}

fn origin(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url[after..].find('/').map_or(url.len(), |at| after + at);
    &url[..end]
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn euros(cents: i64) -> String {
    let whole = cents / 100;
    match cents % 100 {
        0 => format!("{whole}\u{a0}€"),
        rest => format!("{whole},{rest:02}\u{a0}€"),
    }
}

fn button(name: &str, text: &str, class: &str) -> String {
    format!("<p><button class=\"{class}\" name=\"geste\" value=\"{name}\">{text}</button></p>")
}

fn gone(sandbox: &Sandbox, text: &str) -> Response {
    let body = format!("<h1>Paiement introuvable</h1><p>{text}</p>");
    page(sandbox, StatusCode::NOT_FOUND, "Paiement introuvable", &body)
}

async fn pay_page(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    let session = sandbox.look(|world| world.session(&id).cloned());
    match session {
        Err(_) => gone(&sandbox, "Cette adresse ne correspond à aucun paiement."),
        Ok(session) => show(&sandbox, &session, "", StatusCode::OK),
    }
}

fn show(sandbox: &Sandbox, session: &Session, notice: &str, status: StatusCode) -> Response {
    let facts = format!(
        "<p class=\"montant\">{}</p><p>Don pour {}</p>",
        euros(session.order.amount),
        escaped(&session.order.label)
    );
    if session.status != SessionStatus::Open {
        let told = match session.status {
            SessionStatus::Expired => "Cette page de paiement est fermée. Rien n’a été prélevé.",
            _ => "Ce paiement est terminé. Il ne peut pas être fait deux fois.",
        };
        let back = escaped(&success_url(session));
        let body = format!(
            "<h1>Paiement terminé</h1>{facts}<p>{told}</p><p><a href=\"{back}\">Retour au don</a></p>"
        );
        return page(sandbox, StatusCode::OK, "Paiement terminé", &body);
    }
    let choices = match session.means() {
        Means::Card => [
            button("payer", "Payer", "principal"),
            button("3ds", "Payer avec vérification 3-D Secure", ""),
            button("refuser", "Refuser la carte", ""),
            button("abandonner", "Abandonner", ""),
        ],
        Means::SepaDebit => [
            button("sepa", "Lancer le prélèvement", "principal"),
            button("abandonner", "Abandonner", ""),
            String::new(),
            String::new(),
        ],
    };
    let body = format!(
        "<h1>Paiement d’essai</h1>{notice}{facts}<form method=\"post\">{}</form>\
         <p class=\"petit\">Chaque bouton joue une réponse de la banque.</p>",
        choices.concat()
    );
    page(sandbox, status, "Paiement", &body)
}

fn success_url(session: &Session) -> String {
    session.order.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id)
}

#[derive(Deserialize)]
struct Choice {
    geste: String,
}

async fn pay(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    AxumForm(choice): AxumForm<Choice>,
) -> Response {
    let Ok(session) = sandbox.look(|world| world.session(&id).cloned()) else {
        return gone(&sandbox, "Cette adresse ne correspond à aucun paiement.");
    };
    if session.status != SessionStatus::Open {
        return show(&sandbox, &session, "", StatusCode::OK);
    }
    let outcome = match choice.geste.as_str() {
        "payer" => Outcome::Pay,
        "sepa" => Outcome::SepaProcessing,
        "3ds" => return ask_bank(&sandbox, &session),
        "3ds-oui" => Outcome::PayAuthenticated,
        "abandonner" => {
            let back = session.order.cancel_url.clone().unwrap_or_else(|| success_url(&session));
            return Redirect::to(&back).into_response();
        }
        _ => Outcome::Decline,
    };
    let declined = outcome == Outcome::Decline;
    match sandbox.pay(&id, &outcome) {
        Ok(()) if declined => {
            let notice = "<p class=\"refus\" role=\"alert\">La banque a refusé cette carte. \
                          Vous pouvez essayer à nouveau ou abandonner.</p>";
            show(&sandbox, &session, notice, StatusCode::OK)
        }
        Ok(()) => Redirect::to(&success_url(&session)).into_response(),
        Err(refusal) => {
            let notice =
                format!("<p class=\"refus\" role=\"alert\">{}</p>", escaped(&refusal.message));
            show(&sandbox, &session, &notice, StatusCode::CONFLICT)
        }
    }
}

fn ask_bank(sandbox: &Sandbox, session: &Session) -> Response {
    let body = format!(
        "<h1>Vérification par votre banque</h1><p>Confirmez-vous le paiement de {}\u{a0}?</p>\
         <form method=\"post\">{}{}</form>",
        euros(session.order.amount),
        button("3ds-oui", "Confirmer", "principal"),
        button("refuser", "Refuser", "")
    );
    page(sandbox, StatusCode::OK, "Vérification", &body)
}

/// The counter: what the bank answers to debits, refunds, disputes.
async fn counter(State(sandbox): State<Sandbox>) -> Response {
    let rows = sandbox.look(|world| {
        let sessions = world.sessions.values().rev().take(SHOWN);
        sessions.map(|session| row(world, session)).collect::<Vec<_>>().concat()
    });
    let body = format!(
        "<h1>Guichet de la banque d’essai</h1>\
         <p>Les derniers paiements, et ce que la banque peut encore en faire.</p>\
         <section class=\"defile\" tabindex=\"0\" aria-label=\"Derniers paiements\"><table>\
         <caption>Derniers paiements</caption><thead><tr><th scope=\"col\">Campagne</th>\
         <th scope=\"col\">Montant</th><th scope=\"col\">État</th><th scope=\"col\">Gestes</th>\
         </tr></thead><tbody>{rows}</tbody></table></section>"
    );
    page(&sandbox, StatusCode::OK, "Guichet", &body)
}

fn row(world: &World, session: &Session) -> String {
    let charge = session.payment_intent.as_ref().and_then(|id| world.charge_of(id).ok());
    let mut acts = String::new();
    let mut act = |geste: &str, text: &str, id: &str| {
        let _ = write!(
            acts,
            "<form method=\"post\" action=\"/_sandbox/act\">\
             <input type=\"hidden\" name=\"id\" value=\"{id}\">\
             <button name=\"geste\" value=\"{geste}\">{text}</button></form>"
        );
    };
    if let Some(charge) = charge {
        match charge.status {
            ChargeStatus::Pending => {
                act("debit-oui", "Prélèvement accepté", &session.id);
                act("debit-non", "Prélèvement rejeté", &session.id);
            }
            ChargeStatus::Succeeded => of_paid(world, charge, &mut act),
            ChargeStatus::Failed => {}
        }
    }
    format!(
        "<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td><td>{acts}</td></tr>",
        escaped(&session.order.label),
        euros(session.order.amount),
        state(session, charge)
    )
}

fn of_paid(world: &World, charge: &Charge, act: &mut impl FnMut(&str, &str, &str)) {
    let open = world
        .disputes
        .values()
        .find(|one| one.charge == charge.id && one.status == DisputeState::NeedsResponse);
    if let Some(dispute) = open {
        act("litige-gagne", "Litige gagné", &dispute.id);
        act("litige-perdu", "Litige perdu", &dispute.id);
    } else if charge.amount_refunded < charge.amount && !charge.disputed {
        act("rembourser", "Rembourser", &charge.intent);
        act("litige", "Contester", &charge.intent);
    }
    let refunds = world.refunds_of.get(&charge.intent).into_iter().flatten();
    for refund in refunds.filter_map(|id| world.refunds.get(id)) {
        if refund.status == RefundState::Pending {
            act("remboursement-oui", "Remboursement arrivé", &refund.id);
            act("remboursement-non", "Remboursement revenu", &refund.id);
        }
    }
}

fn state(session: &Session, charge: Option<&Charge>) -> &'static str {
    match (session.status, charge.map(|charge| charge.status)) {
        (_, Some(ChargeStatus::Succeeded)) => "payé",
        (_, Some(ChargeStatus::Pending)) => "prélèvement en cours",
        (SessionStatus::Open, Some(ChargeStatus::Failed)) => "refusé, page ouverte",
        (SessionStatus::Open, None) => "page ouverte",
        (SessionStatus::Expired, _) => "fermé",
        (SessionStatus::Complete, _) => "échoué",
    }
}

#[derive(Deserialize)]
struct Act {
    id: String,
    geste: String,
}

async fn act(State(sandbox): State<Sandbox>, AxumForm(act): AxumForm<Act>) -> Response {
    let id = act.id.as_str();
    let done: Result<(), Refusal> = match act.geste.as_str() {
        "debit-oui" => sandbox.settle_debit(id, true),
        "debit-non" => sandbox.settle_debit(id, false),
        "litige" => sandbox.open_dispute(id).map(drop),
        "litige-gagne" => sandbox.end_dispute(id, true),
        "litige-perdu" => sandbox.end_dispute(id, false),
        "remboursement-oui" => sandbox.settle_refund(id, true),
        "remboursement-non" => sandbox.settle_refund(id, false),
        _ => sandbox.change(|world, at| world.refund_payment(at, whole(id))).map(drop),
    };
    match done {
        Ok(()) => Redirect::to("/_sandbox/").into_response(),
        Err(refusal) => {
            let body = format!(
                "<h1>Geste impossible</h1><p>{}</p><p><a href=\"/_sandbox/\">Retour</a></p>",
                escaped(&refusal.message)
            );
            page(&sandbox, StatusCode::CONFLICT, "Geste impossible", &body)
        }
    }
}

fn whole(intent: &str) -> RefundOrder {
    RefundOrder {
        intent: intent.to_owned(),
        amount: None,
        reverse_transfer: true,
        metadata: super::super::objects::Metadata::new(),
        reason: Some("requested_by_customer".to_owned()),
    }
}
