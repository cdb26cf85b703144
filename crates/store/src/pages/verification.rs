//! The proof of a match: what was recorded, what the books drew, and both counted again.

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable},
};
use diesel_async::RunQueryDsl;
use domain::{Cents, calendar::paris_date, ids::GiftId};
use matching::{
    Explanation,
    seal::{self, Digest},
};
use time::Date;
use uuid::Uuid;

use crate::{
    matches::{self, DecisionRow},
    seals,
    session::Reads,
};

pub use matching::seal::Side;

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

/// Where a decision stands in the tree of its sealed day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The day.
    pub day: Date,
    /// Its seal.
    pub seal: Digest,
    /// The neighbours met on the way up to its root.
    pub path: Vec<(Side, Digest)>,
}

/// The place of a decision in its day, once that is sealed.
///
/// # Errors
/// When a stored digest is none, or the database refuses.
pub async fn place(db: &mut impl Reads, decision: &DecisionRow) -> anyhow::Result<Option<Place>> {
    let day = paris_date(decision.recorded_at);
    let Some(sealed) = seals::day(db, day).await? else { return Ok(None) };
    let rows = seals::leaves(db, day).await?;
    let index = rows.iter().position(|(id, _)| *id == decision.id);
    let digests = rows.iter().map(|(_, bytes)| seals::digest(bytes));
    let leaves: Vec<Digest> = digests.collect::<Option<_>>().context("no digest")?;
    let path = index.and_then(|index| seal::path(&leaves, index)).context("not of its day")?;
    let seal = seals::digest(&sealed.seal).context("no seal")?;
    Ok(Some(Place { day, seal, path }))
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
