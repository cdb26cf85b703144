//! What only a whole ledger decides (decision 42): thresholds, lump sums and catch-up when a
//! campaign closes, and rounds. The ledger is replayed under the locks; rows and books follow it.

use std::collections::BTreeMap;

use domain::{
    Cents,
    ids::{CampaignId, GiftId, PotId},
};
use ledger::{
    Cause, Posting,
    accounts::TrancheRef,
    book::{self, Draw},
};
use matching::{
    Line,
    line::RuleRef,
    replay::{Awarded, Ledger, Standing},
};
use serde_json::json;
use store::{
    Tx,
    awards::{self, NewAward},
    gifts::{self, GiftRow},
    journal,
    ledgers::{self, Circle},
    matches::{self, About},
    pots, totals,
};
use time::OffsetDateTime;

use crate::{
    export_ledger::{AHEAD, key_of},
    house::Actions,
    ledger_file::{self, Pseudonyms, Title},
    matched::{self, Rewrite, Scene},
    settings,
    task::Task,
};

/// What a ledger is followed after.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happened<'a> {
    /// A campaign closed.
    Close,
    /// A round closed.
    Round(&'a RuleRef),
}

impl Happened<'_> {
    /// The event in the records of gifts.
    const fn event(self) -> &'static str {
        match self {
            Self::Close => "at_close",
            Self::Round(_) => "at_round_close",
        }
    }

    /// What it is in the books, for a gift or an award; the campaign comes first.
    fn cause(self, campaign: &CampaignId, whose: impl std::fmt::Display) -> Cause {
        match self {
            Self::Close => Cause { kind: "close", id: format!("{campaign} {whose}") },
            Self::Round(rule) => Cause { kind: "round", id: format!("{campaign} {rule} {whose}") },
        }
    }
}

/// The ledger of a pot, its pots locked.
pub(crate) struct LockedLedger {
    pot: PotId,
    circle: Circle,
    names: Pseudonyms,
}

impl LockedLedger {
    /// Locks every pot that shares limits with a pot; campaigns come after.
    pub(crate) async fn lock(tx: &mut Tx, pot: &PotId) -> anyhow::Result<Self> {
        ledgers::take_time(tx).await?;
        let seen = ledgers::circle(tx, pot).await?;
        pots::lock(tx, &seen.pots).await?;
        let circle = ledgers::circle(tx, pot).await?;
        // A campaign published meanwhile may tie other pots to these: the job comes again.
        anyhow::ensure!(circle.pots == seen.pots, "the pots around {pot} changed");
        let names = Pseudonyms::new(key_of(tx, pot).await?);
        Ok(Self { pot: pot.clone(), circle, names })
    }

    /// What some campaigns hold by the ledger as it stands. `decision` is the event that made it
    /// so: refused by the replay, it must not stand here either.
    async fn replay(
        &self,
        tx: &mut Tx,
        (decision, campaigns): (i64, Vec<CampaignId>),
        now: OffsetDateTime,
    ) -> anyhow::Result<Vec<(CampaignId, Standing)>> {
        let settings = settings::matching(tx).await?;
        let holdings = ledgers::holdings(tx, &self.circle, now + AHEAD).await?;
        let title = Title { pot: &self.pot, until: now };
        let text = ledger_file::write(&title, &settings, &holdings, &self.names)?;
        tokio::task::spawn_blocking(move || {
            let ledger = Ledger::read(&text)?;
            let replayed = ledger.replay().map_err(|code| anyhow::anyhow!("refused: {code}"))?;
            if let Some(reason) = replayed.refusal(&decision.to_string()) {
                anyhow::bail!("the ledger refuses its last event: {reason}");
            }
            let stands = |campaign: CampaignId| {
                let standing = replayed.standing(&campaign).unwrap_or_default();
                (campaign, standing)
            };
            Ok(campaigns.into_iter().map(stands).collect())
        })
        .await?
    }
}

impl Actions {
    /// Makes gifts and awards of some campaigns what the ledger says they are after an event.
    pub(crate) async fn follow_ledger(
        &self,
        tx: &mut Tx,
        ledger: &LockedLedger,
        (happened, decision, campaigns): (Happened<'_>, i64, Vec<CampaignId>),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        for (campaign, standing) in ledger.replay(tx, (decision, campaigns), now).await? {
            let scene = Scene::read(tx, &campaign, None).await?;
            let mut follower = Follower { tx, scene, happened, now, postings: Vec::new() };
            let matched = follower.follow(&ledger.names, standing).await?;
            if matched != Cents::ZERO {
                let change = totals::Change { matched, ..totals::Change::default() };
                totals::append(tx, &campaign, change).await?;
                self.promise(tx, &Task::FoldTotals { campaign }, None).await?;
            }
        }
        Ok(())
    }
}

/// One campaign that follows its ledger.
struct Follower<'a> {
    tx: &'a mut Tx,
    scene: Scene,
    happened: Happened<'a>,
    now: OffsetDateTime,
    postings: Vec<Posting>,
}

