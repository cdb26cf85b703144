//! Calls that change nothing: one object, a list, a search.

use serde_json::Value;

use super::form::Form;
use crate::sandbox::{
    objects::Intent,
    refusal::Refusal,
    shapes::{self, View},
    world::World,
};

/// Levels of one expansion, as at the provider.
const DEEPEST: usize = 4;

/// Answers a GET below `/v1/`.
pub fn read(
    world: &World,
    view: View<'_>,
    (path, form): (&[&str], &Form),
) -> Result<Value, Refusal> {
    let mut answer = match path {
        ["checkout", "sessions"] => sessions(world, view, form)?,
        ["checkout", "sessions", id] => shapes::session(world.session(id)?, view),
        ["payment_intents"] => intents(world, form)?,
        ["payment_intents", "search"] => search(world, form)?,
        ["payment_intents", id] => shapes::intent(world.intent(id)?, world),
        ["charges", id] => shapes::charge(world.charge(id)?),
        ["refunds"] => refunds(world, form)?,
        ["refunds", id] => shapes::refund(world.refund(id)?),
        ["disputes"] => disputes(world, view, form)?,
        ["disputes", id] => shapes::dispute(world.dispute(id)?, world, view),
        ["balance_transactions", id] => shapes::movement(world.movement(id)?, view),
        ["events"] => events(world, view, form)?,
        ["events", id] => {
            let event = world.events.get(*id).ok_or_else(|| Refusal::missing("event", id))?;
            shapes::event(event, world, view)
        }
        ["accounts", id] => {
            let known = world.accounts.contains(*id);
            known.then(|| shapes::account(id)).ok_or_else(|| Refusal::missing("account", id))?
        }
        _ => return Err(unrecognized("GET", path)),
    };
    expand(&mut answer, world, (view, form))?;
    Ok(answer)
}

pub fn unrecognized(method: &str, path: &[&str]) -> Refusal {
    let message = format!("Unrecognized request URL ({method}: /v1/{}).", path.join("/"));
    Refusal { status: 404, ..Refusal::invalid(None, message) }
}

