//! The rows of a gift that begins.

use domain::{gift::PaymentState, ids::GiftId};
use store::gifts::{DonorRow, GiftRow, PaymentRow};
use time::OffsetDateTime;

use crate::{begin_gift::BeginGift, matched::Scene, tokens};

pub(crate) fn new_gift(
    ask: &BeginGift,
    scene: &Scene,
    person: uuid::Uuid,
    now: OffsetDateTime,
) -> GiftRow {
    GiftRow {
        id: ask.gift.uuid(),
        token: tokens::fresh(),
        campaign_id: scene.campaign.id.clone(),
        person_id: person,
        amount_cents: ask.amount.get(),
        method: ask.method.code().to_owned(),
        public_name: ask.donor.public_name,
        wants_news: ask.donor.wants_news,
        wants_receipt: ask.donor.wants_receipt,
        created_at: now,
        state: PaymentState::Created.code().to_owned(),
        captured_cents: 0,
        refunded_cents: 0,
        lost_cents: 0,
        paid_at: None,
        cleared_at: None,
        match_state: "none".to_owned(),
        match_cents: 0,
        reservation_ends_at: None,
        no_receipt_reason: None,
        reduction_bp: None,
    }
}

pub(crate) fn new_payment(gift: GiftId, destination: String, now: OffsetDateTime) -> PaymentRow {
    PaymentRow {
        gift_id: gift.uuid(),
        destination,
        session_id: None,
        checkout_url: None,
        payment_intent: None,
        charge: None,
        fee_cents: None,
        card_fingerprint: None,
        decline_code: None,
        asked_at: now,
        asked_from: String::new(),
    }
}

pub(crate) fn donor_row(ask: &BeginGift) -> DonorRow {
    let donor = &ask.donor;
    let address = donor.address.clone();
    DonorRow {
        gift_id: ask.gift.uuid(),
        first_name: donor.name.first.clone(),
        last_name: donor.name.last.clone(),
        address_line: address.as_ref().map(|at| at.line.clone()).unwrap_or_default(),
        postcode: address.as_ref().map(|at| at.postcode.clone()).unwrap_or_default(),
        city: address.as_ref().map(|at| at.city.clone()).unwrap_or_default(),
        country: address.map_or_else(|| "FR".to_owned(), |at| at.country),
    }
}
