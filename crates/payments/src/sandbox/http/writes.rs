//! Calls that change something.

use serde_json::Value;

use super::{form::Form, reads::unrecognized};
use crate::sandbox::{
    money_back::RefundOrder,
    objects::{Means, SessionOrder},
    refusal::Refusal,
    shapes::{self, View},
    world::{Moment, World},
};

/// A change, its parameters read.
pub enum Write {
    Open(Box<SessionOrder>),
    Expire(String),
    Refund { of: Of, order: RefundOrder },
}

/// What is refunded.
pub enum Of {
    Intent,
    Charge(String),
}

const OF_SESSION: &str = "mode line_items allowed_payment_method_types payment_method_types \
    payment_intent_data metadata client_reference_id success_url cancel_url customer_email \
    expires_at locale submit_type adaptive_pricing ui_mode expand";
const OF_REFUND: &str = "payment_intent charge amount reverse_transfer refund_application_fee \
    metadata reason expand";

impl Write {
    /// Reads a POST below `/v1/`.
    pub fn read(path: &[&str], form: &Form) -> Result<Self, Refusal> {
        match path {
            ["checkout", "sessions"] => Ok(Self::Open(Box::new(session(form)?))),
            ["checkout", "sessions", id, "expire"] => {
                form.only("expand")?;
                Ok(Self::Expire((*id).to_owned()))
            }
            ["refunds"] => refund(form),
            _ => Err(unrecognized("POST", path)),
        }
    }

    /// Does it.
    pub fn act(self, world: &mut World, at: Moment, view: View<'_>) -> Result<Value, Refusal> {
        match self {
            Self::Open(order) => Ok(shapes::session(&world.open_session(at, *order)?, view)),
            Self::Expire(id) => Ok(shapes::session(&world.expire_session(at, &id)?, view)),
            Self::Refund { of, mut order } => {
                if let Of::Charge(id) = of {
                    order.intent.clone_from(&world.charge(&id)?.intent);
                }
                Ok(shapes::refund(&world.refund_payment(at, order)?))
            }
        }
    }
}

fn session(form: &Form) -> Result<SessionOrder, Refusal> {
    form.only(OF_SESSION)?;
    if form.must("mode")? != "payment" {
        let message = "This sandbox knows the mode `payment` only.";
        return Err(Refusal::invalid(None, message).about("mode"));
    }
    let (amount, label) = lines(form)?;
    let mut kinds = form.list("allowed_payment_method_types");
    kinds.extend(form.list("payment_method_types"));
    let means = match kinds.as_slice() {
        [] => None,
        ["card"] => Some(Means::Card),
        ["sepa_debit"] => Some(Means::SepaDebit),
        _ => {
            let message = "This sandbox knows `card` or `sepa_debit`, one at a time.";
            return Err(Refusal::invalid(None, message).about("allowed_payment_method_types"));
        }
    };
    let email = form.text("customer_email");
    if email.as_ref().is_some_and(|email| !email.contains('@')) {
        let message = "Invalid email address.";
        return Err(Refusal::invalid(Some("email_invalid"), message).about("customer_email"));
    }
    let success_url = address(form.must("success_url")?, "success_url")?;
    let cancel_url = form.text("cancel_url").map(|url| address(url, "cancel_url")).transpose()?;
    Ok(SessionOrder {
        amount,
        means,
        label,
        email,
        success_url,
        cancel_url,
        client_reference_id: form.text("client_reference_id"),
        metadata: form.metadata("metadata"),
        payment_metadata: form.metadata("payment_intent_data[metadata]"),
        description: form.text("payment_intent_data[description]"),
        destination: form.text("payment_intent_data[transfer_data][destination]"),
        on_behalf_of: form.text("payment_intent_data[on_behalf_of]"),
        expires_at: form.number("expires_at")?,
        locale: form.text("locale"),
    })
}

/// The sum of the lines, and the name of the first.
fn lines(form: &Form) -> Result<(i64, String), Refusal> {
    let mut amount: i64 = 0;
    for place in 0.. {
        let line = format!("line_items[{place}]");
        let price = format!("{line}[price_data][unit_amount]");
        let Some(unit) = form.number(&price)? else {
            break;
        };
        let quantity = form.number(&format!("{line}[quantity]"))?.unwrap_or(1);
        if form.must(&format!("{line}[price_data][currency]"))? != "eur" {
            return Err(Refusal::invalid(None, "This sandbox counts in euros.").about(&price));
        }
        let sum = unit.checked_mul(quantity).and_then(|line| amount.checked_add(line));
        let wrong = || Refusal::invalid(Some("parameter_invalid_integer"), "Invalid amount");
        amount = sum.filter(|_| unit >= 0 && quantity > 0).ok_or_else(|| wrong().about(&price))?;
    }
    let label = form.must("line_items[0][price_data][product_data][name]")?;
    Ok((amount, label))
}

fn address(url: String, name: &str) -> Result<String, Refusal> {
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(url);
    }
    Err(Refusal::invalid(Some("url_invalid"), "Not a valid URL").about(name))
}

fn refund(form: &Form) -> Result<Write, Refusal> {
    form.only(OF_REFUND)?;
    let reason = form.text("reason");
    let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
    if reason.as_deref().is_some_and(|reason| !reasons.contains(&reason)) {
        return Err(Refusal::invalid(None, "Invalid reason").about("reason"));
    }
    let of = match (form.text("charge"), form.get("payment_intent")) {
        (Some(charge), None) => Of::Charge(charge),
        _ => Of::Intent,
    };
    let intent = match of {
        Of::Intent => form.must("payment_intent")?,
        Of::Charge(_) => String::new(),
    };
    let order = RefundOrder {
        intent,
        amount: form.number("amount")?,
        reverse_transfer: form.get("reverse_transfer") == Some("true"),
        metadata: form.metadata("metadata"),
        reason,
    };
    Ok(Write::Refund { of, order })
}
