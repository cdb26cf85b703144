//! The pot's answer to one gift, inside a transaction that holds the locks.

use std::slice::from_ref;

use domain::{
    Cents,
    ids::{CampaignId, GiftId, PersonId, PotId},
};
use ledger::{
    Cause, Posting,
    accounts::TrancheRef,
    book::{self, Draw},
};
use matching::{
    Decision, Explanation, GiftFacts, Line, Snapshot, Source, Terms,
    case::{Donor, DonorKind, GiftKind, Settings},
};
use serde_json::{Value, json};
use store::{
    Reads, Tx,
    campaigns::{self, CampaignRow},
    gifts::GiftRow,
    journal,
    matches::{self, About},
    people::Organisation,
    pots,
    snapshot::{self, Ask},
};
use time::{Duration, OffsetDateTime};

use crate::{awarded, ledger_file::Pseudonyms, settings};

/// Everything around a gift that a decision looks at.
pub(crate) struct Scene {
    pub campaign: CampaignRow,
    pub holder: Organisation,
    pub donor: Donor,
    pub settings: Settings,
}

/// The donor as the rules know it: an opaque id, alone in its group.
pub(crate) fn donor(person: Option<PersonId>) -> Donor {
    Donor {
        id: person.map_or_else(|| "visitor".to_owned(), |person| person.to_string()),
        kind: DonorKind::Citizen,
        group: None,
        trust_bps: domain::BasisPoints::WHOLE,
    }
}

impl Scene {
    /// Reads it without locks: for an estimate.
    pub(crate) async fn read(
        db: &mut impl Reads,
        campaign: &CampaignId,
        person: Option<PersonId>,
    ) -> anyhow::Result<Self> {
        let (campaign, holder) = campaigns::with_holder(db, campaign).await?;
        let settings = settings::matching(db).await?;
        Ok(Self { campaign, holder, donor: donor(person), settings })
    }

    /// Locks pots and campaign in the one order, then reads.
    pub(crate) async fn lock(
        tx: &mut Tx,
        campaign: &CampaignId,
        person: Option<PersonId>,
    ) -> anyhow::Result<Self> {
        pots::lock_for(tx, campaign).await?;
        Self::read(tx, campaign, person).await
    }

    /// Locks the campaign without the pots, then reads.
    pub(crate) async fn lock_campaign(
        tx: &mut Tx,
        campaign: &CampaignId,
        person: Option<PersonId>,
    ) -> anyhow::Result<Self> {
        pots::lock_campaign(tx, campaign).await?;
        Self::read(tx, campaign, person).await
    }

    /// True when the reservation of a gift stands for a while yet: nobody whose clock differs a
    /// little from ours takes it for over.
    pub(crate) fn stands(&self, gift: &GiftRow, now: OffsetDateTime) -> bool {
        gift.match_state == "reserved" && !self.is_over(gift, now + Duration::minutes(1))
    }

    pub(crate) async fn snapshot(
        &self,
        db: &mut impl Reads,
        now: OffsetDateTime,
    ) -> anyhow::Result<Snapshot> {
        let ask = Ask {
            campaign: &self.campaign,
            holder: &self.holder,
            donor: &self.donor,
            settings: &self.settings,
            now,
        };
        snapshot::snapshot(db, ask).await
    }

    pub(crate) fn of<'a>(
        &'a self,
        campaign: &'a CampaignId,
        gift: GiftId,
        at: OffsetDateTime,
    ) -> matches::Of<'a> {
        matches::Of { gift, campaign, donor_group: self.donor.group(), at }
    }

    /// True when the reservation of a gift is over, grace included.
    pub(crate) fn is_over(&self, gift: &GiftRow, now: OffsetDateTime) -> bool {
        let grace = Duration::seconds(self.settings.reservation_grace_s);
        gift.reservation_ends_at.is_none_or(|end| end + grace <= now)
    }
}

/// A gift of money.
pub(crate) const fn facts(amount: Cents) -> GiftFacts {
    GiftFacts { amount, kind: GiftKind::Cash }
}

fn granted(lines: &[Line]) -> i64 {
    lines.iter().map(|line| line.granted.get()).sum()
}

/// Draws the match of a gift whose checkout opens, and keeps it for the time of a payment.
pub(crate) async fn reserve(
    tx: &mut Tx,
    scene: &Scene,
    gift: &mut GiftRow,
    now: OffsetDateTime,
) -> anyhow::Result<Decision> {
    let snapshot = scene.snapshot(tx, now).await?;
    let decision = matching::decide(&snapshot, &facts(Cents::new(gift.amount_cents)))?;
    gift.match_state = "reserved".to_owned();
    gift.match_cents = granted(&decision.lines);
    let ttl = Duration::seconds(scene.settings.reservation_ttl_s);
    gift.reservation_ends_at = Some(whole_second(now + ttl));
    Ok(decision)
}

