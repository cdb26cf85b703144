//! Rounds that have not closed: what a gift may bring when they do, said before and after it.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{Cents, UtcSeconds};
use matching::{
    PotSnapshot, RuleSet, Snapshot,
    case::Settings,
    line::RuleRef,
    replay::{Ballot, Contender, Vote},
    rules::{Mode, Subject, in_force},
};
use store::{
    Reads,
    awards::{self, PartRow},
    gifts::GiftRow,
    rounds,
    rules::{Published, published},
};
use templates::pages::{RuleNotApplied, WhyNot};

use crate::{
    explained::{condition, label},
    house::Actions,
    matched::{self, Scene, facts},
};

/// Seconds for which the votes of a round are kept (decision 40).
const KEPT_SECONDS: i64 = 30;

/// The votes of a round as they were read.
#[derive(Debug)]
struct Read {
    rule: RuleRef,
    at: UtcSeconds,
    contenders: Arc<[Contender]>,
}

/// The votes of the rounds that were asked about lately.
#[derive(Debug, Default)]
pub(crate) struct Ballots(Mutex<Vec<Read>>);

impl Ballots {
    fn get(&self, rule: &RuleRef, now: UtcSeconds) -> Option<Arc<[Contender]>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was turned back has read nothing yet.
        all.retain(|one| one.at <= now && now < one.at.plus_seconds(KEPT_SECONDS));
        all.iter().find(|one| one.rule == *rule).map(|one| Arc::clone(&one.contenders))
    }

    fn put(&self, read: Read) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(read);
    }
}

/// A round that may share its pot with the campaign of a scene.
pub(crate) struct OpenRound {
    rule: Published,
    /// Quadratic rounds, when an estimate is asked.
    ballot: Option<Ballot>,
}

/// The rounds of a pot at the time of a snapshot, if its money may go to the campaign.
fn of_pot<'s>(snapshot: &'s Snapshot, pot: &'s PotSnapshot) -> Vec<&'s RuleSet> {
    let fits = pot.tranches.iter().any(|(tranche, _)| {
        tranche.is_open(snapshot.at) && tranche.earmark.fits(&snapshot.campaign)
    });
    let rules = in_force(&pot.rule_sets, snapshot.at).into_iter();
    rules.filter(|rule| fits && rule.is_round()).collect()
}

fn named(rules: &[Published], rule: &RuleSet) -> Option<Published> {
    Published::named(rules, &rule.reference()).cloned()
}

impl OpenRound {
    /// What a gift brings by this rule. `matched` is what other rules add to it at once.
    pub(crate) fn tell(
        &self,
        snapshot: &Snapshot,
        (amount, matched): (Cents, Cents),
    ) -> anyhow::Result<RuleNotApplied> {
        let Snapshot { campaign, holder, donor, settings, .. } = snapshot;
        let rule = &self.rule.rules;
        let subject = Subject { campaign, holder, donor, kind: facts(amount).kind };
        let name = label(&self.rule);
        if let Some(against) = rule.bar(&subject, amount) {
            let why = condition(against, rule);
            return Ok(RuleNotApplied { name, rate: None, why, at_close: false });
        }
        let most = settings.leverage_cap_bps.of(amount).unwrap_or(amount);
        let vote = Vote {
            group: donor.group().to_owned(),
            amount: rule.caps.per_donation_base_cap.map_or(amount, |cap| amount.min(cap)),
            leverage: most.minus(matched).unwrap_or(Cents::ZERO).floored(),
        };
        let ballot = self.ballot.as_ref();
        let gain = ballot.map(|ballot| ballot.estimate(&campaign.id, &vote)).transpose()?;
        let why = WhyNot::SharedAtClose {
            closes_at: rule.effective_to,
            gain: gain.flatten().map(|gain| (gain.low, gain.high)),
        };
        Ok(RuleNotApplied { name, rate: None, why, at_close: true })
    }
}

impl Actions {
    /// The rounds that are open for a campaign, with their votes.
    pub(crate) async fn open_rounds(
        &self,
        db: &mut impl Reads,
        snapshot: &Snapshot,
        rules: &[Published],
    ) -> anyhow::Result<Vec<OpenRound>> {
        let mut found = Vec::new();
        for pot in &snapshot.pots {
            for rule in of_pot(snapshot, pot) {
                let Some(published) = named(rules, rule) else { continue };
                let ballot = if rule.mode == Mode::Quadratic && is_homogeneous(pot) {
                    Some(self.ballot(db, snapshot, (pot, &published)).await?)
                } else {
                    None
                };
                found.push(OpenRound { rule: published, ballot });
            }
        }
        Ok(found)
    }

