//! The payment of a gift, as the provider names it.

use diesel::{
    prelude::*,
    sql_types::{Nullable, Text},
};
use diesel_async::RunQueryDsl;
use domain::ids::GiftId;
use sql::Keep;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    schema::gift_payments,
    session::{Reads, Tx},
};

/// References of the payment at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = gift_payments, check_for_backend(diesel::pg::Pg))]
#[diesel(treat_none_as_null = true, primary_key(gift_id))]
pub struct PaymentRow {
    /// Of which gift.
    pub gift_id: Uuid,
    /// The holder's connected account.
    pub destination: String,
    /// The checkout.
    pub session_id: Option<String>,
    /// Where the donor pays.
    pub checkout_url: Option<String>,
    /// The payment.
    pub payment_intent: Option<String>,
    /// The charge.
    pub charge: Option<String>,
    /// The provider's fee, in cents.
    pub fee_cents: Option<i64>,
    /// Same card, same mark; never the card.
    pub card_fingerprint: Option<String>,
    /// Why it was refused.
    pub decline_code: Option<String>,
    /// When the checkout was asked for.
    pub asked_at: OffsetDateTime,
    /// Keyed digest of the address it was asked from.
    pub asked_from: String,
}

/// The payment of a gift.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn payment(db: &mut impl Reads, id: GiftId) -> QueryResult<PaymentRow> {
    gift_payments::table.find(id.uuid()).select(PaymentRow::as_select()).first(db.conn()).await
}

/// Notes the checkout that the provider opened for a gift. What the payment says of itself stays.
///
/// # Errors
/// When the database refuses.
pub async fn note_checkout(
    tx: &mut Tx,
    id: GiftId,
    (session, url, intent): (&str, &str, Option<&str>),
) -> QueryResult<()> {
    diesel::sql_query(
        "UPDATE gift_payments SET session_id = $2, checkout_url = $3,
             payment_intent = coalesce(payment_intent, $4) WHERE gift_id = $1",
    )
    .bind::<diesel::sql_types::Uuid, _>(id.uuid())
    .bind::<Text, _>(session)
    .bind::<Text, _>(url)
    .bind::<Nullable<Text>, _>(intent)
    .kept()
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes back the payment of a locked gift.
///
/// # Errors
/// When the database refuses.
pub async fn save_payment(tx: &mut Tx, payment: &PaymentRow) -> QueryResult<()> {
    diesel::update(gift_payments::table.find(payment.gift_id))
        .set(payment)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The gift behind a reference of the provider: checkout, payment or charge.
///
/// # Errors
/// When the database refuses.
pub async fn by_provider_reference(
    db: &mut impl Reads,
    reference: &str,
) -> QueryResult<Option<GiftId>> {
    gift_payments::table
        .filter(
            gift_payments::session_id
                .eq(reference)
                .or(gift_payments::payment_intent.eq(reference))
                .or(gift_payments::charge.eq(reference)),
        )
        .select(gift_payments::gift_id)
        .first(db.conn())
        .await
        .optional()
        .map(|id| id.map(GiftId::new))
}