/// Writes the lines of a gift and keeps the decision that made them.
pub(crate) async fn write(
    tx: &mut Tx,
    scene: &Scene,
    change: Rewrite<'_>,
    decision: &Decision,
) -> anyhow::Result<()> {
    rewrite(tx, scene, change, &decision.lines).await?;
    let mut explanation = serde_json::to_value(&decision.explanation)?;
    explanation["donor_group"] = json!(hidden_group(change.gift, scene.donor.group())?);
    let about = About::Decided(change.gift.gift(), scene.donor.group());
    keep(tx, about, (change.event, change.at), &explanation).await?;
    Ok(())
}

/// Writes the lines of a gift in the place of others.
pub(crate) async fn rewrite(
    tx: &mut Tx,
    scene: &Scene,
    change: Rewrite<'_>,
    new: &[Line],
) -> anyhow::Result<()> {
    let campaign = scene.campaign.campaign();
    let of = scene.of(&campaign, change.gift.gift(), change.at);
    matches::replace(tx, of, change.old, new).await
}

/// The donor's group in a record that everybody may read: of this gift alone, so that records name
/// nobody and cannot be put together (decision 44).
fn hidden_group(gift: &GiftRow, group: &str) -> anyhow::Result<String> {
    Pseudonyms::new(gift.token.clone().into_bytes()).group(group)
}

/// Which lines are replaced, by what event.
#[derive(Clone, Copy)]
pub(crate) struct Rewrite<'a> {
    pub gift: &'a GiftRow,
    pub old: &'a [Line],
    pub event: &'a str,
    pub at: OffsetDateTime,
}

/// Keeps the record of an event that was decided without asking the rules again.
pub(crate) async fn note(
    tx: &mut Tx,
    gift: &GiftRow,
    event: &str,
    lines: &[Line],
    at: OffsetDateTime,
) -> anyhow::Result<()> {
    note_with(tx, gift, (event, json!({})), lines, at).await
}

/// The same, with what else the event said: its words in a case file.
pub(crate) async fn note_with(
    tx: &mut Tx,
    gift: &GiftRow,
    (event, mut record): (&str, Value),
    lines: &[Line],
    at: OffsetDateTime,
) -> anyhow::Result<()> {
    record["event"] = json!(event);
    record["at"] = json!(domain::UtcSeconds::from(at));
    record["gift"] = json!(gift.id);
    record["status"] = json!(gift.match_state);
    record["net"] = json!(gift.net());
    record["lines"] = json!(lines);
    keep(tx, About::Gift(gift.gift()), (event, at), &record).await?;
    Ok(())
}

/// Keeps that a campaign was closed: what a replay closes it by. Says the rank of the decision.
pub(crate) async fn note_close(
    tx: &mut Tx,
    campaign: &CampaignId,
    at: OffsetDateTime,
) -> anyhow::Result<i64> {
    let at_second = domain::UtcSeconds::from(at);
    let record = json!({ "event": "close", "at": at_second, "campaign": campaign });
    keep(tx, About::Campaign(campaign), ("close", at), &record).await
}

/// An instant as records and replays know it, so that both read the same order out of two.
pub(crate) fn whole_second(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(0).unwrap_or(at)
}

/// Keeps the record of a decision; says its rank.
pub(crate) async fn keep(
    tx: &mut Tx,
    about: About<'_>,
    (event, at): (&str, OffsetDateTime),
    explanation: &Value,
) -> anyhow::Result<i64> {
    let digest = matching::seal::leaf(explanation)?;
    let decision = matches::NewDecision { about, event, at, explanation, digest: digest.bytes() };
    Ok(matches::keep_decision(tx, decision).await?)
}

/// Gives back everything a gift holds: its reservation is cancelled or over.
pub(crate) async fn release(
    tx: &mut Tx,
    scene: &Scene,
    gift: &mut GiftRow,
    event: &str,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let lines = matches::lines(tx, gift.gift()).await?;
    let campaign = scene.campaign.campaign();
    matches::replace(tx, scene.of(&campaign, gift.gift(), now), &lines, &[]).await?;
    gift.match_state = if event == "expire" { "expired" } else { "cancelled" }.to_owned();
    gift.match_cents = 0;
    gift.reservation_ends_at = None;
    note(tx, gift, event, &[], now).await
}

