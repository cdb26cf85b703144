//! Gifts and their payment.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    Cents,
    gift::{PaymentMethod, PaymentState},
    ids::{CampaignId, GiftId, PersonId},
};
use time::OffsetDateTime;
use uuid::Uuid;

mod payment;

pub use payment::{PaymentRow, by_provider_reference, note_checkout, payment, save_payment};

use crate::{
    schema::{gift_donors, gift_payments, gifts},
    session::{Reads, Tx},
};

/// A gift as its row says.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = gifts, check_for_backend(diesel::pg::Pg))]
#[diesel(treat_none_as_null = true)]
pub struct GiftRow {
    /// Its id, made by the form.
    pub id: Uuid,
    /// The address of the donor's page.
    pub token: String,
    /// To which campaign.
    pub campaign_id: String,
    /// Who gives.
    pub person_id: Uuid,
    /// What was asked, in cents.
    pub amount_cents: i64,
    /// Code of the payment method.
    pub method: String,
    /// The donor agreed to be named.
    pub public_name: bool,
    /// The donor wants news of the project.
    pub wants_news: bool,
    /// The donor wants a tax receipt.
    pub wants_receipt: bool,
    /// When the form was sent, UTC.
    pub created_at: OffsetDateTime,
    /// Payment state (decision 19).
    pub state: String,
    /// Taken by the provider, in cents.
    pub captured_cents: i64,
    /// Refunded, in cents.
    pub refunded_cents: i64,
    /// Lost in disputes, in cents.
    pub lost_cents: i64,
    /// When the provider took it.
    pub paid_at: Option<OffsetDateTime>,
    /// After which it cannot come back by itself.
    pub cleared_at: Option<OffsetDateTime>,
    /// Life of the match.
    pub match_state: String,
    /// The match as it stands, in cents.
    pub match_cents: i64,
    /// End of the reservation, grace not included.
    pub reservation_ends_at: Option<OffsetDateTime>,
    /// Why there is no receipt (yet).
    pub no_receipt_reason: Option<String>,
    /// Tax reduction shown, in basis points.
    pub reduction_bp: Option<i64>,
}

impl GiftRow {
    /// Its id.
    #[must_use]
    pub const fn gift(&self) -> GiftId {
        GiftId::new(self.id)
    }

    /// Its campaign.
    #[must_use]
    pub fn campaign(&self) -> CampaignId {
        CampaignId::new(self.campaign_id.clone())
    }

    /// Who gives.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        PersonId::new(self.person_id)
    }

    /// Its payment state. The database's own constraint admits no other code.
    #[must_use]
    pub fn payment_state(&self) -> PaymentState {
        PaymentState::from_code(&self.state).unwrap_or(PaymentState::Unknown)
    }

    /// How it is paid.
    #[must_use]
    pub fn payment_method(&self) -> PaymentMethod {
        PaymentMethod::from_code(&self.method).unwrap_or(PaymentMethod::Card)
    }

    /// What stays of it, in cents.
    #[must_use]
    pub const fn net(&self) -> Cents {
        Cents::new(self.captured_cents - self.refunded_cents - self.lost_cents)
    }
}

/// Name and address as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = gift_donors, check_for_backend(diesel::pg::Pg))]
pub struct DonorRow {
    /// Of which gift.
    pub gift_id: Uuid,
    /// First name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Number and street.
    pub address_line: String,
    /// Five digits.
    pub postcode: String,
    /// Commune.
    pub city: String,
    /// ISO 3166-1 code.
    pub country: String,
}

/// Adds a gift with its donor and its payment; false when its id is there already.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    tx: &mut Tx,
    gift: &GiftRow,
    donor: &DonorRow,
    payment: &PaymentRow,
) -> QueryResult<bool> {
    let rows = diesel::insert_into(gifts::table)
        .values(gift)
        .on_conflict(gifts::id)
        .do_nothing()
        .execute(tx.conn())
        .await?;
    if rows == 0 {
        return Ok(false);
    }
    diesel::insert_into(gift_donors::table).values(donor).execute(tx.conn()).await?;
    diesel::insert_into(gift_payments::table).values(payment).execute(tx.conn()).await?;
    Ok(true)
}

/// Reads a gift without a lock.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, id: GiftId) -> QueryResult<Option<GiftRow>> {
    gifts::table.find(id.uuid()).select(GiftRow::as_select()).first(db.conn()).await.optional()
}

/// Reads the gift of a donor's page.
///
/// # Errors
/// When the database refuses.
pub async fn by_token(db: &mut impl Reads, token: &str) -> QueryResult<Option<GiftRow>> {
    gifts::table
        .filter(gifts::token.eq(token))
        .select(GiftRow::as_select())
        .first(db.conn())
        .await
        .optional()
}

/// Reads a gift with its payment, without a lock.
///
/// # Errors
/// When the database refuses.
pub async fn whole(db: &mut impl Reads, id: GiftId) -> QueryResult<Option<(GiftRow, PaymentRow)>> {
    gifts::table
        .inner_join(gift_payments::table.on(gift_payments::gift_id.eq(gifts::id)))
        .filter(gifts::id.eq(id.uuid()))
        .select((GiftRow::as_select(), PaymentRow::as_select()))
        .first(db.conn())
        .await
        .optional()
}

