//! `/recus/{jeton}`: a tax receipt on screen and as a file, private to its donor.

pub mod content;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use domain::{
    BasisPoints, Cents,
    calendar::paris_date,
    ids::{GiftId, ReceiptId},
};
use store::{
    gifts::{self, GiftRow},
    receipts::{self, ReceiptRow},
};
use templates::pages::{
    ReceiptPage,
    receipt::{Issuer, ReceiptValidity},
    refused::{Refused, RefusedReason},
};

use time::OffsetDateTime;

use self::content::Content;
use crate::{
    boot::words,
    web::{error::Failure, state::Site, visit::Visit},
};

/// A receipt with its gift.
struct Read {
    receipt: ReceiptRow,
    gift: GiftRow,
    live: Option<ReceiptRow>,
}

/// Years after that of the gift in which the administration may ask for its receipt (LPF, art.
/// L169): until then its link leads to it.
const ASKED_FOR_YEARS: i32 = 3;

async fn read(site: &Site, token: &str) -> Result<Read, Failure> {
    let mut db = site.reader.get().await?;
    let receipt = receipts::by_token(&mut db, token).await?.ok_or(Failure::NotFound)?;
    if is_over(receipt.year, site.now()) {
        let over = Refused { why: RefusedReason::ReceiptLinkOver, way_out: None };
        return Err(Failure::Refused(StatusCode::GONE, over));
    }
    let id = GiftId::new(receipt.gift_id);
    let gift = gifts::read(&mut db, id).await?.ok_or(Failure::NotFound)?;
    let live = receipts::live_of(&mut db, id).await?;
    Ok(Read { receipt, gift, live })
}

/// True when the link of a receipt of that year leads nowhere any more.
fn is_over(year: i32, now: OffsetDateTime) -> bool {
    paris_date(now).year() > year + ASKED_FOR_YEARS
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let page = page(read(&site, &token).await?)?;
    site.page(&visit, &page)
}

fn page(read: Read) -> Result<ReceiptPage, Failure> {
    let Read { receipt, gift, live } = read;
    let content = Content::read(&receipt.content)?;
    let amount = Cents::new(receipt.amount_cents);
    let kept = matches!(gift.match_state.as_str(), "committed" | "held");
    let reduction = gift.reduction_bp.and_then(|rate| {
        let reduction = BasisPoints::new(rate).of_half_up(amount)?;
        Some((reduction, amount.minus(reduction)?))
    });
    Ok(ReceiptPage {
        gift_path: Some(format!("/dons/{}", gift.token)),
        number: receipt.number,
        code: receipt.code,
        issued_at: receipt.issued_at.into(),
        state: match receipt.cancelled_at {
            None => ReceiptValidity::Valid,
            Some(at) => ReceiptValidity::Cancelled {
                at: at.into(),
                replaced_by: live.map(|other| format!("/recus/{}", other.token)),
            },
        },
        issuer: Issuer {
            name: content.issuer.name,
            siren: content.issuer.siren,
            rna: content.issuer.rna,
            address: content.issuer.address,
            object: content.issuer.object,
            category: content.issuer.category,
            signed_by: format!("{}, {}", content.signature.name, content.signature.capacity),
            signed_at_city: content.place,
        },
        donor: content.donor.name,
        donor_address: content.donor.address,
        amount,
        amount_in_words: words::euros(amount).unwrap_or_default(),
        given_at: gift.paid_at.unwrap_or(gift.created_at).into(),
        method: gift.payment_method(),
        matched: Cents::new(if kept { gift.match_cents } else { 0 }),
        verify_ref: kept.then(|| gift.id.simple().to_string()),
        reduction,
        pdf_path: Some(format!("/recus/{}/recu.pdf", receipt.token)),
        token: receipt.token,
    })
}

/// The file: drawn at the first reading, the same bytes ever after.
pub async fn file(
    State(site): State<Site>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let read = read(&site, &token).await?;
    let id = ReceiptId::new(read.receipt.id);
    let (number, bytes) = site.actions.receipt_pdf(id, site.now()).await?;
    let mut answer = Response::new(Body::from(bytes));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    let name = format!("attachment; filename=\"{number}.pdf\"");
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name)?);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_link_ends_with_the_third_year_after_the_gift_in_paris() {
        assert!(!is_over(2026, datetime!(2029-12-31 22:59:59 UTC)));
        assert!(is_over(2026, datetime!(2029-12-31 23:00 UTC)));
    }
}
