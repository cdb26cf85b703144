//! What becomes of an award after the round that gave it.

use domain::{
    Cents,
    ids::{CampaignId, GiftId, PotId},
};
use ledger::{
    Cause,
    book::{self, Draw},
};
use matching::Binding;
use store::{
    Tx,
    awards::{self, AwardRow},
    gifts::{self, GiftRow},
    journal,
    rules::{self, Published},
    totals,
};
use templates::pages::{AwardLine, WhyNot};
use time::OffsetDateTime;

use crate::{explained, house::Actions, matched::draws_of};

/// A refund takes its part of the quadratic awards that counted the gift; says what was freed. They
/// are shown in the totals of the campaign, which follow here.
pub(crate) async fn shrink(
    tx: &mut Tx,
    gift: &GiftRow,
    refunded: Cents,
    at: OffsetDateTime,
) -> anyhow::Result<Vec<Draw>> {
    let mut freed = Vec::new();
    for (award, mut part) in awards::of_gift(tx, gift.gift()).await? {
        let mut net = refunded.get();
        for other in &part.gift_ids {
            let other = GiftId::new(*other);
            // Its own row is written by the caller, later.
            net += match gifts::read(tx, other).await? {
                _ if other == gift.gift() => gift.net().get(),
                Some(other) => other.net().get(),
                None => 0,
            };
        }
        let before = award.drawn()?;
        let (mut sources, mut granted) = (before.clone(), Cents::new(award.granted_cents));
        let mut attributed = Cents::new(part.attributed_cents);
        let held = (&mut granted, &mut sources);
        matching::refund::shrink_award(&mut attributed, held, (refunded, Cents::new(net)))?;
        part.attributed_cents = attributed.get();
        awards::shrink(tx, (&award, &part), &sources, at).await?;
        let pot = PotId::new(award.pot_id.clone());
        freed.extend(less(&draws_of(&pot, &before), &draws_of(&pot, &sources)));
        let less = Cents::new(granted.get() - award.granted_cents);
        let change = totals::Change { matched: less, ..totals::Change::default() };
        totals::append(tx, &gift.campaign(), change).await?;
    }
    Ok(freed)
}

impl Actions {
    /// What pots gave to a campaign as a whole, in words; nothing of those that gave nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn awards_of(&self, campaign: &CampaignId) -> anyhow::Result<Vec<AwardLine>> {
        let mut db = self.reader().get().await?;
        let rules = rules::published(&mut db).await?;
        let given = awards::of_campaign(&mut db, campaign).await?;
        let told = |award: &AwardRow| {
            let rule = Published::named(&rules, &award.rule());
            AwardLine {
                name: rule.map_or_else(|| award.rule_set_id.clone(), explained::label),
                amount: Cents::new(award.granted_cents),
                given_at: award.given_at.into(),
                round: rule.is_some_and(|rule| rule.rules.is_round()),
                reduced_by: Binding::from_code(&award.binding).and_then(less_because),
            }
        };
        Ok(given.iter().filter(|award| award.granted_cents > 0).map(told).collect())
    }
}

/// What made an award smaller.
fn less_because(binding: Binding) -> Option<WhyNot> {
    match binding {
        Binding::Leverage => Some(WhyNot::AwardLeverage),
        Binding::PotShare => Some(WhyNot::PotShare),
        Binding::Pot => Some(WhyNot::EnvelopeShort),
        other => explained::limit(other, None),
    }
}

/// The campaign failed: its awards go back whole, since all that counted for them does.
pub(crate) async fn release_all(
    tx: &mut Tx,
    campaign: &CampaignId,
    at: OffsetDateTime,
) -> anyhow::Result<()> {
    for award in awards::of_campaign(tx, campaign).await? {
        let freed = draws_of(&PotId::new(award.pot_id.clone()), &award.drawn()?);
        awards::release(tx, &award, at).await?;
        if freed.is_empty() {
            continue;
        }
        let cause = Cause { kind: "close", id: format!("{campaign} award {}", award.rule()) };
        journal::append(tx, &book::match_released(cause, &freed, at)?).await?;
        let matched = Cents::new(-award.granted_cents);
        let change = totals::Change { matched, ..totals::Change::default() };
        totals::append(tx, campaign, change).await?;
    }
    Ok(())
}

/// What draws held before and hold no more.
fn less(before: &[Draw], after: &[Draw]) -> Vec<Draw> {
    let kept = |draw: &Draw| {
        let same = after.iter().find(|one| one.from == draw.from);
        same.map_or(0, |one| one.amount.get())
    };
    let gone = |draw: &Draw| Draw {
        from: draw.from.clone(),
        amount: Cents::new(draw.amount.get() - kept(draw)),
    };
    before.iter().map(gone).filter(|draw| draw.amount.is_positive()).collect()
}
