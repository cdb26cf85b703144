//! What a pot gives to a campaign as a whole, and which rounds were shared out (decision 42).

use anyhow::Context;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use domain::{
    Cents,
    ids::{CampaignId, GiftId, PotId},
};
use matching::{Source, line::RuleRef};
use serde_json::Value;
use sql::Keep;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    draws::{self, Holder, differences, per_tranche},
    schema::{award_parts, awards, closed_rounds},
    session::{Reads, Tx},
};

/// An award as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = awards, check_for_backend(diesel::pg::Pg))]
pub struct AwardRow {
    /// Its number.
    pub id: i64,
    /// To which campaign.
    pub campaign_id: String,
    /// From which pot.
    pub pot_id: String,
    /// By which rule.
    pub rule_set_id: String,
    /// By which version of it.
    pub rule_set_version: i64,
    /// Cents.
    pub granted_cents: i64,
    /// What kept it from being more.
    pub binding: String,
    /// Cents by tranche, in the order they were drawn.
    pub sources: Value,
    /// When.
    pub given_at: OffsetDateTime,
}

impl AwardRow {
    /// The tranches it holds money of.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn drawn(&self) -> anyhow::Result<Vec<Source>> {
        serde_json::from_value(self.sources.clone()).context("the sources of an award")
    }

    /// The rule that gave it.
    #[must_use]
    pub fn rule(&self) -> RuleRef {
        RuleRef { id: self.rule_set_id.clone(), version: self.rule_set_version }
    }
}

/// What a donor group brought to an award.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = award_parts, check_for_backend(diesel::pg::Pg))]
pub struct PartRow {
    /// Its award.
    pub award_id: i64,
    /// Its place in the award.
    pub rank: i32,
    /// Cents.
    pub attributed_cents: i64,
    /// The gifts of the group.
    pub gift_ids: Vec<Uuid>,
}

/// An award as the rules say that it is.
#[derive(Clone, Debug)]
pub struct NewAward<'a> {
    /// To which campaign.
    pub campaign: &'a CampaignId,
    /// From which pot.
    pub pot: &'a PotId,
    /// By which rule.
    pub rule: &'a RuleRef,
    /// What kept it from being more.
    pub binding: String,
    /// Cents by tranche.
    pub sources: &'a [Source],
    /// What each donor group brought, with its gifts.
    pub parts: &'a [(Cents, Vec<GiftId>)],
}

/// The awards of a campaign, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_campaign(db: &mut impl Reads, campaign: &CampaignId) -> QueryResult<Vec<AwardRow>> {
    awards::table
        .filter(awards::campaign_id.eq(campaign.as_str()))
        .order(awards::id)
        .select(AwardRow::as_select())
        .load(db.conn())
        .await
}

/// The awards that a gift has a part in, each with that part.
///
/// # Errors
/// When the database refuses.
pub async fn of_gift(db: &mut impl Reads, gift: GiftId) -> QueryResult<Vec<(AwardRow, PartRow)>> {
    awards::table
        .inner_join(award_parts::table.on(award_parts::award_id.eq(awards::id)))
        .filter(award_parts::gift_ids.contains(vec![gift.uuid()]))
        .order(awards::id)
        .select((AwardRow::as_select(), PartRow::as_select()))
        .load(db.conn())
        .await
}

fn total(sources: &[Source]) -> i64 {
    sources.iter().map(|source| source.amount.get()).sum()
}

/// Gives an award; pots and campaign are locked by the caller.
///
/// # Errors
/// When it was given before, a tranche would be overdrawn or an earmark passed, or the database
/// refuses.
pub async fn give(tx: &mut Tx, new: &NewAward<'_>, at: OffsetDateTime) -> anyhow::Result<()> {
    let id: i64 = diesel::insert_into(awards::table)
        .values((
            awards::campaign_id.eq(new.campaign.as_str()),
            awards::pot_id.eq(new.pot.as_str()),
            awards::rule_set_id.eq(&new.rule.id),
            awards::rule_set_version.eq(new.rule.version),
            awards::granted_cents.eq(total(new.sources)),
            awards::binding.eq(&new.binding),
            awards::sources.eq(serde_json::to_value(new.sources)?),
            awards::given_at.eq(at),
        ))
        .returning(awards::id)
        .get_result(tx.conn())
        .await?;
    let part = |(rank, (attributed, gifts)): (i32, &(Cents, Vec<GiftId>))| {
        (
            award_parts::award_id.eq(id),
            award_parts::rank.eq(rank),
            award_parts::attributed_cents.eq(attributed.get()),
            award_parts::gift_ids.eq(gifts.iter().map(|gift| gift.uuid()).collect::<Vec<_>>()),
        )
    };
    let parts: Vec<_> = (1_i32..).zip(new.parts).map(part).collect();
    diesel::insert_into(award_parts::table).values(parts).execute(tx.conn()).await?;
    let of = draws::Of { holder: Holder::Award(id), campaign: new.campaign, at };
    draw(tx, of, (new.pot, &new.rule.id), (&[], new.sources)).await
}

