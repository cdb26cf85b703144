//! The counter: what the bank answers to debits, refunds and disputes, given by hand.

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    from_elsewhere,
    look::{euros, page},
    pages::over,
};
use crate::sandbox::{
    Refusal, Sandbox,
    money_back::RefundOrder,
    objects::{
        Charge, ChargeStatus, DisputeState, Means, Metadata, RefundState, Session, SessionStatus,
    },
    world::World,
};

/// Payments shown, the newest first.
const SHOWN: usize = 40;

pub fn router() -> Router<Sandbox> {
    Router::new().route("/_sandbox/", get(show)).route("/_sandbox/act", post(act))
}

async fn show(State(sandbox): State<Sandbox>) -> Response {
    let rows: Vec<Value> = sandbox.look(|world| {
        let mut sessions: Vec<&Session> = world.sessions.values().collect();
        sessions.sort_by_key(|one| std::cmp::Reverse((one.created, one.id.as_str())));
        sessions.into_iter().take(SHOWN).map(|session| row(world, session)).collect()
    });
    page("counter", &json!({ "rows": rows }), (StatusCode::OK, &[]))
}

fn row(world: &World, session: &Session) -> Value {
    let charge = session.payment_intent.as_ref().and_then(|id| world.charge_of(id).ok());
    let gestures = charge.map(|charge| gestures(world, session, charge)).unwrap_or_default();
    let gestures: Vec<Value> = gestures
        .into_iter()
        .map(|(name, text, id)| json!({ "name": name, "text": text, "id": id }))
        .collect();
    let means = if session.means() == Means::Card { "carte" } else { "prélèvement" };
    json!({
        "id": session.id, "label": session.order.label, "amount": euros(session.order.amount),
        "means": means, "state": state(world, session, charge), "gestures": gestures })
}

/// What can still happen: the gesture's name, its words, what it is about.
fn gestures<'a>(
    world: &'a World,
    session: &'a Session,
    charge: &'a Charge,
) -> Vec<(&'static str, &'static str, &'a str)> {
    let mut found = Vec::new();
    if charge.status == ChargeStatus::Pending {
        found.push(("debit-oui", "Prélèvement payé", session.id.as_str()));
        found.push(("debit-non", "Prélèvement rejeté", session.id.as_str()));
    }
    let disputes = world.disputes.values().filter(|one| one.charge == charge.id);
    let open = disputes.filter(|one| {
        matches!(one.status, DisputeState::NeedsResponse | DisputeState::WarningNeedsResponse)
    });
    for dispute in open {
        found.push(("litige-gagne", "Litige gagné", dispute.id.as_str()));
        found.push(("litige-perdu", "Litige perdu", dispute.id.as_str()));
    }
    let left = charge.amount_refunded < charge.amount;
    if charge.status == ChargeStatus::Succeeded && left && !charge.disputed {
        found.push(("rembourser", "Rembourser", charge.intent.as_str()));
        found.push(("litige", "Contester", charge.intent.as_str()));
    }
    let refunds = world.refunds_of.get(&charge.intent).into_iter().flatten();
    for refund in refunds.filter_map(|id| world.refunds.get(id)) {
        if refund.status == RefundState::Pending {
            found.push(("remboursement-oui", "Remboursement arrivé", refund.id.as_str()));
        }
        if refund.status != RefundState::Failed {
            found.push(("remboursement-non", "Remboursement revenu", refund.id.as_str()));
        }
    }
    found
}

fn state(world: &World, session: &Session, charge: Option<&Charge>) -> &'static str {
    let status = charge.map(|charge| charge.status);
    match (session.status, charge.filter(|_| status == Some(ChargeStatus::Succeeded))) {
        (_, Some(charge)) => paid_state(world, charge),
        (_, None) if status == Some(ChargeStatus::Pending) => "prélèvement en cours",
        (SessionStatus::Open, None) if status.is_some() => "refusé, page ouverte",
        (SessionStatus::Open, None) => "page ouverte",
        (SessionStatus::Expired, None) => "page fermée",
        (SessionStatus::Complete, None) => "prélèvement rejeté",
    }
}

fn paid_state(world: &World, charge: &Charge) -> &'static str {
    let dispute = world.disputes.values().rfind(|one| one.charge == charge.id);
    match dispute.map(|dispute| dispute.status) {
        Some(DisputeState::WarningNeedsResponse) => "payé, la banque interroge",
        Some(DisputeState::NeedsResponse) => "contesté",
        Some(DisputeState::Lost) => "litige perdu",
        Some(DisputeState::Won | DisputeState::WarningClosed) | None => {
            match charge.amount_refunded {
                0 => "payé",
                all if all == charge.amount => "remboursé",
                _ => "remboursé en partie",
            }
        }
    }
}

#[derive(Deserialize)]
struct Act {
    id: String,
    geste: String,
}

async fn act(State(sandbox): State<Sandbox>, headers: HeaderMap, Form(act): Form<Act>) -> Response {
    if from_elsewhere(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let id = act.id.as_str();
    let done: Result<(), Refusal> = match act.geste.as_str() {
        "debit-oui" => sandbox.settle_debit(id, true),
        "debit-non" => sandbox.settle_debit(id, false),
        "litige" => sandbox.open_dispute(id).map(drop),
        "litige-gagne" => sandbox.end_dispute(id, true),
        "litige-perdu" => sandbox.end_dispute(id, false),
        "remboursement-oui" => sandbox.settle_refund(id, true),
        "remboursement-non" => sandbox.settle_refund(id, false),
        "rembourser" => sandbox.change(|world, at| world.refund_payment(at, whole(id))).map(drop),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    if done.is_ok() {
        return Redirect::to("/_sandbox/").into_response();
    }
    let text = "L’état de ce paiement a changé entre-temps.";
    let more = json!({ "back": "/_sandbox/", "back_text": "Revenir au guichet" });
    over(StatusCode::CONFLICT, ("Ce geste n’est plus possible", text), &more)
}

fn whole(intent: &str) -> RefundOrder {
    RefundOrder {
        intent: intent.to_owned(),
        amount: None,
        reverse_transfer: true,
        metadata: Metadata::new(),
        reason: Some("requested_by_customer".to_owned()),
    }
}