impl Follower<'_> {
    /// Returns by how much the shown match of the campaign changed.
    async fn follow(&mut self, names: &Pseudonyms, standing: Standing) -> anyhow::Result<Cents> {
        let campaign = self.scene.campaign.campaign();
        let captured = gifts::captured_of_campaign(self.tx, &campaign).await?;
        let mut said: BTreeMap<String, Vec<Line>> = standing.gifts.into_iter().collect();
        let mut known = BTreeMap::new();
        let mut shown = 0;
        for gift in captured {
            let name = names.gift(&gift.to_string())?;
            let Some(lines) = said.remove(&name) else {
                anyhow::bail!("the ledger does not hold the gift {gift}");
            };
            known.insert(name, gift);
            shown += self.follow_gift(gift, lines).await?;
        }
        anyhow::ensure!(said.is_empty(), "the ledger of {campaign} holds gifts that we do not");
        let before = awards::of_campaign(self.tx, &campaign).await?;
        for award in standing.awards {
            if !before.iter().any(|row| row.rule() == award.rule_set) {
                shown += award.granted.get();
                self.give(&award, &known).await?;
            }
        }
        journal::append_all(self.tx, &self.postings).await?;
        Ok(Cents::new(shown))
    }

    async fn follow_gift(&mut self, gift: GiftId, lines: Vec<Line>) -> anyhow::Result<i64> {
        let old = matches::lines(self.tx, gift).await?;
        if old == lines {
            return Ok(0);
        }
        let mut row = gifts::lock(self.tx, gift).await?;
        self.scene.donor = matched::donor(Some(row.person()));
        let change = Rewrite { gift: &row, old: &old, event: self.happened.event(), at: self.now };
        matched::rewrite(self.tx, &self.scene, change, &lines).await?;
        let after = lines.iter().map(|line| line.granted.get()).sum::<i64>();
        let more = after - row.match_cents;
        row.match_cents = after;
        self.book(gift, &matched::draws(&old), &matched::draws(&lines))?;
        self.save(&row, &lines).await?;
        Ok(if row.match_state == "committed" { more } else { 0 })
    }

    async fn save(&mut self, row: &GiftRow, lines: &[Line]) -> anyhow::Result<()> {
        gifts::save(self.tx, row).await?;
        matched::note(self.tx, row, self.happened.event(), lines, self.now).await
    }

    /// Two postings at most: what is drawn more, and what is given back.
    fn book(
        &mut self,
        whose: impl std::fmt::Display,
        old: &[Draw],
        new: &[Draw],
    ) -> anyhow::Result<()> {
        let mut sums: BTreeMap<(String, String), (TrancheRef, i64)> = BTreeMap::new();
        let signed = old.iter().map(|draw| (draw, -1)).chain(new.iter().map(|draw| (draw, 1)));
        for (draw, sign) in signed {
            let key = (draw.from.pot.as_str().to_owned(), draw.from.tranche.clone());
            let sum = sums.entry(key).or_insert_with(|| (draw.from.clone(), 0));
            sum.1 += sign * draw.amount.get();
        }
        let of = |sign: i64| -> Vec<Draw> {
            let moved = sums.values().filter(|(_, cents)| cents * sign > 0);
            let draw = |(from, cents): &(TrancheRef, i64)| Draw {
                from: from.clone(),
                amount: Cents::new(cents * sign),
            };
            moved.map(draw).collect()
        };
        let (more, less) = (of(1), of(-1));
        let cause = self.happened.cause(&self.scene.campaign.campaign(), whose);
        if !more.is_empty() {
            self.postings.push(book::match_awarded(cause.clone(), &more, self.now)?);
        }
        if !less.is_empty() {
            self.postings.push(book::match_released(cause, &less, self.now)?);
        }
        Ok(())
    }

    async fn give(
        &mut self,
        award: &Awarded,
        known: &BTreeMap<String, GiftId>,
    ) -> anyhow::Result<()> {
        let campaign = self.scene.campaign.campaign();
        let mut parts = Vec::new();
        for part in &award.parts {
            let gifts: Vec<GiftId> =
                part.gifts.iter().filter_map(|name| known.get(name)).copied().collect();
            anyhow::ensure!(gifts.len() == part.gifts.len(), "an award counts an unknown gift");
            parts.push((part.attributed, gifts));
        }
        let new = NewAward {
            campaign: &campaign,
            pot: &award.pot,
            rule: &award.rule_set,
            binding: award.binding.code().to_owned(),
            sources: &award.sources,
            parts: &parts,
        };
        awards::give(self.tx, &new, self.now).await?;
        let draws = matched::draws_of(&award.pot, &award.sources);
        self.book(format!("award {}", award.rule_set), &[], &draws)?;
        let record = json!({
            "event": "award",
            "at": domain::UtcSeconds::from(self.now),
            "campaign": campaign,
            "pot": award.pot,
            "rule_set": award.rule_set,
            "granted": award.granted,
            "binding": award.binding,
            "sources": award.sources,
            "parts": award.parts.iter().map(|part| part.attributed).collect::<Vec<_>>(),
        });
        let about = About::Campaign(&campaign);
        matched::keep(self.tx, about, ("award", self.now), &record).await?;
        Ok(())
    }
}
