//! Our objects in the provider's JSON: every field its API description requires, and those that are
//! read.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    objects::{
        Charge, ChargeStatus, Dispute, DisputeState, Happening, Intent, IntentStatus, Means,
        Movement, Refund, RefundState, Session, SessionStatus, Snapshot,
    },
    world::World,
};

/// The API version whose shapes these are.
pub const API_VERSION: &str = "2026-09-30.endive";

/// What an object's shape depends on, beside the object.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Where the payment pages are.
    pub public_url: &'a str,
    /// Seconds since 1970.
    pub now: i64,
}

/// Same card, same mark: spaces do not count.
#[must_use]
pub fn fingerprint(number: &str) -> String {
    let bare: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    hex::encode(&Sha256::digest(bare)[..8])
}

/// The last four figures of a number.
pub fn last4(number: &str) -> String {
    let figures: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    figures[figures.len().saturating_sub(4)..].iter().collect()
}

/// A list in the provider's envelope.
pub fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "url": url, "has_more": has_more, "data": data })
}

/// The object with more fields, named in one text, that are null.
fn and_null(mut object: Value, names: &str) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.extend(names.split_whitespace().map(|name| (name.to_owned(), Value::Null)));
    }
    object
}

fn address() -> Value {
    and_null(json!({ "country": "FR" }), "city line1 line2 postal_code state")
}

fn decline_message(code: &str) -> &'static str {
    match code {
        "insufficient_funds" => "Your card has insufficient funds.",
        "authentication_required" => "The payment was not authenticated.",
        _ => "Your card was declined.",
    }
}

/// A payment page.
pub fn session(session: &Session, view: View<'_>) -> Value {
    let order = &session.order;
    let open = session.status == SessionStatus::Open;
    let details = (!open && order.email.is_some()).then(|| {
        json!({ "address": address(), "business_name": null, "email": order.email,
                "individual_name": null, "name": null, "phone": null, "tax_exempt": "none",
                "tax_ids": [] })
    });
    let url = open.then(|| format!("{}/c/pay/{}", view.public_url, session.id));
    let tax = json!({ "enabled": false, "liability": null, "provider": null, "status": null });
    let texts = "after_submit shipping_address submit terms_of_service_acceptance";
    let object = json!({
        "id": session.id, "object": "checkout.session", "created": session.created,
        "adaptive_pricing": { "enabled": false }, "amount_subtotal": order.amount,
        "amount_total": order.amount, "automatic_tax": tax, "cancel_url": order.cancel_url,
        "client_reference_id": order.client_reference_id, "currency": "eur", "custom_fields": [],
        "custom_text": and_null(json!({}), texts), "customer_creation": "if_required",
        "customer_details": details, "customer_email": order.email, "discounts": [],
        "expires_at": session.expires_at, "livemode": false, "locale": order.locale,
        "metadata": order.metadata, "mode": "payment", "payment_intent": session.payment_intent,
        "payment_method_collection": "if_required", "payment_method_options": {},
        "payment_method_types": [session.means().name()],
        "payment_status": if session.paid { "paid" } else { "unpaid" },
        "phone_number_collection": { "enabled": false }, "shipping_options": [],
        "status": session.status.name(), "submit_type": "donate",
        "success_url": order.success_url, "ui_mode": "hosted_page", "url": url,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
    });
    and_null(
        object,
        "after_expiration allow_promotion_codes billing_address_collection client_secret \
         collected_information consent consent_collection currency_conversion customer \
         customer_account integration_identifier invoice invoice_creation managed_payments \
         origin_context payment_link payment_method_configuration_details permissions \
         recovered_from saved_payment_method_options setup_intent shipping_address_collection \
         shipping_cost subscription wallet_options",
    )
}

fn transfer_data(destination: Option<&String>) -> Value {
    destination.map_or(Value::Null, |account| json!({ "amount": null, "destination": account }))
}

/// A payment.
pub fn intent(intent: &Intent, world: &World) -> Value {
    let charge = intent.latest_charge.as_ref().and_then(|id| world.charges.get(id));
    let refused = charge.filter(|charge| charge.status == ChargeStatus::Failed);
    let error = refused.and_then(|charge| charge.decline_code.as_deref()).map(|code| {
        json!({ "type": "card_error", "code": "card_declined", "decline_code": code,
                "message": decline_message(code), "charge": intent.latest_charge,
                "doc_url": "https://docs.stripe.com/error-codes/card-declined" })
    });
    let paid = intent.status == IntentStatus::Succeeded;
    let object = json!({
        "id": intent.id, "object": "payment_intent", "created": intent.created,
        "amount": intent.amount, "amount_capturable": 0, "amount_details": { "tip": {} },
        "amount_received": if paid { intent.amount } else { 0 },
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.canceled_at.map(|_| "expired"),
        "capture_method": "automatic_async",
        "client_secret": format!("{}_secret_sandbox", intent.id),
        "confirmation_method": "automatic", "currency": "eur", "description": intent.description,
        "last_payment_error": error, "latest_charge": intent.latest_charge, "livemode": false,
        "metadata": intent.metadata, "on_behalf_of": intent.on_behalf_of,
        "payment_method_options": {}, "payment_method_types": [intent.means.name()],
        "status": intent.status.name(),
        "transfer_data": transfer_data(intent.destination.as_ref()),
    });
    and_null(
        object,
        "application application_fee_amount automatic_payment_methods customer customer_account \
         excluded_payment_method_types next_action payment_method \
         payment_method_configuration_details processing receipt_email review \
         setup_future_usage shipping source statement_descriptor statement_descriptor_suffix \
         transfer_group",
    )
}

