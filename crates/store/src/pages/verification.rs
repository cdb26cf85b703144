//! The proof of a match: what was recorded, what the books drew, and both counted again.

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable},
};
use diesel_async::RunQueryDsl;
use domain::{Cents, ids::GiftId};
use matching::{Explanation, seal};
use uuid::Uuid;

use crate::{
    matches::{self, DecisionRow},
    session::Reads,
};

/// The decision that answered a gift, counted again.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The record as stored.
    pub decision: DecisionRow,
    /// The record as the rules wrote it.
    pub explanation: Explanation,
    /// What each step of the record adds up to.
    pub recomputed: Cents,
    /// What the books drew for this gift.
    pub booked: Cents,
    /// What they hold for it now.
    pub held: Cents,
    /// True when the stored digest is that of the stored record.
    pub digest_holds: bool,
}

#[derive(QueryableByName)]
struct Drawn {
    #[diesel(sql_type = Nullable<BigInt>)]
    drawn: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    held: Option<i64>,
}

/// The last decision of the rules about a gift; nothing when there was none.
///
/// # Errors
/// When a stored record cannot be read, or the database refuses.
pub async fn verify(db: &mut impl Reads, gift: GiftId) -> anyhow::Result<Option<Verified>> {
    let decisions = matches::decisions_of(db, gift).await?;
    let by_rules = decisions.into_iter().rev().find_map(|decision| {
        let explanation = serde_json::from_value(decision.explanation.clone()).ok()?;
        Some((decision, explanation))
    });
    let Some((decision, explanation)) = by_rules else { return Ok(None) };
    let drawn: Drawn = diesel::sql_query(
        "SELECT sum(amount_cents) FILTER (WHERE kind = 'draw' AND at = $2)::bigint AS drawn,
             sum(amount_cents)::bigint AS held
         FROM match_entries WHERE gift_id = $1",
    )
    .bind::<diesel::sql_types::Uuid, Uuid>(gift.uuid())
    .bind::<diesel::sql_types::Timestamptz, _>(decision.at)
    .get_result(db.conn())
    .await?;
    let digest = seal::leaf(&decision.explanation).context("a stored record has no digest")?;
    Ok(Some(Verified {
        recomputed: counted_again(&explanation).context("a stored record overflows")?,
        booked: Cents::new(drawn.drawn.unwrap_or_default()),
        held: Cents::new(drawn.held.unwrap_or_default()),
        digest_holds: digest.bytes().as_slice() == decision.digest.as_slice(),
        decision,
        explanation,
    }))
}

/// Base times rate, held under each limit, then under what the tranches gave: pot by pot.
fn counted_again(explanation: &Explanation) -> Option<Cents> {
    let mut total = Cents::ZERO;
    for line in explanation.pots.iter().filter_map(|pot| pot.line.as_ref()) {
        let base = line.base.last().map_or(explanation.amount, |step| step.base);
        let want = line.rate.rate_bps.of(base)?;
        let need = line.limits.iter().map(|limit| limit.left).fold(want, Ord::min).floored();
        let drawn: Cents = line.tranches.iter().map(|tranche| tranche.drawn).sum();
        total = total.plus(need.min(drawn))?;
    }
    Some(total)
}