/// Locks a gift with its payment: the fourth lock of the order.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn lock_whole(tx: &mut Tx, id: GiftId) -> QueryResult<(GiftRow, PaymentRow)> {
    gifts::table
        .inner_join(gift_payments::table.on(gift_payments::gift_id.eq(gifts::id)))
        .filter(gifts::id.eq(id.uuid()))
        .for_update()
        .select((GiftRow::as_select(), PaymentRow::as_select()))
        .first(tx.conn())
        .await
}

/// Locks a gift: the fourth lock of the order.
///
/// # Errors
/// When there is none, or the database refuses.
pub async fn lock(tx: &mut Tx, id: GiftId) -> QueryResult<GiftRow> {
    gifts::table.find(id.uuid()).for_update().select(GiftRow::as_select()).first(tx.conn()).await
}

/// Writes back a locked gift.
///
/// # Errors
/// When the database refuses.
pub async fn save(tx: &mut Tx, gift: &GiftRow) -> QueryResult<()> {
    diesel::update(gifts::table.find(gift.id)).set(gift).execute(tx.conn()).await?;
    Ok(())
}

/// Name and address of a gift's donor.
///
/// # Errors
/// When there are none, or the database refuses.
pub async fn donor(db: &mut impl Reads, id: GiftId) -> QueryResult<DonorRow> {
    gift_donors::table.find(id.uuid()).select(DonorRow::as_select()).first(db.conn()).await
}

/// A gift like this one, made lately by the same person: same campaign, same amount.
///
/// # Errors
/// When the database refuses.
pub async fn twin_since(
    db: &mut impl Reads,
    like: &GiftRow,
    since: OffsetDateTime,
) -> QueryResult<Option<GiftId>> {
    gifts::table
        .filter(gifts::person_id.eq(like.person_id))
        .filter(gifts::campaign_id.eq(&like.campaign_id))
        .filter(gifts::amount_cents.eq(like.amount_cents))
        .filter(gifts::created_at.gt(since))
        .filter(gifts::id.ne(like.id))
        .filter(gifts::state.ne("failed"))
        .select(gifts::id)
        .first(db.conn())
        .await
        .optional()
        .map(|id| id.map(GiftId::new))
}

/// Gifts that stand in a campaign, oldest first: for receipts that waited and for the end.
///
/// # Errors
/// When the database refuses.
pub async fn standing_of_campaign(
    db: &mut impl Reads,
    campaign: &CampaignId,
) -> QueryResult<Vec<GiftId>> {
    let ids: Vec<Uuid> = gifts::table
        .filter(gifts::campaign_id.eq(campaign.as_str()))
        .filter(gifts::state.eq_any(["captured", "partly_refunded"]))
        .order(gifts::id)
        .select(gifts::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(GiftId::new).collect())
}

/// The gifts of a campaign whose match is committed or held.
///
/// # Errors
/// When the database refuses.
pub async fn captured_of_campaign(
    db: &mut impl Reads,
    campaign: &CampaignId,
) -> QueryResult<Vec<GiftId>> {
    let ids: Vec<Uuid> = gifts::table
        .filter(gifts::campaign_id.eq(campaign.as_str()))
        .filter(gifts::match_state.eq_any(["committed", "held"]))
        .order(gifts::id)
        .select(gifts::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(GiftId::new).collect())
}

/// Gifts whose reservation is over (grace included in `freed_before`) and not yet released.
///
/// # Errors
/// When the database refuses.
pub async fn expired_reservations(
    db: &mut impl Reads,
    freed_before: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<GiftId>> {
    let ids: Vec<Uuid> = gifts::table
        .filter(gifts::match_state.eq("reserved"))
        .filter(gifts::reservation_ends_at.le(freed_before))
        .order(gifts::reservation_ends_at)
        .limit(limit)
        .select(gifts::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(GiftId::new).collect())
}

/// Gifts whose outcome at the provider is open since before an instant.
///
/// # Errors
/// When the database refuses.
pub async fn unsettled_before(
    db: &mut impl Reads,
    before: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<GiftId>> {
    let ids: Vec<Uuid> = gifts::table
        .filter(gifts::state.eq_any(["created", "unknown"]))
        .filter(gifts::created_at.lt(before))
        .order(gifts::created_at)
        .limit(limit)
        .select(gifts::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(GiftId::new).collect())
}

/// Gifts of a campaign whose match is reserved: a checkout or a debit is still open.
///
/// # Errors
/// When the database refuses.
pub async fn open_reservations_of(
    db: &mut impl Reads,
    campaign: &CampaignId,
) -> QueryResult<Vec<GiftId>> {
    let ids: Vec<Uuid> = gifts::table
        .filter(gifts::campaign_id.eq(campaign.as_str()))
        .filter(gifts::match_state.eq("reserved"))
        .order(gifts::id)
        .select(gifts::id)
        .load(db.conn())
        .await?;
    Ok(ids.into_iter().map(GiftId::new).collect())
}