/// What lines hold, tranche by tranche.
pub(crate) fn draws(lines: &[Line]) -> Vec<Draw> {
    lines.iter().flat_map(|line| draws_of(&line.pot, &line.sources)).collect()
}

/// What sources of a pot hold.
pub(crate) fn draws_of(pot: &PotId, sources: &[Source]) -> Vec<Draw> {
    let held = sources.iter().filter(|source| source.amount.is_positive());
    let draw = |source: &Source| Draw {
        from: TrancheRef { pot: pot.clone(), tranche: source.tranche.clone() },
        amount: source.amount,
    };
    held.map(draw).collect()
}

/// What the pots promise to a captured gift, for the books.
pub(crate) fn award(
    gift: &GiftRow,
    lines: &[Line],
    at: OffsetDateTime,
) -> anyhow::Result<Option<Posting>> {
    let draws = draws(lines);
    if draws.is_empty() {
        return Ok(None);
    }
    Ok(Some(book::match_awarded(book::of_gift(gift.gift()), &draws, at)?))
}

/// Money of a committed gift went back: its match follows (6.5), in rows and books. Returns what
/// was freed.
pub(crate) async fn shrink(
    tx: &mut Tx,
    scene: &Scene,
    gift: &mut GiftRow,
    back: (Cents, Cause),
    at: OffsetDateTime,
) -> anyhow::Result<Cents> {
    let (refunded, cause) = back;
    let before = matches::lines(tx, gift.gift()).await?;
    let net_before =
        gift.net().plus(refunded).ok_or_else(|| anyhow::anyhow!("the net of a gift overflows"))?;
    let after = matching::refund(&before, net_before, refunded, &scene.settings)?;
    let campaign = scene.campaign.campaign();
    matches::replace(tx, scene.of(&campaign, gift.gift(), at), &before, &after.lines_after).await?;
    let event = if cause.kind == "dispute" { "dispute_lost" } else { "refund" };
    let of_lines = after.freed.iter();
    let mut freed: Vec<Draw> =
        of_lines.flat_map(|(pot, source)| draws_of(pot, from_ref(source))).collect();
    let released = gift.match_cents - granted(&after.lines_after);
    gift.match_cents -= released;
    let said = (event, json!({ "amount": refunded }));
    note_with(tx, gift, said, &after.lines_after, at).await?;
    freed.extend(awarded::shrink(tx, gift, refunded, at).await?);
    if !freed.is_empty() {
        journal::append(tx, &book::match_released(cause, &freed, at)?).await?;
    }
    Ok(Cents::new(released))
}

/// Gives back the whole match of a committed gift: its campaign failed. Returns what was freed.
pub(crate) async fn release_committed(
    tx: &mut Tx,
    scene: &Scene,
    gift: &mut GiftRow,
    cause: Cause,
    at: OffsetDateTime,
) -> anyhow::Result<Cents> {
    let lines = matches::lines(tx, gift.gift()).await?;
    let campaign = scene.campaign.campaign();
    matches::replace(tx, scene.of(&campaign, gift.gift(), at), &lines, &[]).await?;
    let freed = draws(&lines);
    if !freed.is_empty() {
        journal::append(tx, &book::match_released(cause, &freed, at)?).await?;
    }
    let released = Cents::new(gift.match_cents);
    gift.match_cents = 0;
    note(tx, gift, "campaign_failed", &[], at).await?;
    Ok(released)
}

/// The rules' own record of the last time they decided about a gift.
pub(crate) async fn record(
    db: &mut impl Reads,
    gift: GiftId,
) -> anyhow::Result<Option<Explanation>> {
    let decisions = matches::decisions_of(db, gift).await?;
    let decided = |event: &str| matches!(event, "reserve" | "pay_late");
    let last = decisions.into_iter().rfind(|decision| decided(&decision.event));
    Ok(last.map(|decision| serde_json::from_value(decision.explanation)).transpose()?)
}

/// The rules that a gift was promised, pot by pot, when its reservation was made.
pub(crate) async fn promised_terms(
    db: &mut impl Reads,
    gift: GiftId,
) -> anyhow::Result<Option<Terms>> {
    let record = record(db, gift).await?;
    Ok(record.map(|record| {
        let rules =
            record.pots.into_iter().filter_map(|pot| pot.line.map(|line| (pot.pot, line.rule_set)));
        Terms::Pinned(rules.collect())
    }))
}
