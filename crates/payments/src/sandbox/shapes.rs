//! Objects as Stripe writes them (shapes of its published OpenAPI description).

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    objects::{
        Charge, ChargeStatus, Dispute, DisputeState, Happening, Intent, IntentStatus, Means,
        Movement, Refund, Session, SessionStatus, Snapshot,
    },
    world::World,
};

/// The version of the API whose shapes these are.
pub const API_VERSION: &str = "2026-09-30.endive";

/// The same card, the same mark: never the card.
#[must_use]
pub fn fingerprint(number: &str) -> String {
    hex::encode(&Sha256::digest(number.as_bytes())[..8])
}

/// An event, as a webhook carries it.
pub(super) fn event(event: &Happening, world: &World, public_url: &str) -> Value {
    let object = match &event.about {
        Snapshot::Session(session) => session_shape(session, public_url),
        Snapshot::Intent(intent) => intent_shape(intent, world),
        Snapshot::Charge(charge) => charge_shape(charge),
        Snapshot::Refund(refund) => refund_shape(refund),
        Snapshot::Dispute(dispute) => dispute_shape(dispute, world),
    };
    json!({
        "id": event.id, "object": "event", "api_version": API_VERSION, "created": event.created,
        "data": { "object": object }, "livemode": false, "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null }, "type": event.kind,
    })
}

/// An object with these fields, and others that are null.
fn with_nulls(mut object: Value, nulls: &[&str]) -> Value {
    if let Value::Object(fields) = &mut object {
        let empty: Map<String, Value> =
            nulls.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        fields.extend(empty);
    }
    object
}

/// A page of a list.
pub(super) fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "url": url, "has_more": has_more, "data": data })
}

fn address(email: Option<&String>) -> Value {
    let parts = ["city", "country", "line1", "line2", "postal_code", "state"];
    json!({
        "address": with_nulls(json!({}), &parts),
        "email": email, "name": null, "phone": null, "tax_id": null,
    })
}

fn transfer_data(destination: Option<&String>) -> Value {
    destination.map_or(Value::Null, |destination| json!({ "destination": destination }))
}

const SESSION_NULLS: [&str; 20] = [
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "invoice",
    "origin_context",
    "payment_link",
    "payment_method_configuration_details",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_cost",
    "subscription",
];

const INTENT_NULLS: [&str; 15] = [
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "cancellation_reason",
    "client_secret",
    "customer",
    "customer_account",
    "excluded_payment_method_types",
    "receipt_email",
    "review",
    "setup_future_usage",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
];

const CHARGE_NULLS: [&str; 17] = [
    "application",
    "application_fee",
    "application_fee_amount",
    "calculated_statement_descriptor",
    "customer",
    "description",
    "failure_balance_transaction",
    "radar_options",
    "receipt_email",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
];

pub(super) fn session_shape(session: &Session, public_url: &str) -> Value {
    let open = session.status == SessionStatus::Open;
    let details = json!({
        "address": null, "business_name": null, "email": session.order.email,
        "individual_name": null, "name": null, "phone": null, "tax_exempt": "none",
        "tax_ids": [],
    });
    let shown = if open { Value::Null } else { details };
    let url = open.then(|| format!("{}/c/pay/{}", public_url, session.id));
    let methods = [session.means().name()];
    let first = json!({
        "id": session.id, "object": "checkout.session", "livemode": false,
        "amount_subtotal": session.order.amount, "amount_total": session.order.amount,
        "automatic_tax": {
            "enabled": false, "liability": null, "provider": null, "status": null,
        },
        "cancel_url": session.order.cancel_url, "client_reference_id": session.order.client_reference_id,
        "created": session.created, "currency": "eur", "custom_fields": [],
        "custom_text": {
            "after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null,
        },
        "customer_creation": "if_required", "customer_details": shown,
        "customer_email": session.order.email, "discounts": [], "expires_at": session.expires_at,
    });
    let mut second = json!({
        "invoice_creation": null, "locale": "fr", "metadata": session.order.metadata,
        "mode": "payment", "payment_intent": session.payment_intent,
        "allowed_payment_method_types": methods,
        "payment_method_collection": "if_required", "payment_method_options": {},
        "payment_method_types": methods,
        "payment_status": if session.paid { "paid" } else { "unpaid" },
        "permissions": null, "phone_number_collection": { "enabled": false },
        "shipping_address_collection": null, "shipping_options": [], "status": session.status.name(),
        "submit_type": "donate", "success_url": session.order.success_url,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "ui_mode": "hosted_page", "url": url, "wallet_options": null,
    });
    if let (Value::Object(all), Value::Object(rest)) = (&mut second, first) {
        all.extend(rest);
    }
    with_nulls(second, &SESSION_NULLS)
}

pub(super) fn intent_shape(intent: &Intent, world: &World) -> Value {
    let latest = intent.latest_charge.as_ref().and_then(|id| world.charges.get(id));
    let refused = latest.filter(|charge| charge.status == ChargeStatus::Failed);
    let received = intent.status == IntentStatus::Succeeded;
    let object = json!({
        "id": intent.id, "object": "payment_intent", "livemode": false,
        "amount": intent.amount, "amount_capturable": 0, "amount_details": { "tip": {} },
        "amount_received": if received { intent.amount } else { 0 },
        "canceled_at": intent.canceled_at,
        "capture_method": "automatic_async", "confirmation_method": "automatic",
        "created": intent.created, "currency": "eur", "description": intent.description,
        "last_payment_error": refused.map(failure),
        "latest_charge": intent.latest_charge, "metadata": intent.metadata, "next_action": null,
        "on_behalf_of": intent.on_behalf_of,
        "payment_method": null, "payment_method_configuration_details": null,
        "payment_method_options": {},
        "payment_method_types": [intent.means.name()], "processing": null,
        "status": intent.status.name(), "transfer_data": transfer_data(intent.destination.as_ref()),
        "transfer_group": null,
    });
    with_nulls(object, &INTENT_NULLS)
}

