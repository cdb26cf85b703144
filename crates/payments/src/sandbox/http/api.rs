//! The API: which call does what.

use serde_json::{Value, json};

use super::{
    super::{
        direct::EventQuery,
        money_back::RefundOrder,
        objects::{Means, SessionOrder},
        refusal::Refusal,
        shapes,
        world::{Moment, World},
    },
    form::Form,
};

const SESSION_PARAMS: [&str; 17] = [
    "allowed_payment_method_types",
    "cancel_url",
    "client_reference_id",
    "currency",
    "customer_creation",
    "customer_email",
    "expand",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "payment_method_types",
    "submit_type",
    "success_url",
    "ui_mode",
];
const REFUND_PARAMS: [&str; 6] =
    ["amount", "expand", "metadata", "payment_intent", "reason", "reverse_transfer"];

type Found = Result<Value, Refusal>;

/// A call that changes something.
pub fn write(world: &mut World, at: Moment, parts: &[&str], form: &Form, base: &str) -> Found {
    match parts {
        ["checkout", "sessions"] => {
            form.only(&SESSION_PARAMS)?;
            let session = world.open_session(at, order(form)?)?;
            Ok(shapes::session_shape(&session, base))
        }
        ["checkout", "sessions", id, "expire"] => {
            let session = world.expire_session(at, id)?;
            Ok(shapes::session_shape(&session, base))
        }
        ["refunds"] => {
            form.only(&REFUND_PARAMS)?;
            let refund = world.refund_payment(at, refund_order(form)?)?;
            Ok(shapes::refund_shape(&refund))
        }
        _ => Err(unknown("POST", parts)),
    }
}

/// A call that reads.
pub fn read(world: &World, parts: &[&str], form: &Form, base: &str) -> Found {
    let mut found = match parts {
        ["checkout", "sessions", id] => shapes::session_shape(world.session(id)?, base),
        ["checkout", "sessions"] => sessions(world, form, base)?,
        ["payment_intents", "search"] => search(world, form)?,
        ["payment_intents", id] => shapes::intent_shape(world.intent(id)?, world),
        ["charges", id] => shapes::charge_shape(world.charge(id)?),
        ["refunds"] => {
            let of = form.get("payment_intent");
            let rows = world.refunds.values().rev();
            let rows = rows.filter(|refund| of.is_none_or(|of| refund.intent == of));
            page(form, "/v1/refunds", rows.map(shapes::refund_shape))?
        }
        ["refunds", id] => shapes::refund_shape(world.refund(id)?),
        ["disputes"] => {
            let of = form.get("payment_intent");
            let rows = world.disputes.values().rev();
            let rows = rows.filter(|dispute| of.is_none_or(|of| dispute.intent == of));
            page(form, "/v1/disputes", rows.map(|one| shapes::dispute_shape(one, world)))?
        }
        ["disputes", id] => shapes::dispute_shape(world.dispute(id)?, world),
        ["balance_transactions", id] => shapes::movement_shape(world.movement(id)?),
        ["events"] => events(world, form, base)?,
        ["events", id] => {
            let event = world.events.get(*id).ok_or_else(|| Refusal::missing("event", id))?;
            shapes::event(event, world, base)
        }
        ["accounts", id] if world.accounts.contains(*id) => account(id),
        _ => return Err(unknown("GET", parts)),
    };
    for path in form.list("expand") {
        expand(world, &mut found, &path, base);
    }
    Ok(found)
}

fn unknown(method: &str, parts: &[&str]) -> Refusal {
    let message = format!("Unrecognized request URL ({method}: /v1/{}).", parts.join("/"));
    Refusal { status: 404, ..Refusal::invalid(None, message) }
}

fn account(id: &str) -> Value {
    json!({
        "id": id, "object": "account", "type": "express", "country": "FR",
        "business_type": "non_profit", "charges_enabled": true, "payouts_enabled": true,
        "default_currency": "eur", "details_submitted": true, "email": null, "metadata": {},
        "capabilities": {
            "card_payments": "active", "sepa_debit_payments": "active", "transfers": "active",
        },
    })
}

fn sessions(world: &World, form: &Form, base: &str) -> Found {
    let of = form.get("payment_intent");
    let (from, to) = (form.number("created[gte]")?, form.number("created[lte]")?);
    let rows = world.sessions.values().rev().filter(|row| {
        of.is_none_or(|of| row.payment_intent.as_deref() == Some(of))
            && from.is_none_or(|from| row.created >= from)
            && to.is_none_or(|to| row.created <= to)
    });
    page(form, "/v1/checkout/sessions", rows.map(|row| shapes::session_shape(row, base)))
}

/// Search by metadata, the one query we use: `metadata['gift']:'…'`.
fn search(world: &World, form: &Form) -> Found {
    let query = form.must("query")?;
    let parts: Vec<&str> = query.split('\'').collect();
    let ["metadata[", key, "]:", value, ""] = parts.as_slice() else {
        return Err(Refusal::invalid(None, "This query is not understood.").about("query"));
    };
    let fits = |text: Option<&String>| text.map(String::as_str) == Some(*value);
    let rows = world.intents.values().rev().filter(|row| fits(row.metadata.get(*key)));
    let data: Vec<Value> = rows.map(|row| shapes::intent_shape(row, world)).collect();
    Ok(json!({
        "object": "search_result", "url": "/v1/payment_intents/search", "has_more": false,
        "next_page": null, "data": data,
    }))
}