fn method_details(charge: &Charge) -> Value {
    let (last4, mark) = (last4(&charge.number), fingerprint(&charge.number));
    if charge.means == Means::SepaDebit {
        let debit = json!({ "bank_code": "20041", "branch_code": "01005", "country": "FR",
                            "fingerprint": mark, "last4": last4 });
        let debit = and_null(debit, "expected_debit_date mandate");
        return json!({ "type": "sepa_debit", "sepa_debit": debit });
    }
    let shown = json!({ "authentication_flow": "challenge", "result": "authenticated",
                        "electronic_commerce_indicator": "05", "version": "2.2.0" });
    let shown = and_null(shown, "exemption_indicator result_reason transaction_id");
    let brand = if charge.number.starts_with('5') { "mastercard" } else { "visa" };
    let checks = "address_line1_check address_postal_code_check cvc_check";
    let card = json!({
        "amount_authorized": charge.amount, "brand": brand,
        "checks": and_null(json!({}), checks), "country": "FR", "exp_month": 12,
        "exp_year": 2034, "fingerprint": mark, "funding": "debit", "last4": last4,
        "network": brand,
        "three_d_secure": if charge.three_d_secure { shown } else { Value::Null },
    });
    let nulls = "authorization_code installments mandate network_transaction_id \
                 regulated_status wallet";
    json!({ "type": "card", "card": and_null(card, nulls) })
}

/// A try at taking the money.
pub fn charge(charge: &Charge) -> Value {
    let succeeded = charge.status == ChargeStatus::Succeeded;
    let failure = charge.decline_code.as_deref();
    let (network, kind) = match failure {
        Some(_) => ("declined_by_network", "issuer_declined"),
        None => ("approved_by_network", "authorized"),
    };
    let outcome = json!({ "network_status": network, "reason": failure, "type": kind });
    let outcome =
        and_null(outcome, "advice_code network_advice_code network_decline_code seller_message");
    let payer = json!({ "address": address(), "email": charge.email });
    let transfer = charge.destination.as_ref().filter(|_| succeeded);
    let object = json!({
        "id": charge.id, "object": "charge", "created": charge.created, "amount": charge.amount,
        "amount_captured": if succeeded { charge.amount } else { 0 },
        "amount_refunded": charge.amount_refunded,
        "balance_transaction": charge.balance_transaction,
        "billing_details": and_null(payer, "name phone tax_id"), "captured": succeeded,
        "currency": "eur", "destination": charge.destination, "disputed": charge.disputed,
        "failure_code": failure.map(|_| "card_declined"),
        "failure_message": failure.map(decline_message), "fraud_details": {}, "livemode": false,
        "metadata": charge.metadata, "on_behalf_of": charge.on_behalf_of, "outcome": outcome,
        "paid": succeeded, "payment_intent": charge.intent,
        "payment_method": format!("pm_{}", last4(&charge.number)),
        "payment_method_details": method_details(charge),
        "refunded": charge.amount_refunded == charge.amount, "status": charge.status.name(),
        "transfer": transfer.map(|_| format!("tr_{}", charge.id)),
        "transfer_data": transfer_data(charge.destination.as_ref()),
    });
    and_null(
        object,
        "application application_fee application_fee_amount calculated_statement_descriptor \
         customer description failure_balance_transaction receipt_email receipt_number \
         receipt_url review shipping source source_transfer statement_descriptor \
         statement_descriptor_suffix transfer_group",
    )
}

/// A refund.
pub fn refund(refund: &Refund) -> Value {
    let means = refund.means.name();
    let card = json!({ "reference_status": "pending", "type": "refund" });
    let mut details = Map::from_iter([("type".to_owned(), Value::from(means))]);
    details.insert(means.to_owned(), if refund.means == Means::Card { card } else { json!({}) });
    let mut object = json!({
        "id": refund.id, "object": "refund", "created": refund.created, "amount": refund.amount,
        "balance_transaction": refund.balance_transaction, "charge": refund.charge,
        "currency": "eur", "destination_details": details, "metadata": refund.metadata,
        "payment_intent": refund.intent, "reason": refund.reason,
        "status": refund.status.name(), "transfer_reversal": refund.transfer_reversal,
    });
    if refund.status == RefundState::Failed {
        object["failure_reason"] = "lost_or_stolen_card".into();
    }
    let nulls = "customer customer_account payment_method receipt_number source_transfer_reversal";
    and_null(object, nulls)
}

