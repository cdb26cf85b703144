//! `/verifier/recu`: is this receipt ours? Number and code are both asked; an unknown number and a
//! wrong code get the same answer after the same work, and tries are counted.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Cents,
    ids::{GiftId, OrganisationId},
};
use serde::Deserialize;
use store::{gifts, people, receipts};
use templates::pages::{
    VerifyReceipt,
    verify::{ReceiptAnswer, ReceiptFacts},
};

use crate::web::{
    error::Failure, forms::Typed, receipts::content::Content, state::Site, visit::Visit,
};

/// The form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    numero: String,
    code: String,
}

/// The empty form.
pub async fn form(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let (number, code) = (String::new(), String::new());
    site.form_page(&visit, &VerifyReceipt { number, code, answer: ReceiptAnswer::Ask })
}

/// The answer.
pub async fn check(
    State(site): State<Site>,
    visit: Visit,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let (asked, flow) = typed.trusted()?;
    let number: String = asked.numero.trim().chars().take(60).collect();
    let code: String = asked.code.trim().chars().take(20).collect();
    let client = site.counted(&visit, &flow);
    let (status, answer) = if number.is_empty() || code.is_empty() {
        (StatusCode::UNPROCESSABLE_ENTITY, ReceiptAnswer::Incomplete)
    } else if !site.actions.admit_receipt_check(&client, site.now()).await? {
        (StatusCode::TOO_MANY_REQUESTS, ReceiptAnswer::TooMany)
    } else {
        (StatusCode::OK, answer(&site, &number, &code).await?)
    };
    site.refused_form(&visit, status, &VerifyReceipt { number, code, answer })
}

async fn answer(site: &Site, number: &str, code: &str) -> Result<ReceiptAnswer, Failure> {
    let mut db = site.reader.get().await?;
    let found = receipts::by_number(&mut db, &number.to_uppercase(), &printed(code)).await?;
    let Some(row) = found else { return Ok(ReceiptAnswer::Unknown) };
    let issuer = people::organisation(&mut db, &OrganisationId::new(row.issuer_id.clone())).await?;
    let id = GiftId::new(row.gift_id);
    let gift = gifts::read(&mut db, id).await?.ok_or(Failure::NotFound)?;
    let facts = ReceiptFacts {
        issuer: issuer.name,
        donor: Content::read(&row.content)?.initials(),
        amount: Cents::new(row.amount_cents),
        given_at: gift.paid_at.unwrap_or(gift.created_at).into(),
    };
    let Some(at) = row.cancelled_at else { return Ok(ReceiptAnswer::Valid(facts)) };
    let replaced = receipts::live_of(&mut db, id).await?.is_some();
    Ok(ReceiptAnswer::Cancelled { facts, at: at.into(), replaced })
}

/// A code as it is printed: people type small letters and forget the dash.
fn printed(typed: &str) -> String {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_uppercase();
    match plain.split_at_checked(5) {
        Some((first, last)) => format!("{first}-{last}"),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_understood_as_people_type_it() {
        for typed in ["ABCDE-FGH23", "abcdefgh23", " abcde fgh23 "] {
            assert_eq!(printed(typed), "ABCDE-FGH23");
        }
        assert_eq!(printed("abc"), "ABC");
    }
}
