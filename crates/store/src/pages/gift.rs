//! The pages of one gift.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    Cents,
    ids::{CampaignId, GiftId},
    people::EmailAddress,
};
use time::OffsetDateTime;

use crate::{
    receipts::ReceiptRow,
    schema::{gifts, people, receipts},
    session::Reads,
};

/// When the last gift like this one was begun: same address, campaign and amount.
///
/// # Errors
/// When the database refuses.
pub async fn last_like(
    db: &mut impl Reads,
    email: &EmailAddress,
    campaign: &CampaignId,
    amount: Cents,
) -> QueryResult<Option<OffsetDateTime>> {
    let person = people::table.filter(people::email_key.eq(email.key())).select(people::id);
    gifts::table
        .filter(gifts::person_id.eq_any(person))
        .filter(gifts::campaign_id.eq(campaign.as_str()))
        .filter(gifts::amount_cents.eq(amount.get()))
        .filter(gifts::state.ne("failed"))
        .order(gifts::created_at.desc())
        .select(gifts::created_at)
        .first(db.conn())
        .await
        .optional()
}

/// Every receipt of a gift, the newest first: one that was cancelled stays.
///
/// # Errors
/// When the database refuses.
pub async fn receipts_of(db: &mut impl Reads, gift: GiftId) -> QueryResult<Vec<ReceiptRow>> {
    receipts::table
        .filter(receipts::gift_id.eq(gift.uuid()))
        .order(receipts::issued_at.desc())
        .select(ReceiptRow::as_select())
        .load(db.conn())
        .await
}