/// An award becomes smaller: a refund took its part of it.
///
/// # Errors
/// When the database refuses.
pub async fn shrink(
    tx: &mut Tx,
    (award, part): (&AwardRow, &PartRow),
    sources: &[Source],
    at: OffsetDateTime,
) -> anyhow::Result<()> {
    write_part(tx, part).await?;
    change(tx, award, sources, at).await
}

/// An award is given back whole: its campaign failed.
///
/// # Errors
/// When the database refuses.
pub async fn release(tx: &mut Tx, award: &AwardRow, at: OffsetDateTime) -> anyhow::Result<()> {
    let parts = award_parts::table.filter(award_parts::award_id.eq(award.id));
    for part in parts.select(PartRow::as_select()).load::<PartRow>(tx.conn()).await? {
        let part = PartRow { attributed_cents: 0, ..part };
        write_part(tx, &part).await?;
    }
    change(tx, award, &[], at).await
}

async fn write_part(tx: &mut Tx, part: &PartRow) -> QueryResult<()> {
    diesel::update(award_parts::table.find((part.award_id, part.rank)))
        .set(award_parts::attributed_cents.eq(part.attributed_cents))
        .execute(tx.conn())
        .await?;
    Ok(())
}

async fn change(
    tx: &mut Tx,
    award: &AwardRow,
    sources: &[Source],
    at: OffsetDateTime,
) -> anyhow::Result<()> {
    diesel::update(awards::table.find(award.id))
        .set((
            awards::granted_cents.eq(total(sources)),
            awards::sources.eq(serde_json::to_value(sources)?),
        ))
        .execute(tx.conn())
        .await?;
    let campaign = CampaignId::new(award.campaign_id.clone());
    let pot = PotId::new(award.pot_id.clone());
    let of = draws::Of { holder: Holder::Award(award.id), campaign: &campaign, at };
    draw(tx, of, (&pot, &award.rule_set_id), (&award.drawn()?, sources)).await
}

async fn draw(
    tx: &mut Tx,
    of: draws::Of<'_>,
    (pot, rule): (&PotId, &str),
    (old, new): (&[Source], &[Source]),
) -> anyhow::Result<()> {
    let held = |sources| per_tranche(std::iter::once((pot, sources)));
    draws::move_tranches(tx.conn(), of, &differences(held(old), held(new))).await?;
    let more = total(new) - total(old);
    let rules = if more == 0 { Vec::new() } else { vec![(rule, more)] };
    draws::move_rules(tx.conn(), of, rules).await
}

/// Notes that a round was shared out.
///
/// # Errors
/// When it was before, or the database refuses.
pub async fn note_closed(tx: &mut Tx, rule: &RuleRef, at: OffsetDateTime) -> QueryResult<()> {
    diesel::insert_into(closed_rounds::table)
        .values((
            closed_rounds::rule_set_id.eq(&rule.id),
            closed_rounds::rule_set_version.eq(rule.version),
            closed_rounds::closed_at.eq(at),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The rounds that were shared out.
///
/// # Errors
/// When the database refuses.
pub async fn closed(db: &mut impl Reads) -> QueryResult<Vec<RuleRef>> {
    let rows: Vec<(String, i64)> = closed_rounds::table
        .select((closed_rounds::rule_set_id, closed_rounds::rule_set_version))
        .load(db.conn())
        .await?;
    Ok(rows.into_iter().map(|(id, version)| RuleRef { id, version }).collect())
}

/// True while a gift made in the window of a round, to a campaign that the pot may give to, has its
/// payment under way.
///
/// # Errors
/// When the database refuses.
pub async fn has_open_gifts(
    db: &mut impl Reads,
    pot: &PotId,
    (from, to): (OffsetDateTime, OffsetDateTime),
) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Open {
        #[diesel(sql_type = BigInt)]
        gifts: i64,
    }
    let found: Open = diesel::sql_query(
        "SELECT count(*) AS gifts FROM gifts g WHERE g.match_state = 'reserved'
             AND g.created_at >= $2 AND g.created_at < $3
             AND g.campaign_id IN (SELECT campaign_id FROM tranche_fits WHERE pot_id = $1)",
    )
    .bind::<Text, _>(pot.as_str())
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .kept()
    .get_result(db.conn())
    .await?;
    Ok(found.gifts > 0)
}