pub(super) fn charge_shape(charge: &Charge) -> Value {
    let succeeded = charge.status == ChargeStatus::Succeeded;
    let object = json!({
        "id": charge.id, "object": "charge", "livemode": false, "amount": charge.amount,
        "amount_captured": if succeeded { charge.amount } else { 0 }, "amount_refunded": charge.amount_refunded,
        "balance_transaction": charge.balance_transaction,
        "billing_details": address(charge.email.as_ref()),
        "captured": succeeded, "created": charge.created, "currency": "eur",
        "disputed": charge.disputed,
        "failure_code": charge.decline_code.as_ref().map(|_| "card_declined"),
        "failure_message": charge.decline_code.as_ref().map(|_| "Your card was declined."),
        "fraud_details": {}, "metadata": charge.metadata,
        "on_behalf_of": charge.on_behalf_of, "outcome": null,
        "paid": charge.status != ChargeStatus::Failed, "payment_intent": charge.intent,
        "payment_method": null, "payment_method_details": means(charge),
        "refunded": succeeded && charge.amount_refunded == charge.amount,
        "status": charge.status.name(), "transfer": null,
        "transfer_data": transfer_data(charge.destination.as_ref()), "transfer_group": null,
    });
    with_nulls(object, &CHARGE_NULLS)
}

pub(super) fn refund_shape(refund: &Refund) -> Value {
    let nulls = [
        "customer",
        "customer_account",
        "payment_method",
        "receipt_number",
        "source_transfer_reversal",
    ];
    let object = json!({
        "id": refund.id, "object": "refund", "amount": refund.amount,
        "balance_transaction": refund.balance_transaction, "charge": refund.charge,
        "created": refund.created, "currency": "eur",
        "destination_details": { "type": "card", "card": { "type": "refund" } },
        "metadata": refund.metadata, "payment_intent": refund.intent,
        "reason": refund.reason, "status": refund.status.name(), "transfer_reversal": refund.transfer_reversal,
    });
    with_nulls(object, &nulls)
}

pub(super) fn dispute_shape(dispute: &Dispute, world: &World) -> Value {
    let transactions = dispute.balance_transactions.iter();
    let transactions: Vec<Value> = transactions
        .filter_map(|id| world.movements.get(id))
        .map(|transaction| movement_shape(transaction))
        .collect();
    json!({
        "id": dispute.id, "object": "dispute", "livemode": false, "amount": dispute.amount,
        "balance_transactions": transactions, "charge": dispute.charge,
        "created": dispute.created, "currency": "eur", "enhanced_eligibility_types": [],
        "evidence": { "enhanced_evidence": {} },
        "evidence_details": {
            "due_by": dispute.created + 7 * 86_400, "enhanced_eligibility": {},
            "has_evidence": false, "past_due": false, "submission_count": 0,
        },
        "is_charge_refundable": dispute.status == DisputeState::WarningNeedsResponse, "metadata": {},
        "payment_intent": dispute.intent, "reason": "general", "status": dispute.status.name(),
    })
}

pub(super) fn movement_shape(transaction: &Movement) -> Value {
    let fees = if transaction.fee == 0 {
        json!([])
    } else {
        json!([{
            "amount": transaction.fee, "application": null, "currency": "eur",
            "description": "Stripe processing fees", "type": "stripe_fee",
        }])
    };
    let category = if transaction.kind == "adjustment" { "dispute" } else { &transaction.kind };
    json!({
        "id": transaction.id, "object": "balance_transaction", "amount": transaction.amount,
        "available_on": transaction.available_on, "balance_type": "payments",
        "created": transaction.created, "currency": "eur", "description": null,
        "exchange_rate": null, "fee": transaction.fee, "fee_details": fees,
        "net": transaction.amount - transaction.fee, "reporting_category": category,
        "source": transaction.source, "status": "pending", "type": transaction.kind,
    })
}

/// How a charge was paid.
fn means(charge: &Charge) -> Value {
    let digits = charge.number.trim();
    let last4 = &digits[digits.len().saturating_sub(4)..];
    let mark = fingerprint(&charge.number);
    match charge.means {
        Means::Card => json!({
            "type": "card",
            "card": {
                "brand": "visa", "checks": null, "country": "FR", "exp_month": 12,
                "exp_year": 2034, "fingerprint": mark, "funding": "debit",
                "installments": null, "last4": last4, "mandate": null, "network": "visa",
                "three_d_secure": charge.three_d_secure.then(|| json!({ "result": "authenticated" })), "wallet": null,
            },
        }),
        Means::SepaDebit => json!({
            "type": "sepa_debit",
            "sepa_debit": {
                "bank_code": "20041", "branch_code": "01005", "country": "FR",
                "expected_debit_date": null, "fingerprint": mark,
                "last4": last4, "mandate": null,
            },
        }),
    }
}

fn failure(charge: &Charge) -> Value {
    json!({
        "type": "card_error", "code": "card_declined", "message": "Your card was declined.",
        "charge": charge.id, "decline_code": charge.decline_code,
        "payment_method_type": charge.means.name(),
    })
}