const EVIDENCE: &str = "access_activity_log billing_address cancellation_policy \
    cancellation_policy_disclosure cancellation_rebuttal customer_communication \
    customer_email_address customer_name customer_purchase_ip customer_signature \
    duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id \
    product_description receipt refund_policy refund_policy_disclosure \
    refund_refusal_explanation service_date service_documentation shipping_address \
    shipping_carrier shipping_date shipping_documentation shipping_tracking_number \
    uncategorized_file uncategorized_text";

/// A dispute.
pub fn dispute(dispute: &Dispute, world: &World, view: View<'_>) -> Value {
    let movements = dispute.balance_transactions.iter();
    let movements = movements.filter_map(|id| world.movements.get(id));
    let movements: Vec<Value> = movements.map(|one| movement(one, view)).collect();
    let inquiry =
        matches!(dispute.status, DisputeState::WarningNeedsResponse | DisputeState::WarningClosed);
    json!({
        "id": dispute.id, "object": "dispute", "created": dispute.created,
        "amount": dispute.amount, "balance_transactions": movements, "charge": dispute.charge,
        "currency": "eur", "enhanced_eligibility_types": [],
        "evidence": and_null(json!({ "enhanced_evidence": {} }), EVIDENCE),
        "evidence_details": { "due_by": dispute.created + 14 * 86_400,
            "enhanced_eligibility": {}, "has_evidence": false, "past_due": false,
            "submission_count": 0 },
        "is_charge_refundable": inquiry, "livemode": false, "metadata": {},
        "payment_intent": dispute.intent,
        "payment_method_details": { "type": "card", "card": {
            "brand": "visa", "case_type": if inquiry { "inquiry" } else { "chargeback" },
            "network": "visa", "network_reason_code": "10.4" } },
        "reason": "fraudulent", "status": dispute.status.name(),
    })
}

/// A movement on the balance.
pub fn movement(movement: &Movement, view: View<'_>) -> Value {
    let fee = json!({ "amount": movement.fee, "application": null, "currency": "eur",
                      "description": "Stripe processing fees", "type": "stripe_fee" });
    let category = if movement.kind == "adjustment" { "dispute" } else { &movement.kind };
    let available = movement.available_on <= view.now;
    json!({
        "id": movement.id, "object": "balance_transaction", "created": movement.created,
        "amount": movement.amount, "available_on": movement.available_on,
        "balance_type": "payments", "currency": "eur", "description": null,
        "exchange_rate": null, "fee": movement.fee,
        "fee_details": if movement.fee == 0 { json!([]) } else { json!([fee]) },
        "net": movement.amount - movement.fee, "reporting_category": category,
        "source": movement.source, "status": if available { "available" } else { "pending" },
        "type": movement.kind,
    })
}

/// A connected account.
pub fn account(id: &str) -> Value {
    let nothing = json!({
        "alternatives": [], "current_deadline": null, "currently_due": [],
        "disabled_reason": null, "errors": [], "eventually_due": [], "past_due": [],
        "pending_verification": [] });
    let payouts = json!({ "debit_negative_balances": true, "statement_descriptor": null,
                          "schedule": { "delay_days": 2, "interval": "manual" } });
    json!({
        "id": id, "object": "account", "business_profile": null, "business_type": "non_profit",
        "capabilities": { "card_payments": "active", "sepa_debit_payments": "active",
                          "transfers": "active" },
        "charges_enabled": true, "country": "FR", "created": 1_700_000_000,
        "default_currency": "eur", "details_submitted": true, "email": null,
        "external_accounts": list(&format!("/v1/accounts/{id}/external_accounts"), vec![], false),
        "future_requirements": nothing, "metadata": {}, "payouts_enabled": true,
        "requirements": nothing, "settings": { "payouts": payouts },
        "tos_acceptance": { "date": null, "ip": null, "user_agent": null }, "type": "express",
    })
}

/// Something that happened, with its object as it was then.
pub fn event(event: &Happening, world: &World, view: View<'_>) -> Value {
    let then = View { now: event.created, ..view };
    let object = match &event.about {
        Snapshot::Session(one) => session(one, then),
        Snapshot::Intent(one) => intent(one, world),
        Snapshot::Charge(one) => charge(one),
        Snapshot::Refund(one) => refund(one),
        Snapshot::Dispute(one) => dispute(one, world, then),
    };
    json!({
        "id": event.id, "object": "event", "api_version": API_VERSION, "created": event.created,
        "data": { "object": object }, "livemode": false,
        "pending_webhooks": i32::from(!event.told),
        "request": { "id": null, "idempotency_key": null }, "type": event.kind,
    })
}