/// Puts objects where their ids stand, as `expand[]` asks.
pub fn expand(
    answer: &mut Value,
    world: &World,
    (view, form): (View<'_>, &Form),
) -> Result<(), Refusal> {
    for path in form.list("expand") {
        let steps: Vec<&str> = path.split('.').collect();
        let listed = usize::from(steps.first() == Some(&"data"));
        if steps.len() - listed > DEEPEST {
            let message = "You cannot expand more than 4 levels of a property";
            return Err(Refusal::invalid(None, message).about("expand"));
        }
        expand_at(answer, &steps, (world, view));
    }
    Ok(())
}

fn expand_at(value: &mut Value, steps: &[&str], of: (&World, View<'_>)) {
    if let Value::Array(items) = value {
        for item in items {
            expand_at(item, steps, of);
        }
        return;
    }
    let Some((step, rest)) = steps.split_first() else { return };
    let id = value["id"].as_str().unwrap_or_default().to_owned();
    let Value::Object(fields) = value else { return };
    if *step == "refunds" && fields.get("object").is_some_and(|kind| kind == "charge") {
        fields.insert("refunds".to_owned(), refunds_of_charge(of.0, &id));
    }
    let Some(field) = fields.get_mut(*step) else { return };
    if let Some(object) = field.as_str().and_then(|id| object(id, of)) {
        *field = object;
    }
    expand_at(field, rest, of);
}

fn object(id: &str, (world, view): (&World, View<'_>)) -> Option<Value> {
    Some(match id.split('_').next()? {
        "cs" => shapes::session(world.sessions.get(id)?, view),
        "pi" => shapes::intent(world.intents.get(id)?, world),
        "ch" | "py" => shapes::charge(world.charges.get(id)?),
        "re" => shapes::refund(world.refunds.get(id)?),
        "dp" => shapes::dispute(world.disputes.get(id)?, world, view),
        "txn" => shapes::movement(world.movements.get(id)?, view),
        "acct" => shapes::account(id),
        _ => return None,
    })
}

fn refunds_of_charge(world: &World, charge: &str) -> Value {
    let of = world.refunds.values().rev().filter(|refund| refund.charge == charge);
    let data: Vec<Value> = of.map(shapes::refund).collect();
    shapes::list(&format!("/v1/charges/{charge}/refunds"), data, false)
}

/// Something that can be listed: when it was made, its id, itself.
type Listed<'w, T> = (i64, &'w str, &'w T);

/// One page, newest first: `created[…]`, `starting_after`, `ending_before`, `limit`.
fn page<'w, T: 'w>(
    items: impl Iterator<Item = Listed<'w, T>>,
    (url, form): (&str, &Form),
    shape: impl Fn(&T) -> Value,
) -> Result<Value, Refusal> {
    let bound = |name: &str| form.number(&format!("created[{name}]"));
    let (gt, gte, lt, lte) = (bound("gt")?, bound("gte")?, bound("lt")?, bound("lte")?);
    let exact = form.number("created")?;
    let mut fit: Vec<Listed<'_, T>> = items
        .filter(|(at, ..)| {
            gt.is_none_or(|than| *at > than)
                && gte.is_none_or(|than| *at >= than)
                && lt.is_none_or(|than| *at < than)
                && lte.is_none_or(|than| *at <= than)
                && exact.is_none_or(|than| *at == than)
        })
        .collect();
    fit.sort_by_key(|(at, id, _)| std::cmp::Reverse((*at, *id)));
    let place = |name: &str| {
        let Some(id) = form.get(name) else { return Ok(None) };
        let found = fit.iter().position(|(_, one, _)| *one == id);
        found.map(Some).ok_or_else(|| Refusal::missing("object", id).about(name))
    };
    let (after, before) = (place("starting_after")?, place("ending_before")?);
    let limit = usize::try_from(form.number("limit")?.unwrap_or(10)).unwrap_or(0);
    if !(1..=100).contains(&limit) {
        return Err(Refusal::invalid(None, "limit must be from 1 to 100").about("limit"));
    }
    let begin = match (after, before) {
        (Some(after), _) => after + 1,
        (None, Some(before)) => before.saturating_sub(limit),
        (None, None) => 0,
    };
    let end = before.unwrap_or(fit.len()).min(begin + limit);
    let more = if before.is_some() { begin > 0 } else { end < fit.len() };
    let data = fit[begin.min(end)..end].iter().map(|(.., one)| shape(one)).collect();
    Ok(shapes::list(url, data, more))
}

const PAGED: &str = "limit starting_after ending_before created expand";

fn sessions(world: &World, view: View<'_>, form: &Form) -> Result<Value, Refusal> {
    form.only(&format!("{PAGED} payment_intent status"))?;
    let (intent, status) = (form.get("payment_intent"), form.get("status"));
    let fit = world.sessions.values().filter(|one| {
        (intent.is_none() || one.payment_intent.as_deref() == intent)
            && status.is_none_or(|status| one.status.name() == status)
    });
    let listed = fit.map(|one| (one.created, one.id.as_str(), one));
    page(listed, ("/v1/checkout/sessions", form), |one| shapes::session(one, view))
}

fn intents(world: &World, form: &Form) -> Result<Value, Refusal> {
    form.only(PAGED)?;
    let listed = world.intents.values().map(|one| (one.created, one.id.as_str(), one));
    page(listed, ("/v1/payment_intents", form), |one| shapes::intent(one, world))
}

fn refunds(world: &World, form: &Form) -> Result<Value, Refusal> {
    form.only(&format!("{PAGED} payment_intent charge"))?;
    let (intent, charge) = (form.get("payment_intent"), form.get("charge"));
    let fit = world.refunds.values().filter(|one| {
        intent.is_none_or(|id| one.intent == id) && charge.is_none_or(|id| one.charge == id)
    });
    let listed = fit.map(|one| (one.created, one.id.as_str(), one));
    page(listed, ("/v1/refunds", form), shapes::refund)
}

fn disputes(world: &World, view: View<'_>, form: &Form) -> Result<Value, Refusal> {
    form.only(&format!("{PAGED} payment_intent charge"))?;
    let (intent, charge) = (form.get("payment_intent"), form.get("charge"));
    let fit = world.disputes.values().filter(|one| {
        intent.is_none_or(|id| one.intent == id) && charge.is_none_or(|id| one.charge == id)
    });
    let listed = fit.map(|one| (one.created, one.id.as_str(), one));
    page(listed, ("/v1/disputes", form), |one| shapes::dispute(one, world, view))
}

fn events(world: &World, view: View<'_>, form: &Form) -> Result<Value, Refusal> {
    form.only(&format!("{PAGED} type types delivery_success"))?;
    let mut kinds = form.list("types");
    kinds.extend(form.get("type"));
    let fit = world.events.values();
    let fit = fit.filter(|one| kinds.is_empty() || kinds.contains(&one.kind.as_str()));
    let listed = fit.map(|one| (one.created, one.id.as_str(), one));
    page(listed, ("/v1/events", form), |one| shapes::event(one, world, view))
}

/// `metadata['gift']:'…'` and `status:'…'`, joined by AND. Unlike the provider's, this search is
/// never late; who relies on that is wrong.
fn search(world: &World, form: &Form) -> Result<Value, Refusal> {
    form.only("query limit page expand")?;
    let query = form.must("query")?;
    let clauses: Option<Vec<(String, String)>> = query.split(" AND ").map(clause).collect();
    let unreadable = || Refusal::invalid(None, "The search query cannot be read.").about("query");
    let clauses = clauses.ok_or_else(unreadable)?;
    let fits = |intent: &&Intent| {
        clauses.iter().all(|(field, wanted)| match field.strip_prefix("metadata.") {
            Some(key) => intent.metadata.get(key) == Some(wanted),
            None => intent.status.name() == wanted,
        })
    };
    let limit = usize::try_from(form.number("limit")?.unwrap_or(10)).unwrap_or(10);
    let found = world.intents.values().rev().filter(fits).take(limit);
    let data: Vec<Value> = found.map(|one| shapes::intent(one, world)).collect();
    let mut answer = shapes::list("/v1/payment_intents/search", data, false);
    answer["object"] = "search_result".into();
    answer["next_page"] = Value::Null;
    Ok(answer)
}

/// One clause as (`status` or `metadata.key`, value).
fn clause(text: &str) -> Option<(String, String)> {
    let text = text.trim().replace('"', "'");
    let (field, value) = text.split_once(':')?;
    let value = value.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    if field == "status" {
        return Some((field.to_owned(), value.to_owned()));
    }
    let key = field.strip_prefix("metadata['")?.strip_suffix("']")?;
    Some((format!("metadata.{key}"), value.to_owned()))
}