    async fn ballot(
        &self,
        db: &mut impl Reads,
        snapshot: &Snapshot,
        (pot, published): (&PotSnapshot, &Published),
    ) -> anyhow::Result<Ballot> {
        let (now, rule) = (snapshot.at, &published.rules);
        let contenders = match self.ballots().get(&rule.reference(), now) {
            Some(known) => known,
            None => {
                let read = contenders(db, (pot, published), &snapshot.settings).await?;
                let contenders: Arc<[Contender]> = read.into();
                let kept = Arc::clone(&contenders);
                self.ballots().put(Read { rule: rule.reference(), at: now, contenders: kept });
                contenders
            }
        };
        let open = pot.tranches.iter().filter(|(tranche, _)| tranche.is_open(snapshot.at));
        Ok(Ballot {
            rule: rule.clone(),
            settings: snapshot.settings.clone(),
            tranches: open.cloned().collect(),
            contenders,
        })
    }

    /// The rounds that will share their pots with a gift when they close; without figures.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn shared_at_close(&self, gift: &GiftRow) -> anyhow::Result<Vec<RuleNotApplied>> {
        let mut db = self.reader().get().await?;
        let scene = Scene::read(&mut db, &gift.campaign(), Some(gift.person())).await?;
        shared(&mut db, &scene, gift).await
    }
}

/// The rounds in force when a gift was made that will count it.
pub(crate) async fn shared(
    db: &mut impl Reads,
    scene: &Scene,
    gift: &GiftRow,
) -> anyhow::Result<Vec<RuleNotApplied>> {
    let rules = published(db).await?;
    let at = gift.created_at;
    let is_round = |one: &Published| one.rules.is_round() && one.rules.is_in_force(at.into());
    if gift.match_state != "committed" || !rules.iter().any(is_round) {
        return Ok(Vec::new());
    }
    let snapshot = scene.snapshot(db, at).await?;
    let closed = awards::closed(db).await?;
    let parts = awards::of_gift(db, gift.gift()).await?;
    let mut told = Vec::new();
    for rule in snapshot.pots.iter().flat_map(|pot| of_pot(&snapshot, pot)) {
        let Some(rule) = named(&rules, rule) else { continue };
        if closed.contains(&rule.rules.reference()) {
            let part = parts.iter().find(|(award, _)| award.rule() == rule.rules.reference());
            told.extend(part.map(|(_, part)| after_round(&rule, part)));
            continue;
        }
        let round = OpenRound { rule, ballot: None };
        told.push(round.tell(&snapshot, (gift.net(), Cents::new(gift.match_cents)))?);
    }
    told.retain(|rule| rule.at_close);
    Ok(told)
}

/// What a gift brought in a round that has closed.
fn after_round(rule: &Published, part: &PartRow) -> RuleNotApplied {
    let why = WhyNot::RoundClosed { brought: Cents::new(part.attributed_cents) };
    RuleNotApplied { name: label(rule), rate: None, why, at_close: true }
}

/// Section 6b: the tranches of a quadratic pot share one earmark, and it has no envelopes.
fn is_homogeneous(pot: &PotSnapshot) -> bool {
    let same = |pair: &[(matching::tranche::Tranche, Cents)]| match pair {
        [(a, _), (b, _)] => a.earmark.is_same(&b.earmark),
        _ => true,
    };
    pot.envelope_left.is_none() && pot.tranches.windows(2).all(same)
}

/// The campaigns of a round: eligible, and with money of the pot that fits them.
async fn contenders(
    db: &mut impl Reads,
    (pot, rule): (&PotSnapshot, &Published),
    settings: &Settings,
) -> anyhow::Result<Vec<Contender>> {
    // Every donor of the house is a person.
    let donor = matched::donor(None);
    let mut all = rounds::contenders(db, rule, settings).await?;
    all.retain(|one| {
        let (campaign, holder) = (&one.campaign, &one.holder);
        let kind = facts(Cents::ZERO).kind;
        let subject = Subject { campaign, holder, donor: &donor, kind };
        let fits =
            |(tranche, _): &(matching::tranche::Tranche, Cents)| tranche.earmark.fits(campaign);
        rule.rules.eligibility.bar(&subject).is_none() && pot.tranches.iter().any(fits)
    });
    Ok(all)
}