fn events(world: &World, form: &Form, base: &str) -> Found {
    let kinds = form.list("types");
    let limit = limit(form)?;
    let since = form.number("created[gte]")?.unwrap_or(0);
    let query =
        EventQuery { since, after: form.get("starting_after"), limit, kind: form.get("type") };
    let (found, more) = query.run(world)?;
    let wanted = found.iter().filter(|event| kinds.is_empty() || kinds.contains(&event.kind));
    let data = wanted.map(|event| shapes::event(event, world, base)).collect();
    Ok(shapes::list("/v1/events", data, more))
}

fn limit(form: &Form) -> Result<usize, Refusal> {
    let limit = form.number("limit")?.unwrap_or(10);
    let fits = usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit));
    fits.ok_or_else(|| Refusal::invalid(None, "Limit must be between 1 and 100.").about("limit"))
}

/// A page of rows that come newest first: `limit`, `starting_after`.
fn page(form: &Form, url: &str, mut rows: impl Iterator<Item = Value>) -> Found {
    let limit = limit(form)?;
    if let Some(after) = form.get("starting_after")
        && !rows.any(|row| row["id"] == after)
    {
        return Err(Refusal::missing("object", after));
    }
    let mut data: Vec<Value> = rows.take(limit + 1).collect();
    let more = data.len() > limit;
    data.truncate(limit);
    Ok(shapes::list(url, data, more))
}

/// `expand[]`: ids become objects, `data.payment_intent.latest_charge`.
fn expand(world: &World, object: &mut Value, path: &str, base: &str) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if object["object"] == "charge" && name == "refunds" {
        let of = object["payment_intent"].as_str().unwrap_or_default();
        let refunds = world.refunds_of.get(of).into_iter().flatten();
        let refunds = refunds.rev().filter_map(|id| world.refunds.get(id));
        object["refunds"] =
            shapes::list("/v1/refunds", refunds.map(shapes::refund_shape).collect(), false);
    }
    let Some(field) = object.get_mut(name) else { return };
    if let Some(found) = field.as_str().and_then(|id| by_id(world, id, base)) {
        *field = found;
    }
    if rest.is_empty() {
        return;
    }
    match field {
        Value::Array(all) => all.iter_mut().for_each(|one| expand(world, one, rest, base)),
        Value::Object(_) => expand(world, field, rest, base),
        _ => {}
    }
}

fn by_id(world: &World, id: &str, base: &str) -> Option<Value> {
    let (prefix, _) = id.split_once('_')?;
    Some(match prefix {
        "cs" => shapes::session_shape(world.sessions.get(id)?, base),
        "pi" => shapes::intent_shape(world.intents.get(id)?, world),
        "ch" | "py" => shapes::charge_shape(world.charges.get(id)?),
        "re" => shapes::refund_shape(world.refunds.get(id)?),
        "dp" => shapes::dispute_shape(world.disputes.get(id)?, world),
        "txn" => shapes::movement_shape(world.movements.get(id)?),
        _ => return None,
    })
}

fn order(form: &Form) -> Result<SessionOrder, Refusal> {
    if form.must("mode")? != "payment" {
        return Err(Refusal::invalid(None, "This sandbox knows the payment mode only."));
    }
    let item = "line_items[0]";
    if form.must(&format!("{item}[price_data][currency]"))? != "eur" {
        return Err(Refusal::invalid(None, "This sandbox knows euros only.").about("currency"));
    }
    let unit: i64 = form.number(&format!("{item}[price_data][unit_amount]"))?.unwrap_or(0);
    let quantity = form.number(&format!("{item}[quantity]"))?.unwrap_or(1);
    let mut methods = form.list("payment_method_types");
    methods.extend(form.list("allowed_payment_method_types"));
    let means = match methods.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | ["card"] => Means::Card,
        ["sepa_debit"] => Means::SepaDebit,
        _ => {
            let message = "This sandbox knows card or sepa_debit, one at a time.";
            return Err(Refusal::invalid(None, message).about("payment_method_types"));
        }
    };
    Ok(SessionOrder {
        amount: unit.checked_mul(quantity).unwrap_or(i64::MAX),
        means: Some(means),
        label: form.must(&format!("{item}[price_data][product_data][name]"))?.to_owned(),
        email: form.text("customer_email"),
        success_url: form.must("success_url")?.to_owned(),
        cancel_url: form.text("cancel_url"),
        client_reference_id: form.text("client_reference_id"),
        metadata: form.words("metadata"),
        payment_metadata: form.words("payment_intent_data[metadata]"),
        description: form.text("payment_intent_data[description]"),
        destination: form.text("payment_intent_data[transfer_data][destination]"),
        on_behalf_of: form.text("payment_intent_data[on_behalf_of]"),
        expires_at: form.number("expires_at")?,
        locale: form.text("locale"),
    })
}

fn refund_order(form: &Form) -> Result<RefundOrder, Refusal> {
    Ok(RefundOrder {
        intent: form.must("payment_intent")?.to_owned(),
        amount: form.number("amount")?,
        reverse_transfer: form.get("reverse_transfer") == Some("true"),
        metadata: form.words("metadata"),
        reason: form.text("reason"),
    })
}
